package io.genserver.parity;

import static io.genserver.Kid.started;
import static io.genserver.test.MessageAssertions.assertReceive;
import static io.genserver.test.MessageAssertions.refuteReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.genserver.Down;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.Kid;
import io.genserver.Kid.Started;
import io.genserver.Logs;
import io.genserver.Match;
import io.genserver.Pid;
import io.genserver.ProcessBody;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.supervisor.Child;
import io.genserver.supervisor.ChildCount;
import io.genserver.supervisor.ChildError;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.DynamicSupervisor;
import io.genserver.supervisor.DynamicSupervisorFlags;
import io.genserver.supervisor.Restart;
import io.genserver.supervisor.Shutdown;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("parity")
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class ElixirDynamicSupervisorTest {

    private static final DynamicSupervisorFlags DEFAULT = DynamicSupervisorFlags.DEFAULT;
    private static final ExitReason CRASH = ExitReason.of("crash");
    private static final ExitReason OOPS = ExitReason.shutdown("oops");
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final ChildCount NONE = new ChildCount(0, 0, 0, 0);
    private static final ChildCount ONE = new ChildCount(1, 1, 0, 1);
    private static final ChildCount ONE_RESTARTING = new ChildCount(1, 0, 0, 1);

    @SuppressWarnings("NullAway.Init") // set by the extension
    private TestSupervisor test;

    private Pid dynamic(DynamicSupervisorFlags flags) {
        return test.startSupervised(
                        DynamicSupervisor.childSpec("dynamic", flags)
                                .withRestart(Restart.TEMPORARY))
                .pid();
    }

    private Pid dynamic() {
        return dynamic(DEFAULT);
    }

    /// Starts a supervisor whose restart limit is practically never reached.
    private Pid patient() {
        return dynamic(DEFAULT.withMaxRestarts(100_000_000, MINUTE));
    }

    private static Pid child(Pid supervisor, ChildSpec<?> spec) {
        return DynamicSupervisor.startChild(supervisor, spec).pid();
    }

    private static void end(Pid child, ExitReason reason) {
        Processes.monitor(child);
        Kid.end(child, reason);
        assertThat(ended(child)).isEqualTo(reason);
    }

    private static ExitReason ended(Pid pid) {
        return assertReceive(Down.class, down -> pid.equals(down.object())).reason();
    }

    private static void awaitCount(Pid supervisor, ChildCount count) {
        await().untilAsserted(() ->
                assertThat(DynamicSupervisor.countChildren(supervisor)).isEqualTo(count));
    }

    private static Start<?> starts(Pid supervisor, Supplier<? extends Start<?>> start) {
        return DynamicSupervisor.startChild(supervisor, ChildSpec.worker("child", start));
    }

    /// Source: `dynamic_supervisor_test.exs`, 1 "can be supervised directly".
    @Test
    void can_be_supervised() {
        ChildSpec<?> spec =
                DynamicSupervisor.childSpec("dyn", DEFAULT, StartOption.name("parity dyn"));

        test.startSupervised(
                ChildSpec.supervisor(
                        "outer",
                        () ->
                                Supervisor.startLink(
                                        List.of(spec), SupervisorFlags.of(Strategy.ONE_FOR_ONE))));

        assertThat(DynamicSupervisor.whichChildren(ServerRef.name("parity dyn"))).isEmpty();
    }

    /// Source: `dynamic_supervisor_test.exs`, 2 "multiple supervisors can be supervised and
    /// identified with simple child spec". Here the id is given.
    @Test
    void several_can_be_supervised_each_by_its_id() {
        for (String name : List.of("parity dyn a", "parity dyn b")) {
            test.startSupervised(
                    DynamicSupervisor.childSpec(name, DEFAULT, StartOption.name(name)));
        }

        assertThat(Supervisor.whichChildren(test.pid()))
                .extracting(Child::id)
                .containsExactly("parity dyn b", "parity dyn a");
    }

    /// Source: `dynamic_supervisor_test.exs`, 3 "use/2".
    @Test
    void a_child_spec_has_defaults_and_can_be_changed() {
        ChildSpec<?> spec = DynamicSupervisor.childSpec("dyn", DEFAULT);

        assertThat(spec.id()).isEqualTo("dyn");
        assertThat(spec.type()).isEqualTo(ChildSpec.Type.SUPERVISOR);
        assertThat(spec.restart()).isEqualTo(Restart.PERMANENT);
        assertThat(spec.shutdown()).isEqualTo(Shutdown.infinity());
        ChildSpec<?> changed = spec.withId("other").withRestart(Restart.TRANSIENT);
        assertThat(changed.id()).isEqualTo("other");
        assertThat(changed.restart()).isEqualTo(Restart.TRANSIENT);
    }

    /// Source: `dynamic_supervisor_test.exs`, 4 "init/1".
    @Test
    void flags_have_defaults() {
        assertThat(DEFAULT.maxRestarts()).isEqualTo(3);
        assertThat(DEFAULT.period()).isEqualTo(Duration.ofSeconds(5));
        assertThat(DEFAULT.maxChildren()).isEqualTo(Integer.MAX_VALUE);
        assertThat(DEFAULT.listeners()).isEmpty();
    }

    /// Source: `dynamic_supervisor_test.exs`, 5 "start_link/3 with non-ok init". Only the flags.
    @Test
    void flags_out_of_range_say_what_was_expected() {
        assertThatThrownBy(() -> DEFAULT.withMaxRestarts(-1, MINUTE))
                .hasMessage("expected maxRestarts to be 0 or more, got: -1");
        assertThatThrownBy(() -> DEFAULT.withMaxRestarts(1, Duration.ZERO))
                .hasMessage("expected period to be more than 0, got: PT0S");
        assertThatThrownBy(() -> DEFAULT.withMaxChildren(-1))
                .hasMessage("expected maxChildren to be 0 or more, got: -1");
    }

    /// Source: `dynamic_supervisor_test.exs`, 6 "start_link/3 with registered process".
    @Test
    void is_reached_by_its_name() {
        Pid supervisor =
                test.startSupervised(() ->
                                DynamicSupervisor.startLink(
                                        DEFAULT, StartOption.name("parity dyn")))
                        .pid();

        assertThat(Processes.whereis("parity dyn")).contains(supervisor);
        assertThat(DynamicSupervisor.countChildren(ServerRef.name("parity dyn"))).isEqualTo(NONE);
    }

    /// Source: `dynamic_supervisor_test.exs`, 8 "sets initial call to the same as a regular
    /// supervisor".
    @Test
    void its_initial_call_says_what_it_is() {
        assertThat(Processes.info(dynamic()).orElseThrow().initialCall())
                .contains("DynamicSupervisor")
                .doesNotContain("DynamicSupervisorServer");
    }

    /// Source: `dynamic_supervisor_test.exs`, 12 "start_child/2 with child_spec".
    @Test
    void a_child_is_started() {
        Pid supervisor = dynamic();

        Pid kid = child(supervisor, Kid.spec("kid"));

        assertThat(started("kid")).isEqualTo(kid);
        assertThat(DynamicSupervisor.whichChildren(supervisor))
                .containsExactly(new Child("kid", Optional.of(kid), false, ChildSpec.Type.WORKER));
        assertThat(Processes.info(kid).orElseThrow().links()).containsExactly(supervisor);
    }

    /// Source: `dynamic_supervisor_test.exs`, 14 "start_child/2 with extra_arguments".
    @Test
    void a_child_is_made_with_the_extra_argument() {
        Pid me = Processes.self();
        Pid supervisor = dynamic(DEFAULT.withExtraArgument(me));

        Pid kid = DynamicSupervisor.startChild(supervisor, watchedBy("kid")).pid();

        assertThat(started("kid")).isEqualTo(kid);
    }

    private static java.util.function.Function<Pid, ChildSpec<?>> watchedBy(String name) {
        return watcher -> ChildSpec.worker(name, new Kid(name, watcher, false)::startLink);
    }

    /// Source: `dynamic_supervisor_test.exs`, 15 "start_child/2 with invalid child spec". Only what
    /// the types allow.
    @Test
    void a_significant_child_is_refused() {
        Pid supervisor = dynamic();
        ChildSpec<?> significant =
                Kid.spec("kid").withRestart(Restart.TEMPORARY).withSignificant(true);

        assertThatThrownBy(() -> DynamicSupervisor.startChild(supervisor, significant))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected no significant child under a dynamic supervisor, got: kid");

        assertThat(DynamicSupervisor.startChild(supervisor, _ -> significant))
                .isInstanceOfSatisfying(
                        Start.Failed.class,
                        failed ->
                                assertThat(failed.reason().cause())
                                        .hasMessageContaining("no significant child"));
        assertThat(DynamicSupervisor.countChildren(supervisor)).isEqualTo(NONE);
    }

    /// Source: `dynamic_supervisor_test.exs`, 16 "start_child/2 with different returns".
    @Test
    @SuppressWarnings("NullAway") // a start may return null
    void a_start_answers_what_the_child_decided() {
        Pid supervisor = dynamic();

        assertThat(starts(supervisor, Kid.well("kid"))).isInstanceOf(Start.Ok.class);
        assertThat(starts(supervisor, Start.Ignore::new)).isEqualTo(new Start.Ignore<>());
        assertThat(starts(supervisor, Kid.badly("found")))
                .isEqualTo(new Start.Failed<>(ExitReason.of("found")));
        assertThat(starts(supervisor, () -> null))
                .isEqualTo(new Start.Failed<>(new ExitReason.BadReturnValue(null)));

        assertThat(DynamicSupervisor.countChildren(supervisor)).isEqualTo(ONE);
    }

    /// Source: `dynamic_supervisor_test.exs`, 17 "start_child/2 with throw/error/exit".
    @Test
    void a_start_that_throws_fails_with_that() {
        Pid supervisor = dynamic();
        for (RuntimeException thrown : List.of(new IllegalStateException("oops"))) {
            assertThat(
                            starts(
                                    supervisor,
                                    () -> {
                                        throw thrown;
                                    }))
                    .isEqualTo(new Start.Failed<>(ExitReason.of(thrown)));
        }
        assertThat(
                        starts(
                                supervisor,
                                () -> {
                                    throw new AssertionError("an error");
                                }))
                .isInstanceOf(Start.Failed.class);
        assertThat(
                        DynamicSupervisor.startChild(
                                supervisor,
                                _ -> {
                                    throw new AssertionError("an error");
                                }))
                .isInstanceOf(Start.Failed.class);
        assertThat(
                        starts(
                                supervisor,
                                () -> {
                                    throw new ExitException(OOPS);
                                }))
                .isEqualTo(new Start.Failed<>(OOPS));
        assertThat(DynamicSupervisor.countChildren(supervisor)).isEqualTo(NONE);
    }

    /// Source: `dynamic_supervisor_test.exs`, 18 "start_child/2 with max_children".
    @Test
    void no_more_children_than_allowed_are_started() {
        Pid supervisor = dynamic(DEFAULT.withMaxChildren(0));

        assertThat(DynamicSupervisor.startChild(supervisor, Kid.spec("kid"))).isEqualTo(tooMany());
        refuteReceive(Match.type(Started.class), Duration.ZERO);
    }

    private static Start<?> tooMany() {
        return new Start.Failed<>(ExitReason.of(ChildError.MAX_CHILDREN));
    }

    /// Source: `dynamic_supervisor_test.exs`, 19 "temporary child is not restarted regardless of
    /// reason".
    @Test
    void a_temporary_child_is_never_restarted() {
        Pid supervisor = dynamic();
        for (ExitReason reason : List.of(ExitReason.SHUTDOWN, CRASH)) {
            end(child(supervisor, Kid.spec("kid").withRestart(Restart.TEMPORARY)), reason);

            awaitCount(supervisor, NONE);
        }
    }

    /// Source: `dynamic_supervisor_test.exs`, 20 "transient child is restarted unless
    /// normal/shutdown/{shutdown, _}".
    @Test
    void a_transient_child_is_restarted_after_an_abnormal_end() {
        Pid supervisor = dynamic();
        for (ExitReason reason : List.of(ExitReason.NORMAL, ExitReason.SHUTDOWN, OOPS)) {
            end(child(supervisor, Kid.spec("kid").withRestart(Restart.TRANSIENT)), reason);
            started("kid");

            awaitCount(supervisor, NONE);
        }
        end(child(supervisor, Kid.spec("kid").withRestart(Restart.TRANSIENT)), CRASH);
        started("kid");

        started("kid");
        assertThat(DynamicSupervisor.countChildren(supervisor)).isEqualTo(ONE);
    }

    /// Source: `dynamic_supervisor_test.exs`, 21 "permanent child is restarted regardless of
    /// reason".
    @Test
    void a_permanent_child_is_always_restarted() {
        Pid supervisor = dynamic(DEFAULT.withMaxRestarts(100, MINUTE));
        child(supervisor, Kid.spec("kid"));
        for (ExitReason reason : List.of(ExitReason.NORMAL, ExitReason.SHUTDOWN, OOPS, CRASH)) {
            end(started("kid"), reason);
        }

        started("kid");
        assertThat(DynamicSupervisor.countChildren(supervisor)).isEqualTo(ONE);
    }

    /// Source: `dynamic_supervisor_test.exs`, 22 "child is restarted with different values".
    @Test
    @SuppressWarnings("NullAway") // a start may return null
    void a_restart_does_what_the_child_decides_now() {
        Pid supervisor = patient();
        assertRestarts(supervisor, Kid.well("kid"), ONE);
        assertRestarts(supervisor, Start.Ignore::new, NONE);
        assertRestarts(supervisor, Kid.badly("found"), ONE_RESTARTING);
        assertRestarts(supervisor, () -> null, ONE_RESTARTING);
    }

    private static void assertRestarts(
            Pid supervisor, Supplier<? extends Start<?>> again, ChildCount count) {
        Pid kid = child(supervisor, Kid.inTurn("kid", List.of(Kid.well("kid"), again)));
        assertThat(started("kid")).isEqualTo(kid);
        end(kid, CRASH);
        if (count.active() == 1) {
            started("kid");
        }
        awaitCount(supervisor, count);
        List<Child> all = DynamicSupervisor.whichChildren(supervisor);
        assertThat(all).hasSize(count.specs());
        for (Child child : all) {
            assertThat(child.restarting()).isEqualTo(count.active() == 0);
            Pid known = child.pid().orElse(kid);
            assertThat(DynamicSupervisor.terminateChild(supervisor, known)).isEmpty();
        }
        assertThat(DynamicSupervisor.countChildren(supervisor)).isEqualTo(NONE);
    }

    /// Source: `dynamic_supervisor_test.exs`, 23 "restarting children counted in max_children".
    @Test
    void a_child_that_waits_to_be_restarted_counts() {
        Pid supervisor = dynamic(DEFAULT.withMaxRestarts(100_000_000, MINUTE).withMaxChildren(1));
        end(
                child(
                        supervisor,
                        Kid.inTurn("kid", List.of(Kid.well("kid"), Kid.badly("not yet")))),
                CRASH);
        awaitCount(supervisor, ONE_RESTARTING);

        assertThat(DynamicSupervisor.startChild(supervisor, Kid.spec("other")))
                .isEqualTo(tooMany());
    }

    /// Source: `dynamic_supervisor_test.exs`, 24 "child is restarted when trying again". A live
    /// child counts for max_children.
    @Test
    void a_child_that_was_restarted_counts() {
        Pid supervisor = dynamic(DEFAULT.withMaxChildren(1));
        end(child(supervisor, Kid.spec("kid")), CRASH);
        started("kid");
        started("kid");

        assertThat(DynamicSupervisor.startChild(supervisor, Kid.spec("other")))
                .isEqualTo(tooMany());
    }

    /// Source: `dynamic_supervisor_test.exs`, 25 "restart with extra_arguments".
    @Test
    void a_restart_uses_the_extra_argument() {
        Pid supervisor = dynamic(DEFAULT.withExtraArgument(Processes.self()));
        DynamicSupervisor.startChild(supervisor, watchedBy("kid")).pid();

        end(started("kid"), CRASH);

        started("kid");
    }

    /// Source: `dynamic_supervisor_test.exs`, 26 "child is restarted when trying again".
    @Test
    void a_restart_that_fails_once_is_tried_again() {
        Pid supervisor = dynamic(DEFAULT.withMaxRestarts(2, MINUTE));
        child(
                supervisor,
                Kid.inTurn("kid", List.of(Kid.well("kid"), Kid.badly("no"), Kid.well("kid"))));

        end(started("kid"), CRASH);

        started("kid");
        awaitCount(supervisor, ONE);
    }

    /// Source: `dynamic_supervisor_test.exs`, 27 "child triggers maximum restarts".
    @Test
    void one_restart_too_many_ends_it() {
        Pid supervisor = dynamic(DEFAULT.withMaxRestarts(1, MINUTE));
        Processes.monitor(supervisor);
        child(supervisor, Kid.spec("kid"));

        end(started("kid"), CRASH);
        end(started("kid"), CRASH);

        assertThat(ended(supervisor)).isEqualTo(ExitReason.SHUTDOWN);
    }

    /// Source: `dynamic_supervisor_test.exs`, 28 "child triggers maximum intensity when trying
    /// again".
    @Test
    void restarts_that_fail_end_it() {
        Pid supervisor = dynamic(DEFAULT.withMaxRestarts(10, MINUTE));
        Processes.monitor(supervisor);
        child(supervisor, Kid.inTurn("kid", List.of(Kid.well("kid"), Kid.badly("no"))));

        end(started("kid"), CRASH);

        assertThat(ended(supervisor)).isEqualTo(ExitReason.SHUTDOWN);
    }

    /// Source: `dynamic_supervisor_test.exs`, 29 "start_child/2 with valid shutdown".
    @Test
    void any_shutdown_is_allowed() {
        Pid supervisor = dynamic();
        for (Shutdown shutdown :
                List.of(
                        Shutdown.within(Duration.ofMillis(1)),
                        Shutdown.within(Duration.ZERO),
                        Shutdown.brutalKill(),
                        Shutdown.infinity())) {
            Pid kid = child(supervisor, Kid.spec("kid").withShutdown(shutdown));
            assertThat(Processes.isAlive(kid)).isTrue();
        }
    }

    /// Source: `dynamic_supervisor_test.exs`, 30 "start_child/2 with invalid shutdown".
    @Test
    void a_negative_shutdown_is_refused() {
        assertThatThrownBy(() -> Kid.spec("kid").withShutdown(Shutdown.within(MINUTE.negated())))
                .hasMessage("expected a shutdown limit of 0 or more, got: PT-1M");
    }

    /// Sleeps without trapping exits.
    private static final ProcessBody SLEEPS = () -> Processes.receive(Match.value("never"));

    /// Traps exits, and exits with `reason` when told to shut down.
    private static ProcessBody endsWith(ExitReason reason) {
        return () -> {
            Processes.trapExits(true);
            Processes.receive();
            throw new ExitException(reason);
        };
    }

    /// Traps exits and ignores every message.
    private static ProcessBody hangs() {
        CountDownLatch never = new CountDownLatch(1);
        return () -> {
            Processes.trapExits(true);
            never.await();
        };
    }

    /// Starts a child and waits until it traps exits, if its body does so.
    private static Pid child(Pid supervisor, Shutdown shutdown, Restart restart, ProcessBody body) {
        Pid pid =
                child(
                        supervisor,
                        ChildSpec.worker("body", () -> new Start.Ok<>(Processes.spawnLink(body)))
                                .withShutdown(shutdown)
                                .withRestart(restart));
        if (body != SLEEPS) {
            await().until(() -> Processes.info(pid).orElseThrow().trapExits());
        }
        Processes.monitor(pid);
        return pid;
    }

    private static Pid child(Pid supervisor, Shutdown shutdown, ProcessBody body) {
        return child(supervisor, shutdown, Restart.TEMPORARY, body);
    }

    private static List<Pid> three(Pid supervisor, Shutdown shutdown, ProcessBody body) {
        return IntStream.range(0, 3).mapToObj(_ -> child(supervisor, shutdown, body)).toList();
    }

    /// Stops the supervisor and returns the exit reason of each child.
    private Map<Pid, ExitReason> stopped(Pid... children) {
        test.stopSupervised("dynamic");
        return List.of(children).stream()
                .collect(Collectors.toMap(child -> child, ElixirDynamicSupervisorTest::ended));
    }

    private void assertAllEnd(List<Pid> children, ExitReason reason) {
        assertThat(stopped(children.toArray(Pid[]::new)).values()).containsOnly(reason);
    }

    /// Source: `dynamic_supervisor_test.exs`, 31 "terminates children with brutal kill".
    @Test
    void its_end_kills_those_that_are_to_be_killed() {
        assertAllEnd(three(dynamic(), Shutdown.brutalKill(), SLEEPS), ExitReason.KILLED);
    }

    /// Source: `dynamic_supervisor_test.exs`, 32 "terminates children with infinity shutdown".
    @Test
    void its_end_shuts_down_those_without_a_limit() {
        assertAllEnd(three(dynamic(), Shutdown.infinity(), SLEEPS), ExitReason.SHUTDOWN);
    }

    /// Source: `dynamic_supervisor_test.exs`, 33 "terminates children with infinity shutdown and
    /// abnormal reason".
    @Test
    void its_end_waits_for_those_without_a_limit_whatever_their_reason() {
        assertAllEnd(three(dynamic(), Shutdown.infinity(), endsWith(OOPS)), OOPS);
    }

    /// Source: `dynamic_supervisor_test.exs`, 34 "terminates children with integer shutdown".
    @Test
    void its_end_shuts_down_those_with_a_limit() {
        assertAllEnd(three(dynamic(), Shutdown.within(MINUTE), SLEEPS), ExitReason.SHUTDOWN);
    }

    /// Source: `dynamic_supervisor_test.exs`, 35 "terminates children with integer shutdown and
    /// abnormal reason".
    @Test
    void its_end_waits_for_those_with_a_limit_whatever_their_reason() {
        assertAllEnd(three(dynamic(), Shutdown.within(MINUTE), endsWith(OOPS)), OOPS);
    }

    /// Source: `dynamic_supervisor_test.exs`, 36 "terminates children with expired integer
    /// shutdown".
    @Test
    void its_end_kills_only_those_whose_time_is_up() {
        Pid supervisor = dynamic();
        Pid quick = child(supervisor, Shutdown.within(MINUTE), SLEEPS);
        Pid deaf = child(supervisor, Shutdown.within(Duration.ofMillis(1)), hangs());
        Pid other = child(supervisor, Shutdown.within(MINUTE), SLEEPS);

        assertThat(stopped(quick, deaf, other))
                .isEqualTo(
                        Map.of(
                                quick, ExitReason.SHUTDOWN,
                                deaf, ExitReason.KILLED,
                                other, ExitReason.SHUTDOWN));
    }

    /// Source: `dynamic_supervisor_test.exs`, 37 "terminates children with permanent restart and
    /// normal reason".
    @Test
    void a_permanent_child_that_ends_normally_when_told_to_is_reported() {
        try (Logs logs = Logs.of(Supervisor.class)) {
            Pid supervisor = dynamic();
            Pid permanent =
                    child(
                            supervisor,
                            Shutdown.infinity(),
                            Restart.PERMANENT,
                            endsWith(ExitReason.NORMAL));
            Pid transients =
                    child(
                            supervisor,
                            Shutdown.infinity(),
                            Restart.TRANSIENT,
                            endsWith(ExitReason.NORMAL));

            assertThat(stopped(permanent, transients).values()).containsOnly(ExitReason.NORMAL);

            assertThat(logs.with("supervisor " + supervisor))
                    .extracting(Logs.Entry::text)
                    .containsExactly(
                            "supervisor "
                                    + supervisor
                                    + ": child body "
                                    + permanent
                                    + " did not shut down as told, it ended: normal");
        }
    }

    /// Source: `dynamic_supervisor_test.exs`, 38 "terminates with mixed children".
    @Test
    void its_end_stops_each_as_its_own_spec_says() {
        Pid supervisor = dynamic();
        Pid unlimited = child(supervisor, Shutdown.infinity(), SLEEPS);
        Pid brutal = child(supervisor, Shutdown.brutalKill(), SLEEPS);
        Pid deaf = child(supervisor, Shutdown.within(Duration.ofMillis(1)), hangs());

        assertThat(stopped(unlimited, brutal, deaf))
                .isEqualTo(
                        Map.of(
                                unlimited, ExitReason.SHUTDOWN,
                                brutal, ExitReason.KILLED,
                                deaf, ExitReason.KILLED));
    }

    /// Source: `dynamic_supervisor_test.exs`, 39 "terminate_child/2 with brutal kill".
    @Test
    void a_child_is_terminated_by_a_kill() {
        Pid supervisor = dynamic();
        Pid child = child(supervisor, Shutdown.brutalKill(), SLEEPS);

        assertThat(DynamicSupervisor.terminateChild(supervisor, child)).isEmpty();

        assertThat(ended(child)).isEqualTo(ExitReason.KILLED);
        assertThat(DynamicSupervisor.terminateChild(supervisor, child))
                .contains(ChildError.NOT_FOUND);
        assertThat(DynamicSupervisor.countChildren(supervisor)).isEqualTo(NONE);
    }

    /// Source: `dynamic_supervisor_test.exs`, 40 "terminate_child/2 with integer shutdown".
    @Test
    void a_child_is_terminated_once_and_not_restarted() {
        Pid supervisor = dynamic();
        List<Pid> kids = new ArrayList<>();
        for (Restart restart : Restart.values()) {
            kids.add(child(supervisor, Kid.spec(restart).withRestart(restart)));
            started(restart);
        }
        for (Pid kid : kids) {
            Processes.monitor(kid);

            assertThat(DynamicSupervisor.terminateChild(supervisor, kid)).isEmpty();

            assertThat(ended(kid)).isEqualTo(ExitReason.SHUTDOWN);
            assertThat(DynamicSupervisor.terminateChild(supervisor, kid))
                    .contains(ChildError.NOT_FOUND);
        }
        assertThat(DynamicSupervisor.countChildren(supervisor)).isEqualTo(NONE);
        refuteReceive(Match.type(Started.class), Duration.ZERO);
    }

    /// Source: `dynamic_supervisor_test.exs`, 41 "terminate_child/2 with restarting child".
    @Test
    void a_child_that_waits_to_be_restarted_is_terminated_by_its_last_pid() {
        Pid supervisor = patient();
        Pid kid =
                child(
                        supervisor,
                        Kid.inTurn("kid", List.of(Kid.well("kid"), Kid.badly("not yet"))));
        end(kid, CRASH);
        awaitCount(supervisor, ONE_RESTARTING);

        assertThat(DynamicSupervisor.terminateChild(supervisor, kid)).isEmpty();

        assertThat(DynamicSupervisor.countChildren(supervisor)).isEqualTo(NONE);
        assertThat(DynamicSupervisor.terminateChild(supervisor, kid))
                .contains(ChildError.NOT_FOUND);
    }
}
