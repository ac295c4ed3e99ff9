package io.genserver.supervisor;

import io.genserver.Pid;
import io.genserver.ProcLib;
import io.genserver.ProcessRef;
import io.genserver.Processes;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Starts tasks of one kind. They belong to the calling process, or to the calling thread if it is
/// no process.
sealed interface TaskStarter {

    /// Starts tasks without a supervisor.
    record Plain(boolean link) implements TaskStarter {
        @Override
        public Pid spawn(String name, TaskWork<?> work, Pid owner, boolean linked) {
            return linked
                    ? ProcLib.spawnLink(name, () -> TaskBody.reply(work))
                    : ProcLib.spawn(name, () -> TaskBody.supervisedReply(work, owner));
        }
    }

    /// Starts tasks under a supervisor.
    record Supervised(ProcessRef supervisor, boolean link, Shutdown shutdown)
            implements TaskStarter {
        public Supervised {
            Arguments.notNull(supervisor, "supervisor");
            Arguments.notNull(shutdown, "shutdown");
        }

        @Override
        public Pid spawn(String name, TaskWork<?> work, Pid owner, boolean linked) {
            return TaskSupervisor.startTask(this, name, work, owner, linked);
        }
    }

    /// Returns whether a task of a process is linked to it. A task of a thread never is.
    boolean link();

    /// Starts a task's process, which then waits for the [Task.Go].
    ///
    /// @param owner the process that will let it begin
    Pid spawn(String name, TaskWork<?> work, Pid owner, boolean linked);

    /// Starts a task and lets it begin.
    ///
    /// @param name names the task's process in reports
    default <R extends @Nullable Object> Task<R> start(String name, Callable<R> function) {
        return start(name, function, _ -> {});
    }

    /// Starts a task and lets it begin.
    ///
    /// @param name names the task's process in reports
    /// @param beforeGo gets the task's process before it begins, if a process starts the task
    default <R extends @Nullable Object> Task<R> start(
            String name, Callable<R> function, Consumer<Pid> beforeGo) {
        TaskWork<R> work = new TaskWork<>(function, TaskBody.callersOfChildren());
        if (!Processes.isProcess()) {
            return TaskRelay.startForThread(name, work, this);
        }
        Pid pid = spawn(name, work, Processes.self(), link());
        beforeGo.accept(pid);
        return Task.begin(pid, work, link());
    }
}
