package io.genserver.supervisor;

import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.genserver.DeadLetter;
import io.genserver.DeadLetters;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.test.GenServerExtension;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.MDC;

@ExtendWith(GenServerExtension.class)
@Timeout(30)
class TaskFutureTest {

    private static String block() {
        Processes.sleep(Duration.ofDays(1));
        return "never";
    }

    private static <R> R get(CompletableFuture<R> future) throws Exception {
        return future.get(10, TimeUnit.SECONDS);
    }

    /// Runs a test on a thread that is no process.
    private static void onThread(ThrowingBody body) throws Exception {
        AtomicReference<@Nullable Throwable> failed = new AtomicReference<>();
        Thread thread =
                Thread.ofPlatform()
                        .start(() -> {
                            try {
                                body.run();
                            } catch (Throwable thrown) {
                                failed.set(thrown);
                            }
                        });
        thread.join();
        assertThat(failed.get()).isNull();
    }

    private interface ThrowingBody {
        void run() throws Exception;
    }

    /// Runs a test in a process, and on a thread that is none.
    private static void everywhere(ThrowingBody body) throws Exception {
        body.run();
        onThread(body);
    }

    @Test
    void has_the_result_and_leaves_no_message() throws Exception {
        everywhere(() -> {
            CompletableFuture<String> future = Task.async(() -> "made").toFuture();

            assertThat(get(future)).isEqualTo("made");
            if (Processes.isProcess()) {
                assertThat(Processes.flush()).isEmpty();
            }
        });
    }

    @Test
    void has_the_failure_as_await_throws_it() throws Exception {
        IllegalStateException failure = new IllegalStateException("down");
        everywhere(() -> {
            if (Processes.isProcess()) {
                Processes.trapExits(true); // the link is there until toFuture
            }
            Task<String> task =
                    Task.async(() -> {
                        throw failure;
                    });

            assertThatThrownBy(() -> get(task.toFuture()))
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOf(TaskExitException.class)
                    .hasMessage("Task.await of " + task + " failed: " + failure)
                    .hasCause(failure);
        });
    }

    /// In a thousand rounds, some tasks end while they are handed over to their futures.
    @Test
    void has_the_result_or_failure_of_a_task_that_was_just_ending() throws Exception {
        Processes.trapExits(true);
        ExitReason own = ExitReason.shutdown("own"); // orderly, so it makes no crash report
        for (int i = 0; i < 1_000; i++) {
            boolean fails = i % 2 == 0;
            CountDownLatch go = new CountDownLatch(1);
            Task<String> task =
                    Task.async(() -> {
                        go.await();
                        if (fails) {
                            throw Processes.exit(own);
                        }
                        return "made";
                    });
            go.countDown();
            for (int spins = 0; spins < i % 100 * 10; spins++) {
                Thread.onSpinWait();
            }

            CompletableFuture<String> future = task.toFuture();

            if (fails) {
                assertThatThrownBy(() -> get(future))
                        .cause()
                        .isInstanceOfSatisfying(
                                TaskExitException.class,
                                failed -> assertThat(failed.taskReason()).isEqualTo(own));
            } else {
                assertThat(get(future)).isEqualTo("made");
            }
            Processes.receive(Exit.class, Duration.ZERO);
            assertThat(Processes.flush()).isEmpty();
        }
    }

    @Test
    void has_the_result_that_had_arrived_before() throws Exception {
        Task<String> task = Task.async(() -> "made");
        await().until(() -> !Processes.isAlive(task.pid().orElseThrow()));

        assertThat(task.toFuture()).isCompletedWithValue("made");
        assertThat(Processes.flush()).isEmpty();
    }

    @Test
    void takes_the_failure_so_that_the_owner_lives_on() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        Task<String> task =
                Task.async(() -> {
                    go.await();
                    throw Processes.exit(ExitReason.of("failed"));
                });
        CompletableFuture<String> future = task.toFuture();
        go.countDown();

