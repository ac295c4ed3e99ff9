package io.genserver.supervisor;

import io.genserver.ExitReason;
import io.genserver.Pid;
import java.time.Duration;

/// Something a supervisor did about a child, for metrics and alerts; see
/// [SupervisorFlags#withListener]. OTP's counterpart are the reports of SASL.
public sealed interface SupervisorEvent {

    /// The supervisor.
    ///
    /// @return its pid
    Pid supervisor();

    /// The child's id.
    ///
    /// @return the id
    Object child();

    /// A child has ended by itself.
    ///
    /// @param supervisor the supervisor
    /// @param child the child's id
    /// @param pid the process that was the child
    /// @param reason why it ended
    record ChildEnded(Pid supervisor, Object child, Pid pid, ExitReason reason)
            implements SupervisorEvent {}

    /// A child is going to be started again.
    ///
    /// @param supervisor the supervisor
    /// @param child the child's id
    /// @param reason why it ended, or why the last restart failed
    /// @param attempt which restart this is: of the period that `maxRestarts` is for, or, with a
    ///   [BackOff], in a row
    /// @param delay how long from now
    record Restarting(Pid supervisor, Object child, ExitReason reason, int attempt, Duration delay)
            implements SupervisorEvent {}

    /// A child has been started again.
    ///
    /// @param supervisor the supervisor
    /// @param child the child's id
    /// @param pid its new process
    record Restarted(Pid supervisor, Object child, Pid pid) implements SupervisorEvent {}

    /// The supervisor stops all its children and exits, for restarting does not help.
    ///
    /// @param supervisor the supervisor
    /// @param child the child that would have to be started once more
    /// @param reason why it ended, or why the last restart failed
    record GaveUp(Pid supervisor, Object child, ExitReason reason) implements SupervisorEvent {}
}
