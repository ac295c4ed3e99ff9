package io.genserver.parity;

import static io.genserver.Kid.started;
import static io.genserver.test.MessageAssertions.assertReceive;
import static io.genserver.test.MessageAssertions.eventually;
import static io.genserver.test.MessageAssertions.refuteReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.genserver.CallException;
import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.Kid;
import io.genserver.Kid.Started;
import io.genserver.Kid.Stopped;
import io.genserver.Logs;
import io.genserver.Match;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.supervisor.AutoShutdown;
import io.genserver.supervisor.Child;
import io.genserver.supervisor.ChildCount;
import io.genserver.supervisor.ChildError;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.DynamicSupervisor;
import io.genserver.supervisor.DynamicSupervisorFlags;
import io.genserver.supervisor.FailedToStartChild;
import io.genserver.supervisor.Restart;
import io.genserver.supervisor.Shutdown;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import io.genserver.supervisor.SupervisorInit;
import io.genserver.supervisor.SupervisorModule;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import io.genserver.test.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Cases that the recorded scenarios of `ConformanceTest` do not cover.
@Tag("parity")
@ExtendWith(GenServerExtension.class)
@Timeout(60)
class ErlangSupervisorSuiteTest {

    private static final ExitReason CRASH = ExitReason.of("crash");
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @SuppressWarnings("NullAway.Init") // set by the extension
    private TestSupervisor test;

    private static SupervisorFlags flags(Strategy strategy, int max) {
        return SupervisorFlags.of(strategy).withMaxRestarts(max, MINUTE);
    }

    private Pid supervisor(SupervisorFlags flags, ChildSpec<?>... children) {
        return test.startSupervised(
                        ChildSpec.supervisor(
                                        "sup", () -> Supervisor.startLink(List.of(children), flags))
                                .withRestart(Restart.TEMPORARY))
                .pid();
    }

    private Pid oneForOne(ChildSpec<?>... children) {
        return supervisor(flags(Strategy.ONE_FOR_ONE, 3), children);
    }

    private static ExitReason ended(Pid pid) {
        return assertReceive(Down.class, down -> pid.equals(down.object())).reason();
    }

