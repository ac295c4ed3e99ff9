package io.genserver.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.Processes;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.slf4j.MDC;

/// Tasks of a thread that is no process. The test's thread is one.
@Timeout(30)
class TaskOnThreadTest {

    private static final Duration SHORT = Duration.ofMillis(30);

    /// Longer than a task that does not wait takes on a busy machine.
    private static final Duration QUICK = Duration.ofMillis(500);

    @SuppressWarnings("NullAway.Init") // before each test
    private Pid supervisor;

    private static String block() {
        Processes.sleep(Duration.ofDays(1));
        return "never";
    }

    private static String exit(ExitReason reason) {
        throw Processes.exit(reason);
    }

    private static void awaitDead(Task<?> task) {
        await().until(() -> !Processes.isAlive(task.pid().orElseThrow()));
    }

    @BeforeEach
    void start() {
        supervisor = TaskSupervisor.startLink(DynamicSupervisorFlags.DEFAULT).pid();
    }

    @AfterEach
    void stop() {
        DynamicSupervisor.stop(supervisor);
    }

    private List<Task<String>> each(java.util.concurrent.Callable<String> function) {
        return List.of(
                Task.async(function),
                TaskSupervisor.async(supervisor, function),
                TaskSupervisor.asyncNolink(supervisor, function));
    }

    @Test
    void has_a_result() {
        for (Task<String> task : each(() -> "made")) {
            assertThat(task.await()).isEqualTo("made");
            assertThat(task.owner()).isEmpty();
            assertThat(task.pid()).isPresent();
            awaitDead(task);
        }
        assertThat(Task.<@Nullable String>async(() -> null).await()).isNull();
    }

    @Test
    void works_on_nobodys_behalf() {
        for (Task<String> task : each(() -> Processes.callers().toString())) {
            assertThat(task.await()).isEqualTo("[]");
        }
    }

    @Test
    void has_the_log_context_of_its_thread() {
        MDC.setContextMap(Map.of("request", "r1"));
        List<Task<String>> tasks = each(() -> String.valueOf(MDC.get("request")));
        MDC.clear();

        assertThat(Task.awaitMany(tasks)).containsExactly("r1", "r1", "r1");
    }

    @Test
    void that_fails_fails_its_await_and_no_more() {
        IOException failure = new IOException("down");
        for (Task<String> task :
                each(() -> {
                    throw failure;
                })) {
            TaskExitException thrown =
                    catchThrowableOfType(TaskExitException.class, () -> task.await());

            assertThat(thrown.taskReason()).isEqualTo(new ExitReason.Crash(failure));
            assertThat(thrown).hasCause(failure);
        }
        assertThat(Processes.isAlive(supervisor)).isTrue();
    }

    @Test
    void that_is_killed_fails_its_await() {
        for (Task<String> task : each(TaskOnThreadTest::block)) {
            Processes.exit(task.pid().orElseThrow(), ExitReason.KILL);

            assertThat(task.yield(GenServer.INFINITY))
                    .contains(new TaskResult.Exit<>(ExitReason.KILLED));
        }
    }

    @Test
    void goes_on_when_its_await_has_timed_out_and_can_be_waited_for_again() {
        for (Task<String> task : each(TaskOnThreadTest::block)) {
            TaskExitException thrown =
                    catchThrowableOfType(TaskExitException.class, () -> task.await(SHORT));

            assertThat(thrown.taskReason()).isEqualTo(ExitReason.TIMEOUT);
            assertThat(task.yield(Duration.ZERO)).isEmpty();
            assertThat(Processes.isAlive(task.pid().orElseThrow())).isTrue();
            assertThat(task.shutdown()).isEmpty();
        }
    }

    @Test
    void is_shut_down_as_it_is_for_a_process() {
        for (Task<String> task : each(TaskOnThreadTest::block)) {
            assertThat(task.shutdown()).isEmpty();
            assertThat(Processes.isAlive(task.pid().orElseThrow())).isFalse();
        }
        for (Task<String> task : each(TaskOnThreadTest::block)) {
            assertThat(task.shutdown(Shutdown.brutalKill())).isEmpty();
        }
        for (Task<String> task : each(() -> "made")) {
            awaitDead(task);
            assertThat(task.shutdown()).contains(new TaskResult.Ok<>("made"));
        }
        for (Task<String> task : each(() -> exit(ExitReason.shutdown("own")))) {
            awaitDead(task);
            assertThat(task.shutdown()).contains(new TaskResult.Exit<>(ExitReason.shutdown("own")));
        }
        for (Task<String> task :
                each(() -> {
                    Processes.trapExits(true);
                    return block();
                })) {
            await().until(() -> traps(task));
            assertThat(task.shutdown(Shutdown.within(SHORT)))
                    .contains(new TaskResult.Exit<>(ExitReason.KILLED));
        }
    }

    private static boolean traps(Task<?> task) {
        return Processes.info(task.pid().orElseThrow()).orElseThrow().trapExits();
    }

