package io.genserver.test;

import io.genserver.Attachment;
import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.Match;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.ProcessInfo;
import io.genserver.Processes;
import io.genserver.Ref;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Finds the processes that a test or a class has left running, and kills them.
final class Leaks {

    /// How long processes may take to end that were told to end and that nobody has waited for,
    /// such as those linked to the test.
    private static final Duration GRACE = Duration.ofSeconds(2);

    private final Records records;
    private final Predicate<? super @Nullable Started> mine;

    Leaks(Records records, Predicate<? super @Nullable Started> mine) {
        this.records = records;
        this.mine = mine;
    }

    /// Waits until the processes have ended, and kills them if they take too long. The calling
    /// thread is no process.
    ///
    /// @param allowed whether to kill them at once and without an error
    /// @throws AssertionError if a process was left
    void end(Node node, boolean allowed) {
        List<ProcessInfo> left = node.call(() -> allowed ? running() : awaitEnd());
        if (left.isEmpty()) {
            return;
        }
        AssertionError error = error(left);
        node.run(this::killAll);
        if (!allowed) {
            throw error;
        }
    }

    /// Waits for the ends of processes. An interrupt does not end the wait, because it is meant for
    /// the test.
    private List<ProcessInfo> awaitEnd() {
        List<ProcessInfo> left = running();
        if (left.isEmpty()) {
            return left;
        }
        boolean interrupted = Thread.interrupted();
        try (Attachment self = Processes.attach()) {
            long start = Processes.monotonicTime();
            boolean ended = true;
            while (ended && !left.isEmpty()) {
                long time = GRACE.toNanos() - (Processes.monotonicTime() - start);
                ended = awaitEnd(left.getFirst().pid(), Math.max(0, time));
                left = running().stream().filter(is -> !is.pid().equals(self.pid())).toList();
            }
            return left;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static boolean awaitEnd(Pid process, long nanos) {
        Ref monitor = Processes.monitor(process);
        return Processes.receive(
                        Match.type(Down.class, down -> down.ref().equals(monitor)),
                        Duration.ofNanos(nanos))
                .isPresent();
    }

    private List<ProcessInfo> running() {
        return Processes.list().stream()
                .filter(pid -> mine.test(records.find(pid)))
                .map(Processes::info)
                .flatMap(Optional::stream)
                .toList();
    }

    private void killAll() {
        for (List<ProcessInfo> left = running(); !left.isEmpty(); left = running()) {
            left.forEach(process -> Processes.exit(process.pid(), ExitReason.KILL));
        }
    }

    private AssertionError error(List<ProcessInfo> left) {
        AssertionError error =
                new AssertionError(
                        "expected the test to stop every process that it started, got still"
                                + " running: "
                                + left.stream()
                                        .map(this::describe)
                                        .collect(Collectors.joining(", "))
                                + "; they were killed; start them with startSupervised, stop them"
                                + " in the test or in onExit, or annotate the test with"
                                + " @AllowLeaks");
        left.forEach(process -> whereItStarted(process, error));
        return error;
    }

    private String describe(ProcessInfo process) {
        Started started = records.find(process.pid());
        Pid starter = started == null ? null : started.starter();
        return who(process)
                + process.registeredName().map(name -> ", registered as " + name).orElse("")
                + process.label().map(label -> ", labelled " + label).orElse("")
                + (starter == null ? "" : ", started by " + starter);
    }

    private static String who(ProcessInfo process) {
        return process.pid() + " (" + process.initialCall() + ")";
    }

    private void whereItStarted(ProcessInfo process, AssertionError error) {
        Started started = records.find(process.pid());
        if (started != null && started.stack() != null) {
            Throwable start = new Throwable("the start of " + who(process));
            start.setStackTrace(started.where());
            error.addSuppressed(start);
        }
    }
}
