package io.genserver;

import io.genserver.spi.ProcessRuntime;
import java.util.Map;
import java.util.function.Consumer;

/// The messages that reached no one. Sending never fails and casting never waits, so a message can
/// be lost; none is lost without being counted here.
///
/// ```java
/// try (DeadLetters.Subscription _ = DeadLetters.listen(letter -> metrics.count(letter.reason()))) {
///     …
/// }
/// ```
///
/// Calls are not among them: a call that cannot be answered fails its caller. Every dead letter is
/// logged at debug level. OTP has nothing like it.
public final class DeadLetters {

    private DeadLetters() {}

    /// A listener in force until it is closed.
    public interface Subscription extends AutoCloseable {
        /// Ends it; closing twice does nothing.
        @Override
        void close();
    }

    /// Tells a listener of every dead letter from now on.
    ///
    /// It runs on the thread that lost the message, possibly a timer's, so it must be quick and
    /// must not block. What it throws is logged and goes no further.
    ///
    /// @param listener the listener
    /// @return ends it
    public static Subscription listen(Consumer<DeadLetter> listener) {
        return ProcessRuntime.get().onDeadLetter(listener);
    }

    /// How many there have been since the start.
    ///
    /// @return the counts, one for each reason
    public static Map<DeadLetter.Reason, Long> counts() {
        return ProcessRuntime.get().deadLetterCounts();
    }
}
