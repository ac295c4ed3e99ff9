package io.genserver;

/// From when the period of a timer of [Processes#sendEvery] counts.
public enum Pace {

    /// The ticks keep to the multiples of the period, counted from the start of the timer. A tick
    /// that would come while the one before is still in the mailbox is skipped. For work that
    /// follows the clock.
    FIXED_RATE,

    /// The period counts from the moment when the receiver takes the tick before out of its
    /// mailbox. For work that needs a pause in between.
    FIXED_DELAY
}
