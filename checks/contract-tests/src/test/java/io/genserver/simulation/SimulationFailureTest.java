package io.genserver.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.Agent;
import io.genserver.ExitReason;
import io.genserver.Match;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.StartOption;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// What the failure of a simulation says, word for word.
class SimulationFailureTest {

    /// The part of a pid that differs from run to run.
    private static final Pattern NODE = Pattern.compile("#PID<\\d+\\.");

    private static String message(SimulationFailure failure) {
        return NODE.matcher(failure.getMessage())
                .replaceAll("#PID<0.")
                .replace(failure.token(), "TOKEN");
    }

    private static SimulationFailure failure(Simulation.Body body) {
        return Simulation.runs(20).find(body).orElseThrow();
    }

    @Test
    void a_crash_and_a_restart() {
        SimulationFailure failure =
                failure(run -> {
                    Supervisor.startLink(
                            List.of(
                                    ChildSpec.worker(
                                            "counter",
                                            () ->
                                                    Agent.startLink(
                                                            () -> 0, StartOption.name("counter")))),
                            SupervisorFlags.of(Strategy.ONE_FOR_ONE));
                    Pid first = Processes.whereis("counter").orElseThrow();
                    Processes.exit(first, ExitReason.of("crash"));
                    Processes.sleep(Duration.ofSeconds(1));
                    throw new AssertionError("the count is lost");
                });

        assertThat(message(failure))
                .isEqualTo(
                        """
                        java.lang.AssertionError: the count is lost
                        Run 1 of 20 failed, found by random walk.
                        The shortest schedule found has 0 choices that are not the simplest (the first one had 0), after 0 replays.
                        Play it again with -Dgenserver.simulation.replay=TOKEN
                            0   0.000000 s  thread body #1 starts
                            0   0.000000 s  Supervisor #2 starts
                            1   0.000000 s  Supervisor #2 handles init
                            1   0.000000 s  Agent #3 starts
                            2   0.000000 s  Agent #3 handles init
                            3   0.000000 s  Agent #3 → Supervisor #2: reply started
                            4   0.000000 s  Supervisor #2 → thread body #1: reply started
                            5   0.000000 s  thread body #1 looks at counter
                            6   0.000000 s  thread body #1 → Agent #3: exit signal crash
                            6   0.000000 s  Agent #3 ends: crash
                            7   0.000000 s  Supervisor #2 handles Exit[from=#PID<0.3.0>, reason=crash]
                            7   0.000000 s  Supervisor #2 restarts child counter
                            7   0.000000 s  Agent #4 starts
                            8   0.000000 s  Agent #4 handles init
                            9   0.000000 s  Agent #4 → Supervisor #2: reply started
                            9   1.000000 s  thread body #1: throws java.lang.AssertionError: the count is lost
                            9   1.000000 s  thread body #1 ends: normal
                        """);
        assertThat(failure.trace().asMermaid().replaceAll("PID \\d+", "PID 0"))
                .isEqualTo(
                        """
                        sequenceDiagram
                            participant p0 as thread body  1
                            participant p1 as Supervisor  2
                            participant p2 as Agent  3
                            participant p3 as Agent  4
                            Note over p0: 0.000000 s
                            Note over p0: 0 start
                            Note over p1: 0 start
                            Note over p1: 1 turn init
                            Note over p2: 1 start
                            Note over p2: 2 turn init
                            p2-->>p1: 3 reply started
                            p1-->>p0: 4 reply started
                            p0->>p2: 6 exit crash
                            Note over p2: 6 end crash
                            Note over p1: 7 turn Exit[from= PID 0.3.0 , reason=crash]
                            Note over p1: 7 restart counter
                            Note over p3: 7 start
                            Note over p3: 8 turn init
                            p3-->>p1: 9 reply started
                            Note over p0: 1.000000 s
                            Note over p0: 9 throws java.lang.AssertionError  the count is lost
                            Note over p0: 9 end normal
                        """);
    }

    @Test
    void a_timer() {
        SimulationFailure failure =
                failure(_ -> {
                    Processes.sendAfter(Processes.self(), "tick", Duration.ofSeconds(2));
                    throw new AssertionError(Processes.receive(Match.value("tick")));
                });

        assertThat(message(failure))
                .isEqualTo(
                        """
                        java.lang.AssertionError: tick
                        Run 1 of 20 failed, found by random walk.
                        The shortest schedule found has 0 choices that are not the simplest (the first one had 1), after 1 replays.
                        Play it again with -Dgenserver.simulation.replay=TOKEN
                            0   0.000000 s  thread body #1 starts
                            1   0.000000 s  thread body #1 looks into its mailbox
                            2   2.000000 s  timer fires: message tick for #PID<0.1.0>
                            2   2.000000 s  thread body #1: throws java.lang.AssertionError: tick
                            2   2.000000 s  thread body #1 ends: normal
                        """);
        assertThat(failure.trace().asMermaid().replaceAll("PID \\d+", "PID 0"))
                .isEqualTo(
                        """
                        sequenceDiagram
                            participant p0 as thread body  1
                            participant p1 as timers
                            Note over p0: 0.000000 s
                            Note over p0: 0 start
                            Note over p0: 2.000000 s
                            p1->>p0: 2 timer message tick for  PID 0.1.0\s
                            Note over p0: 2 throws java.lang.AssertionError  tick
                            Note over p0: 2 end normal
                        """);
    }

    @Test
    void a_failure_that_is_played_again() {
        Simulation.Body body =
                _ -> {
                    throw new AssertionError("always");
                };
        String token = failure(body).token();

        assertThat(message(Simulation.runs(1).replay(token).find(body).orElseThrow()))
                .isEqualTo(
                        """
                        java.lang.AssertionError: always
                        Played again from TOKEN
                            0   0.000000 s  thread body #1 starts
                            0   0.000000 s  thread body #1: throws java.lang.AssertionError: always
                            0   0.000000 s  thread body #1 ends: normal
                        """);
    }

    @Test
    void a_failure_that_no_replay_repeats() {
        AtomicInteger run = new AtomicInteger();

        SimulationFailure failure =
                failure(_ -> {
                    Processes.whereis("a");
                    if (run.getAndIncrement() == 0) {
                        throw new IllegalStateException("only once");
                    }
                    Processes.whereis("b");
                });

        assertThat(message(failure))
                .isEqualTo(
                        """
                        java.lang.IllegalStateException: only once
                        Run 1 of 20 failed, found by random walk.
                        The shortest schedule found has 0 choices that are not the simplest (the first one had 0), after 0 replays.
                        The replay did not fail in the same way: it diverged at step 2, because the code under test is not the same in each run.
                        Play it again with -Dgenserver.simulation.replay=TOKEN
                            0   0.000000 s  thread body #1 starts
                            1   0.000000 s  thread body #1 looks at a
                            2   0.000000 s  thread body #1 looks at b
                        """);
    }

    @Test
    void a_failure_that_differs_with_the_same_steps() {
        AtomicInteger run = new AtomicInteger();

        SimulationFailure failure =
                failure(_ -> {
                    if (run.getAndIncrement() == 0) {
                        throw new IllegalStateException("the first time");
                    }
                    throw new IllegalArgumentException("later");
                });

        assertThat(message(failure))
                .contains(
                        "The replay did not fail in the same way: it diverged at a step that is not"
                                + " known, because the code under test is not the same in each"
                                + " run.");
    }
}
