package io.genserver.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.genserver.Action;
import io.genserver.Agent;
import io.genserver.Call;
import io.genserver.CallException;
import io.genserver.CallResult;
import io.genserver.CallServer;
import io.genserver.CastResult;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Match;
import io.genserver.Name;
import io.genserver.Node;
import io.genserver.OtherJvm;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Server;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.Via;
import io.genserver.ViaRegistry;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import io.genserver.supervisor.Task;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

class SimulationTest {

    /// Two tasks read a counter and write it back, one after the other or not.
    private static void lostUpdate(SimulationRun run) {
        var counter = Agent.startLink(() -> 0).server();
        List<Task<Integer>> tasks = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            tasks.add(
                    Task.async(() -> {
                        int seen = Agent.get(counter, count -> count);
                        Agent.update(counter, _ -> seen + 1);
                        return seen;
                    }));
        }
        tasks.forEach(Task::await);
        assertThat((int) Agent.get(counter, count -> count)).isEqualTo(2);
    }

    @Test
    void finds_a_lost_update_and_plays_it_again() {
        SimulationFailure failure =
                Simulation.runs(200).find(SimulationTest::lostUpdate).orElseThrow();

        assertThat(failure.getCause()).isInstanceOf(AssertionError.class);
        assertThat(failure.getMessage())
                .contains("Play it again with -Dgenserver.simulation.replay=" + failure.token());
        assertThat(failure.trace().asText()).contains("call Agent.update");
        assertThat(failure.trace().asMermaid()).startsWith("sequenceDiagram\n");

        SimulationFailure again =
                Simulation.runs(1)
                        .replay(failure.token())
                        .find(SimulationTest::lostUpdate)
                        .orElseThrow();
        assertThat(again.trace().asText()).isEqualTo(failure.trace().asText());
        assertThat(again.policy()).isEqualTo(failure.policy());
    }

    @Test
    void a_failure_is_remembered_until_it_is_mended(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("simulations").resolve("lost-update");
        Simulation simulation = Simulation.runs(200).remember(file);

        SimulationFailure failure = simulation.find(SimulationTest::lostUpdate).orElseThrow();
        assertThat(file).hasContent(failure.token());
        assertThat(file.resolveSibling("lost-update.mmd"))
                .content()
                .isEqualTo(failure.trace().asMermaid());

        SimulationFailure again = simulation.find(SimulationTest::lostUpdate).orElseThrow();
        assertThat(again.getMessage()).contains("Played again from " + failure.token());

        assertThat(simulation.find(_ -> Processes.self())).isEmpty();
        assertThat(file.getParent()).isEmptyDirectory();
    }

    @Test
    void a_body_without_a_fault_passes_each_run() {
        SimulationResult result =
                Simulation.runs(200)
                        .check(run -> {
                            var counter = Agent.startLink(() -> 0).server();
                            var other =
                                    Task.async(() -> {
                                        Agent.update(counter, count -> count + 1);
                                        return 1;
                                    });
                            Agent.update(counter, count -> count + 1);
                            other.await();
                            assertThat((int) Agent.get(counter, count -> count)).isEqualTo(2);
                        });

        assertThat(result.runs()).isEqualTo(200);
        assertThat(result.steps()).isGreaterThan(200);
    }

    /// A tree with restarts, timers and tasks.
    static SimulationResult tree(int runs) {
        return Simulation.runs(runs)
                .check(run -> {
                    List<ChildSpec<?>> children = new ArrayList<>();
                    for (String name : List.of("one", "two")) {
                        children.add(
                                ChildSpec.worker(
                                        name,
                                        () -> Agent.startLink(() -> 0, StartOption.name(name))));
                    }
                    Supervisor.startLink(
                            children,
                            SupervisorFlags.of(Strategy.ONE_FOR_ALL)
                                    .withMaxRestarts(10, Duration.ofSeconds(5)));
                    run.mayCrash(new Name("one"));
                    run.mayCrash(new Name("two"));
                    run.delayTimers(Duration.ofSeconds(1));
                    run.eventually(
                            "both run",
                            () ->
                                    Processes.whereis("one").isPresent()
                                            && Processes.whereis("two").isPresent());
                    Processes.sendAfter(Processes.self(), "end", Duration.ofSeconds(3));
                    for (int i = 0; i < 5; i++) {
                        Agent.cast(Server.named("two", Numbers.class), count -> count + 1);
                        Processes.sleep(Duration.ofMillis(100));
                    }
                    Processes.receive(Match.value("end"));
                });
    }

    interface Numbers extends Agent<Integer> {}

    @Test
    void two_jvms_take_the_same_steps(@TempDir Path folder) throws Exception {
        List<String> there =
                OtherJvm.run(
                        folder,
                        "jdk.virtualThreadScheduler.parallelism=1",
                        Fingerprint.class,
                        false);

        assertThat(there).endsWith(String.valueOf(tree(1_000).fingerprint()));
        assertThat(there).containsSubsequence(found().lines().toList());
    }

    /// Returns the token and the trace of a run that fails.
    private static String found() {
        String token = Simulation.runs(200).find(SimulationTest::lostUpdate).orElseThrow().token();
        Trace trace =
                Simulation.runs(1)
                        .replay(token)
                        .find(SimulationTest::lostUpdate)
                        .orElseThrow()
                        .trace();
        return token + "\n" + trace.asText();
    }

    /// Prints what the runs have done.
    static final class Fingerprint {
        private Fingerprint() {}

        public static void main(String[] arguments) {
            System.out.println(found());
            System.out.println(tree(1_000).fingerprint());
        }
    }

    /// Stops with a reply to any call.
    private record LastReply() implements Call<Boolean> {}

    private static final class StopsWithReply implements CallServer<Integer, LastReply> {
        @Override
        public Init<Integer> init() {
            return Init.ok(0);
        }

        @Override
        public CallResult<Integer> handleCall(LastReply request, From from, Integer state) {
            return CallResult.stop(ExitReason.NORMAL, request, true, state);
        }
    }

    @Test
    void a_server_that_stops_with_a_reply_may_have_its_name_for_a_while() {
        Set<String> seen = new HashSet<>();

        SimulationResult _ =
                Simulation.runs(200)
                        .check(_ -> {
                            var server =
                                    CallServer.start(StopsWithReply::new, StartOption.name("last"))
                                            .server();
                            assertThat((boolean) GenServer.call(server, new LastReply())).isTrue();
                            var next =
                                    CallServer.start(StopsWithReply::new, StartOption.name("last"));
                            seen.add(next.getClass().getSimpleName());
                        });

        assertThat(seen).containsExactlyInAnyOrder("Ok", "Failed");
    }

    /// Returns whether a process lives when its last message has come, in all runs.
    ///
    /// @param end what the process does after it has sent the message
    private static Set<Boolean> livesAfterItsLastMessage(Runnable end) {
        Set<Boolean> lives = new HashSet<>();
        SimulationResult _ =
                Simulation.runs(200)
                        .check(_ -> {
                            Pid me = Processes.self();
                            Pid process =
                                    Processes.spawn(() -> {
                                        Processes.send(me, "done");
                                        end.run();
                                    });
                            assertThat(Processes.receive(Match.value("done"))).isEqualTo("done");
                            lives.add(Processes.isAlive(process));
                        });
        return lives;
    }

    @Test
    void a_process_may_live_for_a_while_after_its_last_message() {
        assertThat(livesAfterItsLastMessage(() -> {})).containsExactlyInAnyOrder(true, false);
    }

    @Test
    void a_process_that_crashes_may_live_for_a_while_after_its_last_message() {
        assertThat(
                        livesAfterItsLastMessage(() -> {
                            throw new IllegalStateException("boom");
                        }))
                .containsExactlyInAnyOrder(true, false);
    }

    /// Counts what it does of its own accord.
    private static final class Continues implements CallServer<Integer, LastReply> {
        private final AtomicInteger turns;
        private final Action next;

        Continues(AtomicInteger turns, Action next) {
            this.turns = turns;
            this.next = next;
        }

        @Override
        public Init<Integer> init() {
            return Init.ok(0, Action.continueWith("first"));
        }

        @Override
        public CastResult<Integer> handleContinue(Object continuation, Integer state) {
            turns.incrementAndGet();
            return CastResult.noreply(state, next);
        }

        @Override
        public CastResult<Integer> handleInfo(Object message, Integer state) {
            turns.incrementAndGet();
            return CastResult.noreply(state);
        }

        @Override
        public CallResult<Integer> handleCall(LastReply request, From from, Integer state) {
            return CallResult.reply(request, true, state);
        }
    }

    @Test
    void others_may_act_before_a_continuation_and_a_timeout_of_0() {
        Set<Integer> seen = new HashSet<>();

        SimulationResult _ =
                Simulation.runs(500)
                        .check(_ -> {
                            AtomicInteger turns = new AtomicInteger();
                            Action soon = Action.timeout(Duration.ZERO, "now");
                            Start<?> _ = CallServer.start(() -> new Continues(turns, soon));
                            seen.add(turns.get());
                        });

        assertThat(seen).containsExactlyInAnyOrder(0, 1, 2);
    }

    @Test
    void waits_with_steps_in_between_are_no_circles() {
        SimulationResult result =
                Simulation.runs(4)
                        .maxSteps(1_000)
                        .check(_ -> {
                            for (int i = 0; i < 600; i++) {
                                Processes.sleep(Duration.ofSeconds(1));
                                Processes.sleep(Duration.ofSeconds(1));
                                assertThat(Processes.whereis("nobody")).isEmpty();
                            }
                        });

        assertThat(result.steps()).isBetween(4 * 600L, 4 * 1_000L);
    }

    private static Throwable livelock(Simulation.Body body) {
        return Objects.requireNonNull(
                Simulation.runs(5).maxSteps(1_000).find(body).orElseThrow().getCause());
    }

    @Test
    void a_run_that_goes_round_in_circles_without_steps_fails() {
        String circles = ", got: more; it goes round in circles, or needs a higher maxSteps";
        String pauses =
                "expected each process to take a step after at most 1000 waits and failed attempts to"
                        + " reach another process"
                        + circles;
        Name nobody = new Name("nobody");

        assertThat(
                        livelock(_ -> {
                            Action again = Action.continueWith("again");
                            Start<?> _ =
                                    CallServer.start(
                                            () -> new Continues(new AtomicInteger(), again));
                        }))
                .hasMessage("expected the run to end within 1000 steps" + circles);
        assertThat(
                        livelock(_ -> {
                            while (true) {
                                Processes.sleep(Duration.ofSeconds(1));
                            }
                        }))
                .hasMessage(pauses);
        assertThat(
                        livelock(_ -> {
                            while (true) {
                                try {
                                    boolean _ = GenServer.call(nobody, new LastReply());
                                } catch (CallException nobodyThere) {
                                    assertThat(nobodyThere).isNotNull();
                                }
                            }
                        }))
                .hasMessage(pauses);
    }

    @Test
    void an_assumption_that_does_not_hold_aborts_the_test(@TempDir Path folder) {
        Path file = folder.resolve("tokens");

        assertThatThrownBy(() ->
                        Simulation.runs(10)
                                .remember(file)
                                .check(_ -> {
                                    throw new TestAbortedException("no network");
                                }))
                .isExactlyInstanceOf(TestAbortedException.class)
                .hasMessage("no network");

        assertThat(file).doesNotExist();
    }

    @Test
    void an_invariant_is_checked_before_each_step() {
        AtomicInteger running = new AtomicInteger();

        SimulationFailure failure =
                Simulation.runs(200)
                        .find(run -> {
                            running.set(0);
                            run.always(() -> assertThat(running.get()).isLessThan(2));
                            List<Task<Integer>> tasks = new ArrayList<>();
                            for (int i = 0; i < 2; i++) {
                                tasks.add(
                                        Task.async(() -> {
                                            running.incrementAndGet();
                                            Processes.sleep(Duration.ofSeconds(1));
                                            Processes.whereis("nobody");
                                            return running.decrementAndGet();
                                        }));
                            }
                            tasks.forEach(Task::await);
                        })
                        .orElseThrow();

        assertThat(failure.getCause()).hasMessageContaining("2");
    }

    @Test
    void an_invariant_is_checked_after_the_last_step_too() {
        SimulationFailure failure =
                Simulation.runs(1)
                        .find(run -> {
                            AtomicInteger total = new AtomicInteger(10);
                            run.always(() -> assertThat(total.get()).isEqualTo(10));
                            var agent = Agent.startLink(() -> 0).server();
                            Agent.cast(agent, _ -> total.decrementAndGet());
                        })
                        .orElseThrow();

        assertThat(failure.getCause()).hasMessageContaining("expected: 10\n but was: 9");
    }

    @Test
    void a_condition_may_take_time_to_hold() {
        SimulationResult result =
                Simulation.runs(20)
                        .check(run -> {
                            AtomicInteger done = new AtomicInteger();
                            Processes.spawn(() -> {
                                Processes.sleep(Duration.ofHours(1));
                                done.set(1);
                            });
                            run.eventually("it is done", () -> done.get() == 1);
                        });

        assertThat(result.runs()).isEqualTo(20);
    }

    @Test
    void a_condition_that_never_holds_fails_the_run() {
        SimulationFailure failure =
                Simulation.runs(20)
                        .find(run -> run.eventually("pigs fly", () -> false))
                        .orElseThrow();

        assertThat(failure.getCause())
                .hasMessage("expected in the end: pigs fly, got: that it does not hold");
    }

    @Test
    void a_deadlock_says_who_waits_for_whom() {
        SimulationFailure failure =
                Simulation.runs(20)
                        .find(run -> {
                            Pid deaf = Processes.spawn(() -> Processes.receive(Match.value("x")));
                            Processes.monitor(deaf);
                            Processes.receive(Match.value("y"));
                        })
                        .orElseThrow();

        assertThat(failure)
                .cause()
                .message()
                .matches(
                        "expected the body to return, got: a deadlock, because all wait and no timer"
                                + " is armed: body waits for a message; #PID<\\d+\\.2\\.0> \\(spawn\\)"
                                + " waits for a message");
    }

    @Test
    void a_run_that_goes_round_in_circles_fails() {
        SimulationFailure failure =
                Simulation.runs(20)
                        .maxSteps(1_000)
                        .find(run -> {
                            var agent = Agent.startLink(() -> 0).server();
                            while (Agent.get(agent, count -> count) == 0) {
                                Agent.cast(agent, count -> count);
                            }
                        })
                        .orElseThrow();

        assertThat(failure.getCause())
                .hasMessage(
                        "expected the run to end within 1000 steps, got: more; it goes round in"
                                + " circles, or needs a higher maxSteps");
    }

    @Test
    void the_processes_of_a_run_that_goes_round_in_circles_are_killed_as_others_are() {
        List<Throwable> ends = new ArrayList<>();

        assertThat(
                        Simulation.runs(1)
                                .maxSteps(1_000)
                                .find(run -> {
                                    Processes.spawn(() -> {
                                        try {
                                            Processes.receive(Match.value("never comes"));
                                        } catch (ExitException | Error end) {
                                            ends.add(end);
                                            throw end;
                                        }
                                    });
                                    while (Processes.whereis("nobody").isEmpty()) {
                                        Processes.sleep(Duration.ofSeconds(1));
                                    }
                                }))
                .isPresent();

        assertThat(ends)
                .isNotEmpty()
                .allSatisfy(
                        end -> assertThat(end).hasToString("io.genserver.ExitException: killed"));
    }

    @Test
    void a_wait_outside_of_the_simulation_fails_the_run_with_its_stack() {
        assumeFalse(Debugger.POSSIBLE);
        SimulationFailure failure =
                Simulation.runs(1).find(run -> new CountDownLatch(1).await()).orElseThrow();

        assertThat(failure)
                .cause()
                .hasMessage(
                        "expected the code to wait only in this library, got: the thread \"body\","
                                + " which waits outside of the simulation; its stack is that of this"
                                + " error")
                .satisfies(cause ->
                        assertThat(cause.getStackTrace())
                                .anyMatch(
                                        frame -> frame.getClassName().contains("CountDownLatch")));
    }

    /// Goes on and on without a step until it is allowed to end.
    private static void spin(AtomicBoolean mayEnd) {
        while (!mayEnd.get()) {
            Thread.onSpinWait();
        }
    }

    @Test
    void a_busy_wait_ends_the_simulation_with_its_stack() {
        assumeFalse(Debugger.POSSIBLE);
        loadClasses();
        AtomicBoolean mayEnd = new AtomicBoolean();
        AtomicInteger runs = new AtomicInteger();
        Search impatient =
                new Search(
                        Simulation.runs(20),
                        _ -> {
                            if (runs.incrementAndGet() == 1) {
                                throw new IllegalStateException("found before");
                            }
                            spin(mayEnd);
                        },
                        LOOKS);
        try {
            assertThatThrownBy(impatient::find)
                    .isInstanceOf(AssertionError.class)
                    .hasMessage(BUSY)
                    .satisfies(failed -> {
                        assertThat(failed.getStackTrace())
                                .anyMatch(frame -> frame.getMethodName().equals("spin"));
                        assertThat(failed.getSuppressed())
                                .singleElement()
                                .hasToString("java.lang.IllegalStateException: found before");
                    });
            assertThat(runs).hasValue(2);
        } finally {
            mayEnd.set(true);
        }
    }

    /// Runs a simulation, so that the next one makes progress at once.
    private static void loadClasses() {
        SimulationResult _ = Simulation.runs(1).check(_ -> Processes.whereis("nobody"));
    }

    /// For how many looks the spinning threads of these tests may go on.
    private static final int LOOKS = 25;

    private static final String BUSY =
            "expected the code to wait only in this library, got: the thread \"body\", which does"
                    + " something else for 500 ms outside of the simulation; its stack is that of"
                    + " this error";

    /// The thread leaves no processor to the others.
    @Test
    void a_busy_wait_ends_the_simulation_on_one_processor(@TempDir Path folder) throws Exception {
        assertThat(
                        OtherJvm.run(
                                folder,
                                List.of(
                                        "-Djdk.virtualThreadScheduler.parallelism=1",
                                        "-Djdk.virtualThreadScheduler.maxPoolSize=1"),
                                BusyWait.class,
                                false))
                .endsWith("java.lang.AssertionError: " + BUSY);
    }

    /// Prints what a simulation with a busy wait throws.
    static final class BusyWait {
        private BusyWait() {}

        public static void main(String[] arguments) {
            AtomicBoolean never = new AtomicBoolean();
            loadClasses();
            try {
                Object _ = new Search(Simulation.runs(20), _ -> spin(never), LOOKS).find();
            } catch (AssertionError thrown) {
                System.out.println(thrown);
            }
        }
    }

    /// A breakpoint is a wait for something else.
    @Test
    void under_a_debugger_a_thread_may_stand_still(@TempDir Path folder) throws Exception {
        assertThat(
                        OtherJvm.run(
                                folder,
                                List.of(
                                        "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,"
                                                + "quiet=y,address=127.0.0.1:0"),
                                StandsStill.class,
                                false))
                .endsWith("2 runs, PT1H");
    }

    /// Runs a simulation and a test that stand still for longer than each of them allows.
    static final class StandsStill {
        private StandsStill() {}

        public static void main(String[] arguments) throws Exception {
            SimulationResult result = Simulation.runs(2).check(_ -> Thread.sleep(1_000));
            try (TestTime impatient = new TestTime(5, 5, 1_000)) {
                impatient.call(() -> {
                    Thread.sleep(1_000);
                    Processes.sleep(Duration.ofHours(1));
                    return 1;
                });
                System.out.println(result.runs() + " runs, " + impatient.elapsed());
            }
        }
    }

    /// The first runs fail at a point that the later ones pass, and their shortest schedule differs
    /// from the first one long before that point.
    @Test
    void the_step_at_which_the_code_differs_is_that_of_the_code_and_not_of_the_schedule() {
        AtomicInteger run = new AtomicInteger();

        SimulationFailure failure =
                Simulation.runs(20)
                        .seed(3)
                        .find(_ -> {
                            List<Task<Object>> tasks = new ArrayList<>();
                            for (int i = 0; i < 3; i++) {
                                tasks.add(Task.async(() -> Processes.whereis("early")));
                            }
                            tasks.forEach(Task::await);
                            for (int i = 0; i < 100; i++) {
                                Processes.whereis("later");
                            }
                            if (run.getAndIncrement() < 3) {
                                throw new IllegalStateException("only at first");
                            }
                        })
                        .orElseThrow();

        assertThat(failure.getMessage())
                .containsPattern("it diverged at step 1\\d\\d, because the code under test");
    }

    @Test
    void a_replay_that_passes_and_is_not_the_same_each_time_fails() {
        String token = Simulation.runs(200).find(SimulationTest::lostUpdate).orElseThrow().token();
        AtomicInteger run = new AtomicInteger();

        SimulationFailure failure =
                Simulation.runs(1)
                        .replay(token)
                        .find(_ -> {
                            Processes.whereis("a");
                            if (run.getAndIncrement() % 2 == 0) {
                                Processes.whereis("b");
                            }
                        })
                        .orElseThrow();

        assertThat(failure.getCause())
                .hasMessage(
                        "expected the replay to be the same each time, got: two that differ at step"
                                + " 2, because the code under test is not the same in each run");
    }

    @Test
    void a_remembered_run_that_passes_and_is_not_the_same_each_time_fails(@TempDir Path folder) {
        Path file = folder.resolve("lost-update");
        Simulation simulation = Simulation.runs(200).remember(file);
        String token = simulation.find(SimulationTest::lostUpdate).orElseThrow().token();
        AtomicInteger run = new AtomicInteger();

        SimulationFailure failure =
                simulation
                        .find(_ -> {
                            if (run.getAndIncrement() % 2 == 0) {
                                Processes.whereis("a");
                            }
                        })
                        .orElseThrow();

        assertThat(failure.getCause())
                .hasMessage(
                        "expected the replay to be the same each time, got: two that differ at step"
                                + " 1, because the code under test is not the same in each run");
        assertThat(file).hasContent(token);
    }

    @Test
    void names_are_those_of_the_runs_node_also_before_a_timer() {
        SimulationResult result =
                Simulation.runs(20)
                        .check(run -> {
                            Processes.register(Processes.self(), "body");
                            run.always(() -> assertThat(Processes.whereis("body")).isPresent());
                            Processes.sendAfter(Processes.self(), "tick", Duration.ofSeconds(1));
                            Processes.receive(Match.value("tick"));
                        });

        assertThat(result.runs()).isEqualTo(20);
    }

    @Test
    void what_a_registry_throws_before_a_timer_fails_the_run() {
        assertThat(
                        cause(run -> {
                            run.mayCrash(new Via(new BrokenRegistry(new AtomicInteger()), "key"));
                            Processes.sendAfter(Processes.self(), "tick", Duration.ofSeconds(1));
                            Processes.receive(Match.value("tick"));
                        }))
                .hasToString("java.lang.AssertionError: no registry");
    }

    /// Breaks after the first look, which is before the body receives.
    private record BrokenRegistry(AtomicInteger looks) implements ViaRegistry {
        @Override
        public boolean registerName(Object key, Pid pid) {
            return false;
        }

        @Override
        public void unregisterName(Object key) {}

        @Override
        public Optional<Pid> whereisName(Object key) {
            if (looks.getAndIncrement() == 0) {
                return Optional.empty();
            }
            throw new AssertionError("no registry");
        }
    }

    /// Whoever gets the first of two messages of the same moment may act before the second one is
    /// sent.
    @Test
    void timers_of_one_moment_fire_one_after_another() {
        Set<String> seen = new HashSet<>();
        SimulationResult _ =
                Simulation.runs(200)
                        .check(run -> {
                            Pid first =
                                    Processes.spawn(() -> Processes.receive(Match.value("tick")));
                            Pid last = Processes.self();
                            Duration delay = Duration.ofSeconds(1);
                            Processes.sendAfter(first, "tick", delay);
                            Processes.sendAfter(last, "tick", delay);
                            Processes.monitor(first);
                            Object came = Processes.receive(Match.type(Object.class));
                            seen.add(came.equals("tick") ? "timer" : "end of the first");
                        });

        assertThat(seen).containsExactlyInAnyOrder("timer", "end of the first");
    }

    /// Runs two tasks, and then code that fails, with many schedules.
    ///
    /// @param fail fails; gets the run and the name of the task that was first
    /// @return the first line of each failure
    private static List<String> failures(BiConsumer<SimulationRun, String> fail) {
        List<String> failures = new ArrayList<>();
        for (int seed = 0; seed < 100; seed++) {
            SimulationFailure failure =
                    Simulation.runs(1)
                            .seed(seed)
                            .find(run -> {
                                List<String> order = new ArrayList<>();
                                Task<Boolean> one = Task.async(() -> order.add("one"));
                                Task<Boolean> two = Task.async(() -> order.add("two"));
                                one.await();
                                two.await();
                                fail.accept(run, order.getFirst());
                            })
                            .orElseThrow();
            failures.add(failure.toString().lines().findFirst().orElseThrow());
        }
        return failures;
    }

    /// The simplest schedule fails, too, but at another line.
    @Test
    void the_shortest_run_fails_at_the_same_line() {
        List<String> failures =
                failures((_, first) -> {
                    if (first.equals("one")) {
                        throw new AssertionError("one was first");
                    }
                    throw new AssertionError("two was first");
                });

        assertThat(failures)
                .anyMatch(line -> line.endsWith("one was first"))
                .anyMatch(line -> line.endsWith("two was first"));
    }

    @Test
    void the_shortest_run_misses_the_same_condition() {
        List<String> failures =
                failures((run, first) -> run.eventually(first + " was not first", () -> false));

        assertThat(failures)
                .anyMatch(line -> line.contains("one was not first"))
                .anyMatch(line -> line.contains("two was not first"));
    }

    @Test
    void an_invariant_that_waits_for_something_else_fails_the_run() {
        assumeFalse(Debugger.POSSIBLE);
        String waits =
                "expected the code to wait only in this library, got: the thread \"%s\", which waits"
                        + " outside of the simulation; its stack is that of this error";

        assertThat(
                        cause(run -> {
                            run.always(() -> new CountDownLatch(1).await());
                            Processes.sleep(Duration.ofSeconds(1));
                        }))
                .hasMessage(waits, "invariants");
        assertThat(
                        cause(run -> {
                            run.always(() -> new CountDownLatch(1).await());
                            Processes.spawn(() -> Processes.sleep(Duration.ofSeconds(1)));
                            Processes.sleep(Duration.ofSeconds(1));
                        }))
                .hasMessage(waits, "genserver-process");
    }

    @Test
    void an_interrupt_ends_a_simulation() {
        Thread caller = Thread.currentThread();

        assertThatThrownBy(() ->
                        Simulation.runs(1_000_000)
                                .find(run -> {
                                    Processes.whereis("nobody");
                                    caller.interrupt();
                                }))
                .isInstanceOf(AssertionError.class)
                .hasMessage("the simulation was interrupted");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void a_budget_ends_a_simulation_that_finds_nothing() {
        SimulationResult result =
                Simulation.runs(Integer.MAX_VALUE)
                        .budget(Duration.ofMillis(100))
                        .check(_ -> Processes.whereis("nobody"));

        assertThat(result.runs()).isBetween(1, 10_000_000);
    }

    @Test
    void each_policy_finds_something() {
        Set<String> policies = new HashSet<>();
        for (int number = 0; number < 8; number++) {
            int first = number;
            AtomicInteger run = new AtomicInteger();
            Simulation.runs(10)
                    .find(_ -> {
                        if (run.getAndIncrement() >= first) {
                            throw new AssertionError("always from now on");
                        }
                    })
                    .ifPresent(failure -> policies.add(failure.policy()));
        }

        assertThat(policies).hasSize(4);
    }

    @Test
    void a_property_plays_one_run_again() {
        String token = Simulation.runs(200).find(SimulationTest::lostUpdate).orElseThrow().token();
        System.setProperty(Simulation.REPLAY, token);
        try {
            assertThat(Simulation.runs(200).find(SimulationTest::lostUpdate).orElseThrow())
                    .hasMessageContaining("Played again from " + token);
        } finally {
            System.clearProperty(Simulation.REPLAY);
        }
    }

    @Test
    void a_file_with_a_line_that_is_no_token_is_refused_by_its_name(@TempDir Path folder)
            throws Exception {
        Path file = Files.writeString(folder.resolve("tokens"), "rubbish\n");

        assertThatThrownBy(() -> Simulation.runs(1).remember(file).find(_ -> Processes.self()))
                .hasMessage(
                        "expected one token in each line of "
                                + file
                                + ", got: rubbish; remove the line");
    }

    @Test
    void a_file_that_cannot_be_used_is_refused_by_its_name(@TempDir Path folder) throws Exception {
        Path file = Files.createDirectory(folder.resolve("tokens"));
        assertThatThrownBy(() -> Simulation.runs(1).remember(file).find(_ -> Processes.self()))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("expected a file with tokens of failed runs, got: " + file);

        Path inFile = Files.createFile(folder.resolve("file")).resolve("tokens");
        assertThat(beside(inFile))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("expected to keep the tokens of failed runs in " + inFile);

        Path chart = Files.createDirectory(folder.resolve("lost.mmd"));
        assertThat(beside(folder.resolve("lost")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("expected to write a chart to " + chart);
    }

    /// Returns what is suppressed in the failure of a run, whose token is to be kept in a file.
    private static Throwable beside(Path file) {
        SimulationFailure failure =
                Simulation.runs(200).remember(file).find(SimulationTest::lostUpdate).orElseThrow();
        assertThat(failure).hasMessageContaining(failure.token());
        return failure.getSuppressed()[0];
    }

    private static Server<Agent<Integer>> deaf() {
        var deaf = Agent.start(() -> 0).server();
        Agent.cast(
                deaf,
                n -> {
                    Processes.receive(Match.value("never"));
                    return n;
                });
        return deaf;
    }

    private static Throwable cause(Simulation.Body body) {
        return Objects.requireNonNull(Simulation.runs(1).find(body).orElseThrow().getCause());
    }

    @Test
    void failures_of_the_simulations_own_say_what_was_expected() {
        assertThat(cause(run -> run.delayTimers(Duration.ZERO)))
                .hasMessage("expected the longest delay to be more than 0, got: PT0S");
        assertThat(
                        cause(_ -> {
                            throw new IOException("no file");
                        }))
                .hasMessage("expected the body to return, got: java.io.IOException: no file");
        assertThat(
                        cause(run -> {
                            run.always(() -> {
                                throw new IOException("no file");
                            });
                            Processes.whereis("nobody");
                        }))
                .hasMessage("expected the invariant to hold, got: java.io.IOException: no file");
        assertThat(
                        cause(run -> {
                            var agent = Agent.startLink(() -> 0).server();
                            run.always(() -> Agent.get(agent, count -> count));
                            Processes.whereis("nobody");
                        }))
                .hasMessage(
                        "expected the invariant to hold, got: java.lang.IllegalStateException:"
                                + " expected an invariant to look at things without waiting, got: a"
                                + " wait");
        assertThat(
                        cause(run ->
                                run.eventually(
                                        "it comes",
                                        () -> Agent.get(deaf(), n -> n, GenServer.INFINITY) == 0)))
                .message()
                .matches(
                        "expected in the end: it comes, got: that the check waits for ever: body"
                                + " waits; check waits for a reply of #PID<\\S+>"
                                + " \\(io.genserver.Agent\\);"
                                + " #PID<\\S+> \\(io.genserver.Agent\\) waits for a message");
    }

    @Test
    void nothing_is_left_of_a_run() {
        Node node = Node.current();
        List<Pid> before = Processes.list();

        SimulationResult _ = tree(20);

        assertThat(Node.current()).isEqualTo(node);
        assertThat(before).containsAll(Processes.list());
    }

    @Test
    void bad_settings_are_refused() {
        assertThatThrownBy(() -> Simulation.runs(0))
                .hasMessage("expected runs to be 1 or more, got: 0");
        assertThatThrownBy(() -> Simulation.runs(1).maxSteps(0))
                .hasMessage("expected maxSteps to be 1 or more, got: 0");
        assertThatThrownBy(() -> Simulation.runs(1).budget(Duration.ZERO))
                .hasMessage("expected the budget to be more than 0, got: PT0S");
        assertThatThrownBy(() -> Simulation.runs(1).replay("rubbish"))
                .hasMessage(
                        "expected a token that a failed simulation has printed, such as"
                                + " v1.RANDOM.17.120.AAED, got: rubbish");
    }

    @Test
    void a_simulation_in_a_simulation_is_refused() {
        SimulationFailure failure =
                Simulation.runs(1)
                        .find(run -> Simulation.runs(1).find(_ -> Processes.self()))
                        .orElseThrow();

        assertThat(failure.getCause())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "expected a simulation to be started outside of any simulation, got: the"
                                + " thread \"body\" of one");
    }

    @Test
    void a_killed_body_ends_its_run() {
        SimulationFailure failure =
                Simulation.runs(1)
                        .find(run -> Processes.exit(Processes.self(), ExitReason.of("enough")))
                        .orElseThrow();

        assertThat(failure.getCause()).hasToString("io.genserver.ExitException: enough");
    }
}
