package io.genserver;

import java.util.List;
import java.util.Optional;

/// What [Sys#getStatus(ProcessRef)] and crash reports show of a server, see
/// [GenServer#formatStatus]. Source: `gen_server:format_status()`.
///
/// @param state the state
/// @param message the message that was being handled, in a crash report
/// @param reason why the server ends, in a crash report
/// @param log the events kept by [Sys#log(ProcessRef)], oldest first
/// @param stateChosen whether [#withState] has set the state; otherwise a crash report shows its
///   type and size
/// @param messageChosen whether [#withMessage] has set the message; otherwise a crash report shows
///   its type and size
public record FormatStatus(
        Object state,
        Optional<Object> message,
        Optional<ExitReason> reason,
        List<SystemEvent> log,
        boolean stateChosen,
        boolean messageChosen) {

    /// Copies the log.
    public FormatStatus {
        log = List.copyOf(log);
    }

    /// Creates a status in which nothing is chosen yet. For runtimes.
    ///
    /// @param state the state
    /// @param message the message that was being handled, in a crash report
    /// @param reason why the server ends, in a crash report
    /// @param log the events kept by [Sys#log(ProcessRef)], oldest first
    public FormatStatus(
            Object state,
            Optional<Object> message,
            Optional<ExitReason> reason,
            List<SystemEvent> log) {
        this(state, message, reason, log, false, false);
    }

    /// Returns the same status with another state, or with its own one, so that a crash report
    /// shows it.
    ///
    /// @param shown what to show for the state
    /// @return the new status
    public FormatStatus withState(Object shown) {
        return new FormatStatus(shown, message, reason, log, true, messageChosen);
    }

    /// Returns the same status with another message, or with its own one, so that a crash report
    /// shows it.
    ///
    /// @param shown what to show for the message
    /// @return the new status
    public FormatStatus withMessage(Object shown) {
        return new FormatStatus(state, Optional.of(shown), reason, log, stateChosen, true);
    }

    /// Returns the same status with another reason. Links and monitors still get the real reason.
    ///
    /// @param shown what to show for the reason
    /// @return the new status
    public FormatStatus withReason(ExitReason shown) {
        return new FormatStatus(
                state, message, Optional.of(shown), log, stateChosen, messageChosen);
    }

    /// Returns the same status with another log.
    ///
    /// @param shown what to show for the log
    /// @return the new status
    public FormatStatus withLog(List<SystemEvent> shown) {
        return new FormatStatus(state, message, reason, shown, stateChosen, messageChosen);
    }
}
