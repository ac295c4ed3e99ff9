package io.genserver.supervisor;

import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Match;
import io.genserver.Pid;
import io.genserver.ProcessBody;
import io.genserver.Processes;
import io.genserver.Ref;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The code that runs in a task's process, and the code that ends a task.
final class TaskBody {

    /// How long a task without a link waits for its owner to let it begin.
    private static final Duration GO_LIMIT = Duration.ofSeconds(5);

    private TaskBody() {}

    /// Returns the name of a task's function, for reports.
    static String name(Object function) {
        String type = function.getClass().getName();
        int hidden = type.indexOf("$$Lambda");
        return "Task of " + (hidden < 0 ? type : type.substring(0, hidden));
    }

    /// Returns the processes on whose behalf a task of the calling process works.
    static List<Pid> callersOfChildren() {
        if (!Processes.isProcess()) {
            return List.of();
        }
        List<Pid> callers = new ArrayList<>();
        callers.add(Processes.self());
        callers.addAll(Processes.callers());
        return List.copyOf(callers);
    }

    /// Runs the body. Runs in the task.
    static void run(ProcessBody body, List<Pid> callers) throws Exception {
        Processes.put(Processes.CALLERS, callers);
        body.run();
    }

    /// Waits for the [Task.Go], runs the function and sends the result. Runs in the task.
    static <R extends @Nullable Object> void reply(TaskWork<R> work) throws Exception {
        Processes.put(Processes.CALLERS, work.callers);
        Task.Go go = Processes.receive(Task.Go.class);
        perform(work, go.replyTo());
    }

    private static <R extends @Nullable Object> void perform(TaskWork<R> work, Ref replyTo)
            throws Exception {
        R value = work.function.call();
        work.returned(value);
        if (!work.isRelayed()) {
            Processes.send(replyTo, new Task.Reply(replyTo, value));
        }
    }

    /// Does the same as [#reply], and monitors the owner, which may end before it lets the task
    /// begin. Runs in the task.
    static <R extends @Nullable Object> void supervisedReply(TaskWork<R> work, Pid owner)
            throws Exception {
        Processes.put(Processes.CALLERS, work.callers);
        Ref monitor = Processes.monitor(owner);
        Match<Object> goOrDown =
                message ->
                        switch (message) {
                            case Task.Go go -> go;
                            case Down down when down.ref().equals(monitor) -> down;
                            default -> null;
                        };
        switch (Processes.receive(goOrDown, GO_LIMIT).orElse(ExitReason.TIMEOUT)) {
            case Task.Go(Ref replyTo) -> {
                Processes.demonitorFlush(monitor);
                perform(work, replyTo);
            }
            case Down down -> Processes.exit(ExitReason.shutdown(down.reason()));
            case ExitReason late -> Processes.exit(late);
            case Object other -> throw new AssertionError(other);
        }
    }

    /// Removes the link to a task, and the [Exit] that may have come over it.
    static void unlink(Pid pid) {
        Processes.unlink(pid);
        Processes.receive(Match.type(Exit.class, exit -> exit.from().equals(pid)), Duration.ZERO);
    }

    /// Unlinks a task, tells it to end and waits until it has ended. A guard ends the task if the
    /// owner ends first.
    ///
    /// @param ref the monitor that the owner has had since the start of the task
    /// @return why the task ended; `noproc` if the owner had received its [Down] before
    static ExitReason end(Pid pid, Ref ref, Shutdown how) {
        TaskGuard guard = TaskGuard.start(how);
        guard.watch(pid);
        unlink(pid);
        // If the Down of the first monitor is already consumed, this one sends another.
        Ref again = Processes.monitor(pid);
        boolean brutal = how instanceof Shutdown.Brutal;
        Processes.exit(pid, brutal ? ExitReason.KILL : ExitReason.SHUTDOWN);
        Match<Down> either =
                Match.type(Down.class, down -> down.ref().equals(ref) || down.ref().equals(again));
        Duration limit = how instanceof Shutdown.Within(Duration time) ? time : GenServer.INFINITY;
        Down down =
                Processes.receive(either, limit)
                        .orElseGet(() -> {
                            Processes.exit(pid, ExitReason.KILL);
                            return Processes.receive(either);
                        });
        guard.end(); // skipped if the wait was interrupted, because the task may still live
        Processes.demonitorFlush(again);
        Processes.demonitorFlush(ref);
        return down.reason();
    }
}
