package io.genserver.micrometer;

import io.genserver.CrashReport;
import io.genserver.DeadLetter;
import io.genserver.DeadLetters;
import io.genserver.ExitReason;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.ProcessInfo;
import io.genserver.ProcessSummary;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.spi.ClassNames;
import io.genserver.spi.ProcessRuntime;
import io.genserver.spi.RuntimeListener;
import io.genserver.spi.TurnListener;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/// The meters of one node in one registry, and the listeners that write them. Any thread.
final class Binding implements RuntimeListener, AutoCloseable {

    private final Node node;
    private final MeterRegistry registry;

    /// What each meter has, so that the nodes of a registry do not mix theirs.
    private final Tags ofNode;

    private final ServerNames servers;
    private final TagValues requests;
    private final TagValues reasons;
    private final TagValues exceptions;
    private final TagValues supervisors;
    private final TagValues children;

    private final Census census;
    private final Map<Meter.Id, Counter> counters = new ConcurrentHashMap<>();
    private final Map<List<String>, Timer> calls = new ConcurrentHashMap<>();

    /// By the name of the class; one entry for [TagValues#OTHER].
    private final Map<String, ServerMeters> ofServers = new ConcurrentHashMap<>();

    /// Guarded by this.
    private final List<Meter> registered = new ArrayList<>();

    /// Guarded by this.
    private final List<RuntimeListener.Subscription> subscriptions = new ArrayList<>();

    /// Guarded by this.
    private boolean closed;

    private Binding(MeterRegistry registry, GenServerMetrics.Options options) {
        this.node = options.node();
        this.registry = registry;
        this.ofNode = Tags.of("node", node.name());
        this.servers = new ServerNames(options.maxTagValues());
        this.requests = new TagValues(options.maxTagValues());
        this.reasons = new TagValues(options.maxTagValues());
        this.exceptions = new TagValues(options.maxTagValues());
        this.supervisors = new TagValues(options.maxTagValues());
        this.children = new TagValues(options.maxTagValues());
        this.census = new Census(node, servers);
    }

    static Binding begin(MeterRegistry registry, GenServerMetrics.Options options) {
        Binding binding = new Binding(registry, options);
        try {
            binding.registerFixed();
            binding.listen(options.calls());
            binding.node.run(() -> Processes.visit(binding::addServer));
        } catch (RuntimeException failed) { // the node is closed
            binding.close();
            throw failed;
        }
        return binding;
    }

    private synchronized void listen(boolean timesCalls) {
        subscriptions.add(RuntimeListener.add(this));
        subscriptions.add(TurnListener.add(new Counting()));
        subscriptions.add(TurnListener.add(new Sampling()));
        if (timesCalls) {
            subscriptions.add(TurnListener.add(new Calls()));
        }
    }

