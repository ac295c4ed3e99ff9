package io.genserver;

/// An option of a monitor. If an option is given twice, the last one counts. Source: the options of
/// `erlang:monitor/3`.
public sealed interface MonitorOption {

    /// Makes the reference of the monitor an alias of the calling process as well; see
    /// [Processes#alias()]. A process that has the reference can send to it until the alias ends.
    ///
    /// @param mode when the alias ends
    /// @return the option
    static MonitorOption alias(AliasMode mode) {
        return new Alias(mode);
    }

    /// Delivers a [TaggedDown] with a tag of your own instead of a [Down].
    ///
    /// @param tag the tag
    /// @return the option
    static MonitorOption tag(Object tag) {
        return new Tag(tag);
    }

    /// When the alias of a monitor ends.
    enum AliasMode {
        /// It ends only with [Processes#unalias].
        EXPLICIT_UNALIAS,
        /// It ends when the monitor is removed or has delivered its message.
        DEMONITOR,
        /// It ends as with [#DEMONITOR], and also with the first message through it. That message
        /// removes the monitor as well.
        REPLY_DEMONITOR
    }

    /// The option of [MonitorOption#alias].
    ///
    /// @param mode when the alias ends
    record Alias(AliasMode mode) implements MonitorOption {}

    /// The option of [MonitorOption#tag].
    ///
    /// @param tag the tag
    record Tag(Object tag) implements MonitorOption {}
}
