package io.genserver;

import java.util.List;
import java.util.Optional;

/// What is to be shown of a server to people, see [GenServer#formatStatus]. Source:
/// `gen_server:format_status()`.
///
/// @param state the state
/// @param message the message being handled, in a crash report
/// @param reason why the server ends, in a crash report
/// @param log the events [Sys#log] has kept, oldest first
public record FormatStatus(
        Object state,
        Optional<Object> message,
        Optional<ExitReason> reason,
        List<SystemEvent> log) {

    /// Keeps a copy of the log.
    public FormatStatus {
        log = List.copyOf(log);
    }

    /// The same with another state.
    ///
    /// @param shown what to show for the state
    /// @return the status
    public FormatStatus withState(Object shown) {
        return new FormatStatus(shown, message, reason, log);
    }

    /// The same with another message.
    ///
    /// @param shown what to show for the message
    /// @return the status
    public FormatStatus withMessage(Object shown) {
        return new FormatStatus(state, Optional.of(shown), reason, log);
    }

    /// The same with another reason. What links and monitors get stays as it is.
    ///
    /// @param shown what to show for the reason
    /// @return the status
    public FormatStatus withReason(ExitReason shown) {
        return new FormatStatus(state, message, Optional.of(shown), log);
    }

    /// The same with another log.
    ///
    /// @param shown what to show for the log
    /// @return the status
    public FormatStatus withLog(List<SystemEvent> shown) {
        return new FormatStatus(state, message, reason, shown);
    }
}
