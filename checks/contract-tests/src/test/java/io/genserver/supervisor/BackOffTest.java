package io.genserver.supervisor;

import static io.genserver.Kid.started;
import static io.genserver.test.MessageAssertions.assertReceive;
import static io.genserver.test.MessageAssertions.refuteReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Kid;
import io.genserver.Kid.Started;
import io.genserver.Kid.Stopped;
import io.genserver.Match;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.supervisor.SupervisorEvent.Restarted;
import io.genserver.supervisor.SupervisorEvent.Restarting;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import io.genserver.test.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
@Timeout(30)
class BackOffTest {

    private static final Duration SHORT = Duration.ofMillis(30);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final ExitReason CRASH = ExitReason.of("crash");

    /// A short delay without a jitter. No child ever counts as healthy.
    private static final BackOff SOON = BackOff.of(SHORT, HOUR).withJitter(0).withFactor(1);

    /// A delay longer than any test.
    private static final BackOff LATER = BackOff.of(HOUR, HOUR);

    @SuppressWarnings("NullAway.Init") // set by the extension
    private TestSupervisor test;

    private static SupervisorFlags flags(Strategy strategy) {
        Pid me = Processes.self();
        return SupervisorFlags.of(strategy)
                .withMaxRestarts(0, HOUR)
                .withListener(event -> Processes.send(me, event));
    }

    private Pid supervisor(SupervisorFlags flags, ChildSpec<?>... children) {
        return test.startSupervised(
                        ChildSpec.supervisor(
                                        "sup", () -> Supervisor.startLink(List.of(children), flags))
                                .withRestart(Restart.TEMPORARY))
                .pid();
    }

    private Pid oneForOne(ChildSpec<?>... children) {
        return supervisor(flags(Strategy.ONE_FOR_ONE), children);
    }

    private static void crash(Pid kid) {
        Kid.end(kid, CRASH);
    }

    private static Child only(ServerRef supervisor) {
        return Supervisor.whichChildren(supervisor).getFirst();
    }

    /// Starts a supervisor whose only child waits for a restart.
    private Pid waiting(BackOff backOff) {
        Pid supervisor = oneForOne(Kid.spec("kid").withBackOff(backOff));
        crash(started("kid"));
        assertReceive(Restarting.class);
        return supervisor;
    }

    @Nested
    class the_waits {

        @Test
        void grow_by_the_factor_up_to_the_maximum() {
            BackOff backOff =
                    BackOff.of(Duration.ofMillis(100), Duration.ofMillis(700)).withJitter(0);

            assertThat(delays(backOff, 5)).containsExactly(100L, 200L, 400L, 700L, 700L);
            assertThat(delays(backOff.withFactor(1.5), 3)).containsExactly(100L, 150L, 225L);
            assertThat(delays(backOff.withFactor(1), 3)).containsExactly(100L, 100L, 100L);
        }

        private static Stream<Long> delays(BackOff backOff, int count) {
            return IntStream.rangeClosed(1, count).mapToObj(i -> backOff.delay(i).toMillis());
        }

        @Test
        void differ_by_the_jitter_and_no_more() {
            BackOff backOff = BackOff.of(Duration.ofMillis(100), HOUR).withJitter(0.2);

            List<Duration> first = Stream.generate(() -> backOff.delay(1)).limit(1_000).toList();

            assertThat(first)
                    .allMatch(delay -> delay.compareTo(Duration.ofMillis(80)) >= 0)
                    .allMatch(delay -> delay.compareTo(Duration.ofMillis(120)) <= 0);
            assertThat(first.stream().distinct().count()).isGreaterThan(900);
        }

        @Test
        void are_never_nothing_and_never_too_long_to_count() {
            Duration least = Duration.ofNanos(1);

            for (int i = 0; i < 1_000; i++) {
                assertThat(BackOff.of(least, least).withJitter(1).delay(1)).isPositive();
            }
            assertThat(BackOff.of(HOUR, GenServer.INFINITY).delay(Integer.MAX_VALUE)).isPositive();
            assertThat(BackOff.of(least, HOUR).withJitter(0).delay(Integer.MAX_VALUE))
                    .isEqualTo(HOUR);
        }

