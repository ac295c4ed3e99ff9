package io.genserver.supervisor;

import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.genserver.Exit;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Logs;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.test.GenServerExtension;
import io.genserver.test.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;

@ExtendWith(GenServerExtension.class)
@Timeout(30)
class RetryTest {

    private static final BackOff SOON =
            BackOff.of(Duration.ofMillis(1), Duration.ofMillis(2)).withJitter(0);

    private final AtomicInteger attempts = new AtomicInteger();

    @SuppressWarnings("NullAway.Init") // before each test
    private Pid supervisor;

    @BeforeEach
    void start() {
        supervisor = TaskSupervisor.startLink(DynamicSupervisorFlags.DEFAULT).pid();
    }

    /// A function that fails, and returns on its attempt of this number.
    private Callable<String> wellAt(int number) {
        return () -> {
            int attempt = attempts.incrementAndGet();
            if (attempt < number) {
                throw new IOException("attempt " + attempt);
            }
            return "attempt " + attempt;
        };
    }

    private static String block() {
        Processes.sleep(Duration.ofDays(1));
        return "never";
    }

    /// Waits for the failure of a task that is not linked to the test.
    private TaskExitException failure(Callable<String> function, RetryOptions options) {
        Task<String> task = TaskSupervisor.retry(supervisor, function, options);
        return catchThrowableOfType(TaskExitException.class, () -> task.await());
    }

    /// Returns the failures of the attempts before the last.
    private static Throwable[] suppressed(TaskExitException thrown) {
        return Objects.requireNonNull(thrown.getCause()).getSuppressed();
    }

    @Test
    void returns_what_the_first_attempt_that_returns_does() {
        assertThat(Task.retry(wellAt(1), SOON, 3).await()).isEqualTo("attempt 1");
        assertThat(attempts).hasValue(1);
        attempts.set(0);
        assertThat(Task.retry(wellAt(3), SOON, 3).await()).isEqualTo("attempt 3");
        attempts.set(0);
        assertThat(TaskSupervisor.retry(supervisor, wellAt(2), RetryOptions.of(SOON, 3)).await())
                .isEqualTo("attempt 2");
        assertThat(Processes.flush()).isEmpty();
    }

    @Test
    void fails_with_the_last_failure_and_the_earlier_ones() {
        TaskExitException thrown = failure(wellAt(9), RetryOptions.of(SOON, 3));

        assertThat(attempts).hasValue(3);
        assertThat(thrown.getCause()).isInstanceOf(IOException.class).hasMessage("attempt 3");
        assertThat(suppressed(thrown))
                .extracting(Throwable::getMessage)
                .containsExactly("attempt 1", "attempt 2");
    }

    @Test
    void fails_at_once_with_a_failure_that_is_not_expected() {
        RetryOptions options =
                RetryOptions.of(SOON, 5)
                        .withExpected(failure -> "attempt 1".equals(failure.getMessage()));

        TaskExitException thrown = failure(wellAt(9), options);

        assertThat(attempts).hasValue(2);
        assertThat(thrown.getCause()).hasMessage("attempt 2");
        assertThat(suppressed(thrown))
                .extracting(Throwable::getMessage)
                .containsExactly("attempt 1");
    }

    @Test
    void does_not_expect_an_error_by_default() {
        AssertionError error = new AssertionError("wrong");

        TaskExitException thrown =
                failure(
                        () -> {
                            attempts.incrementAndGet();
                            throw error;
                        },
                        RetryOptions.of(SOON, 5));

        assertThat(attempts).hasValue(1);
        assertThat(thrown).hasCause(error);
    }

    @Test
    void accepts_a_function_that_throws_the_same_object_each_time() {
        IOException same = new IOException("same");

        TaskExitException thrown =
                failure(
                        () -> {
                            throw same;
                        },
                        RetryOptions.of(SOON, 3));

        assertThat(thrown).hasCause(same);
        assertThat(same.getSuppressed()).isEmpty();
    }

    @Test
    @VirtualTime
    void kills_an_attempt_that_takes_too_long_and_tries_again() {
        RetryOptions options = RetryOptions.of(SOON, 3).withAttemptTimeout(Duration.ofMillis(30));
        Pid test = Processes.self();
        Callable<String> hangsOnce =
                () -> {
                    Processes.send(test, Processes.self());
                    return attempts.incrementAndGet() == 1 ? block() : "made";
                };

        assertThat(Task.retry(hangsOnce, options).await()).isEqualTo("made");

        Pid hung = assertReceive(Pid.class);
        assertThat(Processes.isAlive(hung)).isFalse();
        TaskExitException thrown = failure(RetryTest::block, options);
        assertThat(thrown.getCause())
                .isInstanceOfSatisfying(
                        TaskExitException.class,
                        last -> assertThat(last.taskReason()).isEqualTo(ExitReason.TIMEOUT))
                .hasMessageStartingWith("attempt 3 of 3 of Task of " + RetryTest.class.getName());
        assertThat(suppressed(thrown)).hasSize(2);
    }

    @Test
    void counts_an_attempt_that_another_process_ends() {
        Callable<String> killedOnce =
                () -> {
                    if (attempts.incrementAndGet() == 1) {
                        Processes.spawnLink(() -> Processes.exit(ExitReason.of("neighbour")));
                        return block();
                    }
                    return "made";
                };
        TaskExitException[] seen = new TaskExitException[1];
        RetryOptions options =
                RetryOptions.of(SOON, 2)
                        .withExpected(failure -> {
                            seen[0] = (TaskExitException) failure;
                            return true;
                        });

        assertThat(Task.retry(killedOnce, options).await()).isEqualTo("made");

        assertThat(seen[0].taskReason()).isEqualTo(ExitReason.of("neighbour"));
    }

