package io.genserver.simulation;

import io.genserver.Processes;
import io.genserver.simulation.SearchPolicy.Kind;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Looks for a run that fails, and then for the shortest one that fails in the same way.
///
/// The runs have one thread that controls them. The caller's thread watches it: a run that makes no
/// progress while its thread waits, waits for something that the simulation does not know.
final class Search {

    /// The classes, and the packages with a dot at the end, in which no failure of the user's code
    /// lies.
    private static final List<String> NOT_USERS =
            List.of(
                    "java.",
                    "jdk.",
                    "org.assertj.",
                    "org.hamcrest.",
                    "org.junit.",
                    "org.opentest4j.",
                    "io.genserver.Agent",
                    "io.genserver.CallServer",
                    "io.genserver.GenServer",
                    "io.genserver.Node",
                    "io.genserver.ProcLib",
                    "io.genserver.Processes",
                    "io.genserver.Sys",
                    "io.genserver.runtime.",
                    "io.genserver.simulation.Baton",
                    "io.genserver.simulation.Execution",
                    "io.genserver.simulation.Search",
                    "io.genserver.simulation.Shrinking",
                    "io.genserver.simulation.SimulationRun",
                    "io.genserver.spi.",
                    "io.genserver.supervisor.",
                    "io.genserver.test.MessageAssertions",
                    "io.genserver.test.Probe",
                    "io.genserver.test.SimulationExtension");

    /// The exception with which test frameworks abort a test. It is known by its name, because this
    /// module needs none of them.
    private static final String ABORTED = "org.opentest4j.TestAbortedException";

    /// How often the watching thread looks. Units: ms
    private static final long LOOK = 20;

    /// After how many looks without progress a waiting thread counts as lost.
    private static final int MOST_LOOKS = 15;

    /// After how many looks without progress any thread counts as lost.
    private static final int MOST_LOOKS_AT_ALL = 1_500;

    /// For how many looks the control may then go on.
    private static final int GRACE = 250;

    private final Simulation settings;
    private final Simulation.Body body;
    private final int mostLooksAtAll;
    private final long end;

    private int runs;
    private long steps;
    private long fingerprint;

    /// How many choices a run makes at most, as far as is known.
    private int length = 50;

    /// The run of this moment. Written by the control, read by the watching thread.
    private volatile @Nullable Execution running;

    /// Why the search ends before its time; null if it does not. Written by the watching thread,
    /// after which it looks at `running`; read by the control, after it has written `running`.
    private volatile @Nullable AssertionError stopped;

    /// The failure for which the shortest schedule is searched; null before there is one. Written
    /// by the control, read by the watching thread.
    private volatile @Nullable Throwable reported;

    /// Whether a thread does something else and does not end. The watching thread.
    private boolean busy;

    private @Nullable SimulationFailure found;
    private @Nullable Throwable broken;

    Search(Simulation settings, Simulation.Body body) {
        this(settings, body, MOST_LOOKS_AT_ALL);
    }

    /// @param mostLooksAtAll after how many looks without progress any thread counts as lost
    Search(Simulation settings, Simulation.Body body, int mostLooksAtAll) {
        this.settings = settings;
        this.body = body;
        this.mostLooksAtAll = mostLooksAtAll;
        this.end = Processes.monotonicTime() + settings.budget().toNanos();
    }

    SimulationResult result() {
        return new SimulationResult(runs, steps, fingerprint);
    }

