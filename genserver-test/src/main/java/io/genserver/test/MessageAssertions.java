package io.genserver.test;

import io.genserver.Match;
import io.genserver.ProcessInfo;
import io.genserver.Processes;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Assertions on the messages that the test's process gets. Source: `ExUnit.Assertions`.
public final class MessageAssertions {

    private static final Duration ASSERT_LIMIT = Duration.ofSeconds(2);
    private static final Duration REFUTE_LIMIT = Duration.ofMillis(100);
    private static final int SHOWN = 10;

    private MessageAssertions() {}

    /// Waits up to 2 s for a message of a type, takes it out of the mailbox and returns it. Other
    /// messages stay in the mailbox.
    ///
    /// @param type the type
    /// @param <T> the type
    /// @return the message
    /// @throws AssertionError if no such message came; its text shows the last 10 messages of the
    ///   mailbox
    public static <T> T assertReceive(Class<T> type) {
        return assertReceive(Match.type(type), type.getName(), ASSERT_LIMIT);
    }

    /// Waits up to 2 s for a message of a type that passes a test, takes it out of the mailbox and
    /// returns it.
    ///
    /// @param type the type
    /// @param test returns whether to take the message
    /// @param <T> the type
    /// @return the message
    /// @throws AssertionError if no such message came
    public static <T> T assertReceive(Class<T> type, Predicate<? super T> test) {
        return assertReceive(
                Match.type(type, test), type.getName() + " that passes the test", ASSERT_LIMIT);
    }

    /// Waits up to 2 s for a message equal to a value, takes it out of the mailbox and returns it.
    /// Source: `assert_receive ^value`.
    ///
    /// @param value the value
    /// @param <T> the value's type
    /// @return the message
    /// @throws AssertionError if no such message came
    public static <T> T assertReceive(T value) {
        return assertReceive(Match.value(value), String.valueOf(value), ASSERT_LIMIT);
    }

    /// Waits for a message that matches, takes it out of the mailbox and returns what the match
    /// made of it. Source: `assert_receive/3`, whose default timeout is 100 ms.
    ///
    /// @param match selects the message and makes the result of it
    /// @param timeout how long to wait, 0 or more; 0 looks only at the messages in the mailbox
    /// @param <T> the type of the result
    /// @return the result of the match
    /// @throws AssertionError if no such message came
    public static <T> T assertReceive(Match<T> match, Duration timeout) {
        return assertReceive(match, "that matches", timeout);
    }

    /// Waits 100 ms and checks that no message of a type comes. Source: `refute_receive/3`.
    ///
    /// @param type the type
    /// @throws AssertionError if such a message came; it is taken out of the mailbox
    public static void refuteReceive(Class<?> type) {
        refuteReceive(Match.type(type), REFUTE_LIMIT);
    }

    /// Waits and checks that no message comes that matches. Source: `refute_receive/3`.
    ///
    /// @param match selects the message
    /// @param timeout how long to wait, 0 or more; 0 looks only at the messages in the mailbox
    /// @throws AssertionError if such a message came; it is taken out of the mailbox
    public static void refuteReceive(Match<?> match, Duration timeout) {
        Optional<?> message = Processes.receive(match, timeout);
        if (message.isPresent()) {
            throw new AssertionError(
                    "expected no such message within " + timeout + ", got: " + message.get());
        }
    }

    private static <T> T assertReceive(Match<T> match, String what, Duration timeout) {
        return Processes.receive(match, timeout).orElseThrow(() -> nothingCame(what, timeout));
    }

    private static AssertionError nothingCame(String what, Duration timeout) {
        List<Object> all =
                Processes.info(Processes.self()).map(ProcessInfo::messages).orElse(List.of());
        List<Object> last = all.subList(Math.max(0, all.size() - SHOWN), all.size());
        return new AssertionError(
                "expected a message "
                        + what
                        + " within "
                        + timeout
                        + ", got "
                        + (all.isEmpty()
                                ? "none: the mailbox is empty"
                                : "none; the mailbox has " + all.size() + ", the last: " + last));
    }
}
