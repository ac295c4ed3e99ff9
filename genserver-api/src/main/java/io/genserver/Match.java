package io.genserver;

import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// Chooses the message that a [Processes#receive(Match)] takes out of the mailbox, and turns it
/// into a result, like one or several clauses of Erlang's `receive`.
///
/// ```java
/// String answer = Processes.receive(message -> switch (message) {
///     case Down(Ref ref, ServerRef _, ExitReason reason) when ref.equals(monitor) -> "died: " + reason;
///     case Pong pong -> "alive";
///     default -> null;                       // stays in the mailbox
/// });
/// ```
///
/// @param <T> the type of the result
@FunctionalInterface
public interface Match<T> {

    /// Takes or leaves one message.
    ///
    /// It is called for each message in the order of arrival until it takes one, possibly more than
    /// once for the same message. It is not called for calls and casts.
    ///
    /// @param message the message
    /// @return the result of the `receive`, or null to leave the message in the mailbox
    @Nullable T match(Object message);

    /// Takes the first message of a type.
    ///
    /// @param type the type
    /// @param <T> the type
    /// @return the match
    static <T> Match<T> type(Class<T> type) {
        return message -> type.isInstance(message) ? type.cast(message) : null;
    }

    /// Takes the first message of a type that passes a test.
    ///
    /// @param type the type
    /// @param test the test
    /// @param <T> the type
    /// @return the match
    static <T> Match<T> type(Class<T> type, Predicate<? super T> test) {
        return message ->
                type.isInstance(message) && test.test(type.cast(message))
                        ? type.cast(message)
                        : null;
    }

    /// Takes the first message that equals a value.
    ///
    /// @param value the value
    /// @param <T> the type of the value
    /// @return the match
    static <T> Match<T> value(T value) {
        return message -> value.equals(message) ? value : null;
    }
}
