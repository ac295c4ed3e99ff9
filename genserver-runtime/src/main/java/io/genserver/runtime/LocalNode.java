package io.genserver.runtime;

import io.genserver.CallException;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.Name;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.RemoteName;
import io.genserver.ServerRef;
import io.genserver.Via;
import io.genserver.spi.ArmedTimer;
import io.genserver.spi.Machine;
import io.genserver.spi.Machine.Event;
import io.genserver.spi.NodeBase;
import io.genserver.spi.RuntimeListener;
import io.genserver.spi.distribution.Distribution;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One node: everything that processes share within a node and that two nodes do not share. Every
/// process is created with its node and knows it.
///
/// A thread acts on the node of its process, else on the node it is bound to by [#call], else on
/// [#DEFAULT].
final class LocalNode extends NodeBase {

    private static final Logger log = LoggerFactory.getLogger(Node.class);

    /// How often [#close] checks whether the processes that were told to end have ended. Units: ns
    private static final long LOOK = 1_000_000L;

    /// How often a registry that starts processes is asked again, because the process that it has
    /// found ended before anything could be sent to it.
    private static final int ATTEMPTS = 10;

    private static final int AGE_UNIT = 24; // the binary logarithm of the ns

    private static final ScopedValue<LocalNode> BOUND = ScopedValue.newInstance();
    private static final AtomicInteger STARTED = new AtomicInteger();
    private static final ConcurrentMap<String, LocalNode> OPEN = new ConcurrentHashMap<>();
    private static final ConcurrentMap<String, Integer> NUMBERS = new ConcurrentHashMap<>();

    /// The node of every thread that has no other. It is never closed.
    static final LocalNode DEFAULT = new LocalNode("nonode@nohost", 0, null);

    static {
        MemoryWatch.healsWith(LocalNode::healAll);
        if (ModuleLayer.boot().findModule("jdk.jfr").isPresent()) { // a small JRE may lack it
            FlightRecording.await();
        }
    }

    private final String ownName;

    /// The node's part in a cluster; null for none. Guarded by `phaseLock`; read by any thread.
    private volatile @Nullable Remotes remotes;

    /// The number of the node in this JVM. It distinguishes a node from an earlier one of the same
    /// name. The default node has 0.
    private final int serial;

    /// What the node runs on; null for the JVM itself.
    final @Nullable Machine machine;

    /// When the node was started, on the clock of the wall and on that of the node. Units: ns
    private final Instant startedAt = Instant.now();

    private final long start;

    final TimerWheel timers;
    final Fairness fairness;
    final PeriodicSweep sweep;
    final Healer healer;
    final Workers workers;
    final NameTable names = new NameTable();
    final ProcessTable processes = new ProcessTable();
    final DeadLetterOffice deadLetters;
    private final AtomicLong lastPid = new AtomicLong();

    /// The sender of exit signals from threads that are no process, and from the closing node. No
    /// process has this pid.
    final LocalPid nobody = LocalPid.ofNobody(this);

    private enum Phase {
        OPEN,
        CLOSING,
        CLOSED
    }

    private final Object phaseLock = new Object();

    /// Leaves OPEN guarded by `phaseLock`; then written by the closing thread. Read by any thread.
    private volatile Phase phase = Phase.OPEN;

    private LocalNode(String name, int serial, @Nullable Machine machine) {
        this.ownName = name;
        this.serial = serial;
        this.machine = machine;
        String threads = serial == 0 ? "genserver" : "genserver-" + name;
        Clock clock = machine == null ? Clock.SYSTEM : Clock.of(machine);
        this.start = clock.nanoTime();
        // Calls that outlive a node keep its wheel, and must not keep the node.
        Consumer<Runnable> onNode = machine == null ? Runnable::run : this::runBound;
        this.timers = new TimerWheel(clock, machine, threads + "-timers", onNode);
        this.fairness = new Fairness(clock, threads + "-fairness");
        this.sweep = new PeriodicSweep(timers);
        this.healer = new Healer(this);
        this.workers = new Workers(this, threads + "-worker-");
        this.deadLetters = new DeadLetterOffice(this, new Reports(threads + "-dead-letters"));
        if (machine != null) {
            fairness.close(); // the machine is fair, or wants not to be
        }
    }

    /// Starts a node.
    ///
    /// @param wanted its name, or null for a generated one
    /// @param machine what it runs on; null for the JVM itself
    /// @throws IllegalArgumentException if the name is blank or an open node has it
    static LocalNode start(@Nullable String wanted, @Nullable Machine machine) {
        int serial = nextSerial();
        String name = wanted == null ? "node" + serial + "@nohost" : wanted;
        LocalNode node = new LocalNode(name, serial, machine);
        if (name.isBlank()
                || name.equals(DEFAULT.ownName)
                || OPEN.putIfAbsent(name, node) != null) {
            throw new IllegalArgumentException(
                    "expected a name that no open node has, got: \"" + name + "\"");
        }
        return node;
    }

