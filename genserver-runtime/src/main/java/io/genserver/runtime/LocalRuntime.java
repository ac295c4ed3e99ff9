package io.genserver.runtime;

import io.genserver.Attachment;
import io.genserver.DeadLetter;
import io.genserver.DeadLetters;
import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Match;
import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.ProcessBody;
import io.genserver.ProcessInfo;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.Via;
import io.genserver.spi.ProcessRuntime;
import io.genserver.spi.SystemRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The provider: everything the API asks for, on the processes of this node.
public final class LocalRuntime implements ProcessRuntime {

    private static final Logger log = LoggerFactory.getLogger(LocalRuntime.class);

    final NameTable names = new NameTable();
    final ProcessTable processes = new ProcessTable();
    final TimerWheel timers = new TimerWheel(Clock.SYSTEM);
    final IdleSweep idleSweep = new IdleSweep(timers);
    final Fairness fairness = new Fairness();
    final DeadLetterOffice deadLetters = new DeadLetterOffice();

    /// Who an exit signal is from that a thread sent which is no process: a pid nobody has.
    private final LocalPid nobody = LocalPid.ofNobody();

    /// Made once, by the service loader.
    public LocalRuntime() {}

    // ---------------------------------------------------------------- finding processes

    /// The live process behind a reference, or null.
    @Nullable LocalProcess resolve(ServerRef server) {
        return switch (server) {
            case LocalPid pid -> alive(pid.process());
            case Name name -> names.whereis(name.name());
            case Via(var registry, Object key) ->
                    registry.whereisName(key).map(pid -> alive(local(pid))).orElse(null);
            case Pid foreign ->
                    throw new IllegalArgumentException(
                            "expected a pid of this node, got: " + foreign);
        };
    }

    /// A cast never fails, even if a registry of the user's does.
    private @Nullable LocalProcess resolveForCast(ServerRef server) {
        try {
            return resolve(server);
        } catch (RuntimeException broken) {
            log.error("cannot cast to {}, whose registry failed", server, broken);
            return null;
        }
    }

    private static @Nullable LocalProcess local(Pid pid) {
        if (pid instanceof LocalPid mine) {
            return mine.process();
        }
        throw new IllegalArgumentException("expected a pid of this node, got: " + pid);
    }

    private static @Nullable LocalProcess alive(@Nullable LocalProcess process) {
        return process == null || process.isDead() ? null : process;
    }

    @Override
    public Pid self() {
        return Context.self().pid;
    }

    @Override
    public Optional<Pid> whereis(ServerRef server) {
        if (server instanceof Pid pid) {
            return Optional.of(pid);
        }
        LocalProcess process = resolve(server);
        return process == null ? Optional.empty() : Optional.of(process.pid);
    }

    @Override
    public boolean isAlive(Pid pid) {
        return alive(local(pid)) != null;
    }

    @Override
    public long monotonicTime() {
        return timers.clock().nanoTime();
    }

    @Override
    public Optional<ProcessInfo> info(Pid pid) {
        LocalProcess process = local(pid);
        return process == null ? Optional.empty() : process.info();
    }

    @Override
    public List<Pid> list() {
        return processes.pids();
    }

    @Override
    public List<String> registered() {
        return names.names();
    }

    @Override
    public void register(Pid pid, Name name) {
        Context.selfOrNull();
        LocalProcess process = local(pid);
        if (process == null) {
            throw new IllegalArgumentException(
                    "expected a live process to register as "
                            + name
                            + ", got: "
                            + pid
                            + ", which is dead");
        }
        LocalProcess holder = process.register(name);
        if (holder != null) {
            throw new IllegalArgumentException(
                    "expected a free name, got: " + name + ", which " + holder.describe() + " has");
        }
    }

    @Override
    public void unregister(Name name) {
        Context.selfOrNull();
        LocalProcess holder = names.whereis(name.name());
        if (holder == null) {
            throw new IllegalArgumentException(
                    "expected a registered name, got: " + name + ", which no process has");
        }
        holder.unregister();
    }

    // ---------------------------------------------------------------- starting

    @Override
    public Pid spawn(ProcessBody body, boolean link) {
        LocalProcess parent = link ? Context.self() : Context.selfOrNull();
        SpawnedProcess process = new SpawnedProcess(this, body);
        processes.add(process);
        if (link && parent != null) {
            LocalProcess.link(parent, process);
        }
        launch(process, parent);
        return process.pid;
    }

