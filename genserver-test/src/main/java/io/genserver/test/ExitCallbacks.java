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
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.function.Executable;

/// The functions that run after a test or after all tests of a class. They run one after another on
/// one process, the last one first. All run, even if some fail. If a function ends the process, the
/// rest run on a new one.
final class ExitCallbacks {

    /// By name, or by an object of their own. A function that replaces another takes its place.
    private final Map<Object, Executable> callbacks = new LinkedHashMap<>();

    void add(Object name, Executable callback) {
        callbacks.put(name, callback);
    }

    /// Runs the functions on a node and waits for each of them. The calling thread is no process.
    ///
    /// @param limit how long each function may take
    /// @throws AssertionError if a function took longer; it was killed
    /// @throws Throwable what the first function threw that failed
    void run(Node node, Duration limit) throws Throwable {
        List<Executable> left = new ArrayList<>(callbacks.values()).reversed();
        if (left.isEmpty()) {
            return;
        }
        List<Throwable> failures = new CopyOnWriteArrayList<>();
        AtomicInteger next = new AtomicInteger();
        boolean interrupted = Thread.interrupted();
        try (Attachment _ = node.<Attachment, RuntimeException>call(Processes::attach)) {
            while (next.get() < left.size()) {
                runSome(left, next, failures, limit);
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
        Problems problems = new Problems();
        failures.forEach(problems::add);
        Throwable first = problems.first();
        if (first != null) {
            throw first;
        }
    }

    /// Tells that one of the functions has ended.
    private record Done(Object run) {}

    /// Runs functions on a new process until all have run or one has ended the process.
    private static void runSome(
            List<Executable> all, AtomicInteger next, List<Throwable> failures, Duration limit) {
        Pid waiting = Processes.self();
        Object run = new Object();
        Processes.Monitored started =
                Processes.spawnMonitor(() -> {
                    while (next.get() < all.size()) {
                        try {
                            all.get(next.getAndIncrement()).execute();
                        } catch (Throwable thrown) { // fails the test
                            failures.add(thrown);
                        }
                        Processes.send(waiting, new Done(run));
                    }
                });
        Pid process = started.pid();
        Match<Object> match =
                message ->
                        switch (message) {
                            case Done done when done.run() == run -> done;
                            case Down down when down.ref().equals(started.ref()) -> down;
                            default -> null;
                        };
        while (true) {
            Optional<Object> event = Processes.receive(match, limit);
            if (event.isEmpty()) {
                failures.add(tooLate(process, limit));
                Processes.exit(process, ExitReason.KILL);
                return;
            }
            if (event.get() instanceof Down(Ref _, var _, ExitReason reason)) {
                if (!reason.equals(ExitReason.NORMAL)) {
                    failures.add(
                            new AssertionError(
                                    "expected an onExit function to leave its process alive, got:"
                                            + " the process ended with "
                                            + reason,
                                    reason.cause()));
                }
                return;
            }
        }
    }

    private static AssertionError tooLate(Pid process, Duration limit) {
        AssertionError late =
                new AssertionError(
                        "expected an onExit function to end within "
                                + limit
                                + ", got: it is still running; it was killed");
        Processes.info(process)
                .map(ProcessInfo::currentStacktrace)
                .ifPresent(stack -> {
                    Throwable where = new Throwable("what the onExit function was doing");
                    where.setStackTrace(stack.toArray(StackTraceElement[]::new));
                    late.addSuppressed(where);
                });
        return late;
    }
}
