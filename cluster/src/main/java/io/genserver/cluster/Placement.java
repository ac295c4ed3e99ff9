package io.genserver.cluster;

import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.Down;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.MultiCall;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.ReplyTo;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.Sys;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.DynamicSupervisor;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The server of each node that starts, moves and stops the servers of a [DistributedSupervisor].
/// It never waits for another node; what has to wait runs in a process of its own.
///
/// ## Who owns a key
///
/// Of the nodes that run the supervisor, the one whose name and the key together have the smallest
/// hash. So a node that comes takes its share from all others, and one that goes leaves its share
/// to all others; nothing else moves.
///
/// ## Why a key never has two servers
///
/// A node starts a server only if it owns the key as far as it knows, and after all other nodes
/// have answered its [Release]: they have none, or have stopped theirs. A node that is starting
/// one, or that believes that it is the owner, refuses. Two nodes that both believe so refuse each
/// other until they agree, and only one of them still believes it then.
final class Placement
        implements GenServer<
                Placement.Argument, Placement.State, Placement.Request<?>, Placement.News> {

    private static final Logger LOG = LoggerFactory.getLogger(DistributedSupervisor.class);

    /// How long a node may take to stop a server.
    private static final Duration STOP = Duration.ofSeconds(5);

    /// How long to wait for the answers of other nodes.
    private static final Duration ANSWERS = Duration.ofSeconds(15);

    private static final Duration AGAIN = Duration.ofMillis(20);

    /// How many servers are started at the same time.
    private static final int MOST_STARTS = 64;

    /// @param name the name of this server on each node
    /// @param table what any thread reads
    /// @param specs makes the child of a key from the state that it takes over
    /// @param children the supervisor of the servers
    /// @param handsOver whether the servers take their state along
    record Argument(
            String name,
            PlacementTable table,
            BiFunction<Object, Optional<Object>, ChildSpec<?>> specs,
            ServerRef children,
            boolean handsOver) {}

    sealed interface Request<R> extends Call<R> {}

    /// Asks the owner of a key for its server.
    record Locate(Object key) implements Request<Located> {}

    /// Asks another node to stop its server of a key, because the sender is going to start one.
    record Release(Object key) implements Request<Released> {}

    /// Asks to stop a server.
    record Stop(Object key) implements Request<Boolean> {}

    /// The answer to [Locate].
    sealed interface Located {
        /// The server runs.
        record Found(Pid server) implements Located {}

        /// Its init has failed.
        record Failed(ExitReason reason) implements Located {}

        /// This side of a partition starts none.
        record NoQuorum() implements Located {}

        /// The node does not own the key, or the nodes do not agree yet.
        record TryAgain() implements Located {}
    }

    /// The answer to [Release].
    sealed interface Released {
        /// The node has no server of the key any more.
        ///
        /// @param state the state of the one that it had, if it is to be handed over
        record Done(Optional<Object> state) implements Released {}

        /// The node starts one itself, or is stopping it.
        record Refused() implements Released {}
    }

    /// What the servers of other nodes and the processes of this one tell.
    sealed interface News {
        /// All servers of a node.
        record All(String node, Map<Object, Pid> servers) implements News {}

        /// A node has started a server.
        record Has(Object key, Pid server) implements News {}

        /// A server has ended.
        record Gone(Object key, Pid server) implements News {}

        /// Keys whose servers belong to the node that gets this, because it has just come.
        record Take(List<Object> keys) implements News {}
    }

    /// A start has come to its end. Only within a node.
    private record Started(Object key, Located outcome) {}

    /// A server was stopped. Only within a node.
    private record Stopped(Object key, Pid server, Optional<Object> state) {}

    static final class State {
        private final Argument given;
        private final Ref group;
        private final Map<Ref, Object> monitors = new HashMap<>();

        /// The keys whose servers are being started, and who waits for each.
        private final Map<Object, List<ReplyTo<Located>>> starting = new HashMap<>();

        /// The keys whose servers are to be started when there is room.
        private final Set<Object> queue = new LinkedHashSet<>();

        /// The keys whose servers are being stopped, and who waits for each.
        private final Map<Object, List<ReplyTo<Released>>> stopping = new HashMap<>();

        private final Map<Object, List<ReplyTo<Boolean>>> stopWaiters = new HashMap<>();

        private State(Argument given, Ref group) {
            this.given = given;
            this.group = group;
        }

        private PlacementTable table() {
            return given.table();
        }
    }

    // Ownership

    /// Returns the group of the servers of all nodes that run a supervisor.
    private static String group(String name) {
        return "distributed_supervisor:" + name;
    }

    /// Gives up all keys of this node, if there is another one that can take them.
    ///
    /// @param placement the server of this node
    /// @return whether there is another one
    static boolean leave(String name, Pid placement) {
        boolean hasOthers =
                ProcessGroups.members(group(name)).stream()
                        .anyMatch(member -> !member.node().equals(here()));
        if (hasOthers) {
            ProcessGroups.leave(group(name), placement);
        }
        return hasOthers;
    }

    /// Returns the node that owns a key.
    static String owner(String name, Object key) {
        if (!Cluster.isAlive()) {
            return here();
        }
        return ProcessGroups.members(group(name)).stream()
                .map(Pid::node)
                .min(
                        Comparator.comparing((String node) -> hash(node, key))
                                .thenComparing(Comparator.naturalOrder()))
                .orElse(here());
    }

    /// Returns a number that is the same on every node, as text. The hash codes of keys need not
    /// be.
    private static String hash(String node, Object key) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(node.getBytes(StandardCharsets.UTF_8));
            digest.update((byte) 0);
            return HexFormat.of()
                    .formatHex(digest.digest(key.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has SHA-256", e);
        }
    }

    private static String here() {
        return Node.current().name();
    }

    private static boolean isMine(State state, Object key) {
        return owner(state.given.name(), key).equals(here());
    }

    // Life

    @Override
    public Init<State> init(Argument given) {
        String group = group(given.name());
        Cluster.monitorNodes(true);
        ProcessGroups.Monitored monitored = ProcessGroups.monitor(group);
        ProcessGroups.join(group, Processes.self());
        return Init.ok(new State(given, monitored.monitor()));
    }

    private static void tell(State state, String node, News news) {
        GenServer.cast(ServerRef.name(state.given.name(), node), news);
    }

    private static void tellOthers(State state, News news) {
        GenServer.abcast(others(state.given.name()), news);
    }

    /// Refers to this server on all connected nodes. Some may not run it; they answer `noproc`. The
    /// group would not do, because a node that has just come may not know all its members.
    private static List<ServerRef> others(String name) {
        return Cluster.nodes().stream().<ServerRef>map(node -> ServerRef.name(name, node)).toList();
    }

    @Override
    public CallResult<State> handleCall(Request<?> request, From from, State state) {
        switch (request) {
            case Locate locate -> locate(state, locate, from.replyTo(locate));
            case Release release -> release(state, release, from.replyTo(release));
            case Stop stop -> {
                Pid server = own(state, stop.key());
                if (server == null) {
                    return CallResult.reply(stop, false, state);
                }
                state.stopWaiters
                        .computeIfAbsent(stop.key(), _ -> new ArrayList<>(1))
                        .add(from.replyTo(stop));
                stop(state, stop.key(), server, false);
            }
        }
        return CastResult.noreply(state);
    }

    /// Returns the server of a key, if it runs on this node.
    private static @Nullable Pid own(State state, Object key) {
        Pid server = state.table().find(key);
        return server != null && server.node().equals(here()) ? server : null;
    }

    private static void locate(State state, Locate locate, ReplyTo<Located> caller) {
        Object key = locate.key();
        Pid server = own(state, key);
        if (server != null && !Processes.isAlive(server)) {
            forget(state, key, server);
            server = null;
        }
        if (server != null && !state.stopping.containsKey(key)) {
            GenServer.reply(caller, new Located.Found(server));
        } else if (!Cluster.hasQuorum()) {
            GenServer.reply(caller, new Located.NoQuorum());
        } else if (!isMine(state, key) || state.stopping.containsKey(key)) {
            GenServer.reply(caller, new Located.TryAgain());
        } else {
            state.starting.computeIfAbsent(key, _ -> begin(state, key)).add(caller);
        }
    }

    // Starting

    /// Begins to start a server, if there is room and none is being started.
    private static void start(State state, Object key) {
        if (own(state, key) != null
                || state.starting.containsKey(key)
                || !Cluster.hasQuorum()
                || !isMine(state, key)) {
            return;
        }
        if (state.starting.size() >= MOST_STARTS) {
            state.queue.add(key);
        } else {
            state.starting.put(key, begin(state, key));
        }
    }

    private static List<ReplyTo<Located>> begin(State state, Object key) {
        Argument given = state.given;
        Pid self = Processes.self();
        state.queue.remove(key);
        Processes.spawn(() -> Processes.send(self, new Started(key, outcome(given, key))));
        return new ArrayList<>(1);
    }

    /// Starts a server after all other nodes have stopped theirs. A process of its own.
    private static Located outcome(Argument given, Object key) {
        try {
            MultiCall<Released> answers =
                    GenServer.multiCall(others(given.name()), new Release(key), ANSWERS);
            boolean refused =
                    answers.failed().values().stream().anyMatch(why -> !isAway(why))
                            || answers.replies().values().stream()
                                    .anyMatch(Released.Refused.class::isInstance);
            if (refused || !owner(given.name(), key).equals(here())) {
                return new Located.TryAgain();
            }
            if (!Cluster.hasQuorum()) {
                return new Located.NoQuorum();
            }
            return start(given, key, state(answers));
        } catch (RuntimeException failed) {
            if (!Cluster.isAlive()) {
                return new Located.TryAgain(); // this node has just left the cluster
            }
            LOG.error("cannot start the server of {}", key, failed);
            return new Located.Failed(ExitReason.of(failed));
        }
    }

    /// Returns whether a node that has not answered cannot have a server of the key.
    private static boolean isAway(ExitReason why) {
        return why instanceof ExitReason.NodeDown || why.equals(ExitReason.NOPROC);
    }

    private static Optional<Object> state(MultiCall<Released> answers) {
        return answers.replies().values().stream()
                .flatMap(answer ->
                        answer instanceof Released.Done(Optional<Object> state)
                                ? state.stream()
                                : Optional.empty().stream())
                .findFirst();
    }

    private static Located start(Argument given, Object key, Optional<Object> state) {
        Start<?> start =
                DynamicSupervisor.startChild(given.children(), given.specs().apply(key, state));
        return switch (start) {
            case Start.Ok<?>(Pid server) -> new Located.Found(server);
            case Start.Failed<?>(ExitReason reason) -> new Located.Failed(reason);
            case Start.Ignore<?> _ ->
                    new Located.Failed(ExitReason.of("the server's init returned ignore"));
        };
    }

    private static void started(State state, Started started) {
        Object key = started.key();
        if (started.outcome() instanceof Located.Found(Pid server)) {
            state.table().put(key, server);
            state.monitors.put(Processes.monitor(server), key);
            tellOthers(state, new News.Has(key, server));
            String owner = owner(state.given.name(), key);
            if (!owner.equals(here())) { // a node has come in between
                tell(state, owner, new News.Take(List.of(key)));
            }
        }
        List<ReplyTo<Located>> waiting = state.starting.remove(key);
        if (waiting != null) {
            waiting.forEach(caller -> GenServer.reply(caller, started.outcome()));
            if (waiting.isEmpty() && started.outcome() instanceof Located.TryAgain) {
                Processes.sendAfter(Processes.self(), new News.Take(List.of(key)), AGAIN);
            }
        }
        if (!state.queue.isEmpty()) {
            start(state, state.queue.iterator().next());
        }
    }

    // Stopping

    private static void release(State state, Release release, ReplyTo<Released> caller) {
        Object key = release.key();
        Pid server = own(state, key);
        if (state.starting.containsKey(key)
                || state.stopWaiters.containsKey(key)
                || (server != null && isMine(state, key))) {
            GenServer.reply(caller, new Released.Refused());
        } else if (server == null) {
            GenServer.reply(caller, new Released.Done(Optional.empty()));
        } else {
            stop(state, key, server, state.given.handsOver());
            Objects.requireNonNull(state.stopping.get(key)).add(caller);
        }
    }

    private static void stop(State state, Object key, Pid server, boolean handsOver) {
        if (state.stopping.putIfAbsent(key, new ArrayList<>(1)) != null) {
            return;
        }
        Pid self = Processes.self();
        Processes.spawn(
                () -> Processes.send(self, new Stopped(key, server, stopped(server, handsOver))));
    }

    /// Stops a server. A process of its own.
    ///
    /// @return the server's state, if it is to be handed over and the server could tell it
    private static Optional<Object> stopped(Pid server, boolean handsOver) {
        Optional<Object> state = Optional.empty();
        try {
            if (handsOver) {
                Sys.suspend(server, STOP); // so that it does nothing after it has told its state
                state = Optional.of(Sys.getState(server, STOP));
            }
            GenServer.stop(server, ExitReason.SHUTDOWN, STOP);
        } catch (ExitException failed) {
            Processes.exit(server, ExitReason.KILL);
        }
        return state;
    }

    private static void stopped(State state, Stopped stopped) {
        Object key = stopped.key();
        forget(state, key, stopped.server());
        List<ReplyTo<Released>> waiting = state.stopping.remove(key);
        if (waiting != null) {
            waiting.forEach(caller -> GenServer.reply(caller, new Released.Done(stopped.state())));
        }
        List<ReplyTo<Boolean>> stops = state.stopWaiters.remove(key);
        if (stops != null) {
            stops.forEach(caller -> GenServer.reply(caller, true));
        }
    }

    /// Forgets a server of this node that has ended.
    private static void forget(State state, Object key, Pid server) {
        if (state.table().remove(key, server)) {
            tellOthers(state, new News.Gone(key, server));
        }
    }

    // What others tell

    @Override
    public CastResult<State> handleCast(News news, State state) {
        handle(news, state);
        return CastResult.noreply(state);
    }

    private static void handle(News news, State state) {
        switch (news) {
            case News.All(String node, var servers) -> {
                state.table()
                        .of(node)
                        .forEach((key, server) -> {
                            if (!server.equals(servers.get(key))) {
                                state.table().remove(key, server);
                            }
                        });
                servers.forEach((key, server) -> learn(state, key, server));
            }
            case News.Has(Object key, Pid server) -> learn(state, key, server);
            case News.Gone(Object key, Pid server) -> state.table().remove(key, server);
            case News.Take(List<Object> keys) -> keys.forEach(key -> take(state, key));
        }
    }

    private static void learn(State state, Object key, Pid server) {
        if (own(state, key) == null) {
            state.table().put(key, server);
        }
    }

    /// Takes over a key. If this node has a server of the key already, because the nodes were cut
    /// off from each other, the others have to stop theirs.
    private static void take(State state, Object key) {
        if (own(state, key) == null) {
            start(state, key);
        } else if (isMine(state, key)) {
            Argument given = state.given;
            Processes.spawn(
                    () -> GenServer.multiCall(others(given.name()), new Release(key), ANSWERS));
        }
    }

    @Override
    public CastResult<State> handleInfo(Object message, State state) throws Exception {
        switch (message) {
            case Started started -> started(state, started);
            case Stopped stopped -> stopped(state, stopped);
            case News news -> handle(news, state);
            case NodeDown _ -> stopWithoutQuorum(state);
            case NodeUp _ -> {}
            case ProcessGroups.Joined(Ref monitor, var _, var members)
                    when monitor.equals(state.group) ->
                    members.forEach(member -> joined(state, member.node()));
            case ProcessGroups.Left(Ref monitor, var _, var members)
                    when monitor.equals(state.group) ->
                    members.forEach(member -> left(state, member.node()));
            case Down(Ref monitor, Pid server, var _) when state.monitors.containsKey(monitor) ->
                    forget(state, Objects.requireNonNull(state.monitors.remove(monitor)), server);
            default -> {
                return GenServer.super.handleInfo(message, state);
            }
        }
        return CastResult.noreply(state);
    }

    /// A node runs the supervisor from now on. It gets the keys that it owns.
    private static void joined(State state, String node) {
        if (node.equals(here())) {
            return;
        }
        Map<Object, Pid> mine = state.table().of(here());
        tell(state, node, new News.All(here(), mine));
        Map<String, List<Object>> moving = new HashMap<>();
        mine.keySet()
                .forEach(key -> {
                    String owner = owner(state.given.name(), key);
                    if (!owner.equals(here())) {
                        moving.computeIfAbsent(owner, _ -> new ArrayList<>()).add(key);
                    }
                });
        moving.forEach((owner, keys) -> tell(state, owner, new News.Take(keys)));
    }

    /// A node does not run the supervisor any longer. Its keys belong to others, who ask it to stop
    /// its servers if it is still there.
    private static void left(State state, String node) {
        if (node.equals(here())) {
            return;
        }
        Map<Object, Pid> lost = state.table().of(node);
        lost.forEach((key, server) -> state.table().remove(key, server));
        if (Cluster.hasQuorum()) {
            lost.keySet().forEach(key -> start(state, key));
        }
    }

    /// Stops all servers of this node if it is on the smaller side of a partition.
    private static void stopWithoutQuorum(State state) {
        if (!Cluster.hasQuorum()) {
            state.table().of(here()).forEach((key, server) -> stop(state, key, server, false));
        }
    }
}