    private static int nextSerial() {
        return STARTED.incrementAndGet();
    }

    /// Returns the number of a node of another JVM in the text of its pids. It differs from those
    /// of the nodes of this JVM.
    static int numberOf(String other) {
        return NUMBERS.computeIfAbsent(other, _ -> nextSerial());
    }

    /// Returns the node that the current thread acts on.
    static LocalNode current(Context context) {
        LocalProcess process = context.process();
        return process == null ? BOUND.orElse(DEFAULT) : process.node;
    }

    static LocalNode current() {
        return current(Context.get());
    }

    @Override
    public String name() {
        Remotes part = remotes;
        return part == null ? ownName : part.name();
    }

    /// Returns what tells the node from earlier ones of its name.
    long incarnation() {
        Remotes part = remotes;
        return part == null ? serial : part.incarnation();
    }

    @Override
    public int serial() {
        return serial;
    }

    @Override
    public List<ArmedTimer> armedTimers() {
        return timers.armed();
    }

    @Override
    public int armedTimerCount() {
        return timers.size();
    }

    @Override
    public void awaitDeadLetters(Duration limit) {
        deadLetters.awaitTold(TimeUnits.nanos("the wait for dead letters", limit));
    }

    // The cluster

    @Override
    public Distribution distribute(String wanted, long incarnation) {
        if (wanted.isBlank() || incarnation <= 1L << Integer.SIZE) {
            throw new IllegalArgumentException(
                    "expected a name and an incarnation greater than 2^32, got: \""
                            + wanted
                            + "\" and "
                            + incarnation);
        }
        synchronized (phaseLock) {
            if (phase != Phase.OPEN || remotes != null) {
                throw new IllegalStateException(
                        "expected an open node that is in no cluster, got: " + this);
            }
            Remotes part = new Remotes(this, wanted, incarnation);
            remotes = part;
            return part;
        }
    }

    /// Ends the node's part in a cluster.
    void leave(Remotes part) {
        synchronized (phaseLock) {
            if (remotes == part) {
                remotes = null;
            }
        }
    }

    /// Leaves the cluster, if the node is in one. Its user may have closed only the node.
    private void leaveCluster() {
        Remotes part = remotes;
        if (part != null) {
            try {
                part.nodeCloses();
            } catch (RuntimeException failed) { // the rest has to be closed, too
                log.error("{} cannot leave its cluster", this, failed);
            }
        }
    }

    @Nullable Remotes remotes() {
        return remotes;
    }

    private @Nullable LocalProcess find(RemoteName wanted) {
        if (wanted.node().equals(name())) {
            return names.whereis(wanted.name());
        }
        Remotes part = remotes;
        return part == null ? null : part.find(wanted);
    }

    /// Returns why there is no process behind a reference that the current thread uses:
    /// `noconnection` if its node is another one that is not connected, else `noproc`.
    static ExitReason absence(ServerRef server) {
        return switch (server) {
            case RemotePid pid -> pid.absence();
            case RemoteName(var _, String other) -> current().absenceOf(other);
            default -> ExitReason.NOPROC;
        };
    }

    private ExitReason absenceOf(String other) {
        Remotes part = remotes;
        boolean known = other.equals(name()) || (part != null && part.peer(other) != null);
        return known ? ExitReason.NOPROC : ExitReason.NOCONNECTION;
    }

    /// Returns the time since the start of the node, in units of 2^24 ns, about 17 ms. It fits into
    /// four bytes for more than a year.
    int age() {
        return (int) ((timers.clock().nanoTime() - start) >>> AGE_UNIT);
    }

    /// Returns when the node had an age.
    Instant timeOf(int age) {
        return startedAt.plusNanos((long) age << AGE_UNIT);
    }

    long nextPid() {
        return lastPid.incrementAndGet();
    }

    // What the machine is told

    /// Lets the machine choose which thread goes on, before something happens. The current thread
    /// must hold no monitor.
    ///
    /// @param target the process that it happens to; null for none
    void step(Event event, Context context, @Nullable ProcessPid target, @Nullable Object content) {
        if (machine != null) {
            LocalProcess self = context.process();
            machine.step(event, self == null ? null : self.pid, target, content);
        }
    }

    /// Records what has happened to a process.
    void note(Event event, ProcessPid process, Object content) {
        if (machine != null) {
            machine.note(event, process, content);
        }
    }