    private static Child child(ServerRef supervisor, Object id) {
        return Supervisor.whichChildren(supervisor).stream()
                .filter(child -> child.id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static Pid pid(ServerRef supervisor, Object id) {
        return child(supervisor, id).pid().orElseThrow();
    }

    /// Returns a specification whose start fails while `broken` is set.
    private static ChildSpec<?> unless(AtomicBoolean broken, ChildSpec<?> spec) {
        return ChildSpec.worker(
                spec.id(),
                () ->
                        broken.get()
                                ? new Start.Failed<>(ExitReason.of("broken"))
                                : spec.start().get());
    }

    /// Source: `supervisor_SUITE`, sup_start_normal, sup_start_ignore_init.
    @Test
    void ends_gracefully_or_does_not_start_at_all() {
        Processes.trapExits(true);
        Pid supervisor = Supervisor.startLink(List.of(), flags(Strategy.ONE_FOR_ONE, 3)).pid();
        Processes.exit(supervisor, ExitReason.SHUTDOWN); // this process is its parent
        assertThat(assertReceive(Exit.class)).isEqualTo(new Exit(supervisor, ExitReason.SHUTDOWN));

        assertThat(Supervisor.startLink(_ -> SupervisorInit.ignore(), "any"))
                .isEqualTo(new Start.Ignore<>());
        refuteReceive(Object.class);
    }

    /// Source: `supervisor_SUITE`, sup_start_error_return, sup_start_fail.
    @Test
    @SuppressWarnings("NullAway") // null is the bad return value
    void an_init_that_fails_is_told_to_the_starter() {
        Processes.trapExits(true);
        SupervisorModule<String> nothing = _ -> null;
        SupervisorModule<String> broken =
                argument -> {
                    throw new java.io.IOException(argument);
                };

        assertThat(Supervisor.startLink(nothing, "any"))
                .isInstanceOfSatisfying(
                        Start.Failed.class,
                        failed ->
                                assertThat(failed.reason().cause())
                                        .hasMessageStartingWith("expected the init of ")
                                        .hasMessageEndingWith("what to supervise, got: null"));
        assertThat(Supervisor.startLink(broken, "no disk"))
                .isInstanceOfSatisfying(
                        Start.Failed.class,
                        failed -> assertThat(failed.reason().cause()).hasMessage("no disk"));
        refuteReceive(Object.class);
    }

    /// Source: `supervisor_SUITE`, sup_start_child_returns_error, sup_restart_child_returns_error.
    @Test
    @SuppressWarnings("NullAway") // null is the bad return value
    void a_child_that_fails_to_start_is_not_kept_and_one_that_fails_to_restart_is() {
        Pid supervisor = oneForOne();
        assertThat(Supervisor.startChild(supervisor, ChildSpec.worker("a", Kid.badly("no"))))
                .isEqualTo(new Start.Failed<>(ExitReason.of("no")));
        assertThat(Supervisor.startChild(supervisor, ChildSpec.worker("a", () -> null)))
                .isEqualTo(new Start.Failed<>(new ExitReason.BadReturnValue(null)));
        assertThat(Supervisor.whichChildren(supervisor)).isEmpty();
        ChildSpec<?> once = Kid.inTurn("a", List.of(Kid.well("a"), Kid.badly("no"), () -> null));
        Supervisor.startChild(supervisor, once).pid();
        assertThat(Supervisor.terminateChild(supervisor, "a")).isEmpty();

        assertThat(Supervisor.restartChild(supervisor, "a"))
                .isEqualTo(new Start.Failed<>(ExitReason.of("no")));
        assertThat(Supervisor.restartChild(supervisor, "a"))
                .isEqualTo(new Start.Failed<>(new ExitReason.BadReturnValue(null)));

        assertThat(child(supervisor, "a").pid()).isEmpty();
        assertThat(child(supervisor, "a").restarting()).isFalse();
    }

    /// Source: `supervisor_SUITE`, sup_start_ignore_child, sup_start_ignore_temporary_child and its
    /// variants.
    @Test
    void a_child_that_ignores_is_kept_unless_it_is_temporary() {
        ChildSpec<?> permanent = ChildSpec.worker("permanent", Start.Ignore::new);
        ChildSpec<?> temporary =
                ChildSpec.worker("temporary", Start.Ignore::new).withRestart(Restart.TEMPORARY);
        Pid supervisor = oneForOne(permanent, temporary, Kid.spec("kid"));
        assertThat(Supervisor.countChildren(supervisor)).isEqualTo(new ChildCount(2, 1, 0, 2));

        assertThat(Supervisor.startChild(supervisor, permanent.withId("other")))
                .isEqualTo(new Start.Ignore<>());
        assertThat(Supervisor.startChild(supervisor, temporary)).isEqualTo(new Start.Ignore<>());

        assertThat(Supervisor.whichChildren(supervisor))
                .extracting(Child::id)
                .containsExactly("other", "kid", "permanent");
    }

    /// Source: `supervisor_SUITE`, faulty_application_shutdown. Here a start fails two levels down.
    @Test
    void the_reason_of_a_failed_start_is_told_through_all_levels() {
        SupervisorFlags flags = flags(Strategy.ONE_FOR_ONE, 3);
        ChildSpec<?> broken = ChildSpec.worker("broken", Kid.badly("no"));
        ChildSpec<?> inner =
                ChildSpec.supervisor("inner", () -> Supervisor.startLink(List.of(broken), flags));

        assertThat(Supervisor.start(List.of(inner), flags))
                .isEqualTo(
                        new Start.Failed<>(
                                ExitReason.shutdown(
                                        new FailedToStartChild(
                                                "inner",
                                                ExitReason.shutdown(
                                                        new FailedToStartChild(
                                                                "broken", ExitReason.of("no")))))));
    }

    /// Source: `supervisor_SUITE`, already_started_outside_supervisor.
    @Test
    void a_start_that_finds_its_name_taken_fails_with_the_holder() {
        Pid holder = Processes.spawn(() -> Processes.receive(Match.value("end")));
        Processes.register(holder, "parity taken");
        Pid supervisor = oneForOne();

        assertThat(Supervisor.startChild(supervisor, named("kid", "parity taken")))
                .isEqualTo(new Start.Failed<>(new ExitReason.AlreadyStarted(holder)));

        assertThat(Supervisor.whichChildren(supervisor)).isEmpty();
        Processes.send(holder, "end");
    }

    private static ChildSpec<?> named(String id, String name) {
        return ChildSpec.worker(
                id, () -> io.genserver.Agent.startLink(() -> 0, StartOption.name(name)));
    }

    /// Source: `supervisor_SUITE`, order_of_children.
    @ParameterizedTest
    @EnumSource
    void children_are_started_in_order_and_stopped_in_reverse(Strategy strategy) {
        List<String> names = IntStream.range(0, 5).mapToObj(i -> "kid " + i).toList();
        supervisor(
                flags(strategy, 3), names.stream().map(Kid::trapping).toArray(ChildSpec<?>[]::new));
        for (String name : names) {
            assertThat(assertReceive(Started.class).name()).isEqualTo(name);
        }

        test.stopSupervised("sup");

        for (String name : names.reversed()) {
            assertThat(assertReceive(Stopped.class))
                    .isEqualTo(new Stopped(name, ExitReason.SHUTDOWN));
        }
    }

    /// Source: `supervisor_SUITE`, order_of_children, when all children restart.
    @Test
    void a_restart_of_all_stops_in_reverse_and_starts_in_order() {
        supervisor(
                flags(Strategy.ONE_FOR_ALL, 3),
                Kid.trapping("a"),
                Kid.spec("b"),
                Kid.trapping("c"));
        started("a");
        Pid b = started("b");
        started("c");

        Kid.end(b, CRASH);

        assertThat(assertReceive(Object.class)).isEqualTo(new Stopped("c", ExitReason.SHUTDOWN));
        assertThat(assertReceive(Object.class)).isEqualTo(new Stopped("a", ExitReason.SHUTDOWN));
        for (String name : List.of("a", "b", "c")) {
            assertThat(assertReceive(Started.class).name()).isEqualTo(name);
        }
    }

    /// Returns the specification of a child that exits with `reason` when it is told to shut down.
    private static ChildSpec<?> endsWith(ExitReason reason, Restart restart) {
        Pid me = Processes.self();
        return ChildSpec.worker(
                        "child",
                        () ->
                                new Start.Ok<>(
                                        Processes.spawnLink(() -> {
                                            Processes.trapExits(true);
                                            Processes.send(me, "traps");
                                            Processes.receive();
                                            throw new ExitException(reason);
                                        })))
                .withRestart(restart);
    }

    /// Source: `supervisor_SUITE`, sup_stop_race, non_shutdown_exit_dynamic.
    @ParameterizedTest
    @EnumSource
    void only_an_unexpected_reason_of_a_child_that_was_to_stop_is_reported(Restart restart) {
        for (ExitReason reason :
                List.of(
                        ExitReason.NORMAL,
                        ExitReason.SHUTDOWN,
                        ExitReason.shutdown("detail"),
                        CRASH)) {
            boolean expected =
                    reason.equals(ExitReason.SHUTDOWN)
                            || (reason.isOrderly() && restart != Restart.PERMANENT);
            assertReported(!expected, reason, oneForOne(endsWith(reason, restart)));
            Pid dynamic =
                    test.startSupervised(
                                    DynamicSupervisor.childSpec(
                                                    "sup", DynamicSupervisorFlags.DEFAULT)
                                            .withRestart(Restart.TEMPORARY))
                            .pid();
            DynamicSupervisor.startChild(dynamic, endsWith(reason, restart)).pid();
            assertReported(!expected, reason, dynamic);
        }
    }

    private void assertReported(boolean reported, ExitReason reason, Pid supervisor) {
        assertReceive("traps");
        try (Logs logs = Logs.of(Supervisor.class)) {
            test.stopSupervised("sup");
            assertThat(logs.with("supervisor " + supervisor + ": "))
                    .as("%s", reason)
                    .hasSize(reported ? 1 : 0);
        }
    }

    /// Source: `supervisor_SUITE`, sup_stop_race. Children end by themselves while they are told to
    /// shut down.
    @Test
    void a_stop_and_ends_at_the_same_time_come_to_an_end() {
        for (int round = 0; round < 30; round++) {
            List<ChildSpec<?>> children = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                Restart restart = i % 3 == 0 ? Restart.TRANSIENT : Restart.PERMANENT;
                children.add(Kid.spec("kid " + i).withRestart(restart));
            }
            Pid supervisor =
                    supervisor(
                            flags(Strategy.ONE_FOR_ONE, 1_000),
                            children.toArray(ChildSpec<?>[]::new));
            for (int i = 0; i < 10; i++) {
                Kid.end(started("kid " + i), i % 2 == 0 ? ExitReason.NORMAL : CRASH);
            }

            test.stopSupervised("sup");

            assertThat(Processes.isAlive(supervisor)).isFalse();
            for (Object message : Processes.flush()) {
                assertThat(message)
                        .isInstanceOfSatisfying(
                                Started.class,
                                again -> assertThat(Processes.isAlive(again.pid())).isFalse());
            }
        }
    }

    /// Source: `supervisor_SUITE`, child_unlink.
    @Test
    void a_child_that_unlinks_cannot_hang_its_termination() {
        Pid supervisor =
                oneForOne(
                        ChildSpec.worker(
                                        "loner",
                                        () -> {
                                            Pid parent = Processes.self();
                                            return new Start.Ok<>(
                                                    Processes.spawnLink(() -> {
                                                        Processes.trapExits(true);
                                                        Processes.unlink(parent);
                                                        Processes.receive(Match.value("never"));
                                                    }));
                                        })
                                .withShutdown(Shutdown.within(Duration.ofMillis(50))));
        Pid loner = pid(supervisor, "loner");
        await().until(() -> Processes.info(loner).orElseThrow().links().isEmpty());
        Processes.monitor(loner);

        assertThat(Supervisor.terminateChild(supervisor, "loner")).isEmpty();

        assertThat(ended(loner)).isEqualTo(ExitReason.KILLED);
    }

    /// Source: `supervisor_SUITE`, sup_stop_timeout_dynamic, simple_one_for_one_shutdown.
    @Test
    @VirtualTime
    void dynamic_children_are_stopped_side_by_side() {
        Pid supervisor =
                test.startSupervised(
                                DynamicSupervisor.childSpec("sup", DynamicSupervisorFlags.DEFAULT))
                        .pid();
        Duration each = Duration.ofMillis(300);
        List<Pid> all = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            all.add(
                    DynamicSupervisor.startChild(
                                    supervisor,
                                    ChildSpec.worker(
                                            i,
                                            () ->
                                                    new Start.Ok<>(
                                                            Processes.spawnLink(() -> {
                                                                Processes.trapExits(true);
                                                                Processes.receive();
                                                                Processes.sleep(each);
                                                            }))))
                            .pid());
        }
        for (Pid pid : all) {
            eventually(() -> assertThat(Processes.info(pid).orElseThrow().trapExits()).isTrue());
        }
        long before = Processes.monotonicTime();

        test.stopSupervised("sup");

        assertThat(Duration.ofNanos(Processes.monotonicTime() - before))
                .isBetween(each, each.multipliedBy(2)); // one after the other: 10 times as long
        assertThat(all).noneMatch(Processes::isAlive);
    }

