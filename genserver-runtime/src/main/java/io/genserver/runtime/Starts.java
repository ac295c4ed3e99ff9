package io.genserver.runtime;

import io.genserver.Attachment;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.MonitoredStart;
import io.genserver.Pid;
import io.genserver.ProcessBody;
import io.genserver.Processes;
import io.genserver.Start;
import io.genserver.StartOption;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// How processes come to be: spawned, started as servers, or made of a thread of the user's.
final class Starts {

    private final LocalRuntime runtime;

    Starts(LocalRuntime runtime) {
        this.runtime = runtime;
    }

    Pid spawn(ProcessBody body, boolean link) {
        LocalProcess parent = link ? Context.self() : Context.selfOrNull();
        return spawn(new SpawnedProcess(runtime, body), parent, link);
    }

    /// Spawns a process that knows where it comes from.
    Pid spawn(String initialCall, ProcessBody body, boolean link) {
        LocalProcess parent = link ? Context.self() : Context.selfOrNull();
        return spawn(new SpawnedProcess(runtime, initialCall, body, parent), parent, link);
    }

    private Pid spawn(SpawnedProcess process, @Nullable LocalProcess parent, boolean link) {
        runtime.processes.add(process);
        if (link && parent != null) {
            LocalProcess.link(parent, process);
        }
        launch(process, parent);
        return process.pid;
    }

    Processes.Monitored spawnMonitor(ProcessBody body) {
        LocalProcess parent = Context.self();
        SpawnedProcess process = new SpawnedProcess(runtime, body);
        runtime.processes.add(process);
        Monitor monitor = parent.monitor(process, process.pid, Monitor.Options.NONE);
        launch(process, parent);
        return new Processes.Monitored(process.pid, monitor);
    }

    /// Starts the first thread of a process, unless the one that starts it is dead by now: then it
    /// may neither be linked nor be heard of, and must not be.
    private static void launch(LocalProcess process, @Nullable LocalProcess starter) {
        ExitReason died = starter == null ? null : starter.exitReason();
        if (starter != null && died != null) {
            process.die(died);
            starter.checkAlive();
        }
        try {
            process.startThread();
        } catch (Throwable noThread) { // out of memory or threads
            process.die(ExitReason.of(noThread));
            throw noThread;
        }
    }

    Attachment attach() {
        LocalProcess current = Context.get().process();
        if (current != null) {
            throw new IllegalStateException(
                    "expected a thread that is no process, but this one is " + current.describe());
        }
        AttachedProcess process = new AttachedProcess(runtime);
        runtime.processes.add(process);
        return process;
    }

    // ---------------------------------------------------------------- servers

    <A> Start start(
            Supplier<? extends GenServer<A, ?, ?, ?>> server,
            A argument,
            boolean link,
            StartOption... options) {
        LocalProcess caller = Context.selfOrNull();
        Birth birth = new Birth(server, argument, caller, link, StartOptions.of(options));
        LocalProcess holder = holder(birth.options());
        return holder == null ? bear(create(birth), birth) : alreadyStarted(holder);
    }

    <A> MonitoredStart startMonitor(
            Supplier<? extends GenServer<A, ?, ?, ?>> server, A argument, StartOption... options) {
        LocalProcess caller = Context.self();
        Birth birth = new Birth(server, argument, caller, false, StartOptions.of(options));
        LocalProcess holder = holder(birth.options());
        if (holder != null) {
            return new MonitoredStart(alreadyStarted(holder), Optional.empty());
        }
        ServerProcess process = create(birth);
        Monitor monitor = caller.monitor(process, process.pid, Monitor.Options.NONE);
        Start start = bear(process, birth);
        if (start instanceof Start.Ok) {
            return new MonitoredStart(start, Optional.of(monitor));
        }
        caller.demonitorFlush(monitor);
        return new MonitoredStart(start, Optional.empty());
    }

    private @Nullable LocalProcess holder(StartOptions options) {
        return options.name() == null ? null : runtime.resolve(options.name());
    }

    private static Start alreadyStarted(LocalProcess holder) {
        return new Start.Failed(new ExitReason.AlreadyStarted(holder.pid));
    }

    private ServerProcess create(Birth birth) {
        ServerProcess process = new ServerProcess(runtime, birth);
        runtime.processes.add(process);
        LocalProcess parent = birth.parent();
        if (parent != null) {
            LocalProcess.link(parent, process);
        }
        return process;
    }

    /// Runs the init of a server and waits for how it ends.
    private Start bear(ServerProcess process, Birth birth) {
        LocalProcess caller = birth.caller();
        long limit = birth.options().initTimeout();
        Context context = Context.get();
        if (limit == TimeUnits.FOREVER && runtime.callerRuns.mayRun(context, process)) {
            runtime.callerRuns.bear(context, process);
        } else {
            launch(process, caller);
        }
        Object outcome = birth.starter().await(context, runtime.timers, limit);
        if (outcome instanceof ReplySlot.Failure(ExitReason reason)) {
            if (birth.parent() != null) {
                LocalProcess.unlink(birth.parent(), process);
            }
            process.die(ExitReason.KILLED);
            return new Start.Failed(reason);
        }
        if (caller != null) {
            caller.checkAlive(); // the exit of a linked server that failed has reached the caller
        }
        return (Start) Objects.requireNonNull(outcome);
    }
}
