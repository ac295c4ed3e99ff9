package io.genserver.runtime;

import io.genserver.Attachment;
import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.ProcessBody;
import io.genserver.Processes;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Starts processes that run a function, and turns users' threads into processes.
final class Spawning {

    private Spawning() {}

    static Pid spawn(ProcessBody body, boolean link) {
        LocalProcess parent = link ? Context.self() : Context.selfOrNull();
        return spawn(new SpawnedProcess(LocalNode.current(), body), parent, link);
    }

    /// Spawns a process that knows what it runs and which process has started it.
    static Pid spawn(String initialCall, ProcessBody body, boolean link) {
        LocalProcess parent = link ? Context.self() : Context.selfOrNull();
        return spawn(
                new SpawnedProcess(LocalNode.current(), initialCall, body, parent), parent, link);
    }

    private static Pid spawn(SpawnedProcess process, @Nullable LocalProcess parent, boolean link) {
        return start(
                process,
                () -> {
                    process.node.add(process);
                    if (link && parent != null) {
                        link(parent, process);
                    }
                    launch(process, parent);
                    return process.pid;
                });
    }

    static Processes.Monitored spawnMonitor(ProcessBody body) {
        LocalProcess parent = Context.self();
        SpawnedProcess process = new SpawnedProcess(parent.node, body);
        return start(
                process,
                () -> {
                    process.node.add(process);
                    Monitor monitor = monitor(parent, process);
                    launch(process, parent);
                    return new Processes.Monitored(process.pid, monitor);
                });
    }

    /// Takes the steps that bring a new process to life. If the stack of this thread ends in one of
    /// them, the [Healer] ends the process, because nobody else may.
    static <R> R start(LocalProcess process, Supplier<R> steps) {
        try {
            return steps.get();
        } catch (StackOverflowError noStack) {
            process.orphaned = true; // no calls, because there may be no stack left for them
            process.node.healer.needed = true;
            throw noStack;
        }
    }

    /// Links a process that has no thread yet to its parent. If memory ends, it does not run.
    static void link(LocalProcess parent, LocalProcess process) {
        try {
            LocalProcess.link(parent, process);
        } catch (OutOfMemoryError noMemory) {
            process.die(ExitReason.KILLED);
            throw noMemory;
        }
    }

    /// Monitors a process that has no thread yet. If memory ends, it does not run.
    static Monitor monitor(LocalProcess starter, LocalProcess process) {
        try {
            return starter.monitor(process, process.pid, Monitor.Options.NONE);
        } catch (OutOfMemoryError noMemory) {
            process.die(ExitReason.KILLED);
            throw noMemory;
        }
    }

    /// Starts the first thread of a process. If its starter has died, the new process could be
    /// neither linked nor monitored, so it does not run.
    static void launch(LocalProcess process, @Nullable LocalProcess starter) {
        ExitReason died = starter == null ? null : starter.exitReason();
        if (starter != null && died != null) {
            process.die(died);
            starter.checkAlive();
        }
        try {
            process.startThread();
        } catch (Throwable noThread) { // out of memory, threads or stack
            process.die(reason(noThread));
            throw noThread;
        }
    }

    private static ExitReason reason(Throwable noThread) {
        try {
            return ExitReason.of(noThread);
        } catch (OutOfMemoryError noMemory) {
            return ExitReason.KILLED;
        }
    }

    static Attachment attach() {
        LocalProcess current = Context.get().process();
        if (current != null) {
            throw new IllegalStateException(
                    "expected a thread that is no process, but this one is " + current.describe());
        }
        AttachedProcess process = new AttachedProcess(LocalNode.current());
        try {
            process.node.add(process);
        } catch (RuntimeException closed) {
            process.close();
            throw closed;
        }
        return process;
    }
}