    /// Source: `supervisor_SUITE`, child_adm.
    @Test
    void requests_to_one_that_has_ended_fail_with_noproc() {
        Pid supervisor = oneForOne();
        test.stopSupervised("sup");
        ChildSpec<?> kid = Kid.spec("kid");
        for (Runnable request :
                List.<Runnable>of(
                        () -> Supervisor.startChild(supervisor, kid),
                        () -> Supervisor.terminateChild(supervisor, "kid"),
                        () -> Supervisor.restartChild(supervisor, "kid"),
                        () -> Supervisor.deleteChild(supervisor, "kid"),
                        () -> Supervisor.whichChildren(supervisor),
                        () -> Supervisor.countChildren(supervisor),
                        () -> Supervisor.stop(supervisor))) {
            assertThat(catchThrowableOfType(CallException.class, request::run).serverReason())
                    .isEqualTo(ExitReason.NOPROC);
        }
    }

    /// Source: `supervisor_SUITE`, child_adm, a child terminated twice and an unknown one.
    @Test
    void a_child_may_be_terminated_twice_and_an_unknown_one_not_at_all() {
        Pid supervisor = oneForOne(Kid.spec("kid"));

        assertThat(Supervisor.terminateChild(supervisor, "kid")).isEmpty();
        assertThat(Supervisor.terminateChild(supervisor, "kid")).isEmpty();

        assertThat(Supervisor.terminateChild(supervisor, started("kid")))
                .contains(ChildError.NOT_FOUND);
        assertThat(Supervisor.restartChild(supervisor, "nobody"))
                .isEqualTo(new Start.Failed<>(ExitReason.of(ChildError.NOT_FOUND)));
        assertThat(Supervisor.deleteChild(supervisor, "nobody")).contains(ChildError.NOT_FOUND);
    }

