package io.genserver;

/// How to monitor a process. Source: the options of `erlang:monitor/3`.
public sealed interface MonitorOption {

    /// Makes the monitor's reference an alias of the calling process as well, see
    /// [Processes#alias()]: whoever gets the reference can send to it for as long as the mode says.
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
        /// Only with [Processes#unalias].
        EXPLICIT_UNALIAS,
        /// When the monitor is removed or has delivered.
        DEMONITOR,
        /// As [#DEMONITOR], and after the first message sent through it, which removes the monitor
        /// too.
        REPLY_DEMONITOR
    }

    /// See [MonitorOption#alias].
    ///
    /// @param mode when the alias ends
    record Alias(AliasMode mode) implements MonitorOption {}

    /// See [MonitorOption#tag].
    ///
    /// @param tag the tag
    record Tag(Object tag) implements MonitorOption {}
}
