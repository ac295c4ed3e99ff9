package io.genserver.test;

import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.Match;
import io.genserver.ProcessInfo;
import io.genserver.ProcessRef;
import io.genserver.Processes;
import io.genserver.Ref;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.function.Executable;

/// Assertions on the messages that the test's process gets. Source: `ExUnit.Assertions`.
///
/// Each of them ends as soon as its outcome is certain. The exceptions are the `refuteReceive`
/// methods, which wait for the whole time if no message comes.
public final class MessageAssertions {

    private static final Duration ASSERT_LIMIT = Duration.ofSeconds(2);
    private static final Duration REFUTE_LIMIT = Duration.ofMillis(100);
    private static final Duration PAUSE = Duration.ofMillis(1);
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

    /// Waits for a message of a type, takes it out of the mailbox and returns it. Source:
    /// `assert_receive/3`.
    ///
    /// @param type the type
    /// @param within how long to wait, 0 or more
    /// @param <T> the type
    /// @return the message
    /// @throws AssertionError if no such message came
    public static <T> T assertReceive(Class<T> type, Duration within) {
        return assertReceive(Match.type(type), type.getName(), within);
    }

    /// Takes a message of a type out of the mailbox, which must be there already, and returns it.
    /// Source: `assert_received/2`.
    ///
    /// @param type the type
    /// @param <T> the type
    /// @return the message
    /// @throws AssertionError if there is no such message
    public static <T> T assertReceived(Class<T> type) {
        return assertReceive(type, Duration.ZERO);
    }