    /// Source: `supervisor_SUITE`, count_children, count_children_supervisor, which_children.
    @Test
    void children_are_counted_and_listed() {
        SupervisorFlags flags = flags(Strategy.ONE_FOR_ONE, 3);
        Pid supervisor =
                oneForOne(
                        ChildSpec.supervisor("inner", () -> Supervisor.startLink(List.of(), flags)),
                        Kid.spec("a"),
                        Kid.spec("b"));
        assertThat(Supervisor.terminateChild(supervisor, "a")).isEmpty();

        assertThat(Supervisor.countChildren(supervisor)).isEqualTo(new ChildCount(3, 2, 1, 2));
        assertThat(Supervisor.whichChildren(supervisor))
                .containsExactly(
                        new Child("b", Optional.of(started("b")), false, ChildSpec.Type.WORKER),
                        new Child("a", Optional.empty(), false, ChildSpec.Type.WORKER),
                        new Child(
                                "inner",
                                Optional.of(pid(supervisor, "inner")),
                                false,
                                ChildSpec.Type.SUPERVISOR));
    }

    /// Source: `supervisor_SUITE`, count_restarting_children.
    @Test
    void children_that_wait_to_be_restarted_are_counted_as_not_active() {
        AtomicBoolean broken = new AtomicBoolean();
        SupervisorFlags flags = flags(Strategy.ONE_FOR_ONE, 100_000_000);
        Pid supervisor =
                supervisor(
                        flags,
                        unless(broken, Kid.spec("a")),
                        unless(broken, Kid.spec("b")),
                        unless(broken, Kid.spec("c")));
        assertThat(Supervisor.countChildren(supervisor)).isEqualTo(new ChildCount(3, 3, 0, 3));
        broken.set(true);
        for (String name : List.of("a", "b", "c")) {
            Kid.end(started(name), CRASH);
        }
        await().untilAsserted(() ->
                assertThat(Supervisor.countChildren(supervisor))
                        .isEqualTo(new ChildCount(3, 0, 0, 3)));

        broken.set(false);

        for (String name : List.of("a", "b", "c")) {
            started(name);
        }
        assertThat(Supervisor.countChildren(supervisor)).isEqualTo(new ChildCount(3, 3, 0, 3));
    }