        @Test
        void out_of_range_say_what_was_expected() {
            assertThatThrownBy(() -> BackOff.of(Duration.ZERO, HOUR))
                    .hasMessage("expected the initial back-off to be more than 0, got: PT0S");
            assertThatThrownBy(() -> BackOff.of(HOUR, SHORT))
                    .hasMessage(
                            "expected the maximum back-off to be at least the initial one, PT1H,"
                                    + " got: PT0.03S");
            assertThatThrownBy(() -> SOON.withFactor(0.9))
                    .hasMessage("expected the back-off's factor to be 1 or more, got: 0.9");
            assertThatThrownBy(() -> SOON.withFactor(Double.NaN))
                    .hasMessage("expected the back-off's factor to be 1 or more, got: NaN");
            assertThatThrownBy(() -> SOON.withFactor(Double.POSITIVE_INFINITY))
                    .hasMessage("expected the back-off's factor to be 1 or more, got: Infinity");
            assertThatThrownBy(() -> SOON.withJitter(1.1))
                    .hasMessage("expected the back-off's jitter to be between 0 and 1, got: 1.1");
            assertThatThrownBy(() -> SOON.withJitter(-0.1))
                    .hasMessage("expected the back-off's jitter to be between 0 and 1, got: -0.1");
            assertThatThrownBy(() -> SOON.withResetAfter(Duration.ofMillis(-1)))
                    .hasMessage(
                            "expected the back-off's resetAfter to be 0 or more, got: PT-0.001S");
            assertThatThrownBy(() -> SOON.withMaxAttempts(0, HOUR))
                    .hasMessage("expected the back-off's maxAttempts to be 1 or more, got: 0");
        }
    }

    @Nested
    class restarts {

        @Test
        void come_after_the_wait_and_not_before() {
            Pid supervisor = oneForOne(Kid.spec("kid").withBackOff(SOON));
            Pid first = started("kid");
            long before = Processes.monotonicTime();

            crash(first);

            Pid second = started("kid");
            assertThat(Processes.monotonicTime() - before).isGreaterThanOrEqualTo(SHORT.toNanos());
            assertThat(second).isNotEqualTo(first);
            assertThat(assertReceive(Restarted.class))
                    .isEqualTo(new Restarted(supervisor, "kid", second));
        }

        @Test
        void do_not_count_against_the_limit_of_the_supervisor() {
            Pid supervisor = oneForOne(Kid.spec("kid").withBackOff(SOON));

            for (int i = 1; i <= 5; i++) {
                crash(started("kid"));
                assertThat(assertReceive(Restarting.class).attempt()).isEqualTo(i);
            }

            started("kid");
            assertThat(Processes.isAlive(supervisor)).isTrue();
        }

        @Test
        void of_a_sibling_without_one_count_as_always() {
            Pid supervisor =
                    oneForOne(Kid.spec("patient").withBackOff(SOON), Kid.spec("impatient"));
            Processes.monitor(supervisor);
            crash(started("patient"));
            started("patient");

            crash(started("impatient"));

            assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.SHUTDOWN);
        }

