package io.genserver.supervisor;

import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.Match;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.supervisor.StreamOptions.OnTimeout;
import io.genserver.test.GenServerExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
@Timeout(30)
class AsyncStreamTest {

    private static final StreamOptions THREE = StreamOptions.defaults().withMaxConcurrency(3);

    private Pid test;
    private Pid supervisor;

    @BeforeEach
    void start() {
        test = Processes.self();
        supervisor = TaskSupervisor.startLink(DynamicSupervisorFlags.DEFAULT).pid();
    }

    /// Sends the test its pid, and ends only if the element is 0.
    private Integer blocking(Integer element) {
        Processes.send(test, Processes.self());
        if (element > 0) {
            Processes.sleep(Duration.ofDays(1));
        }
        return element;
    }

    private List<Pid> tasks(int count) {
        return IntStream.range(0, count).mapToObj(_ -> assertReceive(Pid.class)).toList();
    }

    private static List<Pid> links() {
        return Processes.info(Processes.self()).orElseThrow().links();
    }

    /// Numbers without an end.
    private static Iterable<Integer> numbers(AtomicInteger asked) {
        Iterator<Integer> iterator = Stream.generate(asked::getAndIncrement).iterator();
        return () -> iterator;
    }

    @Test
    void that_is_closed_early_leaves_no_task_and_no_message() {
        Processes.trapExits(true);
        List<Pid> tasks = new ArrayList<>();
        try (Stream<TaskResult<Integer>> stream =
                Task.asyncStream(List.of(0, 1, 2, 3), this::blocking, THREE)) {
            assertThat(stream.findFirst()).contains(new TaskResult.Ok<>(0));
            tasks.addAll(tasks(4));
        }

        assertThat(tasks).noneMatch(Processes::isAlive);
        assertThat(links()).containsExactly(supervisor);
        assertThat(Processes.flush()).isEmpty();
    }

    @Test
    void that_is_never_consumed_starts_nothing() {
        AtomicBoolean asked = new AtomicBoolean();
        Iterable<Integer> elements =
                () -> {
                    asked.set(true);
                    return List.of(1).iterator();
                };

        try (Stream<TaskResult<Integer>> stream =
                Task.asyncStream(elements, this::blocking, THREE)) {
            assertThat(stream.isParallel()).isFalse();
        }

        assertThat(asked).isFalse();
        assertThat(links()).containsExactly(supervisor);
    }

    @Test
    void whose_elements_fail_leaves_no_task_and_no_message() {
        Iterator<Integer> failing =
                Stream.of(1, 2, 3)
                        .peek(element -> {
                            if (element == 3) {
                                throw new IllegalStateException("no third element");
                            }
                        })
                        .iterator();

        assertThatThrownBy(() -> Task.asyncStream(() -> failing, this::blocking, THREE).toList())
                .hasMessage("no third element");

        assertThat(links()).containsExactly(supervisor);
        assertThat(Processes.flush()).noneMatch(message -> !(message instanceof Pid));
    }

    @Test
    void whose_consumer_throws_leaves_no_task_and_no_message() {
        Stream<TaskResult<Integer>> stream =
                Task.asyncStream(List.of(0, 1, 2), this::blocking, THREE);

        assertThatThrownBy(() ->
                        stream.forEach(_ -> {
                            throw new IllegalStateException("not this one");
                        }))
                .hasMessage("not this one");

        assertThat(links()).containsExactly(supervisor);
        assertThat(Processes.flush()).noneMatch(message -> !(message instanceof Pid));
    }