    /// Source: `supervisor_SUITE`, hanging_restart_loop, hanging_restart_loop_rest_for_one.
    @ParameterizedTest
    @EnumSource
    void a_restart_that_fails_without_end_leaves_everything_possible(Strategy strategy) {
        AtomicBoolean broken = new AtomicBoolean();
        Pid supervisor =
                supervisor(
                        flags(strategy, 100_000_000),
                        Kid.spec("first"),
                        unless(broken, Kid.spec("kid")));
        started("first");
        Pid kid = started("kid");
        broken.set(true);

        Kid.end(kid, CRASH);

        await().until(() -> child(supervisor, "kid").restarting());
        assertThat(Supervisor.startChild(supervisor, Kid.spec("kid")))
                .isEqualTo(new Start.Failed<>(ExitReason.of(ChildError.ALREADY_PRESENT)));
        assertThat(Supervisor.restartChild(supervisor, "kid"))
                .isEqualTo(new Start.Failed<>(ExitReason.of(ChildError.RESTARTING)));
        assertThat(Supervisor.deleteChild(supervisor, "kid")).contains(ChildError.RESTARTING);
        assertThat(Supervisor.countChildren(supervisor).specs()).isEqualTo(2);
        assertThat(Supervisor.terminateChild(supervisor, "kid")).isEmpty();
        assertThat(child(supervisor, "kid").pid()).isEmpty();
        assertThat(child(supervisor, "kid").restarting()).isFalse();

        broken.set(false);
        Pid again = Supervisor.restartChild(supervisor, "kid").pid();
        assertThat(started("kid")).isEqualTo(again);
        broken.set(true);
        Kid.end(again, CRASH);
        await().until(() -> child(supervisor, "kid").restarting());
        test.stopSupervised("sup");
        assertThat(Processes.isAlive(supervisor)).isFalse();
    }

