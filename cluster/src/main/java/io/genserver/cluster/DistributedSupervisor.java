package io.genserver.cluster;

import io.genserver.CallException;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Name;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Server;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.Via;
import io.genserver.ViaRegistry;
import io.genserver.spi.PerNode;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.DynamicSupervisor;
import io.genserver.supervisor.DynamicSupervisorFlags;
import io.genserver.supervisor.Restart;
import io.genserver.supervisor.Shutdown;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// A supervisor with one server for each key in the whole cluster, such as a cart, a session or a
/// bucket. The servers are spread over the nodes that run this supervisor, and move when nodes come
/// and go.
///
/// ```java
/// static final DistributedSupervisor<String, Cart> CARTS =
///         DistributedSupervisor.of("carts", (String customer) -> new Cart(customer)).withHandOver();
///
/// Supervisor.startLink(List.of(CARTS.childSpec(), …), flags);          // on each node
///
/// GenServer.cast(CARTS.server(customer), new Add("eggs"));             // from any node
/// ```
///
/// ## The life of a server
///
/// - Each key belongs to one node. What is sent to a key without a server starts one there.
/// - Its `init` gets an empty `Optional`, or the state of the server that it replaces, if that has
///   moved and [#withHandOver] was given.
/// - When a node comes, the keys that belong to it from then on move there: each server is stopped
///   with `shutdown`, and one is started on the new node. A call that the stopped server has not
///   begun to handle goes to the new one. A cast or message in its mailbox is lost.
/// - When this supervisor is stopped on a node, its keys move in the same way, for at most 10 s.
///   What has not moved by then is stopped. [#drain] does the same earlier.
/// - When a node is lost, its keys belong to others, which start their servers at once, without a
///   state. Load it in `init` if it has to survive.
/// - If a server crashes, the next use starts another one.
///
/// ## What is promised
///
/// While the nodes are connected, a key never has two servers: before a node starts one, all others
/// have answered that they have none, or have stopped theirs. In a partition each side has its own,
/// unless the nodes know how many there should be, see [ClusterOptions#withExpectedNodes]. Then the
/// smaller side stops its servers when it notices, and a call there fails because of a
/// [NoQuorumException]. The larger side starts them a moment later or earlier, so for that moment a
/// key can have two. When the sides meet again, the server of the node that owns the key stays.
///
/// Source: OTP has none; Horde and Akka's cluster sharding are the anchors.
///
/// @param <K> the type of the keys, of a type that may cross to other nodes, see [PayloadTypes]
/// @param <G> the class of the servers
public final class DistributedSupervisor<K, G> {

    /// How long a caller waits for a server at most. Units: ns
    private static final long LIMIT = Duration.ofSeconds(10).toNanos();

    /// How long a caller waits before it asks again: at first, and at most.
    private static final Duration AGAIN = Duration.ofMillis(10);

    private static final Duration LONGEST = Duration.ofMillis(160);

    /// How long the servers of a node may take to move when its supervisor is stopped.
    private static final Duration LEAVE = Duration.ofSeconds(10);

    private final String name;
    private final Function<Object, GenServer<Optional<Object>, ?, ?, ?>> servers;
    private final StartOption[] options;
    private final boolean handsOver;

    /// The table of the current run on each node.
    private final PerNode<PlacementTable> run = new PerNode<>();

    private final ViaRegistry registry = new Registry();

    private DistributedSupervisor(
            String name,
            Function<Object, GenServer<Optional<Object>, ?, ?, ?>> servers,
            StartOption[] options,
            boolean handsOver) {
        this.name = new Name(name).name();
        this.servers = servers;
        this.options = options.clone();
        this.handsOver = handsOver;
    }

    /// Declares a supervisor. All nodes need the same declaration.
    ///
    /// @param name the name of its process on each node, not blank
    /// @param server makes the server of a key; runs in the server's process
    /// @param options the options of each server, without a name
    /// @param <K> the type of the keys
    /// @param <S> the type of the servers' state
    /// @param <G> the class of the servers
    /// @return the supervisor, which does not run yet
    @SuppressWarnings("unchecked") // only server(K) makes keys
    public static <K, S, G extends GenServer<Optional<S>, S, ?, ?>> DistributedSupervisor<K, G> of(
            String name, Function<? super K, ? extends G> server, StartOption... options) {
        Objects.requireNonNull(server, "server");
        return new DistributedSupervisor<>(
                name,
                key -> (GenServer<Optional<Object>, ?, ?, ?>) (Object) server.apply((K) key),
                options,
                false);
    }

