package io.genserver.test;

import io.genserver.Attachment;
import io.genserver.Down;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.Match;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.ProcessInfo;
import io.genserver.Processes;
import io.genserver.Ref;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Waits until a supervisor that has been told to stop is down, and every process below it. Kills
/// them if they take too long.
///
/// Only one thread may use an instance. The thread must not be a process. It may be interrupted.
final class CleanUp {

    private final Pid supervisor;
    private final Duration limit;
    private final long start = Processes.monotonicTime();
    private boolean interrupted;

    private CleanUp(Pid supervisor, Duration limit) {
        this.supervisor = supervisor;
        this.limit = limit;
    }

    /// Waits until the processes are down, up to the limit. Attaches the calling thread to their
    /// node for this time, and keeps its interrupt flag.
    ///
    /// @throws AssertionError if they took longer than the limit and were killed
    static void await(Node node, Pid supervisor, Duration limit) {
        CleanUp cleanUp = node.call(() -> new CleanUp(supervisor, limit));
        try (Attachment _ = node.<Attachment, RuntimeException>call(Processes::attach)) {
            cleanUp.await();
        } finally {
            if (cleanUp.interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void await() {
        Down end = endOf(supervisor);
        if (end != null && end.reason().equals(ExitReason.SHUTDOWN)) {
            return; // a supervisor that ends in order has waited for its children
        }
        List<ProcessInfo> left = running();
        while (!left.isEmpty() && endOf(left.getFirst().pid()) != null) {
            left = running();
        }
        if (!left.isEmpty()) {
            killAll();
            throw tooLate(left);
        }
    }

    /// Waits for the end of a process. An interrupt does not end the wait, because it is meant for
    /// the test, which has ended.
    ///
    /// @return null if the process did not end in time
    private @Nullable Down endOf(Pid process) {
        Ref monitor = Processes.monitor(process);
        Match<Down> match = Match.type(Down.class, down -> down.ref().equals(monitor));
        while (true) {
            try {
                return Processes.receive(match, timeLeft()).orElse(null);
            } catch (ExitException exit) {
                if (!exit.reason().equals(ExitReason.INTERRUPTED)) {
                    throw exit;
                }
                interrupted |= Thread.interrupted();
            }
        }
    }

    private Duration timeLeft() {
        Duration left = limit.minusNanos(Processes.monotonicTime() - start);
        return left.isNegative() ? Duration.ZERO : left;
    }

    /// Returns those of the supervisor and the processes below it that are alive, the deepest in
    /// the tree first.
    private List<ProcessInfo> running() {
        return Processes.list().stream()
                .map(Processes::info)
                .flatMap(Optional::stream)
                .filter(process ->
                        process.pid().equals(supervisor)
                                || process.ancestors().contains(supervisor))
                .sorted(
                        Comparator.comparingInt((ProcessInfo process) -> process.ancestors().size())
                                .reversed()
                                .thenComparing(ProcessInfo::pid))
                .toList();
    }

    private void killAll() {
        Processes.exit(supervisor, ExitReason.KILL); // first, so that it restarts nothing
        for (List<ProcessInfo> left = running(); !left.isEmpty(); left = running()) {
            left.forEach(process -> Processes.exit(process.pid(), ExitReason.KILL));
        }
    }

    private AssertionError tooLate(List<ProcessInfo> processes) {
        AssertionError error =
                new AssertionError(
                        "expected everything the test started to stop within "
                                + limit
                                + ", got still running: "
                                + processes.stream()
                                        .map(CleanUp::describe)
                                        .collect(Collectors.joining(", "))
                                + "; they were killed; find out why they do not end, or give them a"
                                + " shorter Shutdown");
        processes.forEach(process -> error.addSuppressed(whereIs(process)));
        return error;
    }

    private static String describe(ProcessInfo process) {
        return process.pid() + " (" + process.initialCall() + ")";
    }

    private static Throwable whereIs(ProcessInfo process) {
        Throwable stack = new Throwable("what " + describe(process) + " was doing");
        stack.setStackTrace(process.currentStacktrace().toArray(StackTraceElement[]::new));
        return stack;
    }
}