    @Override
    public Processes.Monitored spawnMonitor(ProcessBody body) {
        LocalProcess parent = Context.self();
        SpawnedProcess process = new SpawnedProcess(this, body);
        processes.add(process);
        Monitor monitor = parent.monitor(process, process.pid);
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

    @Override
    public Attachment attach() {
        LocalProcess current = Context.get().process;
        if (current != null) {
            throw new IllegalStateException(
                    "expected a thread that is no process, but this one is " + current.describe());
        }
        AttachedProcess process = new AttachedProcess(this);
        processes.add(process);
        return process;
    }

    @Override
    public <A> Start start(
            Supplier<? extends GenServer<A, ?, ?, ?>> server,
            A argument,
            boolean link,
            StartOption... options) {
        Context context = Context.get();
        LocalProcess caller = Context.selfOrNull();
        StartOptions chosen = StartOptions.of(options);
        if (chosen.name() != null) {
            LocalProcess holder = resolve(chosen.name());
            if (holder != null) {
                return new Start.Failed(new ExitReason.AlreadyStarted(holder.pid));
            }
        }
        LocalProcess parent = link ? caller : null;
        ReplySlot.Starting starter = new ReplySlot.Starting(caller);
        ServerProcess process =
                new ServerProcess(
                        this,
                        new ServerProcess.Birth(
                                Objects.requireNonNull(server, "server"),
                                Objects.requireNonNull(argument, "argument"),
                                chosen.name(),
                                parent,
                                starter));
        processes.add(process);
        if (parent != null) {
            LocalProcess.link(parent, process);
        }
        launch(process, caller);
        Object outcome = starter.await(context, timers, chosen.initTimeout());
        if (outcome instanceof ReplySlot.Failure(ExitReason reason)) {
            if (parent != null) {
                LocalProcess.unlink(parent, process);
            }
            process.die(ExitReason.KILLED);
            return new Start.Failed(reason);
        }
        if (caller != null) {
            caller.checkAlive(); // the exit of a linked server that failed has reached the caller
        }
        return (Start) Objects.requireNonNull(outcome);
    }

    // ---------------------------------------------------------------- messages

    @Override
    public void send(ServerRef to, Object message) {
        Objects.requireNonNull(message, "message");
        Context.selfOrNull();
        LocalProcess receiver = resolve(to);
        if (receiver != null) {
            receiver.deliver(Envelope.of(message));
        } else if (to instanceof Pid) {
            deadLetters.noReceiver(to, message);
        } else {
            throw new IllegalArgumentException(
                    "expected a registered name to send to, got: " + to + ", which no process has");
        }
    }

    @Override
    public <T> Optional<T> receive(Match<T> match, Duration timeout) {
        return Context.self().receive(match, TimeUnits.nanos("a receive's timeout", timeout));
    }

    @Override
    public List<Object> flush() {
        return Context.self().flush();
    }

    @Override
    public Ref startTimer(ServerRef to, Duration delay, Function<Ref, Object> message) {
        Context.selfOrNull();
        if (to instanceof Pid pid) {
            local(pid); // checks that it is one of this node
        }
        long nanos = TimeUnits.nanos("a timer's delay", delay);
        MessageTimer timer = new MessageTimer(this, to);
        timer.message = Envelope.of(Objects.requireNonNull(message.apply(timer), "message"));
        if (nanos != TimeUnits.FOREVER) {
            timers.arm(timer, timers.clock().nanoTime() + nanos);
        }
        return timer;
    }

    @Override
    public Optional<Duration> cancelTimer(Ref timer) {
        return left(timers.cancel(timer(timer)));
    }

    @Override
    public Optional<Duration> readTimer(Ref timer) {
        return left(timers.read(timer(timer)));
    }

    private static Optional<Duration> left(long nanos) {
        return nanos < 0 ? Optional.empty() : Optional.of(Duration.ofNanos(nanos));
    }

    private static MessageTimer timer(Ref ref) {
        if (ref instanceof MessageTimer timer) {
            return timer;
        }
        throw new IllegalArgumentException("expected a timer, got: " + ref);
    }

    // ---------------------------------------------------------------- signals

    @Override
    public void link(Pid pid) {
        LocalProcess self = Context.self();
        LocalProcess other = local(pid);
        if (other != null && LocalProcess.link(self, other)) {
            return;
        }
        if (self.trapsExits()) {
            self.deliver(new Exit(pid, ExitReason.NOPROC));
        } else {
            throw new ExitException(ExitReason.NOPROC);
        }
    }

    @Override
    public void unlink(Pid pid) {
        LocalProcess self = Context.self();
        LocalProcess other = local(pid);
        if (other != null) {
            LocalProcess.unlink(self, other);
        }
    }

    @Override
    public Ref monitor(ServerRef server) {
        LocalProcess self = Context.self();
        return self.monitor(resolve(server), server);
    }

    @Override
    public boolean demonitor(Ref monitor, boolean flush) {
        LocalProcess self = Context.self();
        if (!(monitor instanceof Monitor mine) || mine.watcher != self.pid) {
            throw new IllegalArgumentException(
                    "expected a monitor of the calling process, got: " + monitor);
        }
        boolean found = self.demonitor(mine);
        if (flush && !found) {
            self.receive(Match.type(Down.class, down -> down.ref().equals(monitor)), 0);
        }
        return found;
    }

    @Override
    public void exit(Pid pid, ExitReason reason) {
        LocalProcess sender = Context.selfOrNull();
        LocalProcess receiver = local(pid);
        if (receiver == null) {
            return;
        }
        receiver.exitSignal(sender == null ? nobody : sender.pid, reason);
        if (receiver == sender) {
            sender.checkAlive(); // it may have ended itself
        }
    }

    @Override
    public boolean trapExits(boolean trap) {
        return Context.self().trapExits(trap);
    }

    // ---------------------------------------------------------------- requests

    @Override
    public @Nullable Object call(ServerRef server, Object request, Duration timeout) {
        Objects.requireNonNull(request, "request");
        Context context = Context.get();
        LocalProcess self = Context.selfOrNull();
        ReplySlot.Request slot = new ReplySlot.Request(request, self);
        return ask(context, self, server, slot, TimeUnits.nanos("a call's timeout", timeout));
    }

    @Override
    public void stop(ServerRef server, ExitReason reason, Duration timeout) {
        Context context = Context.get();
        LocalProcess self = Context.selfOrNull();
        ReplySlot.Stop slot = new ReplySlot.Stop(reason, self);
        ask(context, self, server, slot, TimeUnits.nanos("a stop's timeout", timeout));
    }

    @Override
    public Object system(ServerRef server, SystemRequest request, Duration timeout) {
        Context context = Context.get();
        LocalProcess self = Context.selfOrNull();
        ReplySlot.SystemCall slot = new ReplySlot.SystemCall(request, self);
        long limit = TimeUnits.nanos("a system request's timeout", timeout);
        Object outcome = ask(context, self, server, slot, limit);
        if (outcome instanceof ReplySlot.SystemCall.Refused(RuntimeException problem)) {
            throw problem;
        }
        return Objects.requireNonNull(outcome);
    }

    /// Sends a request and waits for its outcome.
    ///
    /// @return the reply; a Failure only if that is what was asked for
    private @Nullable Object ask(
            Context context,
            @Nullable LocalProcess self,
            ServerRef server,
            ReplySlot slot,
            long timeout) {
        LocalProcess target = resolve(server);
        if (target == null) {
            throw slot.exception(ExitReason.NOPROC, server, server.toString(), timeout, 0);
        }
        if (target == self) {
            throw slot.exception(
                    ExitReason.CALLING_SELF, server, describe(server, target), timeout, 0);
        }
        Object outcome =
                self == null
                        ? sendAndAwait(context, target, slot, timeout)
                        : sendAndAwait(context, self, target, slot, timeout);
        if (outcome instanceof ReplySlot.Failure(ExitReason why)
                && !(slot instanceof ReplySlot.Stop stop && why.equals(stop.reason))) {
            throw slot.exception(
                    why, server, describe(server, target), timeout, slot.waited(timers));
        }
        return outcome;
    }

    /// The server as the caller named it, and what that means.
    private static String describe(ServerRef server, LocalProcess target) {
        return server instanceof Pid ? target.describe() : server + " " + target.describe();
    }

    private @Nullable Object sendAndAwait(
            Context context, LocalProcess target, ReplySlot slot, long timeout) {
        target.deliver(slot);
        return slot.await(context, timers, timeout);
    }

    private @Nullable Object sendAndAwait(
            Context context, LocalProcess self, LocalProcess target, ReplySlot slot, long timeout) {
        slot.target = target;
        self.waitingFor = slot;
        try {
            ExitReason.CallCycle cycle = CallCycles.find(self, target);
            return cycle == null
                    ? sendAndAwait(context, target, slot, timeout)
                    : new ReplySlot.Failure(cycle);
        } finally {
            self.waitingFor = null;
        }
    }

    @Override
    public void cast(ServerRef server, Object request) {
        Objects.requireNonNull(request, "request");
        Context.selfOrNull();
        LocalProcess target = resolveForCast(server);
        if (target != null) {
            target.deliver(new Envelope.Cast(request));
        } else {
            deadLetters.noReceiver(server, request);
        }
    }

    @Override
    public void reply(From from, @Nullable Object reply) {
        Context.selfOrNull();
        if (!(from instanceof ReplySlot.Request slot)) {
            throw new IllegalArgumentException("expected a From given to handleCall, got: " + from);
        }
        if (!slot.reply(reply)) {
            deadLetters.lateReply(slot, reply);
        }
    }

    @Override
    public DeadLetters.Subscription onDeadLetter(Consumer<DeadLetter> listener) {
        return deadLetters.listen(listener);
    }

    @Override
    public Map<DeadLetter.Reason, Long> deadLetterCounts() {
        return deadLetters.counts();
    }
}
