package io.genserver;

/// What a monitor with a tag delivers, once, when the monitored process has ended: a [Down] that is
/// told from others by its tag.
///
/// Source: `{tag, ref, :process, object, reason}`.
///
/// @param tag the tag given to [MonitorOption#tag]
/// @param ref what [Processes#monitor(ServerRef, MonitorOption...)] returned
/// @param object what was monitored: the pid, or the name if it was monitored by name
/// @param reason why it ended, [ExitReason#NOPROC] if there was no such process
public record TaggedDown(Object tag, Ref ref, ServerRef object, ExitReason reason) {}
