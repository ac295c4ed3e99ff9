package io.genserver.cluster;

import io.genserver.CallException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Name;
import io.genserver.Node;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.cluster.engine.Engine;
import io.genserver.spi.NodeBase;
import io.genserver.spi.PerNode;
import io.genserver.spi.distribution.Distribution;
import io.genserver.spi.distribution.Signal;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Makes the current node part of a cluster. From then on a [Pid] leads to its process from every
/// node, and everything that works with a pid works with one of another node: messages, calls and
/// their replies, casts, timers, links, monitors, exit signals, aliases, `Sys`. A name on another
/// node is [ServerRef#name(String, String)].
///
/// ```java
/// try (Cluster cluster = Cluster.start(
///         ClusterOptions.named("a@127.0.0.1").withCookie(secret).withTypes(TYPES), engine)) {
///     GenServer.call(ServerRef.name("counter", "b@127.0.0.1"), new Increment());
/// }
/// ```
///
/// ## What is promised
///
/// - Messages and signals from one process to another arrive in order, each at most once. They may
///   be lost only if the connection is lost.
/// - When it is lost, both nodes notice it. Each link and monitor to a process of the other node
///   fires once, with [ExitReason#NOCONNECTION]. A call that waits fails with
///   [ExitReason.NodeDown]; the server may have handled it. Nothing that was sent before arrives
///   later.
/// - A pid of an earlier start of a node is dead at once.
/// - Only values of listed types cross, see [PayloadTypes]. Another one is refused where it is
///   sent.
/// - A sender waits while much is on its way to a node that is slow.
///
/// All nodes are connected with each other. A cluster is a unit of trust: who has the cookie and a
/// certificate may stop each process.
///
/// The static methods act on the current node, see [Node#current].
///
/// Source: `Node`, `:net_kernel`.
public final class Cluster implements AutoCloseable {

    private static final PerNode<Cluster> CURRENT = new PerNode<>();
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final Logger LOG = LoggerFactory.getLogger("io.genserver.cluster");

    /// What the servers of the cluster tell each other.
    private static final Class<?>[] OWN_TYPES = {
        Kernel.Request.class,
        Kernel.Outcome.class,
        GroupsServer.News.class,
        GlobalNames.Request.class,
        GlobalNames.News.class,
        GlobalRegistrar.Register.class,
        GlobalRegistrar.Answer.class,
        Global.NameConflict.class,
        Placement.Request.class,
        Placement.Located.class,
        Placement.Released.class,
        Placement.News.class
    };

    /// The incarnations are greater than this.
    private static final long LEAST_INCARNATION = 1L << 32;

    /// Of so few nodes and fewer neither side of a partition can be more than half.
    private static final int LEAST_MAJORITY = 3;

    private final Node node;
    private final ClusterOptions options;
    private final Distribution distribution;
    private final ClusterNode connections;

    /// The processes that [#monitorNodes] has added.
    private final Set<Pid> watchers = ConcurrentHashMap.newKeySet();

    private volatile @Nullable Pid supervisor;
    private volatile boolean closed;

    /// Who closes first closes, and others wait until that is done.
    private final ReentrantLock closing = new ReentrantLock();

    private Cluster(Node node, ClusterOptions options, Engine engine) {
        this.node = node;
        this.options = options;
        long incarnation = RANDOM.nextLong(LEAST_INCARNATION + 1, Long.MAX_VALUE);
        this.distribution = ((NodeBase) node).distribute(options.name(), incarnation);
        try {
            this.connections =
                    new ClusterNode(
                            distribution,
                            engine,
                            new ClusterNode.Options(
                                    options.name(),
                                    incarnation,
                                    options.cookies(),
                                    options.types().and(OWN_TYPES),
                                    options.maxMessage(),
                                    options.queue(),
                                    options.maxQueue(),
                                    options.tickTime(),
                                    new NodeEvents()));
        } catch (Throwable refused) {
            distribution.close();
            throw refused;
        }
    }

    /// Makes the current node part of a cluster. It gets a name, and so do the pids of its
    /// processes, also of those that run already. Blocks until the engine has joined the other
    /// nodes; they may be connected a moment later.
    ///
    /// @param options what the node brings
    /// @param engine what carries the cluster; it is closed with the cluster
    /// @return the cluster, to be closed
    /// @throws IOException if the engine cannot start; says why
    /// @throws IllegalArgumentException if an option is wrong or there is no cookie
    /// @throws IllegalStateException if the node is in a cluster or closed
    public static Cluster start(ClusterOptions options, Engine engine) throws IOException {
        Node node = Node.current();
        Cluster cluster = new Cluster(node, options, engine);
        CURRENT.set(cluster);
        cluster.distribution.onNodeClose(cluster::close);
        try {
            Pid supervisor = startProcesses(options);
            cluster.supervisor = supervisor;
            var _ = Processes.exitOf(supervisor).thenAccept(cluster::supervisorEnded);
            cluster.connections.start();
        } catch (Throwable failed) {
            cluster.close();
            throw failed;
        }
        return cluster;
    }

