package io.genserver.runtime;

import io.genserver.Attachment;
import io.genserver.Caller;
import io.genserver.Cleanup;
import io.genserver.DeadLetter;
import io.genserver.DeadLetters;
import io.genserver.Exit;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Match;
import io.genserver.MonitorOption;
import io.genserver.MonitoredStart;
import io.genserver.MultiCall;
import io.genserver.Name;
import io.genserver.Node;
import io.genserver.Pace;
import io.genserver.Pid;
import io.genserver.ProcessBody;
import io.genserver.ProcessInfo;
import io.genserver.ProcessSummary;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.RemoteName;
import io.genserver.RequestId;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.Via;
import io.genserver.spi.Machine;
import io.genserver.spi.Machine.Event;
import io.genserver.spi.ProcessRuntime;
import io.genserver.spi.RuntimeListener;
import io.genserver.spi.SystemRequest;
import io.genserver.spi.TurnListener;
import io.genserver.spi.distribution.Signal;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The service provider of the API: every operation that the API asks for. It has no state of its
/// own. Each operation acts on the process behind the pid it is given, or on the process and the
/// node of the current thread.
public final class LocalRuntime implements ProcessRuntime {

    /// Creates the provider. The service loader calls this once.
    public LocalRuntime() {
        ReportText.requireSetting();
    }

    // Nodes

    @Override
    public Node startNode(@Nullable String name) {
        return LocalNode.start(name, null);
    }

    @Override
    public Node startNode(@Nullable String name, Machine machine) {
        return LocalNode.start(name, Objects.requireNonNull(machine, "machine"));
    }

    @Override
    public Node currentNode() {
        return LocalNode.current();
    }

    @Override
    public Node defaultNode() {
        return LocalNode.DEFAULT;
    }

    // Finding processes

    @Override
    public Pid self() {
        return Context.self().pid;
    }

    @Override
    public boolean isProcess() {
        return Context.get().process() != null;
    }

    @Override
    public Map<String, String> logEntries() {
        return LogEntries.ofThread();
    }

    @Override
    public Optional<Pid> whereis(ServerRef server) {
        if (server instanceof Pid pid) {
            return Optional.of(pid);
        }
        look(server);
        LocalProcess process = LocalNode.current().resolve(server);
        if (process instanceof RemoteProcess remote
                && server instanceof RemoteName(String name, _)) {
            Object pid = Requests.question(remote.peer, id -> new Signal.Whereis(id, name));
            return Optional.ofNullable((Pid) pid);
        }
        return process == null ? Optional.empty() : Optional.of(process.pid);
    }

    /// Lets others go on before this thread reads or changes what they see.
    private static void look(ServerRef at) {
        Machine machine = Machine.current();
        if (machine != null) {
            Context context = Context.get();
            LocalPid target = at instanceof LocalPid pid ? pid : null;
            LocalNode.current(context).step(Event.LOOK, context, target, at);
        }
    }

    @Override
    public boolean isAlive(Pid pid) {
        // No step of a machine, because registries ask this while they hold locks.
        return LocalNode.alive(LocalNode.local(pid)) != null;
    }

    @Override
    public boolean isServer(Pid pid) {
        return LocalNode.alive(LocalNode.anywhere(pid)) instanceof ServerProcess;
    }

    @Override
    public long monotonicTime() {
        return LocalNode.current().timers.clock().nanoTime();
    }

    @Override
    public Optional<ProcessInfo> info(Pid pid) {
        look(pid);
        LocalProcess process = LocalNode.anywhere(pid);
        if (process instanceof RemoteProcess remote) {
            Object info = Requests.question(remote.peer, id -> new Signal.ProcessInfoOf(id, pid));
            return Optional.ofNullable((ProcessInfo) info);
        }
        return process == null ? Optional.empty() : process.info();
    }

    @Override
    public Optional<ProcessInfo> info(Pid pid, int messages) {
        look(pid);
        LocalProcess process = LocalNode.local(pid);
        return process == null ? Optional.empty() : process.info(messages);
    }

