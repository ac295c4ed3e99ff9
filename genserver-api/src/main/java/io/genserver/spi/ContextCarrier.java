package io.genserver.spi;

import org.jspecify.annotations.Nullable;

/// Carries a context that is kept in thread locals along with messages, such as the current span of
/// a trace or the user of a request. slf4j's MDC needs no carrier, because the runtime carries it
/// itself.
///
/// [java.util.ServiceLoader] finds the carriers when the runtime is loaded. Without one, nothing is
/// left of this.
///
/// What a process sends carries the context of the thread that sends it: calls, casts, messages,
/// timers, starts of processes, continuations and state timeouts. The thread that handles it has
/// this context, and no other, until the turn ends. So nothing of one turn is seen in the next one,
/// even if both run on the same thread. A server that runs on the thread of its caller has the
/// caller's context, and whatever the turn changes is taken back when it ends.
///
/// The methods run for each message, so they must be quick. What they throw is logged, and the
/// context is lost.
public interface ContextCarrier {

    /// Returns the context of the current thread, to travel with a message.
    ///
    /// @return the context; null for an empty one, which costs nothing on the way
    @Nullable Object capture();

    /// Makes the context of the current thread the one that has come with a message, whatever it
    /// was before.
    ///
    /// @param captured what [#capture] has returned; null for an empty context
    /// @return what [#leave] needs; null for a context that was empty before and is empty now
    @Nullable Object enter(@Nullable Object captured);

    /// Makes the context of the current thread what it was before an [#enter], whatever it is now.
    ///
    /// @param entered what [#enter] has returned; null for an empty context
    void leave(@Nullable Object entered);
}
