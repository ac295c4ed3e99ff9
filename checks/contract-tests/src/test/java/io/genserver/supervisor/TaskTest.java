package io.genserver.supervisor;

import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.CallException;
import io.genserver.CallServer;
import io.genserver.CastResult;
import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Logs;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.test.GenServerExtension;
import io.genserver.test.MessageAssertions;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
@Timeout(30)
class TaskTest {

    private static String block() {
        Processes.sleep(Duration.ofDays(1));
        return "never";
    }

    private static Down down(Pid pid) {
        Ref monitor = Processes.monitor(pid);
        return assertReceive(Down.class, down -> down.ref().equals(monitor));
    }

    @Test
    void a_task_may_return_nothing() {
        Task<@Nullable String> task = Task.async(() -> null);

        assertThat(task.await()).isNull();
        assertThat(Task.<@Nullable String>completed(null).await()).isNull();
    }

    @Test
    void a_completed_task_can_be_waited_for_among_others_and_again() {
        Task<String> completed = Task.completed("there");
        Task<String> async = Task.async(() -> "made");

        assertThat(Task.awaitMany(List.of(completed, async))).containsExactly("there", "made");
        assertThat(completed.yield(Duration.ZERO)).contains(new TaskResult.Ok<>("there"));
        assertThat(completed.owner()).contains(Processes.self());
        assertThat(completed).hasToString("Task[completed of " + Processes.self() + "]");
    }

    @Test
    void a_completed_task_takes_no_messages() {
        Task<String> completed = Task.completed("there");

        Processes.send(completed.ref(), "for whom?");

        assertThat(Processes.flush()).isEmpty();
    }

    @Test
    void a_task_that_fails_ends_its_owner() {
        Processes.Monitored owner =
                Processes.spawnMonitor(() ->
                        Task.async(
                                        () -> {
                                            throw Processes.exit(ExitReason.of("failed"));
                                        })
                                .await());

        assertThat(assertReceive(Down.class))
                .isEqualTo(new Down(owner.ref(), owner.pid(), ExitReason.of("failed")));
    }

    @Test
    void an_owner_that_ends_takes_its_tasks_along() {
        Pid test = Processes.self();
        Pid owner =
                Processes.spawn(() -> {
                    Processes.send(test, Task.async(TaskTest::block));
                    block();
                });
        Task<?> task = assertReceive(Task.class);
        Ref monitor = Processes.monitor(task.pid().orElseThrow());

        Processes.exit(owner, ExitReason.of("failed"));

        assertThat(assertReceive(Down.class, down -> down.ref().equals(monitor)).reason())
                .isEqualTo(ExitReason.of("failed"));
    }

    /// In a thousand rounds, some tasks are about to end by themselves when they are told to.
    @Test
    void shutdown_tells_why_a_task_that_was_just_ending_has_ended() {
        Processes.trapExits(true);
        ExitReason own = ExitReason.shutdown("own"); // orderly, so it makes no crash report
        for (int i = 0; i < 1_000; i++) {
            CountDownLatch go = new CountDownLatch(1);
            Task<String> task =
                    Task.async(() -> {
                        go.await();
                        throw Processes.exit(own);
                    });
            go.countDown();
            for (int spins = 0; spins < i % 100 * 10; spins++) {
                Thread.onSpinWait();
            }

            Optional<TaskResult<String>> result = task.shutdown();

            assertThat(result)
                    .isIn(Optional.empty(), Optional.of(new TaskResult.Exit<String>(own)));
            assertThat(Processes.receive(Down.class, Duration.ZERO)).isEmpty();
            Processes.receive(Exit.class, Duration.ZERO);
        }
    }