    /// Takes a message equal to a value out of the mailbox, which must be there already, and
    /// returns it. Source: `assert_received/2`.
    ///
    /// @param value the value
    /// @param <T> the value's type
    /// @return the message
    /// @throws AssertionError if there is no such message
    public static <T> T assertReceived(T value) {
        return assertReceive(Match.value(value), String.valueOf(value), Duration.ZERO);
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
    /// @throws AssertionError if such a message came; it is taken out of the mailbox, and the text
    ///   also shows the last 10 others
    public static void refuteReceive(Class<?> type) {
        refuteReceive(Match.type(type), REFUTE_LIMIT);
    }

    /// Waits and checks that no message comes that matches. Source: `refute_receive/3`.
    ///
    /// @param match selects the message
    /// @param timeout how long to wait, 0 or more; 0 looks only at the messages in the mailbox
    /// @throws AssertionError if such a message came; it is taken out of the mailbox, and the text
    ///   also shows the last 10 others
    public static void refuteReceive(Match<?> match, Duration timeout) {
        Optional<?> message = Processes.receive(match, timeout);
        if (message.isPresent()) {
            List<Object> others = mailbox();
            throw new AssertionError(
                    "expected no such message within "
                            + timeout
                            + ", got: "
                            + message.get()
                            + (others.isEmpty() ? "" : content(others)));
        }
    }

    /// Checks that the mailbox has no message of a type now. Source: `refute_received/2`.
    ///
    /// @param type the type
    /// @throws AssertionError if it has such a message; it is taken out of the mailbox
    public static void refuteReceived(Class<?> type) {
        refuteReceive(Match.type(type), Duration.ZERO);
    }

    /// Waits for several messages, one after another, up to 2 s for each. Takes them out of the
    /// mailbox, and also the messages before and between them. Source: `fishForMessage` of Akka.
    ///
    /// @param tests accept the messages, in this order
    /// @return the accepted messages, in this order
    /// @throws AssertionError if one of them did not come; its text shows the messages taken out
    @SafeVarargs
    public static List<Object> fishFor(Predicate<Object>... tests) {
        List<Object> caught = new ArrayList<>();
        List<Object> others = new ArrayList<>();
        for (Predicate<Object> test : tests) {
            long start = Processes.monotonicTime();
            boolean found = false;
            while (!found) {
                long left = ASSERT_LIMIT.toNanos() - (Processes.monotonicTime() - start);
                boolean isLast = left <= 0; // others may come faster than they are taken out
                Fish next =
                        Processes.receive(
                                        message -> {
                                            boolean fits = test.test(message);
                                            return fits || !isLast ? new Fish(message, fits) : null;
                                        },
                                        Duration.ofNanos(Math.max(0, left)))
                                .orElseThrow(() -> notCaught(tests.length, caught, others));
                found = next.isCaught();
                (found ? caught : others).add(next.message());
            }
        }
        return caught;
    }

    /// A message that was taken out, and whether it is one of those that are wanted.
    private record Fish(Object message, boolean isCaught) {}

    private static AssertionError notCaught(
            int expected, List<Object> caught, List<Object> others) {
        return new AssertionError(
                "expected "
                        + expected
                        + " messages one after another, got "
                        + caught.size()
                        + " of them: "
                        + caught
                        + "; other messages: "
                        + others);
    }

    /// Waits up to 2 s until a monitored process is down, and returns its exit reason.
    ///
    /// @param monitor a monitor of the test's process
    /// @return the exit reason
    /// @throws AssertionError if the process is still alive
    public static ExitReason awaitDown(Ref monitor) {
        return awaitDown(monitor, "the monitor " + monitor);
    }

    /// Waits up to 2 s until a process is down, and returns its exit reason.
    ///
    /// @param process the process, by its pid or its name
    /// @return the exit reason; `noproc` if it was down before
    /// @throws AssertionError if the process is still alive
    public static ExitReason awaitDown(ProcessRef process) {
        return awaitDown(Processes.monitor(process), process.toString());
    }

    private static ExitReason awaitDown(Ref monitor, String what) {
        Match<Down> match = Match.type(Down.class, down -> down.ref().equals(monitor));
        return assertReceive(match, "Down of " + what, ASSERT_LIMIT).reason();
    }

    /// Tries an assertion until it holds, for 2 s. Use it for what sends no message.
    ///
    /// @param assertion throws an [AssertionError] as long as it does not hold; runs on the calling
    ///   thread, so it may use the test's names and mailbox
    /// @throws AssertionError if it does not hold in time, with the last error as the cause
    public static void eventually(Executable assertion) {
        eventually(assertion, ASSERT_LIMIT);
    }

    /// Tries an assertion until it holds.
    ///
    /// @param assertion throws an [AssertionError] as long as it does not hold; runs on the calling
    ///   thread
    /// @param within for how long, 0 or more
    /// @throws AssertionError if it does not hold in time, with the last error as the cause
    public static void eventually(Executable assertion, Duration within) {
        long start = Processes.monotonicTime();
        for (AssertionError last = failure(assertion); last != null; last = failure(assertion)) {
            if (Processes.monotonicTime() - start >= within.toNanos()) {
                throw new AssertionError(
                        "expected the assertion to hold within "
                                + within
                                + ", got: "
                                + last.getMessage(),
                        last);
            }
            Processes.sleep(PAUSE);
        }
    }

    private static @Nullable AssertionError failure(Executable assertion) {
        try {
            assertion.execute();
            return null;
        } catch (AssertionError failed) {
            return failed;
        } catch (RuntimeException | Error thrown) {
            throw thrown;
        } catch (Throwable checked) {
            throw new IllegalStateException("expected an AssertionError, got: " + checked, checked);
        }
    }

    private static <T> T assertReceive(Match<T> match, String what, Duration timeout) {
        return Processes.receive(match, timeout)
                .orElseThrow(() -> nothingCame(match, what, timeout));
    }

    private static AssertionError nothingCame(Match<?> match, String what, Duration timeout) {
        Optional<?> late = Processes.receive(match, Duration.ZERO);
        return new AssertionError(
                "expected a message "
                        + what
                        + " within "
                        + timeout
                        + ", got "
                        + (late.isPresent()
                                ? "it just after that: " + late.get() + "; wait longer"
                                : "none" + content(mailbox())));
    }

    private static List<Object> mailbox() {
        return Processes.info(Processes.self()).map(ProcessInfo::messages).orElse(List.of());
    }

    private static String content(List<Object> mailbox) {
        return mailbox.isEmpty()
                ? ": the mailbox is empty"
                : "; the mailbox has "
                        + mailbox.size()
                        + ", the last: "
                        + mailbox.subList(Math.max(0, mailbox.size() - SHOWN), mailbox.size());
    }
}