    @Override
    public OptionalInt mailboxLength(ServerRef server) {
        LocalProcess process =
                server instanceof Pid pid
                        ? LocalNode.alive(LocalNode.anywhere(pid))
                        : LocalNode.current().resolve(server);
        if (process instanceof RemoteProcess) {
            return whereis(server)
                    .flatMap(this::info)
                    .map(info -> OptionalInt.of(info.messageQueueLength()))
                    .orElse(OptionalInt.empty());
        }
        return process == null ? OptionalInt.empty() : OptionalInt.of(process.mailbox.length());
    }

    @Override
    public List<Object> messages(Pid pid, int limit) {
        look(pid);
        LocalProcess process = LocalNode.alive(LocalNode.local(pid));
        return process == null ? List.of() : process.messages(limit);
    }

    @Override
    public void visit(Consumer<? super ProcessSummary> visitor) {
        LocalNode.current()
                .processes
                .visit(process -> {
                    if (!process.isDead()) {
                        visitor.accept(process.summary());
                    }
                });
    }

    @Override
    public List<Pid> list() {
        return LocalNode.current().processes.all().stream()
                .filter(process -> !process.isDead())
                .<Pid>map(process -> process.pid)
                .toList();
    }

    @Override
    public List<String> registered() {
        return LocalNode.current().names.names();
    }

    @Override
    public void register(Pid pid, Name name) {
        look(pid);
        Context.selfOrNull();
        LocalProcess process = LocalNode.local(pid);
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
        look(name);
        Context.selfOrNull();
        LocalProcess holder = LocalNode.current().names.whereis(name.name());
        if (holder == null || !holder.unregister(name.name())) {
            throw new IllegalArgumentException(
                    "expected a registered name, got: " + name + ", which no process has");
        }
    }

    @Override
    public List<ServerRef> ancestors() {
        return Context.self().ancestors();
    }

    // Dictionary

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
    public void publish(Object view) {
        Context.self().publish(Objects.requireNonNull(view, "view"));
    }

    @Override
    public Optional<Object> published(Pid pid) {
        LocalProcess process = LocalNode.alive(LocalNode.local(pid));
        return process == null ? Optional.empty() : process.published();
    }

    @Override
    public void setLabel(Object label) {
        Context.self().setLabel(Objects.requireNonNull(label, "label"));
    }

    @Override
    public Optional<Object> label(Pid pid) {
        LocalProcess process = LocalNode.alive(LocalNode.local(pid));
        return process == null ? Optional.empty() : process.label();
    }

    // Starting

    @Override
    public Pid spawn(ProcessBody body, boolean link) {
        return Spawning.spawn(body, link);
    }

    @Override
    public Pid spawn(String initialCall, ProcessBody body, boolean link) {
        return Spawning.spawn(initialCall, body, link);
    }

    @Override
    public Processes.Monitored spawnMonitor(ProcessBody body) {
        return Spawning.spawnMonitor(body);
    }

    @Override
    public Attachment attach() {
        return Spawning.attach();
    }

    @Override
    public <A, G extends GenServer<A, ?, ?, ?>> Start<G> start(
            Supplier<? extends G> server, A argument, boolean link, StartOption... options) {
        return ServerStart.start(server, argument, link, options);
    }

    @Override
    public <A> Optional<Pid> startUnder(
            Pid parent,
            Supplier<? extends GenServer<A, ?, ?, ?>> server,
            A argument,
            StartOption... options) {
        return ServerStart.startUnder(parent, server, argument, options);
    }

    @Override
    public <A, G extends GenServer<A, ?, ?, ?>> MonitoredStart<G> startMonitor(
            Supplier<? extends G> server, A argument, StartOption... options) {
        return ServerStart.startMonitor(server, argument, options);
    }

    // Messages

