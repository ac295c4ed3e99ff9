package io.genserver.supervisor;

import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.supervisor.Restarts.Next;
import java.util.List;

/// The children of one supervisor of either kind, and what happens to them. Runs in the supervisor,
/// unless stated otherwise.
sealed interface Children permits OrderedChildren, DynamicChildren, KeyedServers {

    /// Handles the end of a process that may be a child.
    Next ended(Pid pid, ExitReason reason);

    /// Makes a restart that is due, unless the child does not wait for it.
    Next tryAgain(Restarts.Retrial retrial);

    List<Child> which();

    ChildCount count();

    void terminateAll();

    /// Returns what is known about them. Any thread, and without waiting for the supervisor.
    SupervisorSnapshot snapshot();
}
