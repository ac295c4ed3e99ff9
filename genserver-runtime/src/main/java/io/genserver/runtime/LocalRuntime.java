package io.genserver.runtime;

import io.genserver.Attachment;
import io.genserver.DeadLetter;
import io.genserver.DeadLetters;
import io.genserver.Exit;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Match;
import io.genserver.MonitorOption;
import io.genserver.MonitoredStart;
import io.genserver.MultiCall;
import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.ProcessBody;
import io.genserver.ProcessInfo;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.RequestId;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.Via;
import io.genserver.spi.ProcessRuntime;
import io.genserver.spi.SystemRequest;
import java.time.Duration;
import java.util.Collection;
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
    final Fairness fairness = new Fairness(Clock.SYSTEM);
    final DeadLetterOffice deadLetters = new DeadLetterOffice();
    final CallerRuns callerRuns = new CallerRuns(this);
    final Requests requests = new Requests(this);
    private final Starts starts = new Starts(this);
    private final MessageTimers messageTimers = new MessageTimers(this);

    /// Who an exit signal is from that a thread sent which is no process: a pid nobody has.
    private final LocalPid nobody = LocalPid.ofNobody();

    /// Made once, by the service loader.
    public LocalRuntime() {}

    // ---------------------------------------------------------------- finding processes

    /// The live process behind a reference, or null.
    @Nullable LocalProcess resolve(ServerRef server) {
        if (server instanceof LocalPid pid) { // by far the most frequent
            return alive(pid.process());
        }
        return switch (server) {
            case Name name -> names.whereis(name.name());
            case Via(var registry, Object key) ->
                    registry.whereisName(key).map(pid -> alive(local(pid))).orElse(null);
            case Pid foreign ->
                    throw new IllegalArgumentException(
                            "expected a pid of this node, got: " + foreign);
        };
    }

    /// A cast never fails, even if a registry of the user's does.
    @Nullable LocalProcess resolveForCast(ServerRef server) {
        try {
            return resolve(server);
        } catch (RuntimeException broken) {
            log.error("cannot cast to {}, whose registry failed", server, broken);
            return null;
        }
    }

    static @Nullable LocalProcess local(Pid pid) {
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
    public boolean isProcess() {
        return Context.get().process() != null;
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

    @Override
    public List<ServerRef> ancestors() {
        return Context.self().ancestors();
    }

    // ---------------------------------------------------------------- dictionary

    @Override
    public Optional<Object> put(Object key, Object value) {
        Objects.requireNonNull(key, "key");
        Objects.requireNonNull(value, "value");
        return Optional.ofNullable(Context.self().put(key, value));
    }

    @Override
    public Optional<Object> delete(Object key) {
        return Optional.ofNullable(Context.self().delete(key));
    }

    @Override
    public Map<Object, Object> dictionary() {
        return Context.self().dictionary();
    }

    @Override
    public void setLabel(Object label) {
        Context.self().setLabel(Objects.requireNonNull(label, "label"));
    }

    @Override
    public Optional<Object> label(Pid pid) {
        LocalProcess process = alive(local(pid));
        return process == null ? Optional.empty() : process.label();
    }

    // ---------------------------------------------------------------- starting

    @Override
    public Pid spawn(ProcessBody body, boolean link) {
        return starts.spawn(body, link);
    }

    @Override
    public Pid spawn(String initialCall, ProcessBody body, boolean link) {
        return starts.spawn(initialCall, body, link);
    }

    @Override
    public Processes.Monitored spawnMonitor(ProcessBody body) {
        return starts.spawnMonitor(body);
    }

    @Override
    public Attachment attach() {
        return starts.attach();
    }

    @Override
    public <A> Start start(
            Supplier<? extends GenServer<A, ?, ?, ?>> server,
            A argument,
            boolean link,
            StartOption... options) {
        return starts.start(server, argument, link, options);
    }

    @Override
    public <A> MonitoredStart startMonitor(
            Supplier<? extends GenServer<A, ?, ?, ?>> server, A argument, StartOption... options) {
        return starts.startMonitor(server, argument, options);
    }

    // ---------------------------------------------------------------- messages

    @Override
    public void send(ServerRef to, Object message) {
        Objects.requireNonNull(message, "message");
        Context context = Context.get();
        context.aliveOrNull();
        LocalProcess receiver = resolve(to);
        if (receiver != null) {
            callerRuns.tell(context, receiver, Envelope.of(message));
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
        return messageTimers.start(to, delay, message);
    }

    @Override
    public Ref startTimerAt(ServerRef to, long time, Function<Ref, Object> message) {
        return messageTimers.startAt(to, time, message);
    }

    @Override
    public Optional<Duration> cancelTimer(Ref timer) {
        return messageTimers.cancel(timer);
    }

    @Override
    public Optional<Duration> readTimer(Ref timer) {
        return messageTimers.read(timer);
    }

    @Override
    public void sleep(Duration time) {
        messageTimers.sleep(time);
    }

    // ---------------------------------------------------------------- aliases

    @Override
    public Ref alias(boolean reply) {
        return new Alias(Context.self().pid, true, reply);
    }

    @Override
    public boolean unalias(Ref alias) {
        LocalProcess self = Context.self();
        if (!(alias instanceof Alias mine) || !mine.isAlias() || mine.owner != self.pid) {
            throw new IllegalArgumentException(
                    "expected an alias of the calling process, got: " + alias);
        }
        return self.unalias(mine);
    }

    @Override
    public void send(Ref to, Object message) {
        Objects.requireNonNull(message, "message");
        Context.selfOrNull();
        if (!(to instanceof Alias alias) || !alias.isAlias()) {
            throw new IllegalArgumentException("expected an alias to send to, got: " + to);
        }
        LocalProcess receiver = alias.owner.process();
        if (receiver == null || !receiver.deliverThrough(alias, Envelope.of(message))) {
            deadLetters.inactiveAlias(alias.owner, message);
        }
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
    public Ref monitor(ServerRef server, MonitorOption... options) {
        LocalProcess self = Context.self();
        // A pid's process even if it is dying: then the monitor may still get the reason.
        LocalProcess target = server instanceof LocalPid pid ? pid.process() : resolve(server);
        return self.monitor(target, server, Monitor.Options.of(options));
    }

    @Override
    public boolean demonitor(Ref monitor, boolean flush) {
        LocalProcess self = Context.self();
        if (!(monitor instanceof Monitor mine) || mine.owner != self.pid) {
            throw new IllegalArgumentException(
                    "expected a monitor of the calling process, got: " + monitor);
        }
        return flush ? self.demonitorFlush(mine) : self.demonitor(mine);
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
        return requests.call(server, request, timeout);
    }

    @Override
    public void stop(ServerRef server, ExitReason reason, Duration timeout) {
        requests.stop(server, reason, timeout);
    }

    @Override
    public Object system(ServerRef server, SystemRequest request, Duration timeout) {
        return requests.system(server, request, timeout);
    }

    @Override
    public void cast(ServerRef server, Object request) {
        requests.cast(server, request);
    }

    @Override
    public void reply(From from, @Nullable Object reply) {
        requests.reply(from, reply);
    }

    @Override
    public RequestId<@Nullable Object> sendRequest(ServerRef server, Object request) {
        return requests.send(server, request);
    }

    @Override
    public MultiCall<@Nullable Object> multiCall(
            Collection<? extends ServerRef> servers, Object request, Duration timeout) {
        return requests.multiCall(servers, request, timeout);
    }

    @Override
    public <T extends RequestId<?>> Optional<T> awaitAny(Collection<T> sent, Duration timeout) {
        return requests.awaitAny(sent, timeout);
    }

    // ---------------------------------------------------------------- dead letters

    @Override
    public DeadLetters.Subscription onDeadLetter(Consumer<DeadLetter> listener) {
        return deadLetters.listen(listener);
    }

    @Override
    public Map<DeadLetter.Reason, Long> deadLetterCounts() {
        return deadLetters.counts();
    }
}
