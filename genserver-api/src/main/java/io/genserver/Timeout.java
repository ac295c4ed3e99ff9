package io.genserver;

/// The message that [Processes#startTimer] delivers. Source: `{:timeout, ref, message}`.
///
/// @param ref the timer, which tells a stale timeout from the current one
/// @param message the message given to the timer
public record Timeout(Ref ref, Object message) {}
