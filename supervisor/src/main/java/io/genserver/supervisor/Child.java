package io.genserver.supervisor;

import io.genserver.Pid;
import java.util.Optional;

/// One child, as its supervisor sees it. Source: an element of `Supervisor.which_children/1`.
///
/// @param id the child's id
/// @param pid its process; empty if the child does not run
/// @param restarting whether the child waits for a restart, because its last restart failed or
///   because of its back-off
/// @param type whether the child is itself a supervisor
public record Child(Object id, Optional<Pid> pid, boolean restarting, ChildSpec.Type type) {}
