package io.genserver.supervisor;

import static io.genserver.test.MessageAssertions.assertReceive;
import static io.genserver.test.MessageAssertions.refuteReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.genserver.Agent;
import io.genserver.CallException;
import io.genserver.CastResult;
import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Logs;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// Cases that the recorded scenarios do not cover: names, timeouts, nesting, misuse.
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class SupervisorTest {

    @SuppressWarnings("NullAway.Init") // set by the extension
    private TestSupervisor test;

    /// Tells its watcher when it starts and when it stops.
    record Worker(String name, Pid watcher) {
        ChildSpec<?> spec() {
            return ChildSpec.worker(name, () -> GenServer.startLink(Reporting::new, this));
        }
    }

    record Started(String name, Pid pid) {}

    record Stopped(String name, ExitReason reason) {}

    static final class Reporting implements GenServer<Worker, Worker, Object, ExitReason> {
        @Override
        public Init<Worker> init(Worker worker) {
            Processes.trapExits(true);
            Processes.send(worker.watcher(), new Started(worker.name(), Processes.self()));
            return Init.ok(worker);
        }

        @Override
        public CastResult<Worker> handleCast(ExitReason reason, Worker worker) {
            return CastResult.stop(reason, worker);
        }

        @Override
        public void terminate(ExitReason reason, Worker worker) {
            Processes.send(worker.watcher(), new Stopped(worker.name(), reason));
        }
    }

    private static ChildSpec<?> worker(String name) {
        return new Worker(name, Processes.self()).spec();
    }

    private Pid supervisor(SupervisorFlags flags, ChildSpec<?>... children) {
        return test.startSupervised(
                        ChildSpec.supervisor(
                                        "sup", () -> Supervisor.startLink(List.of(children), flags))
                                .withRestart(Restart.TEMPORARY))
                .pid();
    }

    private static SupervisorFlags oneForOne() {
        return SupervisorFlags.of(Strategy.ONE_FOR_ONE);
    }

    private static Pid started(String name) {
        Started next = assertReceive(Started.class);
        assertThat(next.name()).isEqualTo(name);
        return next.pid();
    }

    @Test
    void whose_child_is_started_already_logs_no_error() {
        Pid taken = Agent.start(() -> 1, StartOption.name("SupervisorTest.taken")).pid();
        ChildSpec<?> child =
                ChildSpec.worker(
                        "known",
                        () -> Agent.startLink(() -> 2, StartOption.name("SupervisorTest.taken")));
        ChildSpec<?> broken =
                ChildSpec.worker("broken", () -> new Start.Failed<>(ExitReason.of("no disk")));
        Pid ordered = supervisor(oneForOne());
        Pid dynamic = DynamicSupervisor.startLink(DynamicSupervisorFlags.DEFAULT).pid();
        try (Logs logs = Logs.of(Supervisor.class)) {
            Start.Failed<?> already = new Start.Failed<>(new ExitReason.AlreadyStarted(taken));
            assertThat(Supervisor.startChild(ordered, child)).isEqualTo(already);
            assertThat(DynamicSupervisor.startChild(dynamic, child)).isEqualTo(already);
            Supervisor.startChild(ordered, broken);
            DynamicSupervisor.startChild(dynamic, broken);

            assertThat(logs.with("child known did not start"))
                    .extracting(Logs.Entry::level)
                    .isSubsetOf("DEBUG");
            assertThat(logs.with("child broken did not start"))
                    .extracting(Logs.Entry::level)
                    .containsExactly("ERROR", "ERROR");
        }
        DynamicSupervisor.stop(dynamic);
        GenServer.stop(taken);
    }

    @Test
    void starts_in_order_and_stops_in_reverse() {
        supervisor(oneForOne(), worker("a"), worker("b"), worker("c"));
        started("a");
        started("b");
        started("c");

        test.stopSupervised("sup");

        assertThat(Processes.flush())
                .containsExactly(
                        new Stopped("c", ExitReason.SHUTDOWN),
                        new Stopped("b", ExitReason.SHUTDOWN),
                        new Stopped("a", ExitReason.SHUTDOWN));
    }

    @Test
    void a_child_that_ignores_its_shutdown_is_killed_when_its_time_is_up() {
        CountDownLatch never = new CountDownLatch(1);
        ChildSpec<?> deaf =
                ChildSpec.worker(
                                "deaf",
                                () ->
                                        new Start.Ok<>(
                                                Processes.spawnLink(() -> {
                                                    Processes.trapExits(true);
                                                    never.await();
                                                })))
                        .withShutdown(Shutdown.within(Duration.ofMillis(50)));
        Pid supervisor = supervisor(oneForOne(), deaf);
        Pid child = Supervisor.whichChildren(supervisor).getFirst().pid().orElseThrow();
        await().until(() -> Processes.info(child).orElseThrow().trapExits());
        Processes.monitor(child);

        assertThat(Supervisor.terminateChild(supervisor, "deaf")).isEmpty();

        assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.KILLED);
    }

    @Test
    void a_child_that_unlinked_itself_is_stopped_all_the_same() {
        ChildSpec<?> loner =
                ChildSpec.worker(
                        "loner",
                        () -> {
                            Start<?> start = Agent.startLink(() -> 1);
                            Processes.unlink(start.pid());
                            return start;
                        });
        Pid supervisor = supervisor(oneForOne(), loner);
        Pid child = Supervisor.whichChildren(supervisor).getFirst().pid().orElseThrow();

        test.stopSupervised("sup");

        assertThat(Processes.isAlive(child)).isFalse();
        assertThat(Processes.isAlive(supervisor)).isFalse();
    }

    @Test
    void more_restarts_than_allowed_end_it_with_its_children() {
        Pid supervisor =
                supervisor(
                        oneForOne().withMaxRestarts(2, Duration.ofMinutes(1)),
                        worker("bystander"),
                        worker("crashing"));
        Pid bystander = started("bystander");
        Processes.monitor(supervisor);

        for (int i = 0; i < 3; i++) {
            GenServer.cast(started("crashing"), ExitReason.of("crash"));
        }

        assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.SHUTDOWN);
        assertThat(Processes.isAlive(bystander)).isFalse();
    }

    @Test
    void restarts_slower_than_the_period_are_never_too_many() {
        supervisor(oneForOne().withMaxRestarts(1, Duration.ofMillis(20)), worker("crashing"));

        for (int i = 0; i < 4; i++) {
            Pid crashing = started("crashing");
            Processes.receive(_ -> null, Duration.ofMillis(40));
            GenServer.cast(crashing, ExitReason.of("crash"));
        }

        started("crashing");
    }

    @Test
    void a_supervisor_below_another_that_gives_up_is_restarted_by_it() {
        Pid me = Processes.self();
        ChildSpec<?> inner =
                ChildSpec.supervisor(
                        "inner",
                        () ->
                                Supervisor.startLink(
                                        List.of(new Worker("crashing", me).spec()),
                                        oneForOne().withMaxRestarts(0, Duration.ofMinutes(1)),
                                        StartOption.name("inner")));
        supervisor(oneForOne(), inner);
        Pid first = Processes.whereis("inner").orElseThrow();
        Processes.monitor(first);
        Pid child = Supervisor.whichChildren(first).getFirst().pid().orElseThrow();

        GenServer.cast(child, ExitReason.of("crash"));

        assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.SHUTDOWN);
        Pid outer = outer();
        assertThat(Supervisor.countChildren(outer)).isEqualTo(new ChildCount(1, 1, 1, 0));
        assertThat(Processes.whereis("inner")).isPresent().isNotEqualTo(Optional.of(first));
    }

    private Pid outer() {
        return Supervisor.whichChildren(test.pid()).getFirst().pid().orElseThrow();
    }

    @Test
    void a_restart_that_keeps_failing_leaves_it_responsive_and_counts() {
        int[] starts = {0};
        ChildSpec<?> failing =
                ChildSpec.worker(
                        "failing",
                        () ->
                                starts[0]++ == 0
                                        ? Agent.startLink(() -> 1, StartOption.name("failing"))
                                        : new Start.Failed<>(ExitReason.of("no more")));
        Pid supervisor =
                supervisor(oneForOne().withMaxRestarts(1_000, Duration.ofMinutes(1)), failing);
        Processes.monitor(supervisor);

        Processes.exit(Processes.whereis("failing").orElseThrow(), ExitReason.KILL);

        assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.SHUTDOWN);
        assertThat(starts[0]).isEqualTo(1 + 1_000);
    }

    @Test
    void a_significant_child_that_is_being_restarted_counts_as_running() {
        int[] starts = {0};
        ChildSpec<?> coming =
                ChildSpec.worker(
                                "coming back",
                                () ->
                                        starts[0]++ == 1
                                                ? new Start.Failed<>(ExitReason.of("not yet"))
                                                : Agent.startLink(
                                                        () -> 1, StartOption.name("coming")))
                        .withRestart(Restart.TRANSIENT)
                        .withSignificant(true);
        ChildSpec<?> leaving =
                worker("leaving").withRestart(Restart.TRANSIENT).withSignificant(true);
        Pid supervisor =
                supervisor(
                        oneForOne().withAutoShutdown(AutoShutdown.ALL_SIGNIFICANT),
                        coming,
                        leaving);
        Pid leaver = started("leaving");
        Pid comer = Processes.whereis("coming").orElseThrow();

        Processes.exit(comer, ExitReason.KILL);
        GenServer.cast(leaver, ExitReason.NORMAL);
        assertReceive(Stopped.class);

        assertThat(Supervisor.countChildren(supervisor).specs()).isEqualTo(2);
        assertThat(Processes.isAlive(supervisor)).isTrue();
    }

    @Test
    void ends_with_its_parent_and_takes_its_children_along() {
        Pid me = Processes.self();
        Pid parent =
                Processes.spawn(() -> {
                    Processes.send(
                            me,
                            Supervisor.startLink(
                                            List.of(new Worker("child", me).spec()), oneForOne())
                                    .pid());
                    Processes.receive();
                });
        Pid supervisor = assertReceive(Pid.class);
        Processes.monitor(supervisor);

        Processes.exit(parent, ExitReason.of("parent ends"));

        assertThat(assertReceive(Stopped.class))
                .isEqualTo(new Stopped("child", ExitReason.SHUTDOWN));
        assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.of("parent ends"));
    }

    @Test
    void ignores_exit_signals_of_strangers_and_unknown_messages() {
        Pid supervisor = supervisor(oneForOne(), worker("child"));

        Processes.exit(supervisor, ExitReason.SHUTDOWN);
        Processes.send(supervisor, "what is this?");

        assertThat(Supervisor.countChildren(supervisor).active()).isEqualTo(1);
    }

    @Nested
    class mistakes {

        @Test
        void two_children_of_one_id_are_refused() {
            Processes.trapExits(true);

            Start<?> start = Supervisor.startLink(List.of(worker("a"), worker("a")), oneForOne());

            assertThat(start)
                    .isEqualTo(
                            new Start.Failed<>(
                                    ExitReason.of(
                                            "expected each child to have an id of its own, got twice: a")));
            refuteReceive(Exit.class);
        }

        @Test
        void a_child_that_cannot_start_is_named_and_those_before_it_are_stopped() {
            Processes.trapExits(true);
            ChildSpec<?> broken =
                    ChildSpec.worker("broken", () -> new Start.Failed<>(ExitReason.of("no")));

            Start<?> start = Supervisor.startLink(List.of(worker("a"), broken), oneForOne());

            assertThat(start)
                    .isEqualTo(
                            new Start.Failed<>(
                                    ExitReason.shutdown(
                                            new FailedToStartChild(
                                                    "broken", ExitReason.of("no")))));
            started("a");
            assertThat(assertReceive(Stopped.class))
                    .isEqualTo(new Stopped("a", ExitReason.SHUTDOWN));
        }

        @Test
        void a_significant_child_needs_a_supervisor_that_cares() {
            Processes.trapExits(true);
            ChildSpec<?> significant =
                    worker("a").withRestart(Restart.TEMPORARY).withSignificant(true);

            assertThatThrownBy(() -> Supervisor.startLink(List.of(significant), oneForOne()).pid())
                    .hasMessageContaining(
                            "expected no significant child under a supervisor whose autoShutdown is NEVER, got: a");
        }

        @Test
        void a_period_without_end_is_allowed() {
            Pid supervisor =
                    supervisor(oneForOne().withMaxRestarts(1, GenServer.INFINITY), worker("a"));

            GenServer.cast(started("a"), ExitReason.of("crash"));

            started("a");
            assertThat(Processes.isAlive(supervisor)).isTrue();
        }

        @Test
        void flags_out_of_range_say_what_was_expected() {
            assertThatThrownBy(() -> oneForOne().withMaxRestarts(-1, Duration.ofSeconds(1)))
                    .hasMessage("expected maxRestarts to be 0 or more, got: -1");
            assertThatThrownBy(() -> oneForOne().withMaxRestarts(1, Duration.ZERO))
                    .hasMessage("expected period to be more than 0, got: PT0S");
            assertThatThrownBy(() -> Shutdown.within(Duration.ofMillis(-1)))
                    .hasMessage("expected a shutdown limit of 0 or more, got: PT-0.001S");
        }

        @Test
        void a_supervisor_that_does_not_exist_fails_the_caller() {
            assertThatThrownBy(() -> Supervisor.countChildren(ServerRef.name("nobody")))
                    .isInstanceOf(CallException.class)
                    .hasMessage(
                            "call to nobody with CountChildren[] failed: there is no such process, or it has ended");
        }
    }

    @Test
    void a_child_that_blocks_in_init_does_not_keep_its_supervisor_from_being_killed()
            throws Exception {
        CountDownLatch inInit = new CountDownLatch(1);
        CountDownLatch never = new CountDownLatch(1);
        ChildSpec<?> blocking =
                ChildSpec.worker(
                        "blocking",
                        () ->
                                Agent.startLink(() -> {
                                    inInit.countDown();
                                    try {
                                        never.await();
                                    } catch (InterruptedException killed) {
                                        throw new IllegalStateException(killed);
                                    }
                                    return "started";
                                }));
        Pid me = Processes.self();
        Pid starter =
                Processes.spawn(() -> {
                    Processes.trapExits(true);
                    Processes.send(
                            me,
                            Supervisor.startLink(
                                    List.of(blocking), SupervisorFlags.of(Strategy.ONE_FOR_ONE)));
                });
        inInit.await();
        Pid supervisor = Processes.info(starter).orElseThrow().links().getFirst();
        Pid child =
                Processes.info(supervisor).orElseThrow().links().stream()
                        .filter(linked -> !linked.equals(starter))
                        .findFirst()
                        .orElseThrow();

        Processes.exit(supervisor, ExitReason.KILL);

        assertThat(assertReceive(Start.Failed.class).reason()).isEqualTo(ExitReason.KILLED);
        assertThat(Processes.isAlive(supervisor)).isFalse();
        assertThat(Processes.isAlive(child)).isFalse();
    }
}
