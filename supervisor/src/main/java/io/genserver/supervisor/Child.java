package io.genserver.supervisor;

import io.genserver.Pid;
import java.util.Optional;

/// One child as its supervisor sees it. Source: an element of `Supervisor.which_children/1`.
///
/// @param id its id
/// @param pid its process; empty if it does not run
/// @param restarting whether its last restart failed and is about to be tried again
/// @param type whether it is a supervisor itself
public record Child(Object id, Optional<Pid> pid, boolean restarting, ChildSpec.Type type) {}
