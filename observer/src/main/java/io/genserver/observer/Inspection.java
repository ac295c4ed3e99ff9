package io.genserver.observer;

import io.genserver.CallException;
import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.ProcessInfo;
import io.genserver.Processes;
import io.genserver.Sys;
import io.genserver.supervisor.Supervisor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What is done with one process because a viewer has clicked. Nothing here waits for longer than
/// about 500 ms, and at most one thing is done at a time: a state whose `toString` takes for ever
/// keeps one thread busy, not more.
final class Inspection {

    private static final Logger log = LoggerFactory.getLogger(Observer.class);
    private static final Duration LIMIT = Duration.ofMillis(500);
    private static final int STATE = 20_000; // units: characters
    private static final int MESSAGES = 50;

    /// What could not be done, for people.
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message);
        }
    }

    record State(String state, Map<String, String> dictionary) {}

    record Messages(int total, List<String> first) {}

    private enum Action {
        SUSPEND,
        RESUME,
        TRACE,
        UNTRACE,
        KILL
    }

    private final ObserverOptions options;
    private final Semaphore oneAtATime = new Semaphore(1);

    Inspection(ObserverOptions options) {
        this.options = options;
    }

    /// Asks a server for its state, as [io.genserver.GenServer#formatStatus] shows it.
    State state(Pid pid) throws Refused {
        requireState();
        requireNoSupervisor(pid);
        return within(() -> {
            Object state = Sys.getStatus(pid, LIMIT).state();
            Map<String, String> dictionary = new TreeMap<>();
            Processes.info(pid, 0)
                    .map(ProcessInfo::dictionary)
                    .orElse(Map.of())
                    .forEach((key, value) -> dictionary.put(Text.of(key), Text.of(value)));
            return new State(Text.of(state, STATE), dictionary);
        });
    }

    /// Returns the first messages of the mailbox. Does not ask the process.
    Messages messages(Pid pid) throws Refused {
        requireState();
        return within(() ->
                new Messages(
                        Processes.mailboxLength(pid).orElse(0),
                        Processes.messages(pid, MESSAGES).stream().map(Text::of).toList()));
    }

    /// @param who the name of the viewer in the log
    void act(String name, Pid pid, String what, String who) throws Refused {
        if (!options.allowActions()) {
            throw new Refused("expected an observer that allows actions");
        }
        Action action = actionOf(name);
        if (action != Action.KILL) {
            requireNoSupervisor(pid);
        }
        log.warn("{} of {} ({}) by {}", name, pid, what, who);
        within(() -> {
            act(action, pid);
            return Boolean.TRUE;
        });
    }

    private static Action actionOf(String name) throws Refused {
        for (Action each : Action.values()) {
            if (each.name().equalsIgnoreCase(name)) {
                return each;
            }
        }
        throw new Refused("expected suspend, resume, trace, untrace or kill, got: " + name);
    }

    private static void act(Action action, Pid pid) {
        switch (action) {
            case SUSPEND -> Sys.suspend(pid, LIMIT);
            case RESUME -> Sys.resume(pid, LIMIT);
            case TRACE -> Sys.trace(pid, true, LIMIT);
            case UNTRACE -> Sys.trace(pid, false, LIMIT);
            case KILL -> Processes.exit(pid, ExitReason.KILL);
        }
    }

    private void requireState() throws Refused {
        if (!options.showState()) {
            throw new Refused("expected an observer that shows states");
        }
    }

    /// A supervisor does not answer while it starts or stops a child.
    private static void requireNoSupervisor(Pid pid) throws Refused {
        if (Supervisor.snapshot(pid).isPresent()) {
            throw new Refused("expected a process that is no supervisor");
        }
    }

    private <T> T within(Callable<T> body) throws Refused {
        if (!oneAtATime.tryAcquire()) {
            throw new Refused("another request is under way");
        }
        FutureTask<T> task =
                new FutureTask<>(() -> {
                    try {
                        return options.node().call(body::call);
                    } finally {
                        oneAtATime.release();
                    }
                });
        Thread.ofPlatform().daemon().name("genserver-observer-inspection").start(task);
        try {
            return task.get(2 * LIMIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | InterruptedException _) {
            task.cancel(true);
            throw new Refused("no answer within 500 ms");
        } catch (ExecutionException failed) {
            throw new Refused(reason(failed.getCause()));
        }
    }

    private static String reason(@Nullable Throwable cause) {
        return cause instanceof CallException call
                ? "no answer: " + Text.of(call.serverReason())
                : Text.of(cause);
    }
}