    @Test
    void that_its_thread_forgets_ends_by_itself() throws Exception {
        CountDownLatch go = new CountDownLatch(1);
        AtomicReference<Task<Boolean>> task = new AtomicReference<>();
        List<Pid> before = Processes.list();
        Thread thread =
                Thread.ofVirtual()
                        .start(() -> task.set(Task.async(() -> go.await(10, TimeUnit.SECONDS))));
        thread.join();

        go.countDown();

        awaitDead(task.get());
        await().until(() -> before.containsAll(Processes.list())); // its relay has ended, too
    }

    @Test
    void is_ignored_and_goes_on() {
        Task<String> task = Task.async(TaskOnThreadTest::block);

        assertThat(task.ignore()).isEmpty();

        assertThat(Processes.isAlive(task.pid().orElseThrow())).isTrue();
        task.shutdown(Shutdown.brutalKill());
        Task<String> made = Task.async(() -> "made");
        awaitDead(made);
        assertThat(made.yield(Duration.ofSeconds(5))).contains(new TaskResult.Ok<>("made"));
        assertThat(made.ignore()).contains(new TaskResult.Ok<>("made"));
    }

    @Test
    void completed_has_a_result() {
        Task<String> completed = Task.completed("there");

        assertThat(completed.await()).isEqualTo("there");
        assertThat(completed.owner()).isEmpty();
        assertThat(completed.shutdown()).contains(new TaskResult.Ok<>("there"));
        assertThat(Task.awaitMany(List.of(completed, Task.async(() -> "made"))))
                .containsExactly("there", "made");
        assertThat(completed.toFuture()).isCompletedWithValue("there");
    }

    @Test
    void without_a_result_is_started_and_has_no_link() throws Exception {
        CompletableFuture<String> ran = new CompletableFuture<>();

        Task.startLink(() -> ran.complete("ran")).pid();

        assertThat(ran.get(10, TimeUnit.SECONDS)).isEqualTo("ran");
    }

    @Test
    void is_waited_for_by_its_thread_only() throws Exception {
        Task<String> task = Task.async(() -> "made");
        AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
        Thread other =
                Thread.ofVirtual()
                        .start(() -> {
                            try {
                                task.await();
                            } catch (IllegalStateException refused) {
                                thrown.set(refused);
                            }
                        });
        other.join();

        assertThat(thrown.get())
                .hasMessageStartingWith(
                        "expected task to be waited for by its owner "
                                + Thread.currentThread()
                                + ", got: ");
        assertThat(task.await()).isEqualTo("made");
    }

    @Test
    void an_interrupt_ends_the_wait_and_stays() {
        List<Runnable> waits = new ArrayList<>();
        Task<String> task = Task.async(TaskOnThreadTest::block);
        waits.add(task::await);
        waits.add(() -> Task.awaitMany(List.of(task)));
        waits.add(() -> Task.asyncStream(List.of(1), _ -> block(), options()).forEach(_ -> {}));
        for (Runnable wait : waits) {
            Thread.currentThread().interrupt();

            ExitException thrown = catchThrowableOfType(ExitException.class, wait::run);

            assertThat(Thread.interrupted()).isTrue();
            assertThat(thrown.reason()).isEqualTo(ExitReason.INTERRUPTED);
        }
        task.shutdown(Shutdown.brutalKill());
    }

    @Test
    void several_are_awaited_in_their_order_and_fail_at_once() {
        CountDownLatch second = new CountDownLatch(1);
        Task<String> slow =
                Task.async(() -> {
                    second.await();
                    return "first";
                });
        Task<String> fast =
                Task.async(() -> {
                    second.countDown();
                    return "second";
                });

        assertThat(Task.awaitMany(List.of(slow, fast))).containsExactly("first", "second");

        Task<String> never = Task.async(TaskOnThreadTest::block);
        Task<String> fails = Task.async(() -> exit(ExitReason.shutdown("own")));
        TaskExitException thrown =
                catchThrowableOfType(
                        TaskExitException.class,
                        () -> Task.awaitMany(List.of(never, fails), GenServer.INFINITY));
        assertThat(thrown.taskReason()).isEqualTo(ExitReason.shutdown("own"));
        assertThat(Task.yieldMany(List.of(never, fails), SHORT, Task.OnTimeout.KILL_TASK, 5))
                .containsExactly(
                        new Task.Yielded<>(never, Optional.empty()),
                        new Task.Yielded<>(
                                fails,
                                Optional.of(new TaskResult.Exit<>(ExitReason.shutdown("own")))));
        assertThat(Processes.isAlive(never.pid().orElseThrow())).isFalse();
    }

    @Test
    void several_are_waited_for_until_as_many_as_wanted_have_ended() {
        Task<String> never = Task.async(TaskOnThreadTest::block);
        Task<String> made = Task.async(() -> "made");

        assertThat(
                        Task.yieldMany(
                                List.of(never, made),
                                GenServer.INFINITY,
                                Task.OnTimeout.KILL_TASK,
                                1))
                .containsExactly(
                        new Task.Yielded<>(never, Optional.empty()),
                        new Task.Yielded<>(made, Optional.of(new TaskResult.Ok<>("made"))));
        assertThat(never.shutdown(Shutdown.brutalKill())).isEmpty();
    }