    @Test
    void a_limit_of_none_is_refused() {
        assertThatThrownBy(() ->
                        Task.yieldMany(
                                List.of(Task.completed("there")),
                                Duration.ZERO,
                                Task.OnTimeout.NOTHING,
                                0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected a limit of 1 or more, got: 0");
    }

    @Test
    void the_report_of_a_task_names_its_supervisor_and_an_orderly_end_makes_none() {
        Pid supervisor = TaskSupervisor.startLink(DynamicSupervisorFlags.DEFAULT).pid();
        try (Logs logs = Logs.of(GenServer.class)) {
            Task<String> failing =
                    TaskSupervisor.asyncNolink(
                            supervisor,
                            () -> {
                                throw Processes.exit(ExitReason.of("failed"));
                            });
            Task<String> orderly =
                    TaskSupervisor.asyncNolink(
                            supervisor,
                            () -> {
                                throw Processes.exit(ExitReason.shutdown("detail"));
                            });
            down(failing.pid().orElseThrow());
            down(orderly.pid().orElseThrow());

            assertThat(logs.with(failing.pid().orElseThrow().toString()).getFirst().text())
                    .contains("(Task of " + TaskTest.class.getName() + ") terminating")
                    .contains("\n  reason: failed")
                    .contains("\n  ancestors: " + supervisor + ", " + Processes.self());
            assertThat(logs.with(orderly.pid().orElseThrow().toString())).isEmpty();
        }
    }

    @Test
    void a_task_without_links_fails_alone() {
        Pid supervisor = TaskSupervisor.startLink(DynamicSupervisorFlags.DEFAULT).pid();
        Task<String> task =
                TaskSupervisor.asyncNolink(
                        supervisor,
                        () -> {
                            throw Processes.exit(ExitReason.of("failed"));
                        });

        assertThat(task.yield(Duration.ofSeconds(5)))
                .contains(new TaskResult.Exit<>(ExitReason.of("failed")));

        assertThat(Processes.isAlive(supervisor)).isTrue();
        assertThat(Processes.flush()).isEmpty();
    }

    @Test
    void a_child_for_which_there_is_no_room_is_not_started() {
        Pid full =
                TaskSupervisor.startLink(DynamicSupervisorFlags.DEFAULT.withMaxChildren(0)).pid();

        assertThat(TaskSupervisor.startChild(full, () -> {}))
                .isEqualTo(new Start.Failed<>(ExitReason.of(ChildError.MAX_CHILDREN)));
    }

    /// A server that gets the results of its tasks as messages.
    ///
    /// @param test gets the results, and everything else
    /// @param works the work of the tasks
    private record Asker(Pid test, List<Callable<String>> works)
            implements CallServer<List<Task<String>>, Void> {
        @Override
        public Init<List<Task<String>>> init() {
            Pid supervisor = TaskSupervisor.startLink(DynamicSupervisorFlags.DEFAULT).pid();
            return Init.ok(
                    works.stream()
                            .map(work -> TaskSupervisor.asyncNolink(supervisor, work))
                            .toList());
        }

        @Override
        public CastResult<List<Task<String>>> handleInfo(Object message, List<Task<String>> tasks) {
            List<TaskResult<String>> results =
                    tasks.stream().flatMap(task -> task.resultIn(message).stream()).toList();
            Processes.send(test, results.isEmpty() ? message : results);
            return CastResult.noreply(tasks);
        }
    }

    @Test
    void a_server_takes_the_results_as_messages() {
        Pid test = Processes.self();
        Callable<String> answers = () -> "answer";
        Callable<String> fails =
                () -> {
                    throw Processes.exit(ExitReason.of("failed"));
                };
        Pid asker =
                CallServer.startLink(() -> new Asker(test, List.of(answers, fails, answers))).pid();

        assertReceive(List.of(new TaskResult.Ok<>("answer")));
        assertReceive(List.of(new TaskResult.Ok<>("answer")));
        assertReceive(List.of(new TaskResult.Exit<>(ExitReason.of("failed"))));
        Processes.send(asker, "of no task");
        assertReceive("of no task");
        MessageAssertions.refuteReceive(Object.class);
    }

    @Test
    void a_result_in_a_message_is_for_the_owner() {
        Task<String> task = Task.async(() -> "answer");
        Object reply = Processes.receive(Task.Reply.class);
        Pid test = Processes.self();
        Processes.spawn(() -> {
            try {
                task.resultIn(reply);
            } catch (IllegalStateException refused) {
                Processes.send(test, String.valueOf(refused.getMessage()));
            }
        });

        assertThat(assertReceive(String.class))
                .startsWith("expected task to be waited for by its owner " + test);
        assertThat(task.resultIn(new Task.Reply(Processes.alias(), "other"))).isEmpty();
        assertThat(task.resultIn(reply)).contains(new TaskResult.Ok<>("answer"));
    }

    @Test
    void there_is_no_task_without_its_supervisor() {
        assertThatThrownBy(() ->
                        TaskSupervisor.async(ServerRef.name("no task supervisor"), () -> "lost"))
                .isInstanceOf(CallException.class);
    }
}
