package io.genserver.supervisor;

import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.Match;
import io.genserver.Pid;
import io.genserver.ProcLib;
import io.genserver.Processes;
import io.genserver.Ref;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/// A process that ends tasks if their owner ends first.
///
/// An owner that ends a task must unlink it before it sends the exit signal, because the link would
/// end the owner together with the task. If the owner is killed after that, only the guard knows of
/// the task.
final class TaskGuard {

    private record Watch(Pid task) {}

    private record Release(Pid task) {}

    private record Watching(Ref alias) {}

    private final Pid process;

    private TaskGuard(Pid process) {
        this.process = process;
    }

    /// Starts a guard for tasks of the calling process. When this returns, the guard has its
    /// monitor. So the guard learns why the owner ended, however soon that is.
    ///
    /// @param how how the guard ends the tasks
    static TaskGuard start(Shutdown how) {
        Pid owner = Processes.self();
        Ref alias = Processes.replyAlias();
        Pid process = ProcLib.spawn("guard of tasks", () -> guard(owner, how, alias));
        Processes.receive(Match.type(Watching.class, watching -> watching.alias().equals(alias)));
        return new TaskGuard(process);
    }

    /// Adds a task that has to end when the owner ends.
    void watch(Pid task) {
        Processes.send(process, new Watch(task));
    }

    /// Removes a task, which may then outlive the owner.
    void release(Pid task) {
        Processes.send(process, new Release(task));
    }

    /// Ends the guard, but not the tasks.
    void end() {
        Processes.exit(process, ExitReason.SHUTDOWN);
    }

    private static void guard(Pid owner, Shutdown how, Ref alias) {
        Ref monitor = Processes.monitor(owner);
        Processes.send(alias, new Watching(alias));
        Set<Pid> tasks = new HashSet<>();
        while (true) {
            switch (Processes.receive()) {
                case Watch(Pid task) -> tasks.add(task);
                case Release(Pid task) -> tasks.remove(task);
                case Down down when down.ref().equals(monitor) -> {
                    finish(tasks, how, down.reason());
                    return;
                }
                default -> {} // from another sender than the owner
            }
        }
    }

    /// Sends the owner's exit reason to the tasks, as a link would, and kills those that exceed the
    /// limit.
    private static void finish(Set<Pid> tasks, Shutdown how, ExitReason reason) {
        long start = Processes.monotonicTime();
        ExitReason signal = how instanceof Shutdown.Brutal ? ExitReason.KILL : reason;
        tasks.forEach(task -> Processes.exit(task, signal));
        if (how instanceof Shutdown.Within(Duration limit)) {
            for (Pid task : tasks) {
                Ref monitor = Processes.monitor(task);
                Match<Down> its = Match.type(Down.class, down -> down.ref().equals(monitor));
                if (Processes.receive(its, TimeLimit.left(limit, start)).isEmpty()) {
                    Processes.exit(task, ExitReason.KILL);
                }
            }
        }
    }
}
