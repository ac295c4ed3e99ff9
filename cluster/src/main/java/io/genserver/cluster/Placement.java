package io.genserver.cluster;

import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.ReplyTo;
import io.genserver.ServerRef;
import io.genserver.supervisor.ChildSpec;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The server of each node that starts, moves and stops the servers of a [DistributedSupervisor].
/// It never waits for another node; what has to wait is a [Move].
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
/// other until they agree, and only one of them still believes it then. A node also refuses for the
/// server of a third node that it is connected with and the asking node is not.
///
/// ## Why no state is lost between two nodes
///
/// A server that moves is suspended and tells its state. It is stopped only if the state can cross;
/// else it stays. Who has a state and cannot use it keeps it for the next try: the node that has
/// stopped the server if nobody waits for its answer any more, else the node that has asked. The
/// state is lost if that node is lost.
///
/// ## Why no key is forgotten between two nodes
///
/// A node remembers each key whose server another node is going to start. It forgets the key when
/// it hears of the server, or when the other node says that it has given up. If the other node goes
/// before that, the key goes to its next owner.
final class Placement
        implements GenServer<
                Placement.Argument, Placement.State, Placement.Request<?>, Placement.News> {

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
    ///
    /// @param node the sender
    /// @param asked all nodes that the sender asks
    record Release(Object key, String node, List<String> asked) implements Request<Released> {}

    /// Asks whether this node has servers or states that are to move, or awaits a server. Only
    /// within a node.
    record IsMoving() implements Request<Boolean> {}

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

        /// The server stays where it is, because its state cannot cross.
        record Stays(Pid server) implements Released {}

        /// The node starts one itself, or is stopping it, or knows of one that the sender cannot
        /// ask.
        record Refused() implements Released {}
    }

    /// What the servers of other nodes and the processes of this one tell.
    sealed interface News {
        /// A node is going to tell all of its servers.
        record Fresh(String node) implements News {}

        /// Servers of the node that sends this.
        record Have(Map<Object, Pid> servers) implements News {}

        /// A server has ended.
        record Gone(Object key, Pid server) implements News {}

        /// Keys whose servers belong to the node that gets this.
        record Take(List<Object> keys) implements News {}

        /// A node is not going to start a server any more, because its start has failed or because
        /// it runs elsewhere.
        record GivenUp(Object key, String node) implements News {}
    }

    /// A start has come to its end. Only within a node.
    ///
    /// @param state the state of the server's predecessor
    record Started(Object key, Located outcome, Optional<Object> state) {}

    /// A server was stopped, or stays. Only within a node.
    private record Stopped(Object key, Pid server, Released outcome) {}

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

        /// The keys without a server that another node is going to start, and which node.
        private final Map<Object, String> awaited = new HashMap<>();

        private final Map<Object, List<ReplyTo<Boolean>>> stopWaiters = new HashMap<>();

        /// The keys whose start other nodes have refused.
        private final Pauses pauses = new Pauses();

        /// The states of servers that were stopped and have no successor yet.
        private final Map<Object, Object> kept = new HashMap<>();

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
        return nodes(name).stream()
                .min(
                        Comparator.comparing((String node) -> hash(node, key))
                                .thenComparing(Comparator.naturalOrder()))
                .orElse(here());
    }

    /// Returns the nodes that run a supervisor; none if this node is in no cluster.
    private static List<String> nodes(String name) {
        try {
            return Cluster.isAlive()
                    ? ProcessGroups.members(group(name)).stream().map(Pid::node).toList()
                    : List.of();
        } catch (IllegalStateException closed) { // since the question before
            return List.of();
        }
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

    static String here() {
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
        Cluster.tell(node, state.given.name(), news);
    }

    private static void tellOthers(State state, News news) {
        Cluster.tellAll(state.given.name(), news);
    }

    @Override
    public CallResult<State> handleCall(Request<?> request, From from, State state) {
        switch (request) {
            case Locate locate -> locate(state, locate, from.replyTo(locate));
            case Release release -> release(state, release, from.replyTo(release));
            case IsMoving isMoving -> {
                return CallResult.reply(isMoving, isMoving(state), state);
            }
            case Stop stop -> {
                Pid server = own(state, stop.key());
                if (server == null) {
                    return CallResult.reply(stop, false, state);
                }
                state.stopWaiters
                        .computeIfAbsent(stop.key(), _ -> new ArrayList<>(1))
                        .add(from.replyTo(stop));
                stop(state, stop.key(), server, null);
            }
        }
        return CastResult.noreply(state);
    }

    /// Without a quorum nobody starts what this node awaits.
    private static boolean isMoving(State state) {
        return !state.starting.isEmpty()
                || !state.kept.isEmpty()
                || (!state.awaited.isEmpty() && Cluster.hasQuorum())
                || !state.table().of(here()).isEmpty();
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
        if (!Cluster.hasQuorum()) {
            GenServer.reply(caller, new Located.NoQuorum());
        } else if (server != null && !state.stopping.containsKey(key)) {
            GenServer.reply(caller, new Located.Found(server));
        } else if (!isMine(state, key)
                || state.stopping.containsKey(key)
                || state.pauses.isEarly(key)) {
            GenServer.reply(caller, new Located.TryAgain());
        } else {
            state.starting.computeIfAbsent(key, _ -> begin(state, key)).add(caller);
        }
    }

    // Starting

    /// Begins to start a server unless it runs or another node owns the key. If there is no room or
    /// no quorum, it is started later.
    private static void start(State state, Object key) {
        if (own(state, key) != null || state.starting.containsKey(key) || !isMine(state, key)) {
            state.queue.remove(key);
        } else if (state.starting.size() >= MOST_STARTS || !Cluster.hasQuorum()) {
            state.queue.add(key);
        } else {
            state.starting.put(key, begin(state, key));
        }
    }

    /// Begins to start the servers that there is room for now. Some may have another owner by now.
    private static void startQueued(State state) {
        while (!state.queue.isEmpty()
                && state.starting.size() < MOST_STARTS
                && Cluster.hasQuorum()) {
            Object key = state.queue.iterator().next();
            state.queue.remove(key);
            place(state, Set.of(key));
        }
    }

    private static List<ReplyTo<Located>> begin(State state, Object key) {
        Argument given = state.given;
        Pid self = Processes.self();
        state.queue.remove(key);
        Optional<Object> kept = Optional.ofNullable(state.kept.remove(key));
        Processes.spawn(() -> Processes.send(self, Move.start(given, key, kept)));
        return new ArrayList<>(1);
    }

    /// Returns the name of the supervisor of the servers.
    static String children(String name) {
        return name + ".children";
    }

    private static void started(State state, Started started) {
        Object key = started.key();
        boolean used = false;
        if (started.outcome() instanceof Located.Found(Pid server)) {
            state.table().put(key, server);
            state.awaited.remove(key);
            used = server.node().equals(here());
            if (used) {
                begun(state, key, server);
            }
        }
        if (!used) {
            started.state().ifPresent(unused -> state.kept.put(key, unused));
        }
        List<ReplyTo<Located>> waiting = state.starting.remove(key);
        boolean unasked = waiting == null || waiting.stream().noneMatch(ReplyTo::isAwaited);
        if (waiting != null) {
            waiting.forEach(caller -> GenServer.reply(caller, started.outcome()));
        }
        switch (started.outcome()) {
            case Located.Found(Pid server) when server.node().equals(here()) ->
                    state.pauses.forget(key);
            case Located.TryAgain _ -> again(state, key, unasked);
            case Located.Failed _ when !isMine(state, key) -> again(state, key, unasked);
            case Located.NoQuorum _ when unasked -> {
                state.pauses.forget(key);
                state.queue.add(key);
            }
            case Located.Found _, Located.Failed _, Located.NoQuorum _ -> {
                state.pauses.forget(key);
                tellOthers(state, new News.GivenUp(key, here()));
            }
        }
        startQueued(state);
    }

    /// A server runs on this node from now on. Something may have changed while its init ran.
    private static void begun(State state, Object key, Pid server) {
        state.monitors.put(Processes.monitor(server), key);
        tellOthers(state, new News.Have(Map.of(key, server)));
        String owner = owner(state.given.name(), key);
        if (!Cluster.hasQuorum()) {
            stop(state, key, server, null);
        } else if (!owner.equals(here())) {
            tell(state, owner, new News.Take(List.of(key)));
        }
    }

    /// Tries again later, here or on the node that owns the key by now.
    ///
    /// @param unasked whether nobody else will ask again
    private static void again(State state, Object key, boolean unasked) {
        String owner = owner(state.given.name(), key);
        if (!owner.equals(here())) {
            state.pauses.forget(key);
            place(state, Set.of(key));
        } else {
            state.pauses.begin(key, unasked ? new News.Take(List.of(key)) : null);
        }
    }

    /// Tries at once what other nodes have refused, because they may see it in another way by now.
    private static void endPauses(State state) {
        place(state, Set.copyOf(state.pauses.endAll()));
        startQueued(state);
    }

    // Stopping

    private static void release(State state, Release release, ReplyTo<Released> caller) {
        Object key = release.key();
        Pid server = own(state, key);
        if (state.starting.containsKey(key)
                || state.stopWaiters.containsKey(key)
                || (server != null && isMine(state, key))
                || isOutOfReach(state, release)) {
            GenServer.reply(caller, new Released.Refused());
        } else if (server == null) {
            Optional<Object> kept = Optional.ofNullable(state.kept.remove(key));
            if (kept.isPresent() || state.awaited.containsKey(key)) {
                state.awaited.put(key, release.node());
            }
            done(state, key, caller, kept);
        } else {
            if (!runsOn(state, key, release.node())) {
                state.awaited.put(key, release.node());
            }
            stop(state, key, server, state.given.handsOver() ? release.node() : null);
            Objects.requireNonNull(state.stopping.get(key)).add(caller);
        }
    }

    private static boolean runsOn(State state, Object key, String node) {
        return state.table().all(key).stream().anyMatch(server -> server.node().equals(node));
    }

    /// Returns whether the key has a server on a node that is connected with this one and not with
    /// the one that asks.
    private static boolean isOutOfReach(State state, Release release) {
        return state.table().all(release.key()).stream()
                .map(Pid::node)
                .anyMatch(node ->
                        !node.equals(release.node())
                                && !release.asked().contains(node)
                                && Cluster.nodes().contains(node));
    }

    /// Says that this node has no server of a key. Keeps the state if nobody waits for it.
    private static void done(
            State state, Object key, ReplyTo<Released> caller, Optional<Object> handedOver) {
        if (handedOver.isPresent() && !caller.isAwaited()) {
            state.kept.put(key, handedOver.get());
        } else {
            GenServer.reply(caller, new Released.Done(handedOver));
        }
    }

    /// Begins to stop a server.
    ///
    /// @param takenOverBy the node that gets its state; null if it is not handed over
    private static void stop(State state, Object key, Pid server, @Nullable String takenOverBy) {
        if (state.stopping.putIfAbsent(key, new ArrayList<>(1)) != null) {
            return;
        }
        Pid self = Processes.self();
        Processes.spawn(() ->
                Processes.send(self, new Stopped(key, server, Move.stop(server, takenOverBy))));
    }

    private static void stopped(State state, Stopped stopped) {
        Object key = stopped.key();
        List<ReplyTo<Released>> waiting =
                Objects.requireNonNullElse(state.stopping.remove(key), List.of());
        if (stopped.outcome() instanceof Released.Done(Optional<Object> handedOver)) {
            forget(state, key, stopped.server());
            if (waiting.isEmpty()) {
                handedOver.ifPresent(unused -> state.kept.put(key, unused));
            }
            waiting.forEach(caller -> done(state, key, caller, handedOver));
        } else {
            state.awaited.remove(key);
            waiting.forEach(caller -> GenServer.reply(caller, stopped.outcome()));
        }
        List<ReplyTo<Boolean>> stops = state.stopWaiters.remove(key);
        if (stops != null) {
            state.awaited.remove(key);
            stops.forEach(caller -> GenServer.reply(caller, true));
        }
        String node = state.awaited.get(key);
        if (node != null && hasLeft(state, node)) {
            place(state, Set.of(key));
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
            case News.Fresh(String node) ->
                    state.table()
                            .of(node)
                            .forEach((key, server) -> {
                                boolean _ = state.table().remove(key, server);
                            });
            case News.Have(var servers) ->
                    servers.forEach((key, server) -> learn(state, key, server));
            case News.Gone(Object key, Pid server) -> state.table().remove(key, server);
            case News.Take(List<Object> keys) -> keys.forEach(key -> take(state, key));
            case News.GivenUp(Object key, String node) -> state.awaited.remove(key, node);
        }
    }

    private static void learn(State state, Object key, Pid server) {
        state.awaited.remove(key);
        state.kept.remove(key); // the server has started without it, or with a newer one
        if (own(state, key) == null) {
            state.table().put(key, server);
        } else {
            state.table().putLast(key, server);
        }
    }

    /// Takes over a key. If this node has a server of the key already, because the nodes were cut
    /// off from each other, the others have to stop theirs.
    private static void take(State state, Object key) {
        if (own(state, key) == null) {
            startOrAwait(state, Set.of(key)); // who tells may know of the owner's end already
        } else if (isMine(state, key) && state.table().all(key).size() > 1) {
            Argument given = state.given;
            Processes.spawn(() -> Move.askForRelease(given, key));
        }
    }

    @Override
    public CastResult<State> handleInfo(Object message, State state) throws Exception {
        switch (message) {
            case Started started -> started(state, started);
            case Stopped stopped -> stopped(state, stopped);
            case News.Take(List<Object> keys) -> place(state, Set.copyOf(keys)); // after a pause
            case NodeDown _ -> {
                stopWithoutQuorum(state);
                endPauses(state);
            }
            case NodeUp _ -> endPauses(state);
            case ProcessGroups.Joined(Ref monitor, var _, var members)
                    when monitor.equals(state.group) -> {
                members.forEach(member -> joined(state, member.node()));
                endPauses(state);
            }
            case ProcessGroups.Left(Ref monitor, var _, var members)
                    when monitor.equals(state.group) -> {
                members.forEach(member -> left(state, member.node()));
                endPauses(state);
            }
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
        tell(state, node, new News.Fresh(here()));
        for (Portion<Pid> portion : Portion.of(node, mine)) {
            tell(state, node, new News.Have(portion.entries()));
        }
        Map<String, Set<Object>> moving = byOwner(state, mine.keySet());
        moving.remove(here());
        moving.forEach((owner, keys) -> offer(state, owner, keys));
        place(state, awaited(state, key -> owner(state.given.name(), key).equals(node)));
    }

    /// Returns those of the awaited keys whose servers have ended here and that fulfil a condition.
    private static Set<Object> awaited(State state, Predicate<Object> condition) {
        return state.awaited.keySet().stream()
                .filter(key -> !state.stopping.containsKey(key) && condition.test(key))
                .collect(Collectors.toCollection(HashSet::new));
    }

    private static Map<String, Set<Object>> byOwner(State state, Set<Object> keys) {
        return keys.stream()
                .collect(
                        Collectors.groupingBy(
                                key -> owner(state.given.name(), key), Collectors.toSet()));
    }

    private static void offer(State state, String owner, Set<Object> keys) {
        Map<Object, Boolean> entries =
                keys.stream().collect(Collectors.toMap(key -> key, _ -> true));
        for (Portion<Boolean> portion : Portion.of(owner, entries)) {
            tell(state, owner, new News.Take(List.copyOf(portion.entries().keySet())));
        }
    }

    /// A node does not run the supervisor any longer. Its keys belong to others, who ask it to stop
    /// its servers if it is still there. If it is this node, so do the states that it keeps.
    private static void left(State state, String node) {
        if (node.equals(here())) {
            place(state, Set.copyOf(state.kept.keySet()));
            return;
        }
        Set<Object> keys = awaited(state, key -> node.equals(state.awaited.get(key)));
        Map<Object, Pid> lost = state.table().of(node);
        lost.forEach((key, server) -> state.table().remove(key, server));
        keys.addAll(lost.keySet());
        place(state, keys);
    }

    /// Sees to it that the owners of keys start their servers.
    private static void place(State state, Set<Object> keys) {
        startOrAwait(state, keys).forEach((owner, theirs) -> offer(state, owner, theirs));
    }

    /// Starts the servers of the keys that belong to this node, and awaits the others.
    ///
    /// @return the others, by their owners
    private static Map<String, Set<Object>> startOrAwait(State state, Set<Object> keys) {
        Map<String, Set<Object>> others = byOwner(state, keys);
        Set<Object> mine = others.remove(here());
        if (mine != null) {
            mine.forEach(state.awaited::remove);
            mine.forEach(key -> start(state, key));
        }
        others.forEach((owner, theirs) ->
                theirs.forEach(key -> {
                    if (state.table().find(key) == null) {
                        state.awaited.put(key, owner);
                    }
                }));
        return others;
    }

    private static boolean hasLeft(State state, String node) {
        List<String> nodes = nodes(state.given.name());
        return !nodes.isEmpty() && !nodes.contains(node);
    }

    /// Stops all servers of this node if it is on the smaller side of a partition.
    private static void stopWithoutQuorum(State state) {
        if (!Cluster.hasQuorum()) {
            state.table().of(here()).forEach((key, server) -> stop(state, key, server, null));
        }
    }
}
