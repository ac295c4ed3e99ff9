package io.genserver.supervisor;

import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.Processes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The function of a task of [Task#retry]. Each attempt runs in a process of its own, so an attempt
/// that hangs can be killed, and nothing of a failed attempt is left for the next one: no message,
/// no link, no entry in the dictionary.
///
/// An attempt catches what the function throws, so its process ends normally and makes no crash
/// report. The task itself throws the last failure, which makes one.
final class Retry<R extends @Nullable Object> implements Callable<R> {

    private static final Logger log = LoggerFactory.getLogger(Task.class);

    /// How an attempt ended that was not ended by another process.
    private sealed interface Attempt<R extends @Nullable Object> {
        record Returned<R extends @Nullable Object>(R value) implements Attempt<R> {}

        record Threw<R extends @Nullable Object>(Throwable thrown) implements Attempt<R> {}
    }

    private final Callable<R> function;
    private final RetryOptions options;
    private final String name;

    Retry(Callable<R> function, RetryOptions options) {
        this.function = Arguments.notNull(function, "function");
        this.options = Arguments.notNull(options, "options");
        this.name = TaskBody.name(function);
    }

    /// Returns the name of the function, for reports.
    String name() {
        return name;
    }

    @Override
    public R call() throws Exception {
        // The attempts are not linked to the task. If they were, the failure of what an attempt is
        // linked to would end the task instead of counting as a failed attempt.
        TaskGuard guard = TaskGuard.start(Shutdown.brutalKill());
        try {
            return attempts(guard);
        } finally {
            guard.end();
        }
    }

    private R attempts(TaskGuard guard) throws Exception {
        List<Throwable> earlier = new ArrayList<>();
        for (int number = 1; ; number++) {
            switch (attempt(number, guard)) {
                case Attempt.Returned<R>(R value) -> {
                    return value;
                }
                case Attempt.Threw<R>(Throwable failure) -> {
                    if (number == options.maxAttempts() || !isWorthAnother(failure)) {
                        throw last(failure, earlier);
                    }
                    earlier.add(failure);
                    Duration delay = options.backOff().delay(number);
                    log.debug(
                            "attempt {} of {} of {} failed, the next one starts in {} ms",
                            number,
                            options.maxAttempts(),
                            name,
                            delay.toMillis(),
                            failure);
                    Processes.sleep(delay);
                }
            }
        }
    }

    private Attempt<R> attempt(int number, TaskGuard guard) {
        Task<Attempt<R>> one =
                new TaskStarter.Plain(false).start(name, this::runCaught, guard::watch);
        Optional<TaskResult<Attempt<R>>> ended = one.yield(options.attemptTimeout());
        TaskResult<Attempt<R>> result =
                ended.or(() -> one.shutdown(Shutdown.brutalKill()))
                        .orElseGet(() -> new TaskResult.Exit<>(ExitReason.TIMEOUT));
        one.pid().ifPresent(guard::release);
        return switch (result) {
            case TaskResult.Ok<Attempt<R>>(Attempt<R> attempt) -> attempt;
            case TaskResult.Exit<Attempt<R>>(ExitReason reason) ->
                    new Attempt.Threw<>(
                            new TaskExitException(
                                    "attempt "
                                            + number
                                            + " of "
                                            + options.maxAttempts()
                                            + " of "
                                            + name,
                                    reason));
        };
    }

    /// Runs in the attempt's process.
    private Attempt<R> runCaught() {
        try {
            return new Attempt.Returned<>(function.call());
        } catch (Throwable thrown) { // the task decides what it means
            return new Attempt.Threw<>(thrown);
        }
    }

    private boolean isWorthAnother(Throwable failure) {
        return !isOrderly(failure) && options.expected().test(failure);
    }

    /// Returns whether the attempt has asked for an orderly end of its process, which is then the
    /// end of the task.
    private static boolean isOrderly(Throwable failure) {
        return failure instanceof ExitException exit
                && !(failure instanceof TaskExitException)
                && exit.reason().isOrderly();
    }

    /// Returns or throws what the task has to throw. An exit becomes the cause of a crash, because
    /// its reason alone would lose the earlier failures.
    private static Exception last(Throwable failure, List<Throwable> earlier) {
        for (Throwable before : earlier) {
            if (before != failure) { // a function may throw the same object each time
                failure.addSuppressed(before);
            }
        }
        if (isOrderly(failure)) {
            throw (ExitException) failure;
        }
        return switch (failure) {
            case ExitException exit -> new ExitException(new ExitReason.Crash(exit));
            case Exception exception -> exception;
            case Error error -> throw error;
            default -> new ExitException(new ExitReason.Crash(failure));
        };
    }
}
