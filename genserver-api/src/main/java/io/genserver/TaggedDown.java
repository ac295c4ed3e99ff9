package io.genserver;

/// The message that a monitor with a tag delivers, once, when the monitored process has ended: a
/// [Down] with the tag.
///
/// Source: `{tag, ref, :process, object, reason}`.
///
/// @param tag the tag given to [MonitorOption#tag]
/// @param ref the monitor, as [Processes#monitor(ProcessRef, MonitorOption...)] returned it
/// @param object what was monitored: the pid, or the name if it was monitored by name
/// @param reason why the process ended; [ExitReason#NOPROC] if there was no such process
public record TaggedDown(Object tag, Ref ref, ServerRef object, ExitReason reason) {}
