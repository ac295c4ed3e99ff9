package io.genserver;

/// An exit signal that arrives as a message, because its receiver traps exits.
///
/// Source: `{:EXIT, from, reason}`.
///
/// @param from the process that ended or that sent the signal
/// @param reason the reason of the signal
public record Exit(Pid from, ExitReason reason) {}
