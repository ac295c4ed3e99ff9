package io.genserver.simulation;

import io.genserver.spi.Machine;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Runs code under many schedules, in virtual time.
///
/// ```java
/// Simulation.run(run -> {
///     var stack = Stack.startLink(List.of()).server();
///     var pushed = Task.async(() -> Stack.push(stack, "a"));
///     Stack.push(stack, "b");
///     pushed.await();
///     assertThat(Stack.size(stack)).isEqualTo(2);
/// });
/// ```
///
/// The body is a process. It and everything that it starts run on the real runtime, on a node of
/// their own, but one thread at a time. Before each send, receive, call, reply, exit signal, timer,
/// turn and end of a process, the simulation decides who goes on. When all wait, time jumps to the
/// next deadline. So a run with timeouts of minutes takes microseconds, and a run that fails can be
/// played again.
///
/// Runs take turns with four ways to search: a random walk, PCT of depth 2 and 3, and partial-order
/// sampling. A run fails if
///
/// - the body throws,
/// - an invariant of [SimulationRun#always] or a condition of [SimulationRun#eventually] does not
///   hold,
/// - all wait before the body has returned, and no timer is armed,
/// - it takes more than [#maxSteps] steps, or a process waits more often than this without a step,
/// - it waits for something that the simulation does not know, such as `Thread.sleep`, a future or
///   a socket.
///
/// Then the simulation looks for a shorter schedule that fails in the same way, and throws a
/// [SimulationFailure] with a token. The system property [#REPLAY] plays it again.
///
/// If the body throws because an assumption of JUnit's does not hold, no run has failed. The
/// simulation ends and throws the same.
///
/// A thread that goes on for 30 s without a step or a wait ends the simulation without a token,
/// with an [AssertionError] that has its stack. In a JVM that was started for a debugger, a thread
/// may wait or go on for any time.
///
/// ## What a body must not do
///
/// A run is the same each time only if the code under test is. It must not depend on the time of
/// day, `System.nanoTime`, random numbers without a seed, identity hash codes, threads of its own,
/// or the order of a `Set.of` and `Map.of`. If the schedule that was found cannot be played again,
/// the failure says at which step the code differs, unless only the contents of messages do.
///
/// An instance is immutable, and may be used by any thread.
public final class Simulation {

    /// The system property that holds the token of a run to be played again. All simulations of the
    /// JVM play it, so run only the test that has printed the token.
    public static final String REPLAY = "genserver.simulation.replay";

    private static final int RUNS = 1_000;
    private static final int MAX_STEPS = 20_000;

    private final int runs;
    private final long seed;
    private final int maxSteps;
    private final Duration budget;
    private final String replay;
    private final @Nullable Path remembered;

    /// What a simulation runs.
    @FunctionalInterface
    public interface Body {
        /// Runs once.
        ///
        /// @param run the run
        /// @throws Exception if the run fails
        void run(SimulationRun run) throws Exception;
    }

    private Simulation(
            int runs,
            long seed,
            int maxSteps,
            Duration budget,
            String replay,
            @Nullable Path remembered) {
        this.runs = runs;
        this.seed = seed;
        this.maxSteps = maxSteps;
        this.budget = budget;
        this.replay = replay;
        this.remembered = remembered;
    }

    /// Runs a body 1,000 times.
    ///
    /// @param body the body
    /// @return what was done
    /// @throws SimulationFailure if a run fails
    public static SimulationResult run(Body body) {
        return runs(RUNS).check(body);
    }

    /// Returns a simulation of a number of runs.
    ///
    /// @param runs how many, 1 or more
    /// @return the simulation
    /// @throws IllegalArgumentException if it is less than 1
    public static Simulation runs(int runs) {
        if (runs < 1) {
            throw new IllegalArgumentException("expected runs to be 1 or more, got: " + runs);
        }
        return new Simulation(
                runs,
                0,
                MAX_STEPS,
                Duration.ofDays(1),
                Objects.requireNonNullElse(System.getProperty(REPLAY), ""),
                null);
    }