        assertThatThrownBy(() -> get(future))
                .cause()
                .isInstanceOfSatisfying(
                        TaskExitException.class,
                        failed ->
                                assertThat(failed.taskReason()).isEqualTo(ExitReason.of("failed")));
        assertThat(Processes.isAlive(Processes.self())).isTrue();
    }

    @Test
    void leaves_a_linked_task_that_ends_with_its_owner() {
        Pid test = Processes.self();
        Pid owner =
                Processes.spawn(() -> {
                    Task<String> task = Task.async(TaskFutureTest::block);
                    var _ = task.toFuture();
                    Processes.send(test, task.pid().orElseThrow());
                    block();
                });
        Pid task = assertReceive(Pid.class);
        assertThat(Processes.isAlive(task)).isTrue();

        Processes.exit(owner, ExitReason.shutdown("owner"));

        await().until(() -> !Processes.isAlive(task));
    }

    @Test
    void shuts_the_task_down_when_it_is_cancelled() throws Exception {
        everywhere(() -> {
            Task<String> task = Task.async(TaskFutureTest::block);
            CompletableFuture<String> future = task.toFuture();

            assertThat(future.cancel(true)).isTrue();

            await().until(() -> !Processes.isAlive(task.pid().orElseThrow()));
            assertThatThrownBy(future::join).isInstanceOf(CancellationException.class);
        });
        assertThat(Processes.isAlive(Processes.self())).isTrue();
    }

    @Test
    void lets_the_task_go_on_when_it_is_cancelled_without_an_interrupt() throws Exception {
        everywhere(() -> {
            CountDownLatch go = new CountDownLatch(1);
            CompletableFuture<String> ran = new CompletableFuture<>();
            Task<Boolean> task =
                    Task.async(() -> {
                        go.await();
                        return ran.complete("ran");
                    });

            assertThat(task.toFuture().cancel(false)).isTrue();
            go.countDown();

            assertThat(get(ran)).isEqualTo("ran");
        });
    }

    @Test
    void runs_its_stages_with_the_log_context_of_its_maker() throws Exception {
        everywhere(() -> {
            MDC.setContextMap(Map.of("request", "r1"));
            CountDownLatch go = new CountDownLatch(1);
            CompletableFuture<String> seen =
                    Task.async(
                                    () -> {
                                        go.await();
                                        return MDC.get("request");
                                    })
                            .toFuture()
                            .thenApply(inTask -> inTask + " " + MDC.get("request"));
            MDC.clear();
            go.countDown();

            assertThat(get(seen)).isEqualTo("r1 r1");
        });
    }

    @Test
    void is_the_only_one_that_has_the_result() throws Exception {
        everywhere(() -> {
            Task<String> task = Task.async(() -> "made");

            CompletableFuture<String> future = task.toFuture();

            assertThat(task.toFuture()).isSameAs(future);
            assertThatThrownBy(task::await)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("to be taken from its future");
            assertThat(get(future)).isEqualTo("made");
        });
    }

    @Test
    void of_another_process_is_refused() throws Exception {
        Task<String> task = Task.async(() -> "made");
        onThread(() ->
                assertThatThrownBy(task::toFuture)
                        .isInstanceOf(IllegalStateException.class)
                        .hasMessageContaining("by its owner"));
        assertThat(task.await()).isEqualTo("made");
    }

    @Test
    void of_a_thread_can_be_made_by_any() throws Exception {
        AtomicReference<Task<String>> task = new AtomicReference<>();
        onThread(() -> task.set(Task.async(() -> "made")));

        assertThat(get(task.get().toFuture())).isEqualTo("made");
    }

    @Test
    void loses_no_dead_letter_to_the_result() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        long before = inactive();
        CompletableFuture<String> future =
                Task.async(
                                () -> {
                                    go.await();
                                    return "made";
                                })
                        .toFuture();
        go.countDown();

        assertThat(get(future)).isEqualTo("made");
        assertThat(inactive()).isEqualTo(before);
    }

    private static long inactive() {
        return DeadLetters.counts().getOrDefault(DeadLetter.Reason.INACTIVE_ALIAS, 0L);
    }
}
