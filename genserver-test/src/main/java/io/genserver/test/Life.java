package io.genserver.test;

import io.genserver.CrashReport;
import io.genserver.DeadLetter;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.spi.NodeBase;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/// What a test, or all tests of a class together, start, and how it ends. [TestLife] is one test,
/// [ClassLife] is one class.
///
/// Only one thread at a time uses it, except where noted.
abstract class Life {

    /// How long the end of everything may take, and each `onExit` function.
    static final Duration STOP_LIMIT = Duration.ofSeconds(60);

    final Node node;
    final Settings settings;
    final Records records;
    final Duration stopLimit;
    final ExitCallbacks callbacks = new ExitCallbacks();
    final TestValues values;

    /// Whether nobody else uses the node, so it is closed in the end.
    final boolean ownsNode;

    private final List<ExpectedCrash> expected = new CopyOnWriteArrayList<>();

    /// The classes around the test or the class that have started something, from the inside out.
    final List<ClassLife> around;

    /// How many dead letters there were before those that count. Guarded by a [ClassLife], which
    /// changes it.
    int deadLettersBefore;

    private final long linesBefore;
    private final Predicate<@Nullable Started> captured = this::isMine;

    /// Written by the thread of the test or the class, read by any thread.
    private volatile boolean ended;

    /// @param tests what the class of the test, or the next class around a class, has started; null
    ///   if nothing
    Life(
            Node node,
            boolean ownsNode,
            @Nullable ClassLife tests,
            Settings settings,
            Duration stopLimit) {
        this.node = node;
        this.ownsNode = ownsNode;
        this.around = tests == null ? List.of() : tests.withOuter();
        this.settings = settings;
        this.stopLimit = stopLimit;
        this.values = new TestValues(ownsNode ? node : null);
        this.records = Records.watch(node, settings);
        around.forEach(ClassLife::innerBegins);
        awaitDeadLetters();
        this.deadLettersBefore = records.deadLetterCount();
        this.linesBefore = records.lineCount();
        if (settings.logCaptured()) {
            records.capture(captured);
        }
    }

    /// Returns the supervisor. The first call for a test starts it.
    abstract Pid supervisor();

    /// Checks that the current thread may use the supervisor.
    ///
    /// @throws IllegalStateException if it may not
    abstract void checkCaller();

    /// Returns the processes that count as the test or the class itself. What they start belongs to
    /// it.
    abstract Set<Pid> roots();

    /// Ends its processes and everything supervised. Adds what fails.
    abstract void endProcesses(Problems problems);

    /// Takes out the crash reports of its processes, and returns those that nobody has declared.
    abstract List<CrashReport> takeUncovered();

    /// Returns whether a process belongs to it. Any thread.
    final boolean isMine(@Nullable Started process) {
        return ownsNode || (process != null && process.isFrom(roots()));
    }

    /// Starts the supervisor of a test or a class, linked to the current process.
    static Pid startSupervisor() {
        return Supervisor.startLink(
                        List.of(),
                        SupervisorFlags.of(Strategy.ONE_FOR_ONE)
                                .withMaxRestarts(1_000_000, Duration.ofSeconds(1)))
                .pid();
    }

    /// Declares a crash. A crash of a child of a class may come while several tests run, and any of
    /// them may have declared it. So the class knows what is declared inside it.
    final void expect(ExpectedCrash crash) {
        expected.add(crash);
        around.forEach(classes -> classes.expectInside(crash));
    }

    /// Returns what was declared. Any thread, because tests that run in parallel look at what their
    /// class has declared.
    final List<ExpectedCrash> expected() {
        return expected;
    }

    /// Returns the crash reports of its processes that have come so far, and stay.
    final List<CrashReport> crashReports() {
        return records.crashes(this::isMine);
    }

    /// Any thread.
    final boolean hasEnded() {
        return ended;
    }

    /// Returns the log lines of its processes so far.
    final List<String> log() {
        return LogCapture.FOUND == LogCapture.NONE
                ? crashReports().stream().map(CrashReport::text).toList()
                : records.lines(linesBefore, this::showsLinesOf);
    }

    /// Returns whether it shows the log lines of a process.
    ///
    /// @param process the process; null if the line is from no process that is known
    private boolean showsLinesOf(@Nullable Started process) {
        return isMine(process) || around.stream().anyMatch(classes -> classes.hasLogged(process));
    }

