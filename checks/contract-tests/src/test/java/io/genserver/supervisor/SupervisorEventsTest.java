package io.genserver.supervisor;

import static io.genserver.Kid.started;
import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.Kid;
import io.genserver.Logs;
import io.genserver.Match;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Start;
import io.genserver.supervisor.SupervisorEvent.ChildEnded;
import io.genserver.supervisor.SupervisorEvent.GaveUp;
import io.genserver.supervisor.SupervisorEvent.Restarted;
import io.genserver.supervisor.SupervisorEvent.Restarting;
import io.genserver.test.GenServerExtension;
import io.genserver.test.MessageAssertions;
import io.genserver.test.TestSupervisor;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The events of listeners and the log records of both kinds of supervisors.
@ParameterizedClass
@EnumSource
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class SupervisorEventsTest {

    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final ExitReason CRASH = ExitReason.of("crash");
    private static final BackOff SOON =
            BackOff.of(Duration.ofMillis(10), Duration.ofHours(1)).withJitter(0);

    /// A kind of supervisor.
    enum Kind {
        STATIC {
            @Override
            Start<?> start(ChildSpec<?> child, int max, Consumer<SupervisorEvent> listener) {
                return Supervisor.startLink(
                        List.of(child),
                        SupervisorFlags.of(Strategy.ONE_FOR_ONE)
                                .withMaxRestarts(max, MINUTE)
                                .withListener(listener));
            }
        },
        DYNAMIC {
            @Override
            Start<?> start(ChildSpec<?> child, int max, Consumer<SupervisorEvent> listener) {
                Start<?> start =
                        DynamicSupervisor.startLink(
                                DynamicSupervisorFlags.DEFAULT
                                        .withMaxRestarts(max, MINUTE)
                                        .withListener(listener));
                DynamicSupervisor.startChild(start.pid(), child).pid();
                return start;
            }
        };

        abstract Start<?> start(ChildSpec<?> child, int max, Consumer<SupervisorEvent> listener);
    }

    @Parameter
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Kind kind;

    @SuppressWarnings("NullAway.Init") // set by the extension
    private TestSupervisor test;

    private Pid supervisor(ChildSpec<?> child, int max, Consumer<SupervisorEvent> listener) {
        return test.startSupervised(
                        ChildSpec.supervisor("sup", () -> kind.start(child, max, listener))
                                .withRestart(Restart.TEMPORARY))
                .pid();
    }

    private Pid supervisor(ChildSpec<?> child, int max) {
        Pid me = Processes.self();
        return supervisor(child, max, event -> Processes.send(me, event));
    }

    private static void crash(Pid kid) {
        Kid.end(kid, CRASH);
    }

    private static SupervisorEvent next() {
        return assertReceive(SupervisorEvent.class);
    }

    @Test
    void a_restart_is_told_step_by_step() {
        Pid supervisor = supervisor(Kid.spec("kid"), 3);
        Pid first = started("kid");

        crash(first);

        Pid second = started("kid");
        assertThat(next()).isEqualTo(new ChildEnded(supervisor, "kid", first, CRASH));
        assertThat(next()).isEqualTo(new Restarting(supervisor, "kid", CRASH, 1, Duration.ZERO));
        assertThat(next()).isEqualTo(new Restarted(supervisor, "kid", second));
    }

    @Test
    void attempts_are_counted_up_to_the_end() {
        Pid supervisor = supervisor(Kid.spec("kid"), 2);
        Processes.monitor(supervisor);

        for (int attempt = 1; attempt <= 2; attempt++) {
            crash(started("kid"));
            assertThat(assertReceive(Restarting.class).attempt()).isEqualTo(attempt);
        }
        crash(started("kid"));

        assertThat(assertReceive(GaveUp.class)).isEqualTo(new GaveUp(supervisor, "kid", CRASH));
        assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.SHUTDOWN);
        MessageAssertions.refuteReceive(Match.type(Restarting.class), Duration.ZERO);
    }

    @Test
    void a_restart_that_fails_is_told_with_its_reason_and_tried_again() {
        Pid supervisor =
                supervisor(
                        Kid.inTurn(
                                "kid",
                                List.of(Kid.well("kid"), Kid.badly("not yet"), Kid.well("kid"))),
                        3);
        crash(started("kid"));

        assertThat(next()).isInstanceOf(ChildEnded.class);
        assertThat(next()).isEqualTo(new Restarting(supervisor, "kid", CRASH, 1, Duration.ZERO));
        assertThat(next())
                .isEqualTo(
                        new Restarting(
                                supervisor, "kid", ExitReason.of("not yet"), 2, Duration.ZERO));
        assertThat(next()).isEqualTo(new Restarted(supervisor, "kid", started("kid")));
    }

    @Test
    void a_back_off_is_told_with_its_delays() {
        Pid supervisor = supervisor(Kid.spec("kid").withBackOff(SOON), 0);

        for (int attempt = 1; attempt <= 3; attempt++) {
            crash(started("kid"));

            Duration delay = Duration.ofMillis(10L << (attempt - 1));
            assertThat(next()).isInstanceOf(ChildEnded.class);
            assertThat(next()).isEqualTo(new Restarting(supervisor, "kid", CRASH, attempt, delay));
            assertThat(next()).isInstanceOf(Restarted.class);
        }
    }

    @Test
    void an_end_without_a_restart_is_told_too() {
        Pid supervisor = supervisor(Kid.spec("kid").withRestart(Restart.TEMPORARY), 3);
        Pid kid = started("kid");

        Kid.end(kid, ExitReason.NORMAL);

        assertThat(next()).isEqualTo(new ChildEnded(supervisor, "kid", kid, ExitReason.NORMAL));
        assertThat(Supervisor.countChildren(supervisor).specs()).isZero();
        MessageAssertions.refuteReceive(Match.type(SupervisorEvent.class), Duration.ZERO);
    }

    @Test
    void a_stop_that_the_supervisor_was_asked_for_is_no_event() {
        Pid supervisor = supervisor(Kid.spec("kid"), 3);
        Pid kid = started("kid");

        if (kind == Kind.STATIC) {
            assertThat(Supervisor.terminateChild(supervisor, "kid")).isEmpty();
        } else {
            assertThat(DynamicSupervisor.terminateChild(supervisor, kid)).isEmpty();
        }
        test.stopSupervised("sup");

        MessageAssertions.refuteReceive(Match.type(SupervisorEvent.class), Duration.ZERO);
    }

    /// What a listener throws.
    enum Trouble {
        EXCEPTION {
            @Override
            void happen() {
                throw new IllegalStateException("of the listener");
            }
        },
        ERROR {
            @Override
            void happen() {
                throw new AssertionError("of the listener");
            }
        };

        abstract void happen();
    }

    @ParameterizedTest
    @EnumSource
    void a_listener_that_throws_hurts_nobody(Trouble trouble) {
        try (Logs logs = Logs.of(Supervisor.class)) {
            Pid supervisor = supervisor(Kid.spec("kid"), 3, _ -> trouble.happen());

            crash(started("kid"));

            started("kid");
            assertThat(Supervisor.countChildren(supervisor).active()).isEqualTo(1);
            assertThat(logs.with(supervisor + ": a listener failed on "))
                    .hasSize(3)
                    .allSatisfy(entry -> assertThat(entry.thrown()).hasMessage("of the listener"));
        }
    }

    @Test
    void each_listener_is_told_even_after_one_that_threw() {
        Pid me = Processes.self();
        List<ChildSpec<?>> kids = List.of(Kid.spec("kid"));
        SupervisorFlags flags =
                SupervisorFlags.of(Strategy.ONE_FOR_ONE)
                        .withListener(_ -> Trouble.EXCEPTION.happen())
                        .withListener(event -> Processes.send(me, event));
        test.startSupervised(ChildSpec.supervisor("sup", () -> Supervisor.startLink(kids, flags)));

        crash(started("kid"));

        assertReceive(Restarted.class);
    }

    @Nested
    class the_log {

        private static void assertLogged(Logs logs, String level, String text) {
            assertThat(logs.with(text)).singleElement().matches(e -> e.level().equals(level));
        }

        @Test
        void says_what_was_tried_what_is_left_and_what_comes_next() {
            try (Logs logs = Logs.of(Supervisor.class)) {
                Pid supervisor = supervisor(Kid.spec("kid"), 1);
                Processes.monitor(supervisor);
                Pid first = started("kid");
                crash(first);
                crash(started("kid"));
                assertReceive(Down.class);

                String who = "supervisor " + supervisor + ": ";
                assertLogged(
                        logs, "WARN", who + "child kid " + first + " (PERMANENT) ended: crash");
                assertLogged(
                        logs, "WARN", who + "starting child kid again now: restart 1 of 1 in PT1M");
                assertLogged(
                        logs,
                        "ERROR",
                        who
                                + "giving up: child kid would need more than 1 restarts in PT1M;"
                                + " stopping all children and exiting with shutdown");
            }
        }

        @Test
        void says_when_a_back_off_is_over_and_how_many_are_left() {
            try (Logs logs = Logs.of(Supervisor.class)) {
                Pid supervisor =
                        supervisor(
                                Kid.spec("kid")
                                        .withBackOff(SOON.withMaxAttempts(2, Duration.ofHours(1))),
                                0);
                Processes.monitor(supervisor);
                crash(started("kid"));
                crash(started("kid"));
                crash(started("kid"));
                assertReceive(Down.class);

                String who = "supervisor " + supervisor + ": ";
                assertLogged(
                        logs, "WARN", who + "starting child kid again in 10 ms: restart 1 of 2");
                assertLogged(
                        logs, "WARN", who + "starting child kid again in 20 ms: restart 2 of 2");
                assertLogged(
                        logs,
                        "ERROR",
                        who + "giving up: child kid would need more than 2 restarts in a row;");
            }
        }

        @Test
        void says_that_a_back_off_has_no_limit() {
            try (Logs logs = Logs.of(Supervisor.class)) {
                Pid supervisor = supervisor(Kid.spec("kid").withBackOff(SOON), 0);
                crash(started("kid"));
                started("kid");

                assertLogged(
                        logs,
                        "WARN",
                        "supervisor "
                                + supervisor
                                + ": starting child kid again in 10 ms: restart 1 in a row, without"
                                + " limit");
            }
        }

        @Test
        void has_the_cause_of_a_restart_that_failed() {
            try (Logs logs = Logs.of(Supervisor.class)) {
                Pid supervisor =
                        supervisor(
                                Kid.inTurn(
                                        "kid",
                                        List.of(
                                                Kid.well("kid"),
                                                () -> {
                                                    throw new IllegalStateException("no disk");
                                                },
                                                Kid.well("kid"))),
                                3);
                crash(started("kid"));
                started("kid");

                assertThat(logs.with(supervisor + ": child kid did not start: "))
                        .singleElement()
                        .satisfies(entry -> {
                            assertThat(entry.level()).isEqualTo("ERROR");
                            assertThat(entry.thrown()).hasMessage("no disk");
                        });
            }
        }

        @Test
        void is_silent_about_an_orderly_end_that_calls_for_nothing() {
            try (Logs logs = Logs.of(Supervisor.class)) {
                Pid supervisor = supervisor(Kid.spec("kid").withRestart(Restart.TRANSIENT), 3);
                Kid.end(started("kid"), ExitReason.NORMAL);
                assertReceive(ChildEnded.class);
                test.stopSupervised("sup");

                assertThat(logs.with(supervisor.toString())).isEmpty();
            }
        }
    }
}