    /// Returns a child that makes the node part of a cluster while it runs. Put it before the
    /// children that need other nodes.
    ///
    /// ```java
    /// Supervisor.startLink(
    ///         List.of(Cluster.childSpec(options, () -> new JGroupsEngine(address)), CARTS.childSpec()),
    ///         SupervisorFlags.of(Strategy.REST_FOR_ONE));
    /// ```
    ///
    /// @param options what the node brings
    /// @param engine makes an engine, at each start of the child
    /// @return the specification; its start fails with what [#start] throws
    public static ChildSpec<?> childSpec(
            ClusterOptions options, Supplier<? extends Engine> engine) {
        return ChildSpec.worker(
                "cluster",
                () ->
                        GenServer.startLink(
                                ClusterMember::new,
                                new ClusterMember.Argument(options, engine),
                                StartOption.terminateOnExit()));
    }

    private static Pid startProcesses(ClusterOptions options) {
        GroupTable groups = new GroupTable();
        ProcessGroups.TABLE.set(groups);
        GlobalTable names = new GlobalTable();
        Global.TABLE.set(names);
        return Supervisor.start(
                        List.of(
                                worker(Kernel.NAME, Kernel::new, options.starters()),
                                worker(GroupsServer.NAME, GroupsServer::new, groups),
                                worker(
                                        GlobalNames.NAME,
                                        GlobalNames::new,
                                        new GlobalNames.Argument(names, options.resolver())),
                                worker(GlobalRegistrar.NAME, GlobalRegistrar::new, Ok.OK)),
                        SupervisorFlags.of(Strategy.ONE_FOR_ONE))
                .pid();
    }

    private static <A> ChildSpec<?> worker(
            String name, Supplier<? extends GenServer<A, ?, ?, ?>> server, A argument) {
        return ChildSpec.worker(
                name, () -> GenServer.startLink(server, argument, StartOption.name(name)));
    }

    private static Cluster current() {
        Cluster cluster = CURRENT.get();
        if (cluster == null || cluster.closed) {
            throw new IllegalStateException(
                    "expected a node that is in a cluster, got: " + Node.current());
        }
        return cluster;
    }

    /// Casts to a server of a connected node without waiting. What one process tells a node arrives
    /// in order until the connection is lost. If the node takes too little, the connection is
    /// dropped. So the caller has to tell everything again at [NodeUp].
    static void tell(String node, String server, Object news) {
        Cluster cluster = CURRENT.get();
        if (cluster == null) {
            return;
        }
        try {
            cluster.connections.post(node, new Signal.Cast(new Name(server), null, news, null));
        } catch (IllegalArgumentException refused) {
            LOG.error("cannot tell {} of {}: {}", server, node, refused.getMessage());
        }
    }

    /// Casts to a server of each connected node, as [#tell] does.
    static void tellAll(String server, Object news) {
        nodes().forEach(node -> tell(node, server, news));
    }

    /// Returns how many bytes a value takes in a message to a node; 0 if that is not connected.
    ///
    /// @throws IllegalArgumentException if the node cannot take it
    static int sizeFor(String node, Object value) {
        Cluster cluster = CURRENT.get();
        return cluster == null ? 0 : cluster.connections.sizeFor(node, value);
    }

    /// Checks a name that all nodes are to know.
    ///
    /// @throws IllegalArgumentException if it cannot cross to another node, or is too long
    /// @throws IllegalStateException if the current node is in no cluster
    static void requireName(Object name) {
        Objects.requireNonNull(name, "name");
        int size = current().connections.size(name);
        if (size > Portion.BYTES) {
            throw new IllegalArgumentException(
                    "expected a name of " + Portion.BYTES + " bytes at most, got: " + size);
        }
    }

    /// Tells whether the current node is in a cluster. Source: `Node.alive?/0`.
    ///
    /// @return whether it is
    public static boolean isAlive() {
        Cluster cluster = CURRENT.get();
        return cluster != null && !cluster.closed;
    }

    /// Returns the name of the current node. Source: `Node.self/0`.
    ///
    /// @return the name; `nonode@nohost` for the default node if it is in no cluster
    public static String self() {
        return Node.current().name();
    }

    /// Returns the names of the connected nodes, without the current one, sorted. Source:
    /// `Node.list/0`.
    ///
    /// @return the names; none if the node is in no cluster
    public static List<String> nodes() {
        Cluster cluster = CURRENT.get();
        return cluster == null || cluster.closed ? List.of() : cluster.connections.nodes();
    }

    /// Returns whether this side of a partition may do what only one side may do, see
    /// [ClusterOptions#withExpectedNodes].
    ///
    /// @return whether it may; false if the node is in no cluster
    public static boolean hasQuorum() {
        Cluster cluster = CURRENT.get();
        if (cluster == null || cluster.closed) {
            return false;
        }
        int expected = cluster.options.expectedNodes();
        return expected < LEAST_MAJORITY || 2 * (cluster.connections.nodes().size() + 1) > expected;
    }