    /// Source: `supervisor_SUITE`, hanging_restart_loop_simple.
    @Test
    void a_dynamic_restart_that_fails_without_end_leaves_everything_possible() {
        AtomicBoolean broken = new AtomicBoolean();
        Pid supervisor =
                test.startSupervised(
                                DynamicSupervisor.childSpec(
                                        "sup",
                                        DynamicSupervisorFlags.DEFAULT.withMaxRestarts(
                                                100_000_000, MINUTE)))
                        .pid();
        Pid kid = DynamicSupervisor.startChild(supervisor, unless(broken, Kid.spec("kid"))).pid();
        broken.set(true);

        Kid.end(kid, CRASH);

        await().until(() -> Supervisor.whichChildren(supervisor).getFirst().restarting());
        assertThat(DynamicSupervisor.countChildren(supervisor))
                .isEqualTo(new ChildCount(1, 0, 0, 1));
        assertThat(DynamicSupervisor.startChild(supervisor, Kid.spec("other")))
                .isInstanceOf(Start.Ok.class);
        assertThat(DynamicSupervisor.terminateChild(supervisor, kid)).isEmpty();
        assertThat(Supervisor.countChildren(supervisor)).isEqualTo(new ChildCount(1, 1, 0, 1));
    }

    /// Source: `supervisor_SUITE`, one_for_all_other_child_fails_restart,
    /// rest_for_one_other_child_fails_restart.
    @ParameterizedTest
    @EnumSource(names = {"ONE_FOR_ALL", "REST_FOR_ONE"})
    void a_sibling_that_fails_to_restart_is_tried_again_with_those_that_were(Strategy strategy) {
        Pid supervisor =
                supervisor(
                        flags(strategy, 3),
                        Kid.trapping("a"),
                        Kid.inTurn(
                                "b", List.of(Kid.well("b"), Kid.badly("not yet"), Kid.well("b"))),
                        Kid.spec("c"));
        Pid a = started("a");
        started("b");
        started("c");

        Processes.exit(a, ExitReason.KILL);

        started("a");
        if (strategy == Strategy.ONE_FOR_ALL) {
            assertReceive(new Stopped("a", ExitReason.SHUTDOWN));
            started("a");
        }
        started("b");
        started("c");
        assertThat(Supervisor.countChildren(supervisor)).isEqualTo(new ChildCount(3, 3, 0, 3));
        assertThat(Processes.flush()).isEmpty();
    }

    /// Source: `supervisor_SUITE`, temporary_bystander.
    @ParameterizedTest
    @EnumSource(names = {"ONE_FOR_ALL", "REST_FOR_ONE"})
    void a_temporary_sibling_is_stopped_and_forgotten(Strategy strategy) {
        Pid supervisor =
                supervisor(
                        flags(strategy, 3),
                        Kid.spec("a"),
                        Kid.spec("b").withRestart(Restart.TEMPORARY),
                        Kid.spec("c"));
        Pid b = started("b");
        started("c");

        Kid.end(started("a"), CRASH);

        started("a");
        started("c");
        assertThat(Processes.isAlive(b)).isFalse();
        assertThat(Supervisor.whichChildren(supervisor))
                .extracting(Child::id)
                .containsExactly("c", "a");
    }

    /// Source: `supervisor_SUITE`, multiple_restarts.
    @Test
    @VirtualTime
    void deaths_slower_than_the_period_are_never_too_many() {
        Duration period = Duration.ofMillis(20);
        Pid supervisor =
                supervisor(
                        SupervisorFlags.of(Strategy.ONE_FOR_ONE).withMaxRestarts(1, period),
                        Kid.spec("kid"));
        for (int i = 0; i < 10; i++) {
            Pid kid = started("kid");
            Processes.sleep(period.plusMillis(1));
            Kid.end(kid, CRASH);
        }

        started("kid");
        assertThat(Processes.isAlive(supervisor)).isTrue();
    }

