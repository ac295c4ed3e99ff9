package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.MonitoredStart;
import io.genserver.Pid;
import io.genserver.Start;
import io.genserver.StartOption;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Starts servers.
final class ServerStart {

    private ServerStart() {}

    static <A, G extends GenServer<A, ?, ?, ?>> Start<G> start(
            Supplier<? extends G> server, A argument, boolean link, StartOption... options) {
        Context context = Context.get();
        LocalProcess caller = context.aliveOrNull();
        Initialization starting =
                new Initialization(server, argument, caller, link, StartOptions.of(options));
        LocalNode node = LocalNode.current(context);
        LocalProcess holder = holder(node, starting.options());
        if (holder != null) {
            return alreadyStarted(holder);
        }
        ServerProcess process = new ServerProcess(node, starting);
        return Spawning.start(
                process,
                () -> {
                    enter(process, starting);
                    return await(context, process, starting);
                });
    }

    static <A, G extends GenServer<A, ?, ?, ?>> MonitoredStart<G> startMonitor(
            Supplier<? extends G> server, A argument, StartOption... options) {
        LocalProcess caller = Context.self();
        Initialization starting =
                new Initialization(server, argument, caller, false, StartOptions.of(options));
        LocalProcess holder = holder(caller.node, starting.options());
        if (holder != null) {
            return new MonitoredStart<>(alreadyStarted(holder), Optional.empty());
        }
        ServerProcess process = new ServerProcess(caller.node, starting);
        return Spawning.start(process, () -> awaitMonitored(caller, process, starting));
    }

    private static <G> MonitoredStart<G> awaitMonitored(
            LocalProcess caller, ServerProcess process, Initialization starting) {
        enter(process, starting);
        Monitor monitor = Spawning.monitor(caller, process);
        Start<G> start = await(Context.get(), process, starting);
        if (start instanceof Start.Ok) {
            return new MonitoredStart<>(start, Optional.of(monitor));
        }
        caller.demonitorFlush(monitor);
        return new MonitoredStart<>(start, Optional.empty());
    }

    /// Starts a server as the child of another process, and does not wait for its init.
    static <A> Optional<Pid> startUnder(
            Pid parent,
            Supplier<? extends GenServer<A, ?, ?, ?>> server,
            A argument,
            StartOption... options) {
        LocalProcess above = LocalNode.local(parent);
        if (above == null || above.isDead()) {
            return Optional.empty();
        }
        Initialization starting =
                Initialization.unattended(server, argument, above, StartOptions.of(options));
        ServerProcess process = new ServerProcess(above.node, starting);
        return Spawning.start(process, () -> launchUnder(above, process, starting));
    }

    private static Optional<Pid> launchUnder(
            LocalProcess above, ServerProcess process, Initialization starting) {
        Optional<Pid> pid = Optional.of(process.pid); // nothing may fail after the launch
        enter(process, starting);
        if (above.isDead()) { // it may have died before the link
            process.die(ExitReason.NOPROC);
            return Optional.empty();
        }
        long limit = starting.options().initTimeout();
        if (limit != TimeUnits.FOREVER) {
            limitInit(process, limit);
        }
        Spawning.launch(process, null);
        return pid;
    }

    /// Limits the init of a process that has no thread yet. If memory ends, it does not run.
    private static void limitInit(ServerProcess process, long limit) {
        TimerWheel timers = process.node.timers;
        try {
            timers.arm(
                    new TimerWheel.Entry() {
                        @Override
                        String describe() {
                            return "timeout of the start of " + process.describe();
                        }

                        @Override
                        Pid concerns() {
                            return process.pid;
                        }

                        @Override
                        void fire() {
                            if (process.isStarting()) {
                                process.die(ExitReason.TIMEOUT);
                            }
                        }
                    },
                    timers.clock().nanoTime() + limit);
        } catch (OutOfMemoryError noMemory) {
            process.die(ExitReason.KILLED);
            throw noMemory;
        }
    }

    private static @Nullable LocalProcess holder(LocalNode node, StartOptions options) {
        return options.name() == null ? null : node.resolve(options.name());
    }

    private static <G> Start<G> alreadyStarted(LocalProcess holder) {
        return new Start.Failed<>(new ExitReason.AlreadyStarted(holder.pid));
    }

    /// Makes a server known to its node and links it to its parent.
    private static void enter(ServerProcess process, Initialization starting) {
        process.node.add(process);
        LocalProcess parent = starting.parent();
        if (parent != null) {
            Spawning.link(parent, process);
        }
    }

    /// Has init run, on this thread or on a thread of the server's own, and waits until it has
    /// ended.
    @SuppressWarnings("unchecked") // a Start holds nothing of its type
    private static <G> Start<G> await(
            Context context, ServerProcess process, Initialization starting) {
        LocalProcess caller = starting.caller();
        long limit = starting.options().initTimeout();
        if (limit == TimeUnits.FOREVER && CallerRun.mayRunFor(context, process)) {
            Lending.start(context, process);
            CallerRun.afterTurn(context, process.node);
        } else {
            Spawning.launch(process, caller);
        }
        Object outcome = starting.starter().await(context, process.node.timers, limit);
        if (outcome instanceof ReplySlot.Failure(ExitReason reason)) {
            if (starting.parent() != null) {
                LocalProcess.unlink(starting.parent(), process);
            }
            process.die(ExitReason.KILLED);
            return new Start.Failed<>(reason);
        }
        if (caller != null) {
            caller.checkAlive(); // the exit of a linked server that failed has reached the caller
        }
        return (Start<G>) Objects.requireNonNull(outcome);
    }
}