    /// Ends the connection to a node, as if it had been lost. As all nodes of a cluster are to be
    /// connected, a new one is tried a second later. Source: `Node.disconnect/1`.
    ///
    /// @param node the name of the node
    /// @return whether it was connected
    /// @throws IllegalStateException if the current node is in no cluster
    public static boolean disconnect(String node) {
        return current().connections.disconnect(node);
    }

    /// Tells the current process from now on which nodes are connected, with the messages [NodeUp]
    /// and [NodeDown]. A second call has no effect. Nodes that are connected already are not told;
    /// ask [#nodes] afterwards. Source: `:net_kernel.monitor_nodes/1`.
    ///
    /// @param on whether to tell it; false ends it
    /// @throws IllegalStateException if the current node is in no cluster
    /// @throws io.genserver.ExitException if the current thread is no process
    public static void monitorNodes(boolean on) {
        Cluster cluster = current();
        Pid self = Processes.self();
        if (!on) {
            cluster.watchers.remove(self);
        } else if (cluster.watchers.add(self)) {
            var _ = Processes.exitOf(self).thenRun(() -> cluster.watchers.remove(self));
        }
    }

    /// Starts a server on another node, which must have listed it with [ClusterOptions#withServer].
    /// Blocks until its init has ended. It is linked to nobody; link it with [Processes#link], or
    /// monitor it.
    ///
    /// @param node the name of the node, which may be the current one
    /// @param key how that node names the server
    /// @param argument the argument of its init, of a type that may cross
    /// @param timeout how long to wait at most, more than 0
    /// @param <G> what the server is, as the caller states
    /// @return the outcome; a failure if the node does not know the key
    /// @throws io.genserver.CallException if the node is not connected, or does not answer in time
    public static <G> Start<G> startServer(
            String node, String key, Object argument, Duration timeout) {
        Kernel.Outcome outcome =
                GenServer.call(
                        ServerRef.name(Kernel.NAME, node),
                        new Kernel.Request(key, argument),
                        timeout);
        return switch (outcome) {
            case Kernel.Outcome.Started(Pid pid) -> new Start.Ok<>(pid);
            case Kernel.Outcome.Ignored _ -> new Start.Ignore<>();
            case Kernel.Outcome.Failed(ExitReason reason) -> new Start.Failed<>(reason);
        };
    }

    /// Runs a function in a process of its own on another node, which must have listed it with
    /// [ClusterOptions#withFunction]. Blocks until the process is started. Source: `Node.spawn/4`.
    ///
    /// @param node the name of the node, which may be the current one
    /// @param key how that node names the function
    /// @param argument the argument of the function, of a type that may cross
    /// @return the pid
    /// @throws io.genserver.StartException if the node does not know the key
    /// @throws io.genserver.CallException if the node is not connected, or does not answer in time
    public static Pid spawn(String node, String key, Object argument) {
        return startServer(node, key, argument, GenServer.DEFAULT_TIMEOUT).pid();
    }

    /// Returns the name of the node in this cluster.
    ///
    /// @return the name
    public String name() {
        return options.name();
    }

    /// Leaves the cluster. The other nodes see at once that this one is gone. Its processes live
    /// on, and its links and monitors to other nodes fire. [Node#close] does this, too, after the
    /// processes have ended. So does the node itself if the servers of the cluster crash so often
    /// that their supervisor gives up.
    @Override
    public void close() {
        closing.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            connections.close();
            Pid running = supervisor;
            if (running != null && node.isOpen()) {
                node.run(() -> stop(running));
            }
        } finally {
            closing.unlock();
        }
    }

    /// A node whose servers of the cluster are gone can keep no promise, so it leaves. A node that
    /// is being closed leaves anyway.
    private void supervisorEnded(ExitReason reason) {
        if (!closed && node.isOpen()) {
            LOG.error("{} leaves the cluster, because its servers have ended: {}", this, reason);
            Thread.ofVirtual().name("cluster-close").start(this::close);
        }
    }

    /// Returns the supervisor of the servers of the cluster.
    Pid supervisor() {
        return Objects.requireNonNull(supervisor);
    }

    private void stop(Pid running) {
        try {
            Supervisor.stop(running);
        } catch (CallException failed) {
            LOG.warn("the servers of {} had ended before it left the cluster", this, failed);
        }
    }

    @Override
    public String toString() {
        return "Cluster[" + options.name() + "]";
    }

    /// What the connections tell.
    private final class NodeEvents implements ClusterNode.Listener {

        @Override
        public void up(String other) {
            tell(new NodeUp(other));
        }

        @Override
        public void down(String other) {
            tell(new NodeDown(other));
        }

        private void tell(Object message) {
            for (Pid watcher : watchers) {
                distribution.tell(watcher, message);
            }
        }
    }
}