    /// Source: `supervisor_SUITE`, tree.
    @Test
    void a_tree_restarts_what_crashed_and_a_branch_that_gave_up_as_a_whole() {
        SupervisorFlags once = flags(Strategy.ONE_FOR_ONE, 1);
        List<ChildSpec<?>> kids = List.of(Kid.spec("kid 1"), Kid.spec("kid 2"));
        ChildSpec<?> branch =
                ChildSpec.supervisor("branch", () -> Supervisor.startLink(kids, once));
        ChildSpec<?> other =
                ChildSpec.supervisor("other", () -> Supervisor.startLink(List.of(), once));
        Pid top = oneForOne(Kid.spec("worker"), branch, other);
        Pid before = pid(top, "branch");
        Pid bystander = pid(top, "other");
        Pid worker = started("worker");
        Pid kid = started("kid 1");
        Pid sibling = started("kid 2");

        Kid.end(kid, CRASH);
        Pid second = started("kid 1");
        assertThat(pid(top, "branch")).isEqualTo(before);
        assertThat(pid(before, "kid 2")).isEqualTo(sibling);

        Processes.monitor(before);
        Kid.end(second, CRASH);
        assertThat(ended(before)).isEqualTo(ExitReason.SHUTDOWN);
        assertThat(Processes.isAlive(sibling)).isFalse();
        Pid third = started("kid 1");
        started("kid 2");
        Pid after = pid(top, "branch");
        assertThat(after).isNotEqualTo(before);
        assertThat(pid(after, "kid 1")).isEqualTo(third);
        assertThat(pid(top, "other")).isEqualTo(bystander);
        assertThat(pid(top, "worker")).isEqualTo(worker);

        Kid.end(worker, CRASH);
        started("worker");
        assertThat(pid(top, "branch")).isEqualTo(after);
    }

    /// Source: `supervisor_SUITE`, simple_one_for_one_corruption,
    /// do_not_save_start_parameters_for_temporary_children. The start function of a temporary child
    /// is not kept.
    @Test
    void what_starts_a_temporary_dynamic_child_can_be_collected() {
        Pid supervisor =
                test.startSupervised(
                                DynamicSupervisor.childSpec("sup", DynamicSupervisorFlags.DEFAULT))
                        .pid();
        java.lang.ref.WeakReference<Object> big = startWithBig(supervisor);
        started("kid");

        await().until(() -> {
            System.gc();
            return big.refersTo(null);
        });

        assertThat(Supervisor.countChildren(supervisor).active()).isEqualTo(1);
    }

    private static java.lang.ref.WeakReference<Object> startWithBig(Pid supervisor) {
        byte[] big = new byte[1_000_000];
        Pid me = Processes.self();
        ChildSpec<?> spec =
                ChildSpec.worker("kid", () -> new Kid("kid", me, big.length == 0).startLink())
                        .withRestart(Restart.TEMPORARY);
        DynamicSupervisor.startChild(supervisor, spec).pid();
        return new java.lang.ref.WeakReference<>(big);
    }

    /// Source: `supervisor_SUITE`, simple_one_for_one_scale_many_temporary_children.
    @Test
    void thousands_of_dynamic_children_are_no_burden() {
        Pid supervisor =
                test.startSupervised(
                                DynamicSupervisor.childSpec("sup", DynamicSupervisorFlags.DEFAULT))
                        .pid();
        Pid me = Processes.self();
        for (int i = 0; i < 10_000; i++) {
            ChildSpec<?> spec =
                    ChildSpec.worker(i, new Kid(i, me, false)::startLink)
                            .withRestart(Restart.TEMPORARY);
            Pid kid = DynamicSupervisor.startChild(supervisor, spec).pid();
            if (i % 2 == 0) {
                assertThat(DynamicSupervisor.terminateChild(supervisor, kid)).isEmpty();
            }
        }
        assertThat(Supervisor.countChildren(supervisor).active()).isEqualTo(5_000);

        test.stopSupervised("sup");

        assertThat(Processes.isAlive(supervisor)).isFalse();
    }

