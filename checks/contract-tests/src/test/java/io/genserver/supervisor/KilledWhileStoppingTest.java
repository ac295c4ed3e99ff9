package io.genserver.supervisor;

import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.genserver.Agent;
import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.Match;
import io.genserver.Pid;
import io.genserver.ProcLib;
import io.genserver.ProcessInfo;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.Start;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import io.genserver.test.VirtualTime;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// A process that is killed while it stops another process is still linked to it, so the other
/// process ends too.
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class KilledWhileStoppingTest {

    private static final SupervisorFlags FLAGS = SupervisorFlags.of(Strategy.ONE_FOR_ONE);

    @SuppressWarnings("NullAway.Init") // set by the extension
    private TestSupervisor test;

    /// An exit signal that a stubborn process has received.
    private record Told(Pid who, ExitReason reason) {}

    private record Ready(Pid who) {}

    /// Traps exits, tells the test of each exit signal, and ends only when the process that started
    /// it has ended.
    private static void stubborn(Pid test) {
        Processes.trapExits(true);
        Processes.send(test, new Ready(Processes.self()));
        while (true) {
            Exit exit = Processes.receive(Exit.class);
            Processes.send(test, new Told(Processes.self(), exit.reason()));
            if (exit.reason().equals(ExitReason.KILLED)) {
                return;
            }
        }
    }

    private static ChildSpec<?> stubbornChild() {
        Pid test = Processes.self();
        return ChildSpec.worker(
                        "stubborn",
                        () -> new Start.Ok<>(ProcLib.spawnLink("stubborn", () -> stubborn(test))))
                .withShutdown(Shutdown.infinity());
    }

    private static Pid ready() {
        return assertReceive(Ready.class).who();
    }

    private static Pid toldToStop() {
        Told told = assertReceive(Told.class);
        assertThat(told.reason()).isEqualTo(ExitReason.SHUTDOWN);
        return told.who();
    }

    private static void assertEnds(Pid process) {
        Ref monitor = Processes.monitor(process);
        assertReceive(Down.class, down -> down.ref().equals(monitor));
    }

    private static void assertEndsWithItsKilledStopper(Pid process) {
        assertThat(assertReceive(Told.class)).isEqualTo(new Told(process, ExitReason.KILLED));
        assertEnds(process);
    }

    private Pid start(Callable<Start<?>> start) {
        return test.startSupervised(
                        ChildSpec.supervisor("sup", () -> unchecked(start))
                                .withRestart(Restart.TEMPORARY))
                .pid();
    }

    private static Start<?> unchecked(Callable<Start<?>> start) {
        try {
            return start.call();
        } catch (Exception failed) {
            throw new AssertionError(failed);
        }
    }

    @Nested
    class while_it_stops_one_child {

        @Test
        void a_supervisor_takes_the_child_along() {
            ChildSpec<?> child = stubbornChild();
            Pid supervisor = start(() -> Supervisor.startLink(List.of(child), FLAGS));
            ready();
            Processes.spawn(() -> Supervisor.terminateChild(supervisor, "stubborn"));
            Pid stubborn = toldToStop();

            Processes.exit(supervisor, ExitReason.KILL);

            assertEndsWithItsKilledStopper(stubborn);
        }

        @Test
        void a_dynamic_supervisor_takes_the_child_along() {
            Pid supervisor =
                    start(() -> DynamicSupervisor.startLink(DynamicSupervisorFlags.DEFAULT));
            Pid child = DynamicSupervisor.startChild(supervisor, stubbornChild()).pid();
            ready();
            Processes.spawn(() -> DynamicSupervisor.terminateChild(supervisor, child));
            Pid stubborn = toldToStop();

            Processes.exit(supervisor, ExitReason.KILL);

            assertEndsWithItsKilledStopper(stubborn);
        }

        @Test
        void a_task_supervisor_takes_the_task_along() {
            Pid test = Processes.self();
            Pid supervisor = start(() -> TaskSupervisor.startLink(DynamicSupervisorFlags.DEFAULT));
            Pid task =
                    TaskSupervisor.startChild(
                                    supervisor,
                                    () -> stubborn(test),
                                    Restart.TEMPORARY,
                                    Shutdown.infinity())
                            .pid();
            ready();
            Processes.spawn(() -> TaskSupervisor.terminateChild(supervisor, task));
            Pid stubborn = toldToStop();

            Processes.exit(supervisor, ExitReason.KILL);

            assertEndsWithItsKilledStopper(stubborn);
        }

        @Test
        void a_partition_supervisor_takes_the_partition_along() {
            ChildSpec<?> child = stubbornChild();
            PartitionSupervisor partitions =
                    PartitionSupervisor.of("KilledWhileStoppingTest", _ -> child).withPartitions(1);
            Pid supervisor =
                    test.startSupervised(partitions.childSpec().withRestart(Restart.TEMPORARY))
                            .pid();
            ready();
            Processes.spawn(() -> partitions.resize(0));
            Pid stubborn = toldToStop();

            Processes.exit(supervisor, ExitReason.KILL);

            assertEndsWithItsKilledStopper(stubborn);
        }

        @Test
        void a_supervisor_that_stops_it_for_a_restart_takes_the_child_along() {
            ChildSpec<?> crashing =
                    ChildSpec.worker(
                            "crashing",
                            () -> new Start.Ok<>(Processes.spawnLink(() -> Processes.receive())));
            ChildSpec<?> child = stubbornChild();
            Pid supervisor =
                    start(() ->
                            Supervisor.startLink(
                                    List.of(crashing, child),
                                    SupervisorFlags.of(Strategy.ONE_FOR_ALL)));
            Pid first = Supervisor.whichChildren(supervisor).getLast().pid().orElseThrow();
            ready();
            Processes.exit(first, ExitReason.of("crash"));
            Pid stubborn = toldToStop();

            Processes.exit(supervisor, ExitReason.KILL);

            assertEndsWithItsKilledStopper(stubborn);
        }
    }

    @Nested
    class while_it_stops_all_children {

        private final Shutdown soon = Shutdown.within(Duration.ofMillis(50));

        /// The process in the middle is killed by its own supervisor when its limit passes.
        private void assertStopsAll(Callable<Start<?>> middle) {
            ChildSpec<?> limited =
                    ChildSpec.supervisor("middle", () -> unchecked(middle)).withShutdown(soon);
            Pid top = start(() -> Supervisor.startLink(List.of(limited), FLAGS));

            ready();
            Processes.spawn(() -> Supervisor.stop(top));

            assertEndsWithItsKilledStopper(toldToStop());
        }

        @Test
        @VirtualTime
        void a_supervisor_takes_them_along() {
            ChildSpec<?> child = stubbornChild();

            assertStopsAll(() -> Supervisor.startLink(List.of(child), FLAGS));
        }

        @Test
        @VirtualTime
        void a_dynamic_supervisor_takes_them_along() {
            ChildSpec<?> child = stubbornChild();

            assertStopsAll(() -> {
                Start<?> started = DynamicSupervisor.startLink(DynamicSupervisorFlags.DEFAULT);
                DynamicSupervisor.startChild(started.pid(), child);
                return started;
            });
        }

        @Test
        void the_master_of_an_application_takes_the_tree_along() {
            Pid test = Processes.self();
            Application application =
                    new Application() {
                        @Override
                        public String name() {
                            return "KilledWhileStoppingTest";
                        }

                        @Override
                        public Start<?> start(Configuration configuration) {
                            return new Start.Ok<>(Processes.spawnLink(() -> stubborn(test)));
                        }
                    };
            Pid master =
                    Applications.start(application, Configuration.of(Map.of(), Map.of())).pid();
            ready();
            Processes.spawn(() -> Applications.stop(application));
            Pid stubborn = toldToStop();

            Processes.exit(master, ExitReason.KILL);

            assertEndsWithItsKilledStopper(stubborn);
        }
    }

    @Nested
    class the_owner_of_a_task {

        private static Callable<String> stubbornTask() {
            Pid test = Processes.self();
            return () -> {
                stubborn(test);
                return "ended";
            };
        }

        @Test
        void takes_it_along_when_it_is_killed_while_it_shuts_it_down() {
            Callable<String> function = stubbornTask();
            Processes.Monitored owner =
                    Processes.spawnMonitor(() -> {
                        Task<String> task = Task.async(function);
                        Processes.receive(Match.value("go on"));
                        task.shutdown(Shutdown.infinity());
                    });
            ready();
            Processes.send(owner.pid(), "go on");
            Pid task = toldToStop();

            Processes.exit(owner.pid(), ExitReason.KILL);

            assertEndsWithItsKilledStopper(task);
        }

        @Test
        void leaves_a_task_that_still_does_not_end_to_be_killed_when_its_time_is_up() {
            Pid test = Processes.self();
            Callable<String> deaf =
                    () -> {
                        Processes.trapExits(true);
                        Processes.send(test, new Ready(Processes.self()));
                        Processes.receive(Match.value("never"));
                        return "never";
                    };
            Processes.Monitored owner =
                    Processes.spawnMonitor(() -> {
                        Task<String> task = Task.async(deaf);
                        Processes.receive(Match.value("go on"));
                        task.shutdown(Shutdown.within(Duration.ofSeconds(1)));
                    });
            Pid task = ready();
            Processes.send(owner.pid(), "go on");
            await().until(() -> Processes.info(task).orElseThrow().messageQueueLength() == 1);

            Processes.exit(owner.pid(), ExitReason.KILL);

            assertEnds(task);
        }

        @Test
        void leaves_no_process_behind_that_has_watched_over_the_end() {
            Task<String> task = Task.async(stubbornTask());
            ready();

            task.shutdown(Shutdown.brutalKill());

            assertThat(Processes.list().stream().flatMap(pid -> Processes.info(pid).stream()))
                    .extracting(ProcessInfo::initialCall)
                    .doesNotContain("guard of tasks");
            assertThat(Processes.flush()).isEmpty();
        }
    }

    @Test
    void a_child_that_ends_as_told_leaves_no_exit_behind() {
        ChildSpec<?> child = ChildSpec.worker("child", () -> Agent.startLink(() -> 1));
        Pid supervisor = start(() -> Supervisor.startLink(List.of(child), FLAGS));

        assertThat(Supervisor.terminateChild(supervisor, "child")).isEmpty();

        assertThat(Processes.info(supervisor).orElseThrow().messageQueueLength()).isZero();
        assertThat(Supervisor.restartChild(supervisor, "child")).isInstanceOf(Start.Ok.class);
    }
}
