package io.genserver.supervisor;

import io.genserver.ExitReason;
import io.genserver.Pid;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// What a supervisor knows about its children, read without asking it. So it is there also while
/// the supervisor starts or stops a child. See [Supervisor#snapshot].
///
/// @param size how many children there are, whether they run or not
/// @param restarts how many restarts there have been since the start of the supervisor
/// @param children the children in the order of their start; empty for a dynamic and a keyed
///   supervisor, which may have very many. [io.genserver.ProcessSummary#parent] leads from each of
///   them to the supervisor.
public record SupervisorSnapshot(int size, long restarts, List<ChildSnapshot> children) {

    /// One child.
    ///
    /// @param id the child's id
    /// @param pid its process; empty if the child does not run
    /// @param restarting whether the child waits for a restart
    /// @param type whether the child is itself a supervisor
    /// @param restart when the child is restarted
    /// @param ends how often it has ended without being told to
    /// @param lastEnd the last of these ends; empty if there was none
    public record ChildSnapshot(
            Object id,
            Optional<Pid> pid,
            boolean restarting,
            ChildSpec.Type type,
            Restart restart,
            int ends,
            Optional<LastEnd> lastEnd) {}

    /// How a child has ended.
    ///
    /// @param reason its exit reason
    /// @param at when
    public record LastEnd(ExitReason reason, Instant at) {}
}
