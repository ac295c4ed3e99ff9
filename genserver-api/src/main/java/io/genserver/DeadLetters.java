package io.genserver;

import io.genserver.spi.ProcessRuntime;
import java.util.Map;
import java.util.function.Consumer;

/// Counts and shows the messages that no process received.
///
/// A send to a pid and a cast usually do not fail, so their messages can be lost. Each lost message
/// is counted here and logged at level debug of the logger `io.genserver.DeadLetter`.
///
/// ```java
/// try (DeadLetters.Subscription _ = DeadLetters.listen(letter -> metrics.count(letter.reason()))) {
///     …
/// }
/// ```
///
/// Calls are not counted, because a call that cannot be answered fails. There is one exception: a
/// call that a server skips because its caller has given up ([StartOption#skipAbandonedCalls]). OTP
/// has no counterpart.
public final class DeadLetters {

    private DeadLetters() {}

    /// A registered listener. Closing it ends the registration.
    public interface Subscription extends AutoCloseable {
        /// Ends the registration. Closing twice does nothing.
        @Override
        void close();
    }

    /// Registers a listener for every dead letter from now on.
    ///
    /// The listener runs on the thread that lost the message, so it must be quick and must not
    /// block. For a message that the timers lost it runs on a thread of its own, in the order in
    /// which the messages were lost. What it throws is logged and has no other effect.
    ///
    /// @param listener the listener
    /// @return the registration
    public static Subscription listen(Consumer<DeadLetter> listener) {
        return ProcessRuntime.get().onDeadLetter(listener);
    }

    /// Returns how many dead letters there have been since the start of the runtime.
    ///
    /// @return the counts, one for each reason
    public static Map<DeadLetter.Reason, Long> counts() {
        return ProcessRuntime.get().deadLetterCounts();
    }
}