        @Test
        void that_fail_wait_longer_each_time() {
            BackOff doubling = BackOff.of(Duration.ofMillis(5), HOUR).withJitter(0);
            oneForOne(
                    Kid.inTurn(
                                    "kid",
                                    List.of(
                                            Kid.well("kid"),
                                            Kid.badly("down"),
                                            Kid.badly("still down"),
                                            Kid.well("kid")))
                            .withBackOff(doubling));

            crash(started("kid"));
            started("kid");

            List<Restarting> all = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                all.add(assertReceive(Restarting.class));
            }
            assertThat(all).extracting(Restarting::attempt).containsExactly(1, 2, 3);
            assertThat(all)
                    .extracting(restart -> restart.delay().toMillis())
                    .containsExactly(5L, 10L, 20L);
            assertThat(all)
                    .extracting(Restarting::reason)
                    .containsExactly(CRASH, ExitReason.of("down"), ExitReason.of("still down"));
        }

        @Test
        @VirtualTime
        void begin_anew_after_a_healthy_time() {
            Duration healthy = Duration.ofMillis(50);
            Pid supervisor =
                    oneForOne(
                            Kid.spec("kid")
                                    .withBackOff(BackOff.of(SHORT, SHORT).withResetAfter(healthy)));
            for (int i = 0; i < 3; i++) {
                Pid kid = started("kid");
                assertThat(only(supervisor).pid()).contains(kid); // the start is handled
                Processes.sleep(healthy);

                crash(kid);

                assertThat(assertReceive(Restarting.class).attempt()).isEqualTo(1);
            }
        }

        /// A child that lives longer than the longest delay before it fails.
        @Test
        @VirtualTime
        void of_a_child_that_lives_a_little_longer_than_its_delays_do_not_begin_anew() {
            Duration life = Duration.ofMillis(30);
            Pid supervisor =
                    oneForOne(
                            Kid.spec("kid")
                                    .withBackOff(
                                            BackOff.of(Duration.ofMillis(5), Duration.ofMillis(10))
                                                    .withJitter(0)));
            for (int i = 1; i <= 3; i++) {
                Pid kid = started("kid");
                assertThat(only(supervisor).pid()).contains(kid); // the start is handled
                Processes.sleep(life);

                crash(kid);

                assertThat(assertReceive(Restarting.class))
                        .extracting(Restarting::attempt, again -> again.delay().toMillis())
                        .containsExactly(i, i == 1 ? 5L : 10L);
            }
        }

        @Test
        void of_a_child_that_did_not_start_do_not_begin_anew() {
            oneForOne(
                    Kid.inTurn("kid", List.of(Kid.well("kid"), Kid.badly("down")))
                            .withBackOff(SOON.withResetAfter(Duration.ZERO)));

            crash(started("kid"));

            for (int i = 1; i <= 3; i++) {
                assertThat(assertReceive(Restarting.class).attempt()).isEqualTo(i);
            }
        }

        @Test
        void end_with_the_supervisor_when_there_were_too_many_in_a_row() {
            Pid supervisor =
                    oneForOne(
                            Kid.trapping("sibling"),
                            Kid.spec("kid").withBackOff(SOON.withMaxAttempts(2, HOUR)));
            Processes.monitor(supervisor);

            for (int i = 0; i < 3; i++) {
                crash(started("kid"));
            }

            assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.SHUTDOWN);
            assertReceive(new Stopped("sibling", ExitReason.SHUTDOWN));
            assertReceive(new SupervisorEvent.GaveUp(supervisor, "kid", CRASH));
        }

        /// Each life of the child is as long as the time that the delays alone would call healthy.
        @Test
        @VirtualTime
        void are_counted_until_the_child_has_lived_as_long_as_the_limit_says() {
            Duration healthy = Duration.ofMillis(50);
            Pid supervisor =
                    oneForOne(
                            Kid.spec("kid")
                                    .withBackOff(
                                            SOON.withResetAfter(healthy)
                                                    .withMaxAttempts(2, GenServer.INFINITY)));
            Processes.monitor(supervisor);

            for (int i = 0; i < 3; i++) {
                Pid kid = started("kid");
                assertThat(only(supervisor).pid()).contains(kid); // the start is handled
                Processes.sleep(healthy);
                crash(kid);
            }

            assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.SHUTDOWN);
        }

        @Test
        void count_as_the_first_again_well_after_the_longest_delay() {
            Duration minute = Duration.ofMinutes(1);

            assertThat(BackOff.of(SHORT, SHORT).resetAfter()).isEqualTo(minute);
            assertThat(BackOff.of(SHORT, minute).resetAfter()).isEqualTo(minute.multipliedBy(10));
            assertThat(BackOff.of(SHORT, GenServer.INFINITY).resetAfter())
                    .isEqualTo(GenServer.INFINITY);
        }

        @Test
        void are_not_made_in_the_first_start_of_the_supervisor() {
            ChildSpec<?> broken = ChildSpec.worker("kid", Kid.badly("down")).withBackOff(SOON);

            assertThat(Supervisor.start(List.of(broken), flags(Strategy.ONE_FOR_ONE)))
                    .isEqualTo(
                            new Start.Failed<>(
                                    ExitReason.shutdown(
                                            new FailedToStartChild("kid", ExitReason.of("down")))));
        }

        @Test
        void of_a_child_that_ignores_are_over() {
            Pid supervisor =
                    oneForOne(
                            Kid.inTurn("kid", List.of(Kid.well("kid"), Start.Ignore::new))
                                    .withBackOff(SOON));

            crash(started("kid"));

            await().until(() -> !only(supervisor).restarting());
            assertThat(only(supervisor).pid()).isEmpty();
        }

        @Test
        void are_made_only_when_the_child_is_to_be_restarted_at_all() {
            Pid supervisor =
                    oneForOne(
                            Kid.spec("kid").withRestart(Restart.TRANSIENT).withBackOff(SOON),
                            Kid.spec("once").withRestart(Restart.TEMPORARY).withBackOff(SOON));

            Kid.end(started("kid"), ExitReason.NORMAL);
            crash(started("once"));

            await().until(() -> Supervisor.countChildren(supervisor).specs() == 1);
            await().until(() -> only(supervisor).pid().isEmpty());
            assertThat(only(supervisor).restarting()).isFalse();
        }
    }

    @Nested
    class meanwhile {

        @Test
        void the_supervisor_answers() {
            Pid supervisor = waiting(LATER);

            assertThat(only(supervisor).restarting()).isTrue();
            assertThat(only(supervisor).pid()).isEmpty();
            assertThat(Supervisor.countChildren(supervisor)).isEqualTo(new ChildCount(1, 0, 0, 1));
            assertThat(Supervisor.startChild(supervisor, Kid.spec("kid")))
                    .isEqualTo(new Start.Failed<>(ExitReason.of(ChildError.ALREADY_PRESENT)));
            assertThat(Supervisor.restartChild(supervisor, "kid"))
                    .isEqualTo(new Start.Failed<>(ExitReason.of(ChildError.RESTARTING)));
            assertThat(Supervisor.deleteChild(supervisor, "kid")).contains(ChildError.RESTARTING);
        }

        @Test
        void the_supervisor_can_be_stopped() {
            Pid supervisor = waiting(LATER);

            Supervisor.stop(supervisor);

            assertThat(Processes.isAlive(supervisor)).isFalse();
        }

        @Test
        @VirtualTime
        void a_child_that_is_terminated_stays_down() {
            Pid supervisor = waiting(SOON);

            assertThat(Supervisor.terminateChild(supervisor, "kid")).isEmpty();

            refuteReceive(Match.type(Started.class), SHORT.multipliedBy(4));
            assertThat(only(supervisor))
                    .isEqualTo(
                            new Child(
                                    "kid",
                                    java.util.Optional.empty(),
                                    false,
                                    ChildSpec.Type.WORKER));
        }

        @Test
        @VirtualTime
        void a_child_that_is_terminated_and_restarted_starts_once() {
            Pid supervisor = waiting(SOON);

            assertThat(Supervisor.terminateChild(supervisor, "kid")).isEmpty();
            Pid again = Supervisor.restartChild(supervisor, "kid").pid();

            assertThat(started("kid")).isEqualTo(again);
            refuteReceive(Match.type(Started.class), SHORT.multipliedBy(4));
        }

        @Test
        @VirtualTime
        void a_child_that_is_terminated_can_be_deleted_and_be_another() {
            Pid supervisor = waiting(SOON);

            assertThat(Supervisor.terminateChild(supervisor, "kid")).isEmpty();
            assertThat(Supervisor.deleteChild(supervisor, "kid")).isEmpty();
            Pid other = Supervisor.startChild(supervisor, Kid.spec("kid")).pid();

            assertThat(started("kid")).isEqualTo(other);
            refuteReceive(Match.type(Started.class), SHORT.multipliedBy(4));
        }
    }

    @Nested
    class with_others {

        private static final BackOff A_WHILE =
                BackOff.of(Duration.ofMillis(200), HOUR).withJitter(0);

        private Pid three(Strategy strategy) {
            return supervisor(
                    flags(strategy),
                    Kid.trapping("a"),
                    Kid.spec("b").withBackOff(A_WHILE),
                    Kid.trapping("c"));
        }

        private static void assertNothingRuns(Pid supervisor, int count) {
            assertThat(Supervisor.countChildren(supervisor).active()).isEqualTo(count);
        }

        @Test
        @VirtualTime
        void all_are_stopped_at_once_and_started_together() {
            Pid supervisor = three(Strategy.ONE_FOR_ALL);
            started("a");
            Pid b = started("b");
            started("c");

            crash(b);

            assertReceive(new Stopped("a", ExitReason.SHUTDOWN));
            assertReceive(new Stopped("c", ExitReason.SHUTDOWN));
            assertNothingRuns(supervisor, 0);
            for (String name : List.of("a", "b", "c")) {
                assertThat(assertReceive(Started.class).name()).isEqualTo(name);
            }
            assertThat(Supervisor.whichChildren(supervisor)).noneMatch(Child::restarting);
        }

        @Test
        @VirtualTime
        void those_after_it_are_stopped_at_once_and_started_with_it() {
            Pid supervisor = three(Strategy.REST_FOR_ONE);
            started("a");
            Pid b = started("b");
            started("c");

            crash(b);

            assertReceive(new Stopped("c", ExitReason.SHUTDOWN));
            assertNothingRuns(supervisor, 1);
            for (String name : List.of("b", "c")) {
                assertThat(assertReceive(Started.class).name()).isEqualTo(name);
            }
            refuteReceive(Match.type(Stopped.class), Duration.ZERO);
            assertThat(Supervisor.countChildren(supervisor).active()).isEqualTo(3);
        }

        @Test
        void a_sibling_that_fails_to_start_with_it_waits_as_its_own_back_off_says() {
            Pid supervisor =
                    supervisor(
                            flags(Strategy.ONE_FOR_ALL),
                            Kid.trapping("a").withBackOff(SOON),
                            Kid.inTurn(
                                            "b",
                                            List.of(
                                                    Kid.well("b"),
                                                    Kid.badly("not yet"),
                                                    Kid.well("b")))
                                    .withBackOff(SOON));
            Pid a = started("a");
            started("b");

            crash(a);

            started("a");
            assertReceive(Stopped.class, stopped -> stopped.reason().equals(ExitReason.SHUTDOWN));
            started("a");
            started("b");
            await().until(() -> Supervisor.countChildren(supervisor).active() == 2);
        }

        @Test
        void a_sibling_may_be_terminated_and_a_waiting_one_restarted_meanwhile() {
            Pid supervisor =
                    supervisor(
                            flags(Strategy.ONE_FOR_ALL),
                            Kid.spec("a"),
                            Kid.spec("b").withBackOff(LATER));
            started("a");
            crash(started("b"));
            assertReceive(Restarting.class);

            assertThat(Supervisor.terminateChild(supervisor, "b")).isEmpty();
            Supervisor.restartChild(supervisor, "a").pid();
            Supervisor.restartChild(supervisor, "b").pid();

            assertThat(Supervisor.countChildren(supervisor).active()).isEqualTo(2);
        }
    }

    @Nested
    class of_dynamic_supervisors {

        private Pid dynamic() {
            Pid me = Processes.self();
            return test.startSupervised(
                            DynamicSupervisor.childSpec(
                                            "dynamic",
                                            DynamicSupervisorFlags.DEFAULT
                                                    .withMaxRestarts(0, HOUR)
                                                    .withListener(
                                                            event -> Processes.send(me, event)))
                                    .withRestart(Restart.TEMPORARY))
                    .pid();
        }

        @Test
        void do_not_count_against_the_limit_and_grow() {
            Pid supervisor = dynamic();
            DynamicSupervisor.startChild(supervisor, Kid.spec("kid").withBackOff(SOON)).pid();

            for (int i = 1; i <= 4; i++) {
                crash(started("kid"));
                assertThat(assertReceive(Restarting.class).attempt()).isEqualTo(i);
            }

            started("kid");
            assertThat(DynamicSupervisor.countChildren(supervisor).active()).isEqualTo(1);
        }

        @Test
        void end_with_the_supervisor_when_there_were_too_many_in_a_row() {
            Pid supervisor = dynamic();
            Processes.monitor(supervisor);
            DynamicSupervisor.startChild(
                            supervisor,
                            Kid.inTurn("kid", List.of(Kid.well("kid"), Kid.badly("down")))
                                    .withBackOff(SOON.withMaxAttempts(2, HOUR)))
                    .pid();

            crash(started("kid"));

            assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.SHUTDOWN);
        }

        @Test
        void leave_the_supervisor_answering_and_stoppable() {
            Pid supervisor = dynamic();
            DynamicSupervisor.startChild(supervisor, Kid.spec("kid").withBackOff(LATER)).pid();

            crash(started("kid"));

            assertReceive(Restarting.class);
            assertThat(DynamicSupervisor.whichChildren(supervisor).getFirst().restarting())
                    .isTrue();
            assertThat(DynamicSupervisor.countChildren(supervisor))
                    .isEqualTo(new ChildCount(1, 0, 0, 1));
            DynamicSupervisor.startChild(supervisor, Kid.spec("other")).pid();
            DynamicSupervisor.stop(supervisor);
            assertThat(Processes.isAlive(supervisor)).isFalse();
        }

        @Test
        @VirtualTime
        void are_over_when_the_child_is_terminated_by_its_last_pid() {
            Pid supervisor = dynamic();
            Pid kid =
                    DynamicSupervisor.startChild(supervisor, Kid.spec("kid").withBackOff(SOON))
                            .pid();
            crash(started("kid"));
            assertReceive(Restarting.class);

            assertThat(DynamicSupervisor.terminateChild(supervisor, kid)).isEmpty();

            assertThat(DynamicSupervisor.whichChildren(supervisor)).isEmpty();
            refuteReceive(Match.type(Started.class), SHORT.multipliedBy(4));
        }
    }
}
