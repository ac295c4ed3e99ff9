package io.genserver.parity;

import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.Match;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.supervisor.Task;
import io.genserver.supervisor.TaskExitException;
import io.genserver.supervisor.TaskResult;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/// Creates tasks in the states that tests need, and runs common checks on tasks.
final class TestTasks {

    static final ExitReason ABNORMAL = ExitReason.of("abnormal");

    /// The message that tells a waiting task to continue.
    static final String GO = "go";

    private TestTasks() {}

    /// Waits for the message [#GO].
    static String waitToGo() {
        return Processes.receive(Match.value(GO));
    }

    /// Blocks until the task is ended.
    static String block() {
        Processes.sleep(Duration.ofDays(1));
        throw new AssertionError("slept for a day");
    }

    /// Blocks and traps exits, so it does not end when told to shut down.
    static String blockTrapping(Pid test) {
        Processes.trapExits(true);
        Processes.send(test, "ready");
        return block();
    }

    /// Starts a task that returns `done` when it gets [#GO].
    static Task<String> waiting() {
        return Task.async(() -> {
            waitToGo();
            return "done";
        });
    }

    /// Starts a task that never ends by itself.
    static Task<String> blocked() {
        return Task.async(TestTasks::block);
    }

    /// Returns a task that has ended without a result. The owner has not yet looked at the end. The
    /// owner traps exits.
    static Task<String> ended(ExitReason reason) {
        Processes.trapExits(true);
        return untilDown(
                Task.async(() -> {
                    throw Processes.exit(reason);
                }));
    }

    /// Returns a task that has ended without a result of its own, although there is a reply for it.
    /// This happens if a task is ended just after its reply.
    static Task<String> repliedAndEnded(ExitReason reason) {
        Processes.trapExits(true);
        Task<String> task = waitingToExit(reason);
        reply(task, "result");
        Processes.send(pid(task), GO);
        return untilDown(task);
    }

    private static Task<String> waitingToExit(ExitReason reason) {
        return Task.async(() -> {
            waitToGo();
            throw Processes.exit(reason);
        });
    }

    /// Returns a task that another process owns.
    @SuppressWarnings("unchecked")
    static Task<String> ofAnother() {
        Pid test = Processes.self();
        Processes.spawn(() -> {
            Processes.send(test, Task.async(() -> "done"));
        });
        return assertReceive(Task.class);
    }

    /// Sends the owner a reply in the name of a task.
    static void reply(Task<?> task, Object value) {
        Processes.send(Processes.self(), new Task.Reply(task.ref(), value));
    }

    static Pid pid(Task<?> task) {
        return task.pid().orElseThrow();
    }

    /// Waits until a task has ended, which means that all its messages have arrived.
    static <R> Task<R> untilDown(Task<R> task) {
        untilDown(pid(task));
        return task;
    }

    static Down untilDown(Pid pid) {
        Ref monitor = Processes.monitor(pid);
        return assertReceive(Down.class, down -> down.ref().equals(monitor));
    }

    static List<Pid> links() {
        return Processes.info(Processes.self()).orElseThrow().links();
    }

    static String initialCall(Pid pid) {
        return Processes.info(pid).orElseThrow().initialCall();
    }

    /// Returns the exit of a wait that must fail.
    static TaskExitException exitOf(ThrowingCallable wait) {
        TaskExitException exit = catchThrowableOfType(TaskExitException.class, wait);
        assertThat(exit).isNotNull();
        return exit;
    }

    static void assertNoMessages() {
        assertThat(Processes.flush()).isEmpty();
    }

    static <R> TaskResult<R> ok(R value) {
        return new TaskResult.Ok<>(value);
    }

    static <R> TaskResult<R> exit(Object reason) {
        return new TaskResult.Exit<>(ExitReason.of(reason));
    }
}