    @Override
    public void send(ServerRef to, Object message) {
        Objects.requireNonNull(message, "message");
        Context context = Context.get();
        context.aliveOrNull();
        LocalProcess receiver = null;
        boolean mayMiss = to instanceof Pid || to instanceof RemoteName;
        try {
            receiver =
                    to instanceof Via
                            ? LocalNode.current(context).acquire(to)
                            : LocalNode.find(context, to);
        } catch (ExitException failed) {
            if (!LocalNode.registryFailure(failed).equals(ExitReason.NOPROC)) {
                throw failed;
            }
            mayMiss = true; // the registry does not run, so the name may be right
        }
        if (receiver != null) {
            try {
                receiver.node.step(Event.SEND, context, receiver.pid, message);
                receiver.send(context, Envelope.of(message), TimeUnits.FOREVER);
            } finally {
                LocalNode.release(to, receiver);
            }
        } else if (mayMiss) {
            LocalNode.current(context).deadLetters.noReceiver(to, message);
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
        return Context.self().mailbox.flush();
    }

    @Override
    public Ref startTimer(ServerRef to, Duration delay, Function<Ref, Object> message) {
        return MessageTimers.start(to, delay, message);
    }

    @Override
    public Ref startTimerAt(ServerRef to, long time, Function<Ref, Object> message) {
        return MessageTimers.startAt(to, time, message);
    }

    @Override
    public Ref startPeriodicTimer(ServerRef to, Object message, Duration period, Pace pace) {
        return MessageTimers.startEvery(to, message, period, pace);
    }

    @Override
    public Optional<Duration> cancelTimer(Ref timer) {
        return MessageTimers.cancel(timer);
    }

    @Override
    public Optional<Duration> readTimer(Ref timer) {
        return MessageTimers.read(timer);
    }

    @Override
    public void sleep(Duration time) {
        MessageTimers.sleep(time);
    }

    // Aliases

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
        if (to instanceof RemoteRef remote) {
            Remotes remotes = LocalNode.current().remotes();
            if (remotes != null) {
                remotes.sendToAlias(remote, message);
            }
            return;
        }
        if (!(to instanceof Alias alias) || !alias.isAlias()) {
            throw new IllegalArgumentException("expected an alias to send to, got: " + to);
        }
        LocalProcess receiver = alias.owner.process();
        if (receiver != null) {
            receiver.node.step(Event.SEND, Context.get(), receiver.pid, message);
        }
        if (receiver == null || !receiver.deliverThrough(alias, Envelope.of(message))) {
            LocalNode.current().deadLetters.inactiveAlias(alias.owner, message);
        }
    }

    // Signals

    @Override
    public void link(Pid pid) {
        look(pid);
        LocalProcess self = Context.self();
        if (pid instanceof RemotePid) {
            linkRemote(self, pid);
            return;
        }
        LocalProcess other = LocalNode.local(pid);
        if (other != null && LocalProcess.link(self, other)) {
            return;
        }
        if (self.trapsExits()) {
            self.deliver(new Exit(pid, ExitReason.NOPROC));
        } else {
            throw new ExitException(ExitReason.NOPROC);
        }
    }

    /// A link to a process of another node always succeeds at first. If there is no such process,
    /// or no connection, an exit signal follows.
    private static void linkRemote(LocalProcess self, Pid pid) {
        if (LocalNode.anywhere(pid) instanceof RemoteProcess known) {
            RemoteProcess other = known.watched();
            if (!other.linkFrom(self)) {
                self.exitSignal(pid, other.goneReason());
            }
        } else {
            self.exitSignal(pid, LocalNode.absence(pid));
        }
        self.checkAlive(); // the signal may have ended it
    }

    @Override
    public void unlink(Pid pid) {
        look(pid);
        LocalProcess self = Context.self();
        LocalProcess other = LocalNode.anywhere(pid);
        if (other instanceof RemoteProcess remote) {
            remote.unlinkFrom(self);
        } else if (other != null) {
            LocalProcess.unlink(self, other);
        }
    }