    private static StreamOptions options() {
        return StreamOptions.defaults().withMaxConcurrency(3);
    }

    @Nested
    class a_stream {

        private List<Stream<TaskResult<Integer>>> each(
                List<Integer> elements,
                java.util.function.Function<Integer, Integer> function,
                StreamOptions options) {
            return List.of(
                    Task.asyncStream(elements, function, options),
                    TaskSupervisor.asyncStream(supervisor, elements, function, options),
                    TaskSupervisor.asyncStreamNolink(supervisor, elements, function, options));
        }

        @Test
        void has_the_results_in_order() {
            List<Integer> elements = Stream.iterate(1, i -> i + 1).limit(50).toList();
            for (Stream<TaskResult<Integer>> results : each(elements, i -> i * 2, options())) {
                assertThat(results.map(result -> ((TaskResult.Ok<Integer>) result).value()))
                        .containsExactlyElementsOf(elements.stream().map(i -> i * 2).toList());
            }
            assertThat(TaskSupervisor.children(supervisor)).isEmpty();
        }

        @Test
        void has_failures_as_elements() {
            for (Stream<TaskResult<Integer>> results :
                    each(
                            List.of(1, 2),
                            i -> i == 1 ? Integer.valueOf(exit(ExitReason.shutdown("own"))) : i,
                            options())) {
                assertThat(results)
                        .containsExactly(
                                new TaskResult.Exit<>(ExitReason.shutdown("own")),
                                new TaskResult.Ok<>(2));
            }
        }

        @Test
        void kills_a_task_that_takes_too_long_or_throws() {
            for (Stream<TaskResult<Integer>> results :
                    each(
                            List.of(1, 2, 3, 4, 5),
                            i -> i % 2 == 0 ? Integer.valueOf(block()) : i,
                            options().withTimeout(QUICK, StreamOptions.OnTimeout.KILL_TASK))) {
                assertThat(results)
                        .containsExactly(
                                new TaskResult.Ok<>(1),
                                new TaskResult.Exit<>(ExitReason.TIMEOUT),
                                new TaskResult.Ok<>(3),
                                new TaskResult.Exit<>(ExitReason.TIMEOUT),
                                new TaskResult.Ok<>(5));
            }
            for (Stream<TaskResult<Integer>> results :
                    each(
                            List.of(1),
                            _ -> Integer.valueOf(block()),
                            options().withTimeout(SHORT, StreamOptions.OnTimeout.EXIT))) {
                assertThatThrownBy(() -> results.forEach(_ -> {}))
                        .isInstanceOf(TaskExitException.class);
            }
            await().until(() -> TaskSupervisor.children(supervisor).isEmpty());
        }

        @Test
        void that_is_closed_early_leaves_no_task() {
            List<Pid> before = Processes.list();
            for (Stream<TaskResult<Integer>> results :
                    each(List.of(1, 2, 3), i -> i == 1 ? i : Integer.valueOf(block()), options())) {
                try (results) {
                    assertThat(results.findFirst()).contains(new TaskResult.Ok<>(1));
                }
            }
            await().until(() -> before.containsAll(Processes.list()));
        }

        @Test
        void is_consumed_by_one_thread() throws Exception {
            var results = Task.asyncStream(List.of(1, 2), i -> i, options()).iterator();
            assertThat(results.next()).isEqualTo(new TaskResult.Ok<>(1));
            AtomicReference<@Nullable Throwable> thrown = new AtomicReference<>();
            Thread other =
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    results.next();
                                } catch (IllegalStateException refused) {
                                    thrown.set(refused);
                                }
                            });
            other.join();

            assertThat(thrown.get()).hasMessageContaining("to be consumed by one process");
            assertThat(results.next()).isEqualTo(new TaskResult.Ok<>(2));
        }
    }

    @Test
    void a_refused_start_leaves_no_process() {
        Pid full =
                TaskSupervisor.startLink(DynamicSupervisorFlags.DEFAULT.withMaxChildren(0)).pid();
        List<Pid> before = Processes.list();

        assertThatThrownBy(() -> TaskSupervisor.async(full, () -> "lost"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("room for one more task");

        await().until(() -> before.containsAll(Processes.list()));
        DynamicSupervisor.stop(full);
    }

    @Test
    void a_thread_that_waits_is_told_when_the_node_closes() throws Exception {
        Node node = Node.start("TaskOnThreadTest");
        CompletableFuture<Optional<TaskResult<String>>> result = new CompletableFuture<>();
        CountDownLatch waits = new CountDownLatch(1);
        Thread.ofVirtual()
                .start(() ->
                        result.complete(
                                node.call(() -> {
                                    Task<String> task = Task.async(TaskOnThreadTest::block);
                                    waits.countDown();
                                    return task.yield(GenServer.INFINITY);
                                })));
        waits.await();

        node.close();

        assertThat(result.get(10, TimeUnit.SECONDS)).containsInstanceOf(TaskResult.Exit.class);
    }
}
