package io.genserver.supervisor;

import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.supervisor.Restarts.Next;
import java.util.List;

/// The children of one supervisor of either kind, and what happens to them. Runs in the supervisor.
sealed interface Children permits OrderedChildren, DynamicChildren {

    /// A process has ended that may be a child.
    Next ended(Pid pid, ExitReason reason);

    /// A restart is due, unless something else has happened to the child since.
    Next tryAgain(Restarts.Retrial retrial);

    List<Child> which();

    ChildCount count();

    void terminateAll();
}
