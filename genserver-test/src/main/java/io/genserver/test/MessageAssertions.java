package io.genserver.test;

import io.genserver.Match;
import io.genserver.ProcessInfo;
import io.genserver.Processes;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/// Assertions on the messages the test's process gets. Source: `ExUnit.Assertions`.
public final class MessageAssertions {

    private static final Duration ASSERT_LIMIT = Duration.ofSeconds(2);
    private static final Duration REFUTE_LIMIT = Duration.ofMillis(100);
    private static final int SHOWN = 10;

    private MessageAssertions() {}

    /// Waits up to 2 s for a message of a type, takes it out of the mailbox and returns it; others
    /// stay.
    ///
    /// @param type the type
    /// @param <T> the type
    /// @return the message
    /// @throws AssertionError if none came, with the last 10 messages of the mailbox
    public static <T> T assertReceive(Class<T> type) {
        return assertReceive(Match.type(type), type.getName(), ASSERT_LIMIT);
    }

    /// Waits up to 2 s for a message of a type that passes a test.
    ///
    /// @param type the type
    /// @param test the test
    /// @param <T> the type
    /// @return the message
    /// @throws AssertionError if none came
    public static <T> T assertReceive(Class<T> type, Predicate<? super T> test) {
        return assertReceive(
                Match.type(type, test), type.getName() + " that passes the test", ASSERT_LIMIT);
    }

    /// Waits up to 2 s for a message equal to a value. Source: `assert_receive ^value`.
    ///
    /// @param value the value
    /// @param <T> the value's type
    /// @return the message
    /// @throws AssertionError if none came
    public static <T> T assertReceive(T value) {
        return assertReceive(Match.value(value), String.valueOf(value), ASSERT_LIMIT);
    }

    /// Waits for a message that matches. Source: `assert_receive/3`, whose default is 100 ms.
    ///
    /// @param match which message, and what to make of it
    /// @param timeout how long to wait, 0 or more; 0 looks only at what is there
    /// @param <T> what is made of it
    /// @return what the match made of it
    /// @throws AssertionError if none came
    public static <T> T assertReceive(Match<T> match, Duration timeout) {
        return assertReceive(match, "that matches", timeout);
    }

    /// Checks for 100 ms that no message of a type comes. Source: `refute_receive/3`.
    ///
    /// @param type the type
    /// @throws AssertionError if one came; it is taken out of the mailbox
    public static void refuteReceive(Class<?> type) {
        refuteReceive(Match.type(type), REFUTE_LIMIT);
    }

    /// Checks that no message comes that matches. Source: `refute_receive/3`.
    ///
    /// @param match which message
    /// @param timeout how long to wait, 0 or more; 0 looks only at what is there
    /// @throws AssertionError if one came; it is taken out of the mailbox
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