    @Test
    void tries_again_after_an_exit_and_keeps_the_earlier_failures() {
        TaskExitException thrown =
                failure(
                        () -> {
                            throw Processes.exit(ExitReason.of(attempts.incrementAndGet()));
                        },
                        RetryOptions.of(SOON, 2));

        assertThat(thrown.getCause())
                .isInstanceOfSatisfying(
                        ExitException.class,
                        last -> assertThat(last.reason()).isEqualTo(ExitReason.of(2)));
        assertThat(suppressed(thrown)).hasSize(1);
    }

    @Test
    void ends_with_an_attempt_that_asks_for_an_orderly_end() {
        TaskExitException thrown =
                failure(
                        () -> {
                            attempts.incrementAndGet();
                            throw Processes.exit(ExitReason.SHUTDOWN);
                        },
                        RetryOptions.of(SOON, 5));

        assertThat(thrown.taskReason()).isEqualTo(ExitReason.SHUTDOWN);
        assertThat(attempts).hasValue(1);
    }

    @Test
    void gives_each_attempt_a_process_of_its_own() {
        Callable<List<Object>> leavesThings =
                () -> {
                    List<Object> found = Processes.flush();
                    Processes.send(Processes.self(), "left over");
                    if (attempts.incrementAndGet() == 1) {
                        throw new IOException("down");
                    }
                    return found;
                };

        assertThat(Task.retry(leavesThings, SOON, 2).await()).isEmpty();
    }

    @Test
    void waits_as_long_as_the_back_off_says() {
        long start = Processes.monotonicTime();
        BackOff doubling = BackOff.of(Duration.ofMillis(20), Duration.ofHours(1)).withJitter(0);

        Task.retry(wellAt(3), doubling, 3).await();

        assertThat(Processes.monotonicTime() - start)
                .isGreaterThanOrEqualTo(Duration.ofMillis(60).toNanos());
    }

    @Test
    void ends_its_attempt_with_the_task() {
        Pid test = Processes.self();
        Task<String> task =
                Task.retry(
                        () -> {
                            Processes.send(test, Processes.self());
                            return block();
                        },
                        SOON,
                        3);
        Pid attempt = assertReceive(Pid.class);

        assertThat(task.shutdown()).isEmpty();

        await().until(() -> !Processes.isAlive(attempt));
        assertThat(Processes.receive(Pid.class, Duration.ofMillis(30))).isEmpty();
    }

    @Test
    void ends_during_a_delay_when_it_is_told_to() {
        BackOff later = BackOff.of(Duration.ofHours(1), Duration.ofHours(1));
        Task<String> task = Task.retry(wellAt(2), later, 2);
        await().untilAtomic(attempts, org.hamcrest.Matchers.is(1));

        assertThat(task.shutdown()).isEmpty();
    }

    @Test
    void is_linked_to_its_owner_without_a_supervisor() {
        Processes.trapExits(true);
        Task<String> task = Task.retry(wellAt(9), SOON, 2);

        Exit exit = assertReceive(Exit.class, one -> one.from().equals(task.pid().orElseThrow()));

        assertThat(exit.reason().cause()).hasMessage("attempt 2");
    }

    @Test
    void logs_no_attempt_above_debug_and_one_error_at_the_end() {
        Logger logger = (Logger) LoggerFactory.getLogger(Task.class);
        logger.setLevel(Level.DEBUG);
        try (Logs crashes = Logs.of(GenServer.class);
                Logs attempted = Logs.of(Task.class)) {
            Task<String> task =
                    TaskSupervisor.retry(supervisor, wellAt(9), RetryOptions.of(SOON, 3));
            assertThatThrownBy(task::await).isInstanceOf(TaskExitException.class);

            String name = "Task of " + RetryTest.class.getName();
            assertThat(crashes.with(name))
                    .singleElement()
                    .satisfies(report ->
                            assertThat(report.text())
                                    .contains(task.pid().orElseThrow().toString()));
            assertThat(attempted.with(name))
                    .extracting(Logs.Entry::level, Logs.Entry::text)
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple(
                                    "DEBUG",
                                    "attempt 1 of 3 of "
                                            + name
                                            + " failed, the next one starts in 1 ms"),
                            org.assertj.core.groups.Tuple.tuple(
                                    "DEBUG",
                                    "attempt 2 of 3 of "
                                            + name
                                            + " failed, the next one starts in 2 ms"));
        } finally {
            logger.setLevel(null);
        }
    }

    @Test
    void works_on_a_thread_that_is_no_process() throws Exception {
        java.util.concurrent.CompletableFuture<String> result =
                new java.util.concurrent.CompletableFuture<>();
        Thread.ofPlatform()
                .start(() -> result.complete(Task.retry(wellAt(3), SOON, 3).await()))
                .join();

        assertThat(result).isCompletedWithValue("attempt 3");
    }

    @Test
    void options_out_of_range_say_what_was_expected() {
        assertThatThrownBy(() -> Task.retry(wellAt(1), SOON, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected maxAttempts to be 1 or more, got: 0");
        assertThatThrownBy(() -> RetryOptions.of(SOON, 1).withAttemptTimeout(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected attemptTimeout to be more than 0, got: PT0S");
    }
}