    /// Returns another supervisor with the same name whose servers take their state along when they
    /// move. The state has to be of a type that may cross. Use only the result.
    ///
    /// @return the changed supervisor
    public DistributedSupervisor<K, G> withHandOver() {
        return new DistributedSupervisor<>(name, servers, options, true);
    }

    /// Returns the child specification. Give it to a supervisor on each node that may run servers.
    /// The node has to be in a cluster when the child starts.
    ///
    /// @return the specification
    public ChildSpec<?> childSpec() {
        return ChildSpec.supervisor(name, this::startLink);
    }

    private Start<?> startLink() {
        PlacementTable table = new PlacementTable();
        run.set(table);
        String children = Placement.children(name);
        return Supervisor.startLink(
                List.of(
                        // It is started first, so it is stopped last: until the servers have ended,
                        // other nodes are told so.
                        ChildSpec.worker(
                                name,
                                () ->
                                        GenServer.startLink(
                                                Placement::new,
                                                new Placement.Argument(
                                                        name,
                                                        table,
                                                        (key, state) -> spec(key, state),
                                                        ServerRef.name(children),
                                                        handsOver),
                                                StartOption.name(name))),
                        DynamicSupervisor.childSpec(
                                children,
                                DynamicSupervisorFlags.DEFAULT,
                                StartOption.name(children)),
                        // It is started last, so it is stopped first.
                        ChildSpec.worker(
                                        name + ".leave",
                                        () ->
                                                GenServer.startLink(
                                                        Leave::new,
                                                        this,
                                                        StartOption.terminateOnExit()))
                                .withShutdown(Shutdown.within(LEAVE.multipliedBy(2)))),
                SupervisorFlags.of(Strategy.ONE_FOR_ALL));
    }

    /// Moves the servers to other nodes before they are stopped with the supervisor.
    private static final class Leave
            implements GenServer<
                    DistributedSupervisor<?, ?>, DistributedSupervisor<?, ?>, Object, Object> {

        @Override
        public Init<DistributedSupervisor<?, ?>> init(DistributedSupervisor<?, ?> supervisor) {
            return Init.ok(supervisor);
        }

        @Override
        public void terminate(ExitReason reason, DistributedSupervisor<?, ?> supervisor) {
            if (Cluster.isAlive()) {
                supervisor.drain(LEAVE);
            }
        }
    }

    private ChildSpec<?> spec(Object key, Optional<Object> state) {
        return ChildSpec.worker(
                        key, () -> GenServer.startLink(() -> servers.apply(key), state, options))
                .withRestart(Restart.TEMPORARY);
    }

    /// Refers to the server of a key, wherever it runs. What is sent to it starts it if there is
    /// none.
    ///
    /// @param key the key
    /// @return the reference
    public Server<G> server(K key) {
        @SuppressWarnings("unchecked") // the declaration says what the servers are
        Server<G> server =
                (Server<G>)
                        Server.of(
                                new Via(registry, Objects.requireNonNull(key, "key")),
                                Object.class);
        return server;
    }

    /// Finds the server of a key. Does not block and starts nothing.
    ///
    /// @param key the key
    /// @return the pid; empty if the key has no server that this node knows of
    public Optional<Pid> whereis(K key) {
        return registry.whereisName(key);
    }

    /// Returns the keys that have servers, as this node knows them. A key whose server moves to
    /// another node at this moment may be missing.
    ///
    /// @return the keys, in no order
    @SuppressWarnings("unchecked") // only server(K) makes keys
    public Set<K> keys() {
        return (Set<K>) table().keys();
    }

    /// Stops the server of a key. Blocks until it has ended. The next use starts another one.
    ///
    /// @param key the key
    /// @return whether there was one
    public boolean stop(K key) {
        Pid pid = table().find(key);
        return pid != null
                && GenServer.call(
                        ServerRef.name(name, pid.node()),
                        new Placement.Stop(key),
                        Duration.ofNanos(LIMIT));
    }

