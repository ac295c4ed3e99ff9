package io.genserver.test;

import io.genserver.CrashReport;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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

    private final List<ExpectedCrash> expected = new ArrayList<>();
    private final int deadLettersBefore;

    /// Written by the thread of the test or the class, read by any thread.
    private volatile boolean ended;

    Life(Node node, boolean ownsNode, Settings settings, Duration stopLimit) {
        this.node = node;
        this.ownsNode = ownsNode;
        this.settings = settings;
        this.stopLimit = stopLimit;
        this.values = new TestValues(ownsNode ? node : null);
        this.records = Records.watch(node, settings);
        this.deadLettersBefore = records.deadLetterCount();
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

    /// Returns the crash reports that this life has to answer for.
    abstract List<CrashReport> takeCrashes();

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

    final void expect(ExpectedCrash crash) {
        expected.add(crash);
    }

    /// Any thread.
    final boolean hasEnded() {
        return ended;
    }

    /// Returns the log lines of its processes so far.
    final List<String> log() {
        return LogCapture.FOUND == LogCapture.NONE
                ? records.crashes(this::isMine).stream().map(CrashReport::text).toList()
                : records.lines(this::isMine);
    }

    /// Ends everything that was started, in this order: the processes and what is supervised, the
    /// `onExit` functions, what is left, the node. Then reports what went wrong.
    ///
    /// @param failure what the test itself has thrown, which then shows the log; null if it passed
    /// @throws Throwable the first thing that went wrong; the others are suppressed
    final void end(@Nullable Throwable failure) throws Throwable {
        int letters = records.deadLetterCount();
        Problems problems = new Problems();
        ended = true;
        endProcesses(problems);
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
        records.unwatch(node, settings);
        Throwable first = problems.first();
        if (first != null) {
            throw first;
        }
    }

    private void checkCrashes() {
        List<CrashReport> unexpected =
                takeCrashes().stream()
                        .filter(report -> report.level().compareTo(Level.WARN) <= 0)
                        .filter(report -> !isExpected(report))
                        .toList();
        Problems problems = new Problems();
        if (!settings.crashesAllowed()) {
            unexpected.forEach(report -> problems.add(crashed(report)));
        }
        expected.forEach(crash -> problems.run(crash::check));
        if (problems.first() instanceof AssertionError error) {
            throw error;
        }
    }

    private boolean isExpected(CrashReport report) {
        boolean covered = false;
        for (ExpectedCrash crash : expected) {
            covered |= crash.covers(report); // all that fit, because each must happen
        }
        return covered;
    }

    private static AssertionError crashed(CrashReport report) {
        return new AssertionError(
                "expected no process to crash, got: "
                        + report.text()
                        + "\n  if the test is meant to crash it, call expectCrash or annotate the"
                        + " test with @AllowCrashes",
                report.reason().cause());
    }

    private void checkDeadLetters(int end) {
        if (settings.deadLettersFail() && end > deadLettersBefore) {
            throw new AssertionError(
                    "expected every message to reach a process, got: "
                            + records.deadLetters(deadLettersBefore)
                                    .subList(0, end - deadLettersBefore));
        }
    }
}