    private Pid significant(AutoShutdown mode, Restart restart) {
        return supervisor(
                flags(Strategy.ONE_FOR_ALL, 3).withAutoShutdown(mode),
                Kid.spec("a").withRestart(restart).withSignificant(true),
                Kid.spec("b").withRestart(restart).withSignificant(true),
                Kid.spec("c"));
    }

    /// Source: `supervisor_SUITE`, significant_temporary, significant_transient.
    @ParameterizedTest
    @EnumSource(names = {"TEMPORARY", "TRANSIENT"})
    void significant_children_end_it_by_their_own_end(Restart restart) {
        Pid any = significant(AutoShutdown.ANY_SIGNIFICANT, restart);
        Processes.monitor(any);
        assertThat(Supervisor.terminateChild(any, "b")).isEmpty();
        Kid.end(started("a"), ExitReason.NORMAL);
        assertThat(ended(any)).isEqualTo(ExitReason.SHUTDOWN);
        Processes.flush();

        Pid all = significant(AutoShutdown.ALL_SIGNIFICANT, restart);
        Processes.monitor(all);
        Kid.end(started("a"), ExitReason.NORMAL);
        await().until(() -> Supervisor.countChildren(all).active() == 2);
        Kid.end(started("b"), ExitReason.NORMAL);
        assertThat(ended(all)).isEqualTo(ExitReason.SHUTDOWN);
    }

    /// Source: `supervisor_SUITE`, significant_bystander, significant_transient. Restarts do not
    /// end the supervisor.
    @Test
    void significant_children_that_a_restart_stops_do_not_end_it() {
        Pid supervisor = significant(AutoShutdown.ANY_SIGNIFICANT, Restart.TRANSIENT);
        started("a");
        started("b");

        Kid.end(started("c"), CRASH);
        Kid.end(started("a"), CRASH);

        started("a");
        assertThat(Supervisor.countChildren(supervisor).active()).isEqualTo(3);
    }

    /// Source: `supervisor_SUITE`, significant_escalation.
    @Test
    void a_significant_supervisor_that_ends_ends_the_next_one() {
        SupervisorFlags flags =
                flags(Strategy.ONE_FOR_ONE, 3).withAutoShutdown(AutoShutdown.ANY_SIGNIFICANT);
        List<ChildSpec<?>> kids =
                List.of(Kid.spec("kid").withRestart(Restart.TRANSIENT).withSignificant(true));
        Pid top =
                supervisor(
                        flags,
                        ChildSpec.supervisor("inner", () -> Supervisor.startLink(kids, flags))
                                .withRestart(Restart.TRANSIENT)
                                .withSignificant(true));
        Processes.monitor(top);

        Kid.end(started("kid"), ExitReason.NORMAL);

        assertThat(ended(top)).isEqualTo(ExitReason.SHUTDOWN);
    }

    /// Source: `supervisor_SUITE`, nonsignificant_temporary, nonsignificant_transient.
    @ParameterizedTest
    @EnumSource
    void others_never_end_it(AutoShutdown mode) {
        Pid supervisor =
                supervisor(
                        flags(Strategy.ONE_FOR_ONE, 3).withAutoShutdown(mode),
                        Kid.spec("temporary").withRestart(Restart.TEMPORARY),
                        Kid.spec("transient").withRestart(Restart.TRANSIENT));

        Kid.end(started("temporary"), ExitReason.NORMAL);
        Kid.end(started("transient"), ExitReason.NORMAL);

        await().until(() -> Supervisor.countChildren(supervisor).active() == 0);
        assertThat(Supervisor.countChildren(supervisor).specs()).isEqualTo(1);
    }

    /// Source: `supervisor_SUITE`, get_callback_module.
    @Test
    void its_status_names_the_module_that_decides() {
        SupervisorModule<String> module =
                _ -> SupervisorInit.of(List.of(), flags(Strategy.ONE_FOR_ONE, 3));
        Pid supervisor = Supervisor.startLink(module, "any").pid();

        assertThat(io.genserver.Sys.getStatus(supervisor).module()).isEqualTo(module.getClass());
    }
}