    /// Moves the servers of this node to the other nodes that run this supervisor, with their
    /// states if [#withHandOver] was given. Call it before the node leaves the cluster: a server of
    /// a node that has left is started elsewhere without a state. From then on this node starts no
    /// server, until the supervisor is restarted; its callers use the servers of the other nodes.
    ///
    /// Blocks until other nodes have started all of the servers, or their starts have failed there.
    /// That includes servers whose start has begun on this node. Does nothing if no other node runs
    /// the supervisor.
    ///
    /// @param limit how long to wait at most, 0 or more
    /// @return whether nothing is left to move; false if there is no other node, if the time was
    ///   over, or if the supervisor ends before that
    public boolean drain(Duration limit) {
        PlacementTable _ = table(); // there is none where the supervisor has never run
        Pid placement = Processes.whereis(name).orElse(null);
        if (placement == null || !Placement.leave(name, placement)) {
            return false;
        }
        long start = Processes.monotonicTime();
        try {
            while (GenServer.call(placement, new Placement.IsMoving())) {
                if (Processes.monotonicTime() - start > limit.toNanos()) {
                    return false;
                }
                Processes.sleep(AGAIN);
            }
            return true;
        } catch (CallException failed) { // the supervisor has ended, or it does not answer
            return false;
        }
    }

    private PlacementTable table() {
        PlacementTable table = run.get();
        if (table == null) {
            throw new IllegalStateException(
                    "expected the supervisor " + name + " to run on this node; it does not");
        }
        return table;
    }

    private final class Registry implements ViaRegistry {

        @Override
        public boolean registerName(Object key, Pid pid) {
            throw new UnsupportedOperationException(
                    "expected "
                            + name
                            + " to start its servers itself, got a start under its name");
        }

        @Override
        public void unregisterName(Object key) {
            throw new UnsupportedOperationException(name + " registers its servers itself");
        }

        @Override
        public Optional<Pid> whereisName(Object key) {
            return Optional.ofNullable(table().find(key));
        }

        @Override
        public boolean startsOnDemand() {
            return true;
        }

        @Override
        public Optional<Pid> acquire(Object key) {
            if (!Cluster.hasQuorum()) {
                throw new NoQuorumException("use the server of " + key);
            }
            Pid known = table().find(key);
            return Optional.of(known == null || hasEnded(known) ? locate(key) : known);
        }

        /// Returns whether a server of this node has ended. Those of other nodes are asked for by
        /// the call that goes there.
        private static boolean hasEnded(Pid server) {
            return server.node().equals(Node.current().name()) && !Processes.isAlive(server);
        }

        private Pid locate(Object key) {
            long start = Processes.monotonicTime();
            Duration pause = AGAIN;
            while (true) {
                switch (ask(key)) {
                    case Placement.Located.Found(Pid pid) -> {
                        return pid;
                    }
                    case Placement.Located.Failed(ExitReason reason) ->
                            throw new ExitException(reason);
                    case Placement.Located.NoQuorum _ ->
                            throw new NoQuorumException("start the server of " + key);
                    case Placement.Located.TryAgain _ -> {
                        if (Processes.monotonicTime() - start > LIMIT) {
                            throw new ExitException(ExitReason.TIMEOUT);
                        }
                        Processes.sleep(pause);
                        pause = pause.compareTo(LONGEST) < 0 ? pause.multipliedBy(2) : pause;
                    }
                }
            }
        }

        private Placement.Located ask(Object key) {
            try {
                return GenServer.call(
                        ServerRef.name(name, Placement.owner(name, key)),
                        new Placement.Locate(key),
                        Duration.ofNanos(LIMIT));
            } catch (CallException failed) {
                if (failed.serverReason() instanceof ExitReason.NodeDown
                        || failed.serverReason().equals(ExitReason.NOPROC)
                        || failed.serverReason().isOrderly()) { // the node stops
                    return new Placement.Located.TryAgain();
                }
                throw failed;
            }
        }

        @Override
        public String toString() {
            return name;
        }
    }
}
