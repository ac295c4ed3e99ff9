package io.genserver.supervisor;

import io.genserver.ExitReason;
import io.genserver.Pid;
import java.time.Duration;

/// Something that a supervisor did about a child, for metrics and alerts.
///
/// [SupervisorFlags#withListener] and [DynamicSupervisorFlags#withListener] add a listener that
/// gets the events. OTP's counterpart is the reports of SASL.
public sealed interface SupervisorEvent {

    /// Returns the supervisor.
    ///
    /// @return its pid
    Pid supervisor();

    /// Returns the id of the child.
    ///
    /// @return the id
    Object child();

    /// A child has ended without being told to by the supervisor.
    ///
    /// @param supervisor the supervisor
    /// @param child the child's id
    /// @param pid the process that ended
    /// @param reason its exit reason
    record ChildEnded(Pid supervisor, Object child, Pid pid, ExitReason reason)
            implements SupervisorEvent {}

    /// A child is about to be restarted.
    ///
    /// @param supervisor the supervisor
    /// @param child the child's id
    /// @param reason why the child ended, or why its last restart failed
    /// @param attempt the number of this restart: among the restarts of all children within the
    ///   period, or, with a [BackOff], among the child's restarts in a row
    /// @param delay the time until the restart
    record Restarting(Pid supervisor, Object child, ExitReason reason, int attempt, Duration delay)
            implements SupervisorEvent {}

    /// A child has been restarted.
    ///
    /// @param supervisor the supervisor
    /// @param child the child's id
    /// @param pid its new process
    record Restarted(Pid supervisor, Object child, Pid pid) implements SupervisorEvent {}

    /// The supervisor has reached the limit of restarts. It stops all its children and exits with
    /// `shutdown`.
    ///
    /// @param supervisor the supervisor
    /// @param child the child that would have needed one more restart
    /// @param reason why the child ended, or why its last restart failed
    record GaveUp(Pid supervisor, Object child, ExitReason reason) implements SupervisorEvent {}
}