    private void addServer(ProcessSummary process) {
        if (ProcessRuntime.get().isServer(process.pid())) {
            of(process.initialCall());
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        subscriptions.forEach(RuntimeListener.Subscription::close);
        registered.forEach(registry::remove);
        registered.clear();
    }

    // Meters

    /// How to make a meter.
    private interface Registration<M extends Meter> {
        M register();
    }

    /// Registers a meter that [#close] removes.
    ///
    /// @return null if that has happened
    private synchronized <M extends Meter> @Nullable M register(Registration<M> registration) {
        if (closed) {
            return null;
        }
        M meter = registration.register();
        registered.add(meter);
        return meter;
    }

    private void registerFixed() {
        for (ProcessInfo.Status status : ProcessInfo.Status.values()) {
            register(() ->
                    Gauge.builder("genserver.processes", () -> census.processes(status))
                            .description("Live processes by what they are doing")
                            .tags(ofNode.and("status", word(status)))
                            .register(registry));
        }
        register(() ->
                Gauge.builder("genserver.timers.armed", census::armedTimers)
                        .description("Armed timers, also the deadlines of calls")
                        .tags(ofNode)
                        .register(registry));
        for (DeadLetter.Reason reason : DeadLetter.Reason.values()) {
            register(() ->
                    FunctionCounter.builder(
                                    "genserver.dead.letters", this, it -> it.deadLetters(reason))
                            .description("Messages that no process received")
                            .tags(ofNode.and("reason", word(reason)))
                            .register(registry));
        }
    }

    private static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT);
    }

    private double deadLetters(DeadLetter.Reason reason) {
        return node.isOpen() ? node.call(DeadLetters::counts).getOrDefault(reason, 0L) : 0;
    }

    private void count(String name, String description, Tags own) {
        Tags tags = ofNode.and(own);
        Meter.Id id = new Meter.Id(name, tags, null, description, Meter.Type.COUNTER);
        Counter counter = counters.get(id);
        if (counter == null) {
            counter =
                    register(() ->
                            Counter.builder(name)
                                    .description(description)
                                    .tags(tags)
                                    .register(registry));
            if (counter == null) {
                return;
            }
            counters.put(id, counter);
        }
        counter.increment();
    }

    /// The meters of a class of servers that a turn writes.
    private final class ServerMeters {
        private final String server;
        private final Map<TurnListener.Kind, LongAdder> handled =
                new EnumMap<>(TurnListener.Kind.class);
        private final @Nullable Timer turn;
        private final @Nullable Timer queued;

        ServerMeters(String server) {
            this.server = server;
            Tags tags = ofNode.and("server", server);
            for (TurnListener.Kind kind : TurnListener.Kind.values()) {
                LongAdder adder = new LongAdder();
                handled.put(kind, adder);
                register(() ->
                        FunctionCounter.builder(
                                        "genserver.messages.handled", adder, LongAdder::doubleValue)
                                .description("Messages handled by servers")
                                .tags(tags.and("kind", word(kind)))
                                .register(registry));
            }
            this.turn =
                    register(() ->
                            Timer.builder("genserver.turn")
                                    .description("Duration of turns, one in 64")
                                    .tags(tags)
                                    .register(registry));
            this.queued =
                    register(() ->
                            Timer.builder("genserver.mailbox.time")
                                    .description("Time of calls and casts in the mailbox")
                                    .tags(tags)
                                    .register(registry));
            register(() ->
                    Gauge.builder("genserver.mailbox.max", () -> census.longestMailbox(server))
                            .description("Length of the longest mailbox")
                            .tags(tags)
                            .register(registry));
        }

        LongAdder handled(TurnListener.Kind kind) {
            return Objects.requireNonNull(handled.get(kind));
        }
    }

    private ServerMeters of(String server) {
        ServerMeters known = ofServers.get(server);
        if (known != null) {
            return known;
        }
        return ofServers.computeIfAbsent(servers.ofServer(server), ServerMeters::new);
    }

    // Turns and calls

    /// Counts all turns.
    private final class Counting implements TurnListener {
        @Override
        public boolean seesCalls() {
            return false;
        }

        @Override
        public @Nullable Object turnBegins(
                Node where, Pid pid, String server, Kind kind, Object message, long queued) {
            if (where == node) {
                of(server).handled(kind).increment();
            }
            return null;
        }
    }

    /// Measures some turns.
    private final class Sampling implements TurnListener {

        private record BegunTurn(Timer timer, long at) {}

        @Override
        public int oneTurnIn() {
            return 64;
        }

        @Override
        public boolean seesCalls() {
            return false;
        }

        @Override
        public @Nullable Object turnBegins(
                Node where, Pid pid, String server, Kind kind, Object message, long queued) {
            if (where != node) {
                return null;
            }
            ServerMeters meters = of(server);
            if (queued >= 0 && meters.queued != null) {
                meters.queued.record(queued, TimeUnit.NANOSECONDS);
            }
            return meters.turn == null ? null : new BegunTurn(meters.turn, System.nanoTime());
        }

        @Override
        public void turnEnds(Object begun, @Nullable ExitReason ended) {
            if (begun instanceof BegunTurn(Timer timer, long at)) {
                timer.record(System.nanoTime() - at, TimeUnit.NANOSECONDS);
            }
        }
    }

    /// Measures all calls, and sees a turn in 64 because it has to see some.
    private final class Calls implements TurnListener {

        private record BegunCall(String request, long at) {}

        @Override
        public int oneTurnIn() {
            return 64;
        }

        @Override
        public @Nullable Object callBegins(Node where, ServerRef server, Object request) {
            return where == node ? new BegunCall(ClassNames.of(request), System.nanoTime()) : null;
        }

        @Override
        public void callEnds(Object begun, @Nullable String server, @Nullable ExitReason failure) {
            if (begun instanceof BegunCall(String request, long at)) {
                long took = System.nanoTime() - at;
                Timer timer =
                        ofCall(
                                server == null ? "none" : servers.ofAny(server),
                                requests.limited(request),
                                failure == null ? "success" : "error",
                                failure == null ? "none" : reasons.limited(ClassNames.of(failure)));
                if (timer != null) {
                    timer.record(took, TimeUnit.NANOSECONDS);
                }
            }
        }
    }

    private @Nullable Timer ofCall(String server, String request, String outcome, String error) {
        List<String> key = List.of(server, request, outcome, error);
        Timer timer = calls.get(key);
        if (timer == null) {
            timer =
                    register(() ->
                            Timer.builder("genserver.call")
                                    .description("Duration of calls")
                                    .tags(ofNode)
                                    .tags("server", server, "request", request)
                                    .tags("outcome", outcome, "error.type", error)
                                    .register(registry));
            if (timer != null) {
                calls.put(key, timer);
            }
        }
        return timer;
    }

    // Events

    @Override
    public void serverInitialized(Node where, Pid pid, String server) {
        if (where == node) {
            count(
                    "genserver.processes.started",
                    "Servers whose init has ended well",
                    server(of(server).server));
        }
    }

    @Override
    public void processEnded(Node where, Pid pid, String initialCall, ExitReason reason) {
        if (where == node) {
            count(
                    "genserver.processes.ended",
                    "Processes that have ended",
                    server(servers.of(pid, initialCall))
                            .and("reason", reasons.limited(ClassNames.of(reason))));
        }
    }

    @Override
    public void crashed(Node where, CrashReport report) {
        if (where == node) {
            count(
                    "genserver.crashes",
                    "Crashes of processes",
                    server(servers.of(report.pid(), report.initialCall()))
                            .and("exception", exceptions.limited(ClassNames.of(report.reason()))));
        }
    }

    @Override
    public void childRestarting(
            Node where,
            Pid supervisor,
            Object child,
            ExitReason reason,
            int attempt,
            Duration delay) {
        if (where == node) {
            count("genserver.restarts", "Restarts of children", family(supervisor, child));
        }
    }

    @Override
    public void supervisorGaveUp(Node where, Pid supervisor, Object child, ExitReason reason) {
        if (where == node) {
            count(
                    "genserver.supervisor.gave.up",
                    "Supervisors that have reached their limit of restarts",
                    family(supervisor, child));
        }
    }

    @Override
    public void callTimedOut(Node where, String server, Object request, Duration waited) {
        if (where == node) {
            count(
                    "genserver.call.timeouts",
                    "Calls that have timed out",
                    server(servers.ofAny(server))
                            .and("request", requests.limited(ClassNames.of(request))));
        }
    }

    @Override
    public void longTurn(Node where, Pid pid, String server, boolean nonBlocking, String stack) {
        if (where == node) {
            count(
                    "genserver.turns.long",
                    "Turns of a second or more",
                    server(servers.of(pid, server)));
        }
    }

    /// Removes the meters, because nothing changes them again.
    @Override
    public void nodeClosed(Node where) {
        if (where == node) {
            close();
        }
    }

    private static Tags server(String value) {
        return Tags.of("server", value);
    }

    private Tags family(Pid supervisor, Object child) {
        String parent = Processes.info(supervisor, 0).map(ProcessInfo::initialCall).orElse("none");
        String id = child instanceof Class<?> type ? type.getName() : child.getClass().getName();
        return Tags.of(
                "supervisor",
                supervisors.limited(ClassNames.stable(parent)),
                "child",
                children.limited(ClassNames.stable(id)));
    }
}
