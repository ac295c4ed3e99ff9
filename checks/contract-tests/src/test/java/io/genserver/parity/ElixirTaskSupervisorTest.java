package io.genserver.parity;

import static io.genserver.parity.TestTasks.GO;
import static io.genserver.parity.TestTasks.exitOf;
import static io.genserver.parity.TestTasks.initialCall;
import static io.genserver.parity.TestTasks.links;
import static io.genserver.parity.TestTasks.pid;
import static io.genserver.parity.TestTasks.untilDown;
import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.supervisor.ChildCount;
import io.genserver.supervisor.ChildError;
import io.genserver.supervisor.DynamicSupervisor;
import io.genserver.supervisor.DynamicSupervisorFlags;
import io.genserver.supervisor.ProcessRegistry;
import io.genserver.supervisor.Restart;
import io.genserver.supervisor.Shutdown;
import io.genserver.supervisor.Task;
import io.genserver.supervisor.TaskSupervisor;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("parity")
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class ElixirTaskSupervisorTest {

    private Pid test;
    private Pid supervisor;

    @BeforeEach
    void start() {
        test = Processes.self();
        supervisor = TaskSupervisor.startLink(DynamicSupervisorFlags.DEFAULT).pid();
    }

    /// Tells the test that it runs, waits for [TestTasks#GO], and tells the test that it is done.
    private String waitAndSend() {
        Processes.send(test, "ready");
        TestTasks.waitToGo();
        Processes.send(test, "done");
        return "done";
    }

    private Pid withRoomForOne() {
        return TaskSupervisor.startLink(DynamicSupervisorFlags.DEFAULT.withMaxChildren(1)).pid();
    }

    /// Returns the callers and the ancestors of the task.
    private static List<Object> origin() {
        return List.of(Processes.callers(), Processes.ancestors());
    }

    private void assertRunsToItsEnd(Task<String> task) {
        assertThat(TaskSupervisor.children(supervisor)).containsExactly(pid(task));
        assertReceive("ready");
        assertThat(initialCall(pid(task)))
                .startsWith("Task of " + ElixirTaskSupervisorTest.class.getName());
        Processes.send(pid(task), GO);
        assertReceive(new Task.Reply(task.ref(), "done"));
        assertReceive(new Down(task.ref(), pid(task), ExitReason.NORMAL));
    }

    private void assertKilledWithTheSupervisor(Pid task) {
        Processes.trapExits(true);
        assertReceive("ready");
        Processes.exit(supervisor, ExitReason.SHUTDOWN);
        assertThat(assertReceive(Down.class, down -> down.object().equals(task)).reason())
                .isEqualTo(ExitReason.KILLED);
    }

    @Nested
    class Itself {

        /// Source: `task/supervisor_test.exs`, "can be supervised directly".
        @Test
        void can_be_supervised(TestSupervisor tree) {
            Pid tasks =
                    tree.startSupervised(
                                    TaskSupervisor.childSpec(
                                            "tasks",
                                            DynamicSupervisorFlags.DEFAULT,
                                            StartOption.name("parity tasks")))
                            .pid();

            assertThat(Processes.whereis("parity tasks")).contains(tasks);
        }

        /// Source: `task/supervisor_test.exs`, "multiple supervisors can be supervised and
        /// identified with simple child spec".
        @Test
        void several_are_told_apart_by_name(TestSupervisor tree) {
            ProcessRegistry<String, String> registry =
                    ProcessRegistry.unique("parity task supervisors");
            tree.startSupervised(registry.childSpec());
            List<ServerRef> names =
                    List.of(ServerRef.name("parity simple name"), registry.via("via name", ""));
            tree.startSupervised(
                    TaskSupervisor.childSpec(
                            names.get(0),
                            DynamicSupervisorFlags.DEFAULT,
                            StartOption.name("parity simple name")));
            tree.startSupervised(
                    TaskSupervisor.childSpec(
                            names.get(1),
                            DynamicSupervisorFlags.DEFAULT,
                            StartOption.name(registry.via("via name", ""))));
            Pid nameless =
                    tree.startSupervised(
                                    TaskSupervisor.childSpec(
                                            TaskSupervisor.class, DynamicSupervisorFlags.DEFAULT))
                            .pid();

            assertThat(names).allMatch(name -> TaskSupervisor.children(name).isEmpty());
            assertThat(TaskSupervisor.children(nameless)).isEmpty();
            assertThat(
                            tree.start(
                                    TaskSupervisor.childSpec(
                                            TaskSupervisor.class, DynamicSupervisorFlags.DEFAULT)))
                    .isEqualTo(new Start.Failed<>(new ExitReason.AlreadyStarted(nameless)));
        }

        /// Source: `task/supervisor_test.exs`, "counts and returns children".
        @Test
        void counts_and_shows_its_tasks() {
            assertThat(TaskSupervisor.children(supervisor)).isEmpty();
            assertThat(DynamicSupervisor.countChildren(supervisor))
                    .isEqualTo(new ChildCount(0, 0, 0, 0));
        }

        /// Source: `task/supervisor_test.exs`, "terminate_child/2".
        @Test
        void stops_a_task_once() {
            Pid pid =
                    TaskSupervisor.startChild(
                                    supervisor, ElixirTaskSupervisorTest.this::waitAndSend)
                            .pid();
            assertThat(TaskSupervisor.children(supervisor)).containsExactly(pid);

            assertThat(TaskSupervisor.terminateChild(supervisor, pid)).isEmpty();

            assertThat(TaskSupervisor.children(supervisor)).isEmpty();
            assertThat(TaskSupervisor.terminateChild(supervisor, pid))
                    .contains(ChildError.NOT_FOUND);
        }
    }

    @Nested
    class Async {

        /// Source: `task/supervisor_test.exs`, async/1 "spawns tasks under the supervisor".
        @Test
        void runs_under_the_supervisor_and_is_linked() {
            Task<String> task =
                    TaskSupervisor.async(supervisor, ElixirTaskSupervisorTest.this::waitAndSend);

            assertThat(links()).contains(pid(task));
            assertThat(Processes.info(supervisor).orElseThrow().links()).contains(pid(task));
            assertRunsToItsEnd(task);
        }

        /// Source: `task/supervisor_test.exs`, async/1 "with custom shutdown".
        @Test
        void is_stopped_as_it_is_to_be() {
            assertKilledWithTheSupervisor(
                    pid(
                            TaskSupervisor.async(
                                    supervisor,
                                    ElixirTaskSupervisorTest.this::waitAndSend,
                                    Shutdown.brutalKill())));
        }

        /// Source: `task/supervisor_test.exs`, async/1 "raises when :max_children is reached".
        @Test
        void is_refused_when_there_is_no_room() {
            Pid full = withRoomForOne();
            TaskSupervisor.async(full, TestTasks::block);

            assertThatThrownBy(() -> TaskSupervisor.async(full, () -> "ok"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "expected room for one more task under "
                                    + full
                                    + ", which has as many children as it may have");
        }

        /// Source: `task/supervisor_test.exs`, async/1 "with $callers".
        @Test
        void knows_on_whose_behalf_it_works_and_who_started_it() {
            Callable<List<Object>> parent =
                    () ->
                            List.of(
                                    Processes.self(),
                                    origin(),
                                    TaskSupervisor.async(
                                                    supervisor, ElixirTaskSupervisorTest::origin)
                                            .await());

            List<Object> origins = TaskSupervisor.async(supervisor, parent).await();

            assertThat(origins)
                    .containsExactly(
                            origins.getFirst(),
                            List.of(List.of(test), List.of(supervisor, test)),
                            List.of(List.of(origins.getFirst(), test), List.of(supervisor, test)));
        }
    }

    @Nested
    class AsyncNolink {

        /// Source: `task/supervisor_test.exs`, async_nolink/1 "spawns a task under the supervisor
        /// without linking to the caller".
        @Test
        void runs_under_the_supervisor_and_is_not_linked() {
            Task<String> task =
                    TaskSupervisor.asyncNolink(
                            supervisor, ElixirTaskSupervisorTest.this::waitAndSend);

            assertThat(links()).doesNotContain(pid(task));
            assertRunsToItsEnd(task);
        }

        /// Source: `task/supervisor_test.exs`, async_nolink/1 "with custom shutdown".
        @Test
        void is_stopped_as_it_is_to_be() {
            assertKilledWithTheSupervisor(
                    pid(
                            TaskSupervisor.asyncNolink(
                                    supervisor,
                                    ElixirTaskSupervisorTest.this::waitAndSend,
                                    Shutdown.brutalKill())));
        }

        /// Source: `task/supervisor_test.exs`, async_nolink/1 "raises when :max_children is
        /// reached".
        @Test
        void is_refused_when_there_is_no_room() {
            Pid full = withRoomForOne();
            TaskSupervisor.asyncNolink(full, TestTasks::block);

            assertThatThrownBy(() -> TaskSupervisor.asyncNolink(full, () -> "ok"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("expected room for one more task under " + full);
        }
    }

    @Nested
    class StartChild {

        private Pid started(Restart restart, Shutdown shutdown) {
            return TaskSupervisor.startChild(
                            supervisor,
                            ElixirTaskSupervisorTest.this::waitAndSend,
                            restart,
                            shutdown)
                    .pid();
        }

        /// Source: `task/supervisor_test.exs`, "start_child/1".
        @Test
        void runs_under_the_supervisor_and_is_not_linked() {
            Pid pid =
                    TaskSupervisor.startChild(
                                    supervisor, ElixirTaskSupervisorTest.this::waitAndSend)
                            .pid();

            assertThat(TaskSupervisor.children(supervisor)).containsExactly(pid);
            assertThat(links()).doesNotContain(pid);
            assertReceive("ready");
            assertThat(initialCall(pid))
                    .startsWith("Task of " + ElixirTaskSupervisorTest.class.getName());
            Processes.send(pid, GO);
            assertReceive("done");
        }

        /// Source: `task/supervisor_test.exs`, "start_child/1 with custom shutdown".
        @Test
        void is_stopped_as_it_is_to_be() {
            Pid pid = started(Restart.TEMPORARY, Shutdown.brutalKill());

            Processes.monitor(pid);

            assertKilledWithTheSupervisor(pid);
        }

        /// Source: `task/supervisor_test.exs`, "start_child/1 with custom restart".
        @Test
        void is_done_again_if_it_is_to_be() {
            Pid pid = started(Restart.PERMANENT, Shutdown.within(Duration.ofSeconds(5)));
            assertReceive("ready");
            Processes.monitor(pid);

            Processes.exit(pid, ExitReason.SHUTDOWN);

            assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.SHUTDOWN);
            assertReceive("ready");
        }

        /// Source: `task/supervisor_test.exs`, "start_child/1 with $callers".
        @Test
        void knows_on_whose_behalf_it_works_and_who_started_it() {
            Pid parent =
                    TaskSupervisor.startChild(
                                    supervisor,
                                    () -> {
                                        Processes.send(test, List.of("parent", origin()));
                                        TaskSupervisor.startChild(
                                                supervisor,
                                                () ->
                                                        Processes.send(
                                                                test, List.of("child", origin())));
                                    })
                            .pid();

            assertReceive(List.of("parent", List.of(List.of(test), List.of(supervisor, test))));
            assertReceive(
                    List.of("child", List.of(List.of(parent, test), List.of(supervisor, test))));
        }
    }

    @Nested
    class Await {

        /// Source: `task/supervisor_test.exs`, await/1 "demonitors and unalias on timeout".
        @Test
        void that_timed_out_is_followed_by_no_message() {
            Task<String> task = TaskSupervisor.async(supervisor, TestTasks::waitToGo);

            assertThat(exitOf(() -> task.await(Duration.ZERO)).taskReason())
                    .isEqualTo(ExitReason.TIMEOUT);

            Processes.send(pid(task), GO);
            untilDown(task);
            TestTasks.assertNoMessages();
        }

        /// Source: `task/supervisor_test.exs`, await/1 "exits on task throw".
        @Test
        void exits_when_the_task_throws_a_checked_exception() {
            Processes.trapExits(true);
            Task<String> task =
                    TaskSupervisor.async(
                            supervisor,
                            () -> {
                                throw new java.io.IOException("unknown");
                            });

            assertThat(exitOf(task::await)).hasRootCauseInstanceOf(java.io.IOException.class);
        }

        /// Source: `task/supervisor_test.exs`, await/1 "exits on task error".
        @Test
        void exits_when_the_task_throws_an_error() {
            Processes.trapExits(true);
            Task<String> task =
                    TaskSupervisor.async(
                            supervisor,
                            () -> {
                                throw new IllegalStateException("oops");
                            });

            assertThat(exitOf(task::await)).hasRootCauseMessage("oops");
        }

        /// Source: `task/supervisor_test.exs`, await/1 "exits on task exit".
        @Test
        void exits_with_the_reason_of_the_task() {
            Processes.trapExits(true);
            Task<String> task =
                    TaskSupervisor.async(
                            supervisor,
                            () -> {
                                throw Processes.exit(ExitReason.of("unknown"));
                            });

            assertThat(exitOf(task::await).taskReason()).isEqualTo(ExitReason.of("unknown"));
        }
    }
}