    /// Returns the dead letters that count for it so far.
    List<DeadLetter> deadLetters() {
        return records.deadLetters(deadLettersBefore);
    }

    /// Ends everything that was started, in this order: the processes and what is supervised, the
    /// `onExit` functions, what is left, the node. Then reports what went wrong.
    ///
    /// @param failure what the test itself has thrown, which then shows the log; null if it passed
    /// @throws Throwable the first thing that went wrong; the others are suppressed
    final void end(@Nullable Throwable failure) throws Throwable {
        Problems problems = new Problems();
        try {
            end(failure, problems);
        } finally {
            around.forEach(classes -> classes.innerEnded(this));
            records.release(captured);
            records.unwatch(node, settings);
        }
        Throwable first = problems.first();
        if (first != null) {
            throw first;
        }
    }

    private void end(@Nullable Throwable failure, Problems problems) {
        awaitDeadLetters();
        List<DeadLetter> letters = settings.deadLettersFail() ? deadLetters() : List.of();
        ended = true;
        records.stopping(this::isMine);
        records.takeOverdue(this::isMine); // the test itself has stopped these
        endProcesses(problems);
        records.takeOverdue(this::isMine).forEach(child -> problems.add(overdue(child)));
        problems.run(() -> callbacks.run(node, stopLimit));
        problems.run(() -> new Leaks(records, this::isMine).end(node, settings.leaksAllowed()));
        problems.run(this::checkCrashes);
        problems.run(() -> checkDeadLetters(letters));
        Throwable shown = failure == null ? problems.first() : failure;
        if (settings.logCaptured() && shown != null) {
            shown.addSuppressed(new CapturedLog(log()));
        }
        values.removeAll();
        if (ownsNode) {
            problems.run(() -> node.close(Duration.ZERO));
        }
    }

    /// Waits until the dead letters so far are recorded, if they matter.
    final void awaitDeadLetters() {
        if (settings.deadLettersFail()) {
            ((NodeBase) node).awaitDeadLetters(stopLimit);
        }
    }

    private static AssertionError overdue(Records.Overdue child) {
        AssertionError error =
                new AssertionError(
                        "expected the child "
                                + (child.child() instanceof Class<?> type
                                        ? type.getName()
                                        : child.child())
                                + " to stop within "
                                + child.limit()
                                + ", got: "
                                + child.pid()
                                + " was still running and was killed; find out why it does not end,"
                                + " or give it a longer Shutdown");
        Throwable stack = new Throwable("what " + child.pid() + " was doing");
        stack.setStackTrace(child.stack().toArray(StackTraceElement[]::new));
        error.addSuppressed(stack);
        return error;
    }

    private void checkCrashes() {
        List<CrashReport> unexpected = new ArrayList<>(takeUncovered());
        around.forEach(classes -> unexpected.addAll(classes.takeUncovered()));
        Problems problems = new Problems();
        if (!settings.crashesAllowed()) {
            unexpected.stream()
                    .filter(report -> report.level().compareTo(Level.WARN) <= 0)
                    .forEach(report -> problems.add(crashed(report)));
        }
        expected.forEach(crash -> problems.run(crash::check));
        if (problems.first() instanceof AssertionError error) {
            throw error;
        }
    }

    /// Returns those of some crash reports that no declaration covers.
    static List<CrashReport> uncovered(List<CrashReport> crashes, List<ExpectedCrash> expected) {
        List<CrashReport> left = new ArrayList<>();
        for (CrashReport report : crashes) {
            boolean covered = false;
            for (ExpectedCrash crash : expected) {
                covered |= crash.covers(report); // all that fit, because each must happen
            }
            if (!covered) {
                left.add(report);
            }
        }
        return left;
    }

    private static AssertionError crashed(CrashReport report) {
        return new AssertionError(
                "expected no process to crash, got: "
                        + report.text()
                        + "\n  if the test is meant to crash it, call expectCrash or annotate the"
                        + " test with @AllowCrashes",
                report.reason().cause());
    }

    private static void checkDeadLetters(List<DeadLetter> letters) {
        if (!letters.isEmpty()) {
            throw new AssertionError("expected every message to reach a process, got: " + letters);
        }
    }
}