    /// Records what a process runs.
    void noteStart(LocalProcess process) {
        if (machine != null) {
            machine.note(Event.START, process.pid, process.initialCall());
        }
    }

    /// Keeps callers that retry in a loop from starving the supervisor that restarts the server.
    void afterFailure(Context context) {
        if (machine != null) {
            machine.retry();
        } else {
            fairness.afterFailure(context.share);
        }
    }

    // Resolving references

    /// Returns the live process behind a reference that the current thread uses, or null.
    ///
    /// @throws RuntimeException what the registry of a via reference throws
    static @Nullable LocalProcess find(Context context, ServerRef server) {
        return server instanceof LocalPid pid // by far the most frequent case
                ? alive(pid.process())
                : current(context).find(server);
    }

    /// Returns the live process behind a reference, or null. Returns null, too, if the reference
    /// leads through a registry that does not run.
    ///
    /// @throws RuntimeException what a user's registry throws
    @Nullable LocalProcess resolve(ServerRef server) {
        try {
            return find(server);
        } catch (ExitException failed) {
            if (registryFailure(failed).equals(ExitReason.NOPROC)) {
                return null;
            }
            throw failed;
        }
    }

    /// Returns why a registry that threw did not find a process: `noproc` if the registry does not
    /// run.
    static ExitReason registryFailure(RuntimeException thrown) {
        return thrown instanceof CallException failed // the registry asked another server
                ? failed.serverReason()
                : Thrown.reason(thrown);
    }

    /// Returns the live process behind a reference, or null. A pid leads to its process on any
    /// node. A name is looked up on this node.
    ///
    /// @throws RuntimeException what the registry of a via reference throws
    @Nullable LocalProcess find(ServerRef server) {
        return switch (server) {
            case ProcessPid pid -> alive(pid.process());
            case Name(String local) -> names.whereis(local);
            case Via(var registry, Object key) ->
                    registry.whereisName(key).map(pid -> alive(anywhere(pid))).orElse(null);
            case Pid foreign -> throw unknown(foreign);
            case RemoteName remote -> find(remote);
        };
    }

    /// Returns the live process to which something is to be sent, or null. A user's registry may
    /// start it. The process then has to be released, see [#release].
    ///
    /// @throws RuntimeException what the registry of a via reference throws
    @Nullable LocalProcess acquire(ServerRef server) {
        if (!(server instanceof Via(var registry, Object key))) {
            return find(server);
        }
        LocalProcess process = null;
        for (int left = registry.startsOnDemand() ? ATTEMPTS : 1; left > 0; left--) {
            Optional<Pid> found = registry.acquire(key);
            process = found.map(pid -> alive(anywhere(pid))).orElse(null);
            if (process != null || found.isEmpty()) {
                break;
            } // else it has ended at this moment
        }
        return process;
    }

    /// Tells a user's registry that what was sent to a process has been handled, or is in its
    /// mailbox.
    static void release(ServerRef server, @Nullable LocalProcess target) {
        if (target != null && server instanceof Via(var registry, Object key)) {
            registry.release(key, target.pid);
        }
    }

    /// Returns the live process to which something is to be sent, as [#acquire] does. Returns null
    /// if there is none, or if a user's registry fails, because a cast and a timer do not fail.
    @Nullable LocalProcess acquireForCast(ServerRef server) {
        try {
            return acquire(server);
        } catch (RuntimeException broken) {
            if (registryFailure(broken).equals(ExitReason.NOPROC)) {
                return null; // it does not run
            }
            log.error("cannot send to {} because its registry failed", server, broken);
            return null;
        }
    }

    /// Returns the process of a pid of this JVM, or null once it is dead. May still return a
    /// process that is dying.
    static @Nullable LocalProcess local(Pid pid) {
        if (pid instanceof LocalPid mine) {
            return mine.process();
        }
        throw unknown(pid);
    }

    /// Returns the process of a pid of any node, or null once it is dead or cannot be reached. May
    /// still return a process that is dying.
    static @Nullable LocalProcess anywhere(Pid pid) {
        if (pid instanceof ProcessPid known) {
            return known.process();
        }
        throw unknown(pid);
    }

    private static IllegalArgumentException unknown(Pid pid) {
        return new IllegalArgumentException("expected a pid of this node, got: " + pid);
    }

    static @Nullable LocalProcess alive(@Nullable LocalProcess process) {
        return process == null || process.isDead() ? null : process;
    }

    // Binding threads

