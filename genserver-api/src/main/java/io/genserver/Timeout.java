package io.genserver;

/// What [Processes#startTimer] delivers. Source: `{:timeout, ref, message}`.
///
/// @param ref the timer, to tell a stale one from the one in force
/// @param message the message given to the timer
public record Timeout(Ref ref, Object message) {}
