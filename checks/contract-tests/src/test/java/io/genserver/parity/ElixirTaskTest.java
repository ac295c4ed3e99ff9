package io.genserver.parity;

import static io.genserver.parity.TestTasks.GO;
import static io.genserver.parity.TestTasks.assertNoMessages;
import static io.genserver.parity.TestTasks.ended;
import static io.genserver.parity.TestTasks.exit;
import static io.genserver.parity.TestTasks.exitOf;
import static io.genserver.parity.TestTasks.initialCall;
import static io.genserver.parity.TestTasks.links;
import static io.genserver.parity.TestTasks.ofAnother;
import static io.genserver.parity.TestTasks.ok;
import static io.genserver.parity.TestTasks.pid;
import static io.genserver.parity.TestTasks.untilDown;
import static io.genserver.parity.TestTasks.waiting;
import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Logs;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Restart;
import io.genserver.supervisor.Shutdown;
import io.genserver.supervisor.Task;
import io.genserver.supervisor.TaskExitException;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// Starts one task and waits for it. Other classes test several tasks, shutting down tasks, and
/// streams.
@Tag("parity")
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class ElixirTaskTest {

    /// Tells the test that it runs, waits for [TestTasks#GO], and tells the test that it is done.
    private static String waitAndSend(Pid test) {
        Processes.send(test, "ready");
        TestTasks.waitToGo();
        Processes.send(test, "done");
        return "done";
    }

    @Nested
    class Starting {

        /// Source: `task_test.exs`, "can be supervised directly".
        @Test
        void can_be_supervised(TestSupervisor supervisor) {
            Pid test = Processes.self();

            supervisor.startSupervised(Task.childSpec("task", () -> Processes.send(test, "ran")));

            assertReceive("ran");
        }

        /// Source: `task_test.exs`, "generates child_spec/1".
        @Test
        void a_child_spec_is_temporary_and_can_be_changed() {
            ChildSpec<?> spec = Task.childSpec("task", () -> {});

            assertThat(spec.id()).isEqualTo("task");
            assertThat(spec.restart()).isEqualTo(Restart.TEMPORARY);
            assertThat(spec.type()).isEqualTo(ChildSpec.Type.WORKER);
            ChildSpec<?> changed =
                    spec.withId("id")
                            .withRestart(Restart.PERMANENT)
                            .withShutdown(Shutdown.infinity());
            assertThat(changed.id()).isEqualTo("id");
            assertThat(changed.restart()).isEqualTo(Restart.PERMANENT);
            assertThat(changed.shutdown()).isEqualTo(Shutdown.infinity());
            assertThat(changed.start()).isSameAs(spec.start());
        }

        /// Source: `task_test.exs`, "async/1".
        @Test
        void async_is_linked_and_tells_its_owner_the_result_and_its_end() {
            Pid test = Processes.self();

            Task<String> task = Task.async(() -> waitAndSend(test));

            assertThat(task.owner()).contains(test);
            assertThat(links()).contains(pid(task));
            assertReceive("ready");
            assertThat(initialCall(pid(task)))
                    .isEqualTo("Task of " + ElixirTaskTest.class.getName() + "$Starting");
            Processes.send(pid(task), GO);
            assertReceive(new Task.Reply(task.ref(), "done"));
            assertReceive(new Down(task.ref(), pid(task), ExitReason.NORMAL));
        }

        /// Source: `task_test.exs`, "async with $callers".
        @Test
        void async_knows_on_whose_behalf_it_works() {
            Pid test = Processes.self();

            List<List<Pid>> callers =
                    Task.async(
                                    () -> {
                                        List<Pid> inner = Task.async(Processes::callers).await();
                                        return List.of(
                                                Processes.callers(),
                                                inner,
                                                List.of(Processes.self()));
                                    })
                            .await();

            Pid parent = callers.getLast().getFirst();
            assertThat(callers.getFirst()).containsExactly(test);
            assertThat(callers.get(1)).containsExactly(parent, test);
        }

        /// Source: `task_test.exs`, "start/1".
        @Test
        void start_does_not_link() {
            Pid test = Processes.self();

            Pid pid = Task.start(() -> waitAndSend(test));

            assertThat(links()).doesNotContain(pid);
            assertReceive("ready");
            assertThat(initialCall(pid)).startsWith("Task of " + ElixirTaskTest.class.getName());
            Processes.send(pid, GO);
            assertReceive("done");
        }

        /// Source: `task_test.exs`, "completed/1".
        @Test
        void completed_has_a_result_and_no_process() {
            Task<String> task = Task.completed("done");

            assertThat(task.pid()).isEmpty();
            assertThat(task.await()).isEqualTo("done");
        }

        /// Source: `task_test.exs`, "start_link/1".
        @Test
        void start_link_links() {
            Pid test = Processes.self();

            Pid pid = Task.startLink(() -> waitAndSend(test)).pid();

            assertThat(links()).contains(pid);
            assertReceive("ready");
            assertThat(initialCall(pid)).startsWith("Task of " + ElixirTaskTest.class.getName());
            Processes.send(pid, GO);
            assertReceive("done");
        }

        /// Source: `task_test.exs`, "start_link with $callers".
        @Test
        void start_link_knows_on_whose_behalf_it_works() {
            Pid test = Processes.self();

            Pid parent =
                    Task.startLink(
                                    () -> {
                                        Processes.send(
                                                test, List.of("parent", Processes.callers()));
                                        Task.startLink(() ->
                                                Processes.send(
                                                        test,
                                                        List.of("child", Processes.callers())));
                                    })
                            .pid();

            assertReceive(List.of("parent", List.of(test)));
            assertReceive(List.of("child", List.of(parent, test)));
        }
    }

    @Nested
    class Ignore {

        private static void assertNothingMoreComes(Task<?> task) {
            assertThat(exitOf(() -> task.await(Duration.ZERO)).taskReason())
                    .isEqualTo(ExitReason.TIMEOUT);
        }

        /// Source: `task_test.exs`, ignore/1 "discards on time replies".
        @Test
        void returns_a_result_that_is_there() {
            Task<String> task = untilDown(Task.async(() -> "done"));

            assertThat(task.ignore()).contains(ok("done"));

            assertNothingMoreComes(task);
        }

        /// Source: `task_test.exs`, ignore/1 "discards late replies".
        @Test
        void lets_a_later_result_vanish() {
            Task<String> task = waiting();

            assertThat(task.ignore()).isEmpty();
            assertThat(links()).doesNotContain(pid(task));

            Processes.send(pid(task), GO);
            untilDown(task);
            assertNothingMoreComes(task);
            assertNoMessages();
        }

        /// Source: `task_test.exs`, ignore/1 "discards on-time failures".
        @Test
        void returns_a_failure_that_is_there() {
            Task<String> task = ended(ExitReason.of("oops"));

            assertThat(task.ignore()).contains(exit("oops"));

            assertNothingMoreComes(task);
        }

        /// Source: `task_test.exs`, ignore/1 "discards late failures".
        @Test
        void lets_a_later_failure_vanish() {
            Task<String> task =
                    Task.async(() -> {
                        TestTasks.waitToGo();
                        throw Processes.exit(ExitReason.of("oops"));
                    });

            assertThat(task.ignore()).isEmpty();

            Processes.send(pid(task), GO);
            untilDown(task);
            assertNothingMoreComes(task);
            assertNoMessages();
        }

        /// Source: `task_test.exs`, ignore/1 "can ignore completed tasks".
        @Test
        void returns_the_result_of_a_completed_task() {
            assertThat(Task.completed("done").ignore()).contains(ok("done"));
        }
    }

    @Nested
    class Await {

        /// Source: `task_test.exs`, await/2 "demonitors and unalias on timeout".
        @Test
        void that_timed_out_is_followed_by_no_message() {
            Task<String> task = waiting();

            TaskExitException late = exitOf(() -> task.await(Duration.ZERO));

            assertThat(late.taskReason()).isEqualTo(ExitReason.TIMEOUT);
            Processes.send(pid(task), GO);
            untilDown(task);
            assertNoMessages();
        }

        /// Source: `task_test.exs`, await/2 "exits on timeout".
        @Test
        void exits_when_the_time_is_over() {
            Task<String> task = waiting();

            TaskExitException late = exitOf(() -> task.await(Duration.ZERO));

            assertThat(late.reason())
                    .isEqualTo(
                            new ExitReason.FailedCall(ExitReason.TIMEOUT, "Task.await of " + task));
            assertThat(Processes.isAlive(pid(task))).isTrue();
        }

        /// Source: `task_test.exs`, await/2 "exits on normal exit".
        @Test
        void exits_when_the_task_exits_normally_without_a_result() {
            Task<String> task =
                    Task.async(() -> {
                        throw Processes.exit(ExitReason.NORMAL);
                    });

            assertThat(exitOf(task::await).taskReason()).isEqualTo(ExitReason.NORMAL);
        }

        /// Source: `task_test.exs`, await/2 "exits on task throw".
        @Test
        void exits_when_the_task_throws_a_checked_exception() {
            Processes.trapExits(true);
            Task<String> task =
                    Task.async(() -> {
                        throw new java.io.IOException("unknown");
                    });

            TaskExitException failed = exitOf(task::await);

            assertThat(failed.taskReason()).isInstanceOf(ExitReason.Crash.class);
            assertThat(failed).hasRootCauseInstanceOf(java.io.IOException.class);
        }

        /// Source: `task_test.exs`, await/2 "exits on task error".
        @Test
        void exits_when_the_task_throws_an_error() {
            Processes.trapExits(true);
            Task<String> task =
                    Task.async(() -> {
                        throw new IllegalStateException("oops");
                    });

            assertThat(exitOf(task::await))
                    .hasMessageContaining("Task.await of " + task)
                    .hasRootCauseMessage("oops");
        }

        /// Source: `task_test.exs`, await/2 "exits on task exit".
        @Test
        void exits_with_the_reason_of_the_task() {
            Processes.trapExits(true);
            Task<String> task =
                    Task.async(() -> {
                        throw Processes.exit(ExitReason.of("unknown"));
                    });

            TaskExitException failed = exitOf(task::await);

            assertThat(failed.taskReason()).isEqualTo(ExitReason.of("unknown"));
            assertThat(failed.reason())
                    .isEqualTo(
                            new ExitReason.FailedCall(
                                    ExitReason.of("unknown"), "Task.await of " + task));
        }

        /// Source: `task_test.exs`, await/2 "raises when invoked from a non-owner process".
        @Test
        void is_refused_to_others_than_the_owner() {
            Task<String> task = ofAnother();

            assertThatThrownBy(() -> task.await(Duration.ofMillis(1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "expected task to be waited for by its owner "
                                    + task.owner().orElseThrow()
                                    + ", got: "
                                    + Processes.self());
        }
    }

    @Nested
    class Yield {

        /// Source: `task_test.exs`, yield/2 "returns {:ok, result} when reply and :DOWN in message
        /// queue".
        @Test
        void prefers_the_result_to_the_end() {
            Task<String> task = TestTasks.repliedAndEnded(TestTasks.ABNORMAL);

            assertThat(task.yield(Duration.ZERO)).contains(ok("result"));

            assertThat(Processes.flush()).noneMatch(Down.class::isInstance);
        }

        /// Source: `task_test.exs`, yield/2 "returns nil on timeout".
        @Test
        void is_empty_when_the_time_is_over() {
            Task<String> task = waiting();

            assertThat(task.yield(Duration.ZERO)).isEmpty();

            Processes.send(pid(task), GO);
            assertThat(task.yield(Duration.ofSeconds(5))).contains(ok("done"));
        }

        /// Source: `task_test.exs`, yield/2 "return exit on normal exit".
        @Test
        void tells_of_a_normal_exit() {
            Task<String> task =
                    Task.async(() -> {
                        throw Processes.exit(ExitReason.NORMAL);
                    });

            assertThat(task.yield(Duration.ofSeconds(5))).contains(exit(ExitReason.NORMAL));
        }

        /// Source: `task_test.exs`, yield/2 "raises when invoked from a non-owner process".
        @Test
        void is_refused_to_others_than_the_owner() {
            Task<String> task = ofAnother();

            assertThatThrownBy(() -> task.yield(Duration.ofMillis(1)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("by its owner " + task.owner().orElseThrow());
        }
    }

    @Nested
    class Report {

        private static Pid failing(Runnable before) {
            return Task.start(() -> {
                TestTasks.waitToGo();
                before.run();
                throw new IllegalStateException("oops");
            });
        }

        private static Logs.Entry reportOf(Pid task) {
            try (Logs logs = Logs.of(GenServer.class)) {
                Processes.send(task, GO);
                untilDown(task);
                return logs.with(task.toString()).getFirst();
            }
        }

        /// Source: `task_test.exs`, default :logger reporter "logs a terminated task".
        @Test
        void says_what_failed_and_who_started_it() {
            Pid task = failing(() -> {});

            Logs.Entry report = reportOf(task);

            assertThat(report.level()).isEqualTo("ERROR");
            assertThat(report.thrown()).hasMessage("oops");
            assertThat(report.text())
                    .startsWith("process " + task + " (Task of " + ElixirTaskTest.class.getName())
                    .contains(" terminating")
                    .contains("\n  reason: java.lang.IllegalStateException: oops")
                    .contains("\n  ancestors: " + Processes.self());
        }

        /// Source: `task_test.exs`, default :logger reporter "logs a terminated task with a process
        /// label".
        @Test
        void says_the_label() {
            Pid task = failing(() -> Processes.setLabel(List.of("any", "term")));

            assertThat(reportOf(task).text()).contains("\n  label: [any, term]");
        }
    }
}