    @Override
    public <R extends @Nullable Object, X extends Throwable> R call(
            ScopedValue.CallableOp<? extends R, X> body) throws X {
        Objects.requireNonNull(body, "body");
        if (phase == Phase.CLOSED) {
            throw closed();
        }
        Context context = Context.get();
        LocalProcess outer = context.process();
        if (outer == null || outer.node == this) {
            return ScopedValue.where(BOUND, this).call(body);
        }
        int depth = context.depth();
        context.enter(null); // the thread belongs to no process here
        try {
            return ScopedValue.where(BOUND, this).call(body);
        } finally {
            context.returnTo(depth);
            if (depth == 0 && context.takeInterrupt()) { // put off in a turn, see Lending
                Thread.currentThread().interrupt();
            }
        }
    }

    /// Runs a function that acts on this node, even if the node is closed. The current thread is
    /// bound to no node and is no process.
    void runBound(Runnable body) {
        ScopedValue.where(BOUND, this).run(body);
    }

    private IllegalStateException closed() {
        return new IllegalStateException(
                "expected an open node, got: " + this + ", which is closed");
    }

    // Processes

    /// Adds a process that is about to run.
    ///
    /// @throws IllegalStateException if the node is closed
    void add(LocalProcess process) {
        noteStart(process);
        processes.add(process);
        // The closing thread writes the phase, then lists the processes. So either it finds this
        // process, or this thread sees the phase.
        if (phase == Phase.CLOSED) {
            processes.remove(process);
            throw closed();
        }
        RuntimeListener listeners = Listeners.added();
        if (listeners != null) {
            listeners.processStarted(this, process.pid, starterOf(process));
        }
    }

    /// Returns the process that the current thread runs. If that is none, or the one that is added,
    /// returns the process under which it is started.
    private static @Nullable Pid starterOf(LocalProcess process) {
        LocalProcess starter = Context.get().process();
        LocalProcess parent =
                starter == null || starter == process ? process.livingParent() : starter;
        return parent == null ? null : parent.pid;
    }

    @Override
    public boolean isOpen() {
        return phase == Phase.OPEN;
    }

    @Override
    public void close(Duration timeout) {
        long limit = TimeUnits.nanos("the timeout of close", timeout);
        Context context = Context.get();
        if (this == DEFAULT) {
            throw new IllegalStateException(
                    "expected a node that was started with Node.start, got: the default node, which"
                            + " lives as long as the JVM");
        }
        LocalProcess self = context.process();
        if (self != null && self.node == this) {
            throw new IllegalStateException(
                    "expected "
                            + this
                            + " to be closed by a thread that is none of its processes, got: "
                            + self.describe());
        }
        synchronized (phaseLock) {
            if (phase != Phase.OPEN) {
                return;
            }
            phase = Phase.CLOSING;
        }
        long start = timers.clock().nanoTime();
        try {
            shutDown(context, limit, start);
        } finally {
            phase = Phase.CLOSED;
            killAll();
            leaveCluster();
            timers.close(machine == null ? DEFAULT.timers : null);
            fairness.close();
            workers.close();
            OPEN.remove(ownName, this);
            Listeners.all().nodeClosed(this);
        }
    }

    /// Returns how much of a time is left, 0 or more. Units: ns
    ///
    /// @param limit how long it is; [TimeUnits#FOREVER] for no limit
    /// @param start when it began
    long left(long limit, long start) {
        return limit == TimeUnits.FOREVER
                ? limit
                : Math.max(0, limit - (timers.clock().nanoTime() - start));
    }

    /// Tells each process to end, once. Processes that others have started are told after those
    /// others have ended.
    private void shutDown(Context context, long limit, long start) {
        Set<LocalProcess> told = new HashSet<>();
        while (!processes.isEmpty() && left(limit, start) > 0) {
            for (LocalProcess root : roots()) {
                if (told.add(root)) {
                    root.shutDown(context, left(limit, start));
                }
            }
            timers.clock().park(this, LOOK);
            if (Thread.currentThread().isInterrupted()) {
                return; // the rest is killed
            }
        }
    }

    /// Returns the processes that no living process of this node has started, the newest first.
    private List<LocalProcess> roots() {
        return processes.all().stream()
                .filter(process -> !process.hasLivingParent())
                .sorted((one, other) -> Long.compare(other.pid.number(), one.pid.number()))
                .toList();
    }

    /// Does everything again that may be missing on each node, at once. A platform thread.
    static void healAll() {
        DEFAULT.healer.look();
        OPEN.values().forEach(node -> node.healer.look());
    }

    private void killAll() {
        for (List<LocalProcess> left = processes.all(); !left.isEmpty(); left = processes.all()) {
            left.forEach(process -> process.die(ExitReason.KILLED));
        }
    }

    @Override
    public String toString() {
        return "Node[" + name() + "]";
    }
}
