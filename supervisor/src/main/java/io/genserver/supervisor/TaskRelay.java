package io.genserver.supervisor;

import io.genserver.Down;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Match;
import io.genserver.Pid;
import io.genserver.ProcLib;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.spi.Reference;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// A process that waits for a task on behalf of what has no mailbox: a thread that is no process,
/// or a future. It monitors the task, so it also learns of a task that is killed.
///
/// The relay inherits the log context of the thread that starts it. What depends on its outcome
/// runs in the relay, so it has that log context too.
final class TaskRelay<R extends @Nullable Object> {

    /// Tells the relay which task it waits for.
    private record Begin(Pid task, Ref ref) {}

    /// Tells the relay to end the task.
    private record Stop(Shutdown how) {}

    /// Tells the owner that the relay monitors the task.
    private record Watching(Ref alias) {}

    private final TaskWork<R> work;

    /// How the task ended. Completed by the relay, once; read by any thread.
    private final CompletableFuture<TaskResult<R>> outcome = new CompletableFuture<>();

    private TaskRelay(TaskWork<R> work) {
        this.work = work;
    }

    /// A relay and its process.
    record Started<R extends @Nullable Object>(TaskRelay<R> relay, Pid process) {

        /// Tells the task to end. Does not block. Any thread.
        void stop(Shutdown how) {
            if (!relay.outcome.isDone()) {
                Processes.send(process, new Stop(how));
            }
        }

        CompletableFuture<TaskResult<R>> outcome() {
            return relay.outcome;
        }

        /// Waits for the task to end. On a thread that is no process.
        ///
        /// @throws ExitException with `interrupted` if the thread is interrupted
        Optional<TaskResult<R>> await(Duration timeout) {
            try {
                long nanos = TimeUnit.NANOSECONDS.convert(timeout); // at most Long.MAX_VALUE
                return Optional.of(relay.outcome.get(nanos, TimeUnit.NANOSECONDS));
            } catch (TimeoutException late) {
                return Optional.empty();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw new ExitException(ExitReason.INTERRUPTED);
            } catch (ExecutionException never) {
                throw new AssertionError(never);
            }
        }

        /// Tells the task to end and waits until it has ended. On a thread that is no process.
        TaskResult<R> end(Shutdown how) {
            stop(how);
            return await(GenServer.INFINITY).orElseThrow();
        }
    }

    // The task of a thread

    /// Starts a task that belongs to the calling thread, which is no process. The relay takes the
    /// part of the owner towards the task.
    static <R extends @Nullable Object> Task<R> startForThread(
            String name, TaskWork<R> work, TaskStarter starter) {
        work.relay();
        TaskRelay<R> relay = new TaskRelay<>(work);
        Pid process = ProcLib.spawn("owner of " + name, () -> relay.run(relay::own));
        try {
            Pid pid = starter.spawn(name, work, process, false);
            Ref ref = new Reference();
            Processes.send(process, new Begin(pid, ref));
            return Task.ofThread(pid, ref, work, new Started<>(relay, process));
        } catch (Throwable notStarted) {
            Processes.exit(process, ExitReason.SHUTDOWN);
            throw notStarted;
        }
    }

    private void own() {
        Begin begin = Processes.receive(Begin.class);
        Ref monitor = Processes.monitor(begin.task());
        Processes.send(begin.task(), new Task.Go(begin.ref()));
        watch(begin.task(), monitor, null);
    }

    // The task of a process that is handed over

    /// Has a relay wait for a task of the calling process. When this returns, the relay has its own
    /// monitor. So if the task ends too early for the relay, the caller's own monitor tells.
    ///
    /// @param owner a process that takes the task along when it ends, as a link would; null for
    ///   none
    static <R extends @Nullable Object> Started<R> startForFuture(
            Pid task, TaskWork<R> work, @Nullable Pid owner) {
        Ref alias = Processes.replyAlias();
        TaskRelay<R> relay = new TaskRelay<>(work);
        Pid process =
                ProcLib.spawn(
                        "future of task " + task,
                        () -> relay.run(() -> relay.takeOver(task, owner, alias)));
        Processes.receive(message ->
                message instanceof Watching(Ref mine) && mine.equals(alias) ? message : null);
        return new Started<>(relay, process);
    }

    private void takeOver(Pid task, @Nullable Pid owner, Ref alias) {
        Ref monitor = Processes.monitor(task);
        Ref ofOwner = owner == null ? null : Processes.monitor(owner);
        Processes.send(alias, new Watching(alias));
        watch(task, monitor, ofOwner);
    }

    // In the relay

    private void watch(Pid task, Ref monitor, @Nullable Ref ofOwner) {
        Match<Object> relevant =
                message ->
                        switch (message) {
                            case Stop stop -> stop;
                            case Down down when down.ref().equals(monitor) -> down;
                            case Down down when down.ref().equals(ofOwner) -> down;
                            default -> null;
                        };
        while (true) {
            switch (Processes.receive(relevant)) {
                case Stop(Shutdown how) -> {
                    end(TaskBody.end(task, monitor, how));
                    return;
                }
                case Down down when down.ref().equals(monitor) -> {
                    end(down.reason());
                    return;
                }
                case Down down -> Processes.exit(task, down.reason());
                case Object other -> throw new AssertionError(other);
            }
        }
    }

    private void end(ExitReason reason) {
        TaskResult<R> value = work.value();
        outcome.complete(value == null ? new TaskResult.Exit<>(reason) : value);
    }

    /// Runs the relay. If it is killed, such as by the end of its node, nobody waits for ever.
    private void run(Runnable body) {
        try {
            body.run();
        } catch (ExitException ended) {
            end(ended.reason());
            throw ended;
        } catch (RuntimeException | Error failed) {
            end(ExitReason.of(failed));
            throw failed;
        }
    }
}