    @Override
    public Ref monitor(ServerRef server, MonitorOption... options) {
        look(server);
        LocalProcess self = Context.self();
        // A process that is dying may still give the monitor its exit reason.
        LocalProcess target =
                server instanceof ProcessPid pid ? pid.process() : self.node.resolve(server);
        return self.monitor(
                target == null ? null : target.watched(), server, Monitor.Options.of(options));
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
    public CompletableFuture<ExitReason> exitOf(ServerRef server) {
        Context context = Context.get();
        context.aliveOrNull();
        // A process that is dying may still give the future its exit reason.
        LocalProcess target =
                server instanceof ProcessPid pid
                        ? pid.process()
                        : LocalNode.current(context).resolve(server);
        return ExitFuture.of(target == null ? null : target.watched(), server);
    }

    @Override
    public Cleanup onExit(AutoCloseable resource) {
        Objects.requireNonNull(resource, "resource");
        LocalProcess self = Context.selfDeadOrAlive();
        RegisteredCleanup cleanup = new RegisteredCleanup(self.pid, resource);
        if (!self.addCleanup(cleanup)) {
            RegisteredCleanup.startAll(self, List.of(cleanup)); // nobody else would close it
            self.checkAlive();
        }
        return cleanup;
    }

    @Override
    public void exit(Pid pid, ExitReason reason) {
        LocalProcess sender = Context.selfOrNull();
        LocalProcess receiver = LocalNode.anywhere(pid);
        if (receiver == null) {
            return;
        }
        receiver.node.step(Event.EXIT, Context.get(), receiver.pid, reason);
        Pid from = sender == null ? receiver.node.nobody : sender.pid;
        if (receiver.mailbox instanceof TravellingMailbox travelling
                && travelling.travels(
                        receiver,
                        new Exit(from, reason),
                        () -> receiver.exitSignal(from, reason))) {
            return;
        }
        receiver.exitSignal(from, reason);
        if (receiver == sender) {
            sender.checkAlive(); // the signal may have ended it
        }
    }

    @Override
    public boolean trapExits(boolean trap) {
        return Context.self().trapExits(trap);
    }

    // Requests

    @Override
    public @Nullable Object call(ServerRef server, Object request, Duration timeout) {
        return Requests.call(server, request, timeout);
    }

    @Override
    public void stop(ServerRef server, ExitReason reason, Duration timeout) {
        Requests.stop(server, reason, timeout);
    }

    @Override
    public Object system(ServerRef server, SystemRequest request, Duration timeout) {
        return Requests.system(server, request, timeout);
    }

    @Override
    public CompletableFuture<@Nullable Object> callAsync(
            ServerRef server, Object request, Duration timeout) {
        return Requests.callAsync(server, request, timeout);
    }

    @Override
    public void cast(ServerRef server, Object request) {
        Requests.cast(server, request);
    }

    @Override
    public void reply(Caller caller, @Nullable Object reply) {
        Requests.reply(caller, reply);
    }

    @Override
    public RequestId<@Nullable Object> sendRequest(ServerRef server, Object request) {
        return Requests.send(server, request);
    }

    @Override
    public MultiCall<@Nullable Object> multiCall(
            Collection<? extends ServerRef> servers, Object request, Duration timeout) {
        return Requests.multiCall(servers, request, timeout);
    }

    @Override
    public <T extends RequestId<?>> Optional<T> awaitAny(Collection<T> sent, Duration timeout) {
        return Requests.awaitAny(sent, timeout);
    }

    // Dead letters

    @Override
    public RuntimeListener.Subscription listen(RuntimeListener listener) {
        return Listeners.add(listener);
    }

    @Override
    public @Nullable RuntimeListener listeners() {
        return Listeners.added();
    }

    @Override
    public RuntimeListener.Subscription listen(TurnListener listener) {
        return TurnListeners.add(listener);
    }

    @Override
    public DeadLetters.Subscription onDeadLetter(Consumer<DeadLetter> listener) {
        return LocalNode.current().deadLetters.listen(listener);
    }

    @Override
    public Map<DeadLetter.Reason, Long> deadLetterCounts() {
        return LocalNode.current().deadLetters.counts();
    }
}
