package io.genserver;

/// The message that a monitor delivers, once, when the monitored process has ended.
///
/// Source: `{:DOWN, ref, :process, object, reason}`.
///
/// @param ref the monitor, as [Processes#monitor(ProcessRef)] returned it
/// @param object what was monitored: the pid, or the name if it was monitored by name
/// @param reason why the process ended; [ExitReason#NOPROC] if there was no such process
public record Down(Ref ref, ServerRef object, ExitReason reason) {}