    @Test
    void is_consumed_by_one_process_only() {
        Iterator<TaskResult<Integer>> results =
                Task.<Integer, Integer>asyncStream(List.of(1, 2), element -> element, THREE)
                        .iterator();
        assertThat(results.next()).isEqualTo(new TaskResult.Ok<>(1));

        Processes.Monitored other = Processes.spawnMonitor(results::next);

        Down down = assertReceive(Down.class, end -> end.ref().equals(other.ref()));
        assertThat(down.reason().cause())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "expected the stream to be consumed by one process, "
                                + test
                                + ", got: "
                                + other.pid());
        assertThat(results.next()).isEqualTo(new TaskResult.Ok<>(2));
        assertThat(results.hasNext()).isFalse();
    }

    private void diesWhileTasksRun(Stream<TaskResult<Integer>> stream, ExitReason reason) {
        Pid consumer = Processes.spawn(() -> stream.forEach(_ -> {}));
        List<Pid> tasks = tasks(3);
        List<Ref> monitors = tasks.stream().map(Processes::monitor).toList();

        Processes.exit(consumer, reason);

        for (Ref monitor : monitors) {
            assertReceive(Down.class, down -> down.ref().equals(monitor));
        }
        assertThat(TaskSupervisor.children(supervisor)).isEmpty();
    }

    @Test
    void whose_consumer_dies_takes_its_tasks_along() {
        diesWhileTasksRun(
                Task.asyncStream(List.of(1, 2, 3, 4), this::blocking, THREE), ExitReason.KILL);
        diesWhileTasksRun(
                TaskSupervisor.asyncStream(supervisor, List.of(1, 2, 3, 4), this::blocking, THREE),
                ExitReason.SHUTDOWN);
    }

    @Test
    void without_links_whose_consumer_dies_takes_its_tasks_along() {
        diesWhileTasksRun(
                TaskSupervisor.asyncStreamNolink(
                        supervisor, List.of(1, 2, 3, 4), this::blocking, THREE),
                ExitReason.KILL);
    }

    @Test
    void without_links_whose_consumer_just_ends_takes_its_tasks_along() {
        endsWhileTasksRun(
                TaskSupervisor.asyncStreamNolink(
                        supervisor, List.of(0, 1, 2), this::blocking, THREE));
    }

    @Test
    void with_links_whose_consumer_just_ends_takes_its_tasks_along() {
        endsWhileTasksRun(
                TaskSupervisor.asyncStream(supervisor, List.of(0, 1, 2), this::blocking, THREE));
    }

    private void endsWhileTasksRun(Stream<TaskResult<Integer>> stream) {
        Pid consumer =
                Processes.spawn(() -> {
                    stream.iterator().next();
                    Processes.receive(Match.value("end"));
                });
        List<Ref> monitors = tasks(3).stream().map(Processes::monitor).toList();

        Processes.send(consumer, "end");

        for (Ref monitor : monitors) {
            assertReceive(Down.class, down -> down.ref().equals(monitor));
        }
        assertThat(Processes.isAlive(consumer)).isFalse();
    }

    @Test
    void a_task_that_fails_ends_a_consumer_that_does_not_trap_exits() {
        Processes.Monitored consumer =
                Processes.spawnMonitor(() ->
                        Task.asyncStream(
                                        List.of(1, 2),
                                        element -> {
                                            throw Processes.exit(ExitReason.of("failed"));
                                        },
                                        THREE)
                                .forEach(_ -> {}));

        assertThat(assertReceive(Down.class))
                .isEqualTo(new Down(consumer.ref(), consumer.pid(), ExitReason.of("failed")));
    }

    @Test
    void never_has_more_tasks_than_its_supervisor_has_room_for() {
        Pid narrow =
                TaskSupervisor.startLink(DynamicSupervisorFlags.DEFAULT.withMaxChildren(2)).pid();
        List<Integer> elements = IntStream.range(0, 500).boxed().toList();

        assertThat(
                        TaskSupervisor.<Integer, Integer>asyncStream(
                                        narrow,
                                        elements,
                                        element -> element,
                                        THREE.withMaxConcurrency(2))
                                .map(result -> ((TaskResult.Ok<Integer>) result).value()))
                .isEqualTo(elements);
        assertThat(
                        TaskSupervisor.<Integer, Integer>asyncStreamNolink(
                                narrow,
                                elements,
                                element -> element,
                                THREE.withMaxConcurrency(2).withOrdered(false)))
                .hasSize(500);
    }

    @Test
    void a_task_that_takes_too_long_is_killed_however_many_others_are_ready() {
        AtomicInteger asked = new AtomicInteger();
        try (Stream<TaskResult<Integer>> stream =
                Task.asyncStream(
                        numbers(asked),
                        element -> {
                            if (element == 0) {
                                Processes.sleep(Duration.ofDays(1));
                            }
                            return element;
                        },
                        THREE.withMaxConcurrency(8)
                                .withTimeout(Duration.ofMillis(50), OnTimeout.KILL_TASK))) {
            long start = System.nanoTime();

            assertThat(stream.findFirst()).contains(new TaskResult.Exit<>(ExitReason.TIMEOUT));

            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(50), Duration.ofSeconds(5));
        }
    }

    @Test
    void starts_as_many_tasks_as_may_run_and_no_more() {
        AtomicInteger asked = new AtomicInteger();
        try (Stream<TaskResult<Integer>> stream =
                Task.asyncStream(numbers(asked), element -> element, THREE)) {
            assertThat(stream.findFirst()).isPresent();
        }

        assertThat(asked.get()).isBetween(3, 6);
    }

    @Test
    void in_flat_map_is_closed_with_it() {
        assertThat(
                        Stream.of(1, 2)
                                .flatMap(_ ->
                                        Task.asyncStream(List.of(0, 1), this::blocking, THREE)
                                                .limit(1)))
                .containsExactly(new TaskResult.Ok<>(0), new TaskResult.Ok<>(0));

        assertThat(links()).containsExactly(supervisor);
    }

    @Test
    void results_may_be_nothing() {
        TaskResult<@Nullable Integer> nothing = new TaskResult.Ok<>(null);

        assertThat(Task.<Integer, @Nullable Integer>asyncStream(List.of(1), _ -> null, THREE))
                .containsExactly(nothing);
    }
}
