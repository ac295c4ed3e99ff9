package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.Name;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.ServerRef;
import io.genserver.Via;
import io.genserver.spi.NodeBase;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One node: everything that processes share, and nothing that two nodes share. Every process is
/// created with its node and knows it.
///
/// A thread acts on the node of its process, else on the node it is bound to by [#call], else on
/// [#DEFAULT].
final class LocalNode extends NodeBase {

    private static final Logger log = LoggerFactory.getLogger(Node.class);

    /// How often [#close] looks whether a process that was told to end has ended. Units: ns
    private static final long LOOK = 1_000_000L;

    private static final ScopedValue<LocalNode> BOUND = ScopedValue.newInstance();
    private static final AtomicInteger STARTED = new AtomicInteger();
    private static final ConcurrentMap<String, LocalNode> OPEN = new ConcurrentHashMap<>();

    /// The node of every thread that has no other. It is never closed.
    static final LocalNode DEFAULT = new LocalNode("nonode@nohost", 0);

    private final String name;

    /// Counts the nodes of this JVM, so that a node that is started again under its old name is
    /// told from the one before. The default node has 0.
    private final int serial;

    final TimerWheel timers;
    final Fairness fairness;
    final PeriodicSweep sweep;
    final NameTable names = new NameTable();
    final ProcessTable processes = new ProcessTable();
    final DeadLetterOffice deadLetters = new DeadLetterOffice();
    private final AtomicLong lastPid = new AtomicLong();

    /// The sender of exit signals from threads that are no process. No process has this pid.
    final LocalPid nobody = LocalPid.ofNobody(this);

    private enum Phase {
        OPEN,
        CLOSING,
        CLOSED
    }

    private final Object phaseLock = new Object();
    private volatile Phase phase = Phase.OPEN; // written guarded by phaseLock, read by any thread

    private LocalNode(String name, int serial) {
        this.name = name;
        this.serial = serial;
        String threads = serial == 0 ? "genserver" : "genserver-" + name;
        this.timers = new TimerWheel(Clock.SYSTEM, threads + "-timers");
        this.fairness = new Fairness(Clock.SYSTEM, threads + "-fairness");
        this.sweep = new PeriodicSweep(timers);
    }

    /// Starts a node.
    ///
    /// @param wanted its name, or null for one that is made
    static LocalNode start(@Nullable String wanted) {
        int serial = STARTED.incrementAndGet();
        LocalNode node =
                new LocalNode(wanted == null ? "node" + serial + "@nohost" : wanted, serial);
        if (node.name.isBlank()
                || node.name.equals(DEFAULT.name)
                || OPEN.putIfAbsent(node.name, node) != null) {
            throw new IllegalArgumentException(
                    "expected a name that no open node has, got: \"" + node.name + "\"");
        }
        return node;
    }

    /// The node the current thread acts on.
    static LocalNode current(Context context) {
        LocalProcess process = context.process();
        return process == null ? BOUND.orElse(DEFAULT) : process.node;
    }

    static LocalNode current() {
        return current(Context.get());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public int serial() {
        return serial;
    }

    long nextPid() {
        return lastPid.incrementAndGet();
    }

    // The live process behind a reference -------------------------------------------------------

    /// The live process behind a reference that the current thread uses, or null.
    static @Nullable LocalProcess resolve(Context context, ServerRef server) {
        return server instanceof LocalPid pid // by far the most frequent
                ? alive(pid.process())
                : current(context).resolve(server);
    }

    /// The live process behind a reference, or null. A pid leads to its process whatever its node;
    /// a name is looked up on this node.
    @Nullable LocalProcess resolve(ServerRef server) {
        return switch (server) {
            case LocalPid pid -> alive(pid.process());
            case Name(String local) -> names.whereis(local);
            case Via(var registry, Object key) ->
                    registry.whereisName(key).map(pid -> alive(local(pid))).orElse(null);
            case Pid foreign -> throw unknown(foreign);
        };
    }

    /// The live process behind a reference, or null also if a user's registry fails. A cast does
    /// not fail.
    @Nullable LocalProcess resolveForCast(ServerRef server) {
        try {
            return resolve(server);
        } catch (RuntimeException broken) {
            log.error("cannot cast to {} because its registry failed", server, broken);
            return null;
        }
    }

    /// The process of a pid, or null once it is dead.
    static @Nullable LocalProcess local(Pid pid) {
        if (pid instanceof LocalPid mine) {
            return mine.process();
        }
        throw unknown(pid);
    }

    private static IllegalArgumentException unknown(Pid pid) {
        return new IllegalArgumentException("expected a pid of this node, got: " + pid);
    }

    static @Nullable LocalProcess alive(@Nullable LocalProcess process) {
        return process == null || process.isDead() ? null : process;
    }

    // Binding threads ---------------------------------------------------------------------------

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
        }
    }

    private IllegalStateException closed() {
        return new IllegalStateException(
                "expected an open node, got: " + this + ", which is closed");
    }

    // Processes ---------------------------------------------------------------------------------

    /// Adds a process that is about to run.
    ///
    /// @throws IllegalStateException if the node has no more processes
    void add(LocalProcess process) {
        processes.add(process);
        // The closing thread writes the phase, then lists the processes. So either it finds this
        // one,
        // or the phase is seen here.
        if (phase == Phase.CLOSED) {
            processes.remove(process);
            throw closed();
        }
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
            timers.close();
            fairness.close();
            OPEN.remove(name, this);
        }
    }

    private long left(long limit, long start) {
        return limit == TimeUnits.FOREVER
                ? limit
                : Math.max(0, limit - (timers.clock().nanoTime() - start));
    }

    /// Tells each process to end once, those that others have started after these have ended.
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
                return; // no time for the rest
            }
        }
    }

    /// The processes that no living process of this node has started, the newest first.
    private List<LocalProcess> roots() {
        return processes.all().stream()
                .filter(process -> !process.hasLivingParent())
                .sorted((one, other) -> Long.compare(other.pid.number(), one.pid.number()))
                .toList();
    }

    private void killAll() {
        for (List<LocalProcess> left = processes.all(); !left.isEmpty(); left = processes.all()) {
            left.forEach(process -> process.die(ExitReason.KILLED));
        }
    }

    @Override
    public String toString() {
        return "Node[" + name + "]";
    }
}