    /// Returns a simulation with another seed. The seed decides the choices of all runs. It is 0
    /// unless this is called.
    ///
    /// @param seed the seed
    /// @return the simulation
    public Simulation seed(long seed) {
        return new Simulation(runs, seed, maxSteps, budget, replay, remembered);
    }

    /// Returns a simulation with another limit of steps for each run. It is 20,000 unless this is
    /// called. A run that takes more fails, because it probably goes round in circles. So does a
    /// run in which a process waits, or fails to reach another one, more often than this without a
    /// step in between.
    ///
    /// @param maxSteps the limit, 1 or more
    /// @return the simulation
    /// @throws IllegalArgumentException if it is less than 1
    public Simulation maxSteps(int maxSteps) {
        if (maxSteps < 1) {
            throw new IllegalArgumentException(
                    "expected maxSteps to be 1 or more, got: " + maxSteps);
        }
        return new Simulation(runs, seed, maxSteps, budget, replay, remembered);
    }

    /// Returns a simulation that begins no run after a time. There is no limit unless this is
    /// called.
    ///
    /// @param budget the time, more than 0
    /// @return the simulation
    /// @throws IllegalArgumentException if it is not more than 0
    public Simulation budget(Duration budget) {
        if (!budget.isPositive()) {
            throw new IllegalArgumentException(
                    "expected the budget to be more than 0, got: " + budget);
        }
        return new Simulation(runs, seed, maxSteps, budget, replay, remembered);
    }

    /// Returns a simulation that plays one run again instead of looking for others. A run that
    /// passes is played once more, and fails if the two differ.
    ///
    /// @param token what [SimulationFailure#token] has returned
    /// @return the simulation
    /// @throws IllegalArgumentException if it is no such token
    public Simulation replay(String token) {
        return new Simulation(runs, seed, maxSteps, budget, Token.parse(token).text(), remembered);
    }

    /// Returns a simulation that keeps the tokens of failures in a file, one in each line, and
    /// plays them again before it looks for others. A token whose run passes twice in the same way
    /// is taken out. A second file, whose name ends with `.mmd`, has the chart of the last failure
    /// for Mermaid.
    ///
    /// @param file the file, which need not exist; its folder is made if it is missing
    /// @return the simulation
    public Simulation remember(Path file) {
        Objects.requireNonNull(file, "file");
        return new Simulation(runs, seed, maxSteps, budget, replay, file);
    }

    /// Runs the body and throws the first failure. Blocks until all runs have ended. Each run has
    /// threads of its own; the current thread waits for them.
    ///
    /// @param body the body
    /// @return what was done
    /// @throws SimulationFailure if a run fails
    /// @throws AssertionError if a thread goes on for 30 s without a step or a wait, or the caller
    ///   is interrupted
    /// @throws IllegalStateException if the caller is a thread of a simulation
    /// @throws IllegalArgumentException if the system property [#REPLAY], or a line of the file of
    ///   [#remember], is no token
    /// @throws java.io.UncheckedIOException if that file cannot be read, or a token cannot be taken
    ///   out of it; if a token cannot be added, the failure has the exception as a suppressed one
    public SimulationResult check(Body body) {
        Search search = search(body);
        Optional<SimulationFailure> failure = search.find();
        if (failure.isPresent()) {
            throw failure.get();
        }
        return search.result();
    }

    /// Runs the body and returns the first failure. Throws what [#check] throws, except for a
    /// failure.
    ///
    /// @param body the body
    /// @return the failure; empty if no run has failed
    /// @throws AssertionError if a thread goes on for 30 s without a step or a wait, or the caller
    ///   is interrupted
    public Optional<SimulationFailure> find(Body body) {
        return search(body).find();
    }

    private Search search(Body body) {
        Objects.requireNonNull(body, "body");
        if (Machine.current() != null) {
            throw new IllegalStateException(
                    "expected a simulation to be started outside of any simulation, got: the thread \""
                            + Thread.currentThread().getName()
                            + "\" of one");
        }
        return new Search(this, body);
    }

    int runs() {
        return runs;
    }

    long seed() {
        return seed;
    }

    int maxSteps() {
        return maxSteps;
    }

    Duration budget() {
        return budget;
    }

    String replay() {
        return replay;
    }

    @Nullable Path remembered() {
        return remembered;
    }
}