    /// Runs everything. The caller's thread.
    Optional<SimulationFailure> find() {
        Thread control = Thread.ofVirtual().name("simulation").start(this::control);
        boolean interrupted = false;
        while (control.isAlive() && !busy) {
            try {
                watch(control);
            } catch (InterruptedException stop) {
                interrupted = true;
                stop(new AssertionError("the simulation was interrupted"));
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (control.isAlive()) {
            throw Objects.requireNonNull(stopped);
        }
        if (broken instanceof Error error) {
            throw error;
        }
        if (broken instanceof RuntimeException exception) {
            throw exception;
        }
        return Optional.ofNullable(found);
    }

    private void control() {
        try {
            found = settings.replay().isEmpty() ? remembered() : replay(settings.replay());
        } catch (Throwable thrown) { // the caller throws it
            broken = thrown;
        }
    }

    // Watching

    private void watch(Thread control) throws InterruptedException {
        Execution seen = null;
        int progress = 0;
        int looks = 0;
        while (!control.join(Duration.ofMillis(LOOK))) {
            Execution now = running;
            boolean patient = Debugger.POSSIBLE && stopped == null;
            if (patient || now == null || now != seen || now.progress() != progress) {
                seen = now;
                progress = now == null ? 0 : now.progress();
                looks = 0;
            } else if (++looks >= MOST_LOOKS && Outside.waits(now.thread())) {
                abandon(now, Outside.error(now.thread(), "waits"));
            } else if (looks >= mostLooksAtAll) {
                endBecauseOf(now, looks);
                boolean _ = control.join(Duration.ofMillis(GRACE * LOOK));
                return; // the control goes on all the same if it has no processor left
            }
        }
    }

    /// Ends the search because of a thread that does something else and does not end. Each other
    /// run could leave one more such thread, and each has a processor for good.
    private void endBecauseOf(Execution run, int looks) {
        AssertionError why =
                Outside.error(run.thread(), "does something else for " + looks * LOOK + " ms");
        Throwable first = reported;
        if (first != null) {
            why.addSuppressed(first);
        }
        stopped = why;
        busy = true;
        abandon(run, why);
    }

    private static void abandon(Execution run, AssertionError why) {
        Thread thread = run.thread();
        run.abandon(why);
        thread.interrupt();
    }

    private void stop(AssertionError why) {
        stopped = why;
        Execution run = running;
        if (run != null) {
            run.stop(why);
        }
    }

    // Searching. The control

    /// Plays the runs again that have failed before, and then looks for others.
    private @Nullable SimulationFailure remembered() {
        Path file = settings.remembered();
        if (file == null) {
            return search();
        }
        RememberedTokens tokens = new RememberedTokens(file);
        for (String token : tokens.all()) {
            SimulationFailure again = replay(token);
            if (again != null) {
                return again;
            }
            tokens.remove(token);
        }
        SimulationFailure failure = search();
        if (failure != null) {
            try {
                tokens.add(failure);
            } catch (UncheckedIOException unwritable) { // the failure matters more
                failure.addSuppressed(unwritable);
            }
        }
        return failure;
    }

    private @Nullable SimulationFailure search() {
        Kind[] kinds = Kind.values();
        for (int number = 0; number < settings.runs(); number++) {
            if (number > 0 && Processes.monotonicTime() - end >= 0) {
                return null;
            }
            Kind kind = kinds[number % kinds.length];
            SearchPolicy policy = kind.make(settings.seed() * 1_000_003 + number, length);
            Execution.Outcome outcome = execute(policy, number, false);
            if (outcome.failure() != null) {
                checkNotAborted(outcome.failure());
                return report(kind, number, outcome, outcome.failure());
            }
            length = Math.max(length, outcome.recording().choiceCount());
        }
        return null;
    }

    private Execution.Outcome execute(Policy policy, int number, boolean withText) {
        // Turns on the callers' threads hide interleavings, so half of the runs have none.
        Baton.Limits limits =
                new Baton.Limits(settings.maxSteps(), false, number / 4 % 2 == 1, false);
        Execution run = new Execution(body, policy, limits, withText);
        running = run;
        checkNotStopped();
        Execution.Outcome outcome = run.execute();
        running = null;
        checkNotStopped();
        runs++;
        steps += outcome.steps();
        fingerprint = 31 * fingerprint + Arrays.hashCode(outcome.recording().steps());
        return outcome;
    }

    /// Throws what aborts a test, such as an assumption that does not hold, because that is no
    /// failure.
    private static void checkNotAborted(Throwable thrown) {
        for (Class<?> type = thrown.getClass(); type != null; type = type.getSuperclass()) {
            if (type.getName().equals(ABORTED) && thrown instanceof RuntimeException aborted) {
                throw aborted;
            }
        }
    }

    private void checkNotStopped() {
        AssertionError why = stopped;
        if (why != null) {
            throw why;
        }
    }

    private SimulationFailure report(
            Kind kind, int number, Execution.Outcome outcome, Throwable failure) {
        reported = failure;
        int[] choices = outcome.recording().choices();
        Shrinking shrinking =
                new Shrinking(
                        choices,
                        candidate -> {
                            Execution.Outcome tried =
                                    execute(Policy.replaying(candidate), number, false);
                            return tried.failure() != null && isSame(failure, tried.failure());
                        });
        int[] shortest = shrinking.shortest();
        Execution.Outcome shown = execute(Policy.replaying(shortest), number, true);
        String note = "";
        Throwable cause = failure;
        if (shown.failure() == null || !isSame(failure, shown.failure())) {
            note =
                    "\nThe replay did not fail in the same way: it diverged at "
                            + divergence(outcome, choices, shown, shortest, number)
                            + ", because the code under test is not the same in each run.";
        } else {
            cause = shown.failure();
        }
        Token token = new Token(kind, number, length, shortest);
        Trace trace = shown.recording().trace();
        String message =
                cause
                        + "\nRun "
                        + (number + 1)
                        + " of "
                        + settings.runs()
                        + " failed, found by "
                        + kind.text
                        + ".\nThe shortest schedule found has "
                        + Shrinking.switches(shortest)
                        + " choices that are not the simplest (the first one had "
                        + Shrinking.switches(choices)
                        + "), after "
                        + shrinking.attempts()
                        + " replays."
                        + note
                        + "\nPlay it again with -D"
                        + Simulation.REPLAY
                        + "="
                        + token.text()
                        + "\n"
                        + trace.asText();
        return new SimulationFailure(message, cause, token.text(), kind.text, number + 1, trace);
    }

    /// Returns whether two failures are of the same kind: of the same class, and from the same line
    /// of the user's code. A failure of the simulation's own, such as a deadlock, comes from no
    /// such line, so what it expected has to be the same.
    private static boolean isSame(Throwable one, Throwable other) {
        return one.getClass() == other.getClass()
                && (one instanceof LivelockError
                        ? Objects.equals(one.getMessage(), other.getMessage())
                        : place(one).equals(place(other)));
    }

    private static String place(Throwable failure) {
        Throwable root = failure;
        for (int depth = 0; root.getCause() != null && depth < 100; depth++) {
            root = root.getCause();
        }
        for (StackTraceElement frame : root.getStackTrace()) {
            if (isUsers(frame.getClassName())) {
                return frame.getClassName() + ":" + frame.getLineNumber();
            }
        }
        return String.valueOf(failure.getMessage()).replaceAll("(?s), got: .*", "");
    }

    private static boolean isUsers(String type) {
        return NOT_USERS.stream()
                .noneMatch(name ->
                        name.endsWith(".")
                                ? type.startsWith(name)
                                : type.equals(name) || type.startsWith(name + "$"));
    }

    /// Finds the first step in which two runs with the same choices differ.
    private String divergence(
            Execution.Outcome first,
            int[] choices,
            Execution.Outcome shown,
            int[] shortest,
            int number) {
        int at = difference(first, execute(Policy.replaying(choices), number, false));
        if (at == 0) {
            at = difference(shown, execute(Policy.replaying(shortest), number, false));
        }
        return at == 0 ? "a step that is not known" : "step " + at;
    }

    /// Returns the number of the first step in which two runs differ, or of the last step if only
    /// one of them has failed after it; 0 if they do not differ.
    private static int difference(Execution.Outcome one, Execution.Outcome other) {
        int[] steps = one.recording().steps();
        int at = Arrays.mismatch(steps, other.recording().steps());
        boolean sameEnd = (one.failure() == null) == (other.failure() == null);
        return at < 0 && !sameEnd ? steps.length : at + 1;
    }

    private Execution.Outcome play(Token token, boolean withText) {
        return execute(Policy.replaying(token.choices()), token.run(), withText);
    }

    /// Plays a run again. If it passes, it has to be the same each time, because the user would
    /// otherwise take the fault for mended.
    private @Nullable SimulationFailure replay(String text) {
        Token token = Token.parse(text);
        Execution.Outcome outcome = play(token, true);
        if (outcome.failure() != null) {
            checkNotAborted(outcome.failure());
            return replayed(text, token, outcome, outcome.failure());
        }
        int at = difference(outcome, play(token, false));
        AssertionError unstable =
                new AssertionError(
                        "expected the replay to be the same each time, got: two that differ at step "
                                + at
                                + ", because the code under test is not the same in each run");
        return at == 0 ? null : replayed(text, token, outcome, unstable);
    }

    private static SimulationFailure replayed(
            String text, Token token, Execution.Outcome outcome, Throwable failure) {
        Trace trace = outcome.recording().trace();
        return new SimulationFailure(
                failure + "\nPlayed again from " + text + "\n" + trace.asText(),
                failure,
                text,
                token.policy().text,
                token.run() + 1,
                trace);
    }
}
