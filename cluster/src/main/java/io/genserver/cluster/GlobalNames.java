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
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import java.util.HashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The server of each node that keeps the names of [Global]. It only answers and never waits for
/// another node, see [Cluster#tell]. So the servers of two nodes cannot wait for each other.
///
/// The node of a process decides which names the process has. It tells all others when the process
/// gets a name and when the name is free. The other nodes have copies. They get all names of a node
/// when they connect to it, and again when any node is lost, because that one may have told only
/// some of them.
///
/// Each node monitors all processes that have names. So a copy never outlives its process, or the
/// connection to the node of the process, whatever the order is in which the news arrive.
final class GlobalNames
        implements GenServer<
                GlobalNames.Argument, GlobalNames.State, GlobalNames.Request<?>, GlobalNames.News> {

    /// Its name on each node.
    static final String NAME = "global_name_server";

    private static final Logger LOG = LoggerFactory.getLogger("io.genserver.cluster");

    /// @param table what any thread reads
    /// @param resolver decides who keeps a name
    record Argument(GlobalTable table, NameConflictResolver resolver) {}

    sealed interface Request<R> extends Call<R> {}

    /// Asks to accept a name. The answer is the process that has it.
    record Accept(Object name, Pid process) implements Request<Pid> {}

    /// Asks the node of a process to free a name.
    record Unregister(Object name, Pid process) implements Request<Ok> {}

    /// What the servers of other nodes tell.
    sealed interface News {
        /// A node asks for all names of the processes of the node that gets this.
        record Ask(String node) implements News {}

        /// Some of all names of a node's processes.
        record All(String node, Portion<Pid> names) implements News {}

        /// A process of the node that sends this has a name.
        record Has(Object name, Pid process) implements News {}

        /// A name is free: its process has ended, or was never registered by all nodes.
        record Free(Object name, Pid process) implements News {}
    }

    static final class State {
        private final GlobalTable table;
        private final NameConflictResolver resolver;

        /// The monitors of the processes that have names, by name.
        private final Map<Object, Ref> monitors = new HashMap<>();

        /// The names, by those monitors.
        private final Map<Ref, Object> names = new HashMap<>();

        /// What other nodes have begun to send.
        private final Portion.Joiner<Pid> incoming = new Portion.Joiner<>((_, second) -> second);

        private State(Argument argument) {
            table = argument.table();
            resolver = argument.resolver();
        }
    }

    @Override
    public Init<State> init(Argument argument) {
        Cluster.monitorNodes(true);
        State state = new State(argument);
        // After a crash of this server there is a table, but its monitors and what it was told
        // since are lost. So it asks for all names again.
        for (Object name : state.table.names()) {
            Pid process = state.table.find(name);
            if (process != null) {
                monitor(state, name, process);
            }
        }
        tellAllNames(state);
        tellAll(new News.Ask(here()));
        return Init.ok(state);
    }

    private static String here() {
        return Node.current().name();
    }

    private static void tell(String node, News news) {
        Cluster.tell(node, NAME, news);
    }

    private static void tellNames(State state, String node) {
        Portion.of(node, state.table.of(here()))
                .forEach(portion -> tell(node, new News.All(here(), portion)));
    }

    private static void tellAll(News news) {
        Cluster.tellAll(NAME, news);
    }

    private static void tellAllNames(State state) {
        Cluster.nodes().forEach(node -> tellNames(state, node));
    }

    @Override
    public CallResult<State> handleCall(Request<?> request, From from, State state) {
        return switch (request) {
            case Accept accept -> {
                Pid known = state.table.find(accept.name());
                if (known == null) {
                    known = accept.process();
                    enter(state, accept.name(), known);
                    if (known.node().equals(here())) {
                        tellAll(new News.Has(accept.name(), known));
                    }
                }
                yield CallResult.reply(accept, known, state);
            }
            case Unregister unregister -> {
                free(state, unregister.name(), unregister.process());
                yield CallResult.reply(unregister, Ok.OK, state);
            }
        };
    }

    private static void enter(State state, Object name, Pid process) {
        state.table.put(name, process);
        monitor(state, name, process);
    }

    private static void monitor(State state, Object name, Pid process) {
        Ref monitor = Processes.monitor(process);
        state.monitors.put(name, monitor);
        state.names.put(monitor, name);
    }

    /// Takes a name from a process, if it has it.
    private static void remove(State state, Object name, Pid process) {
        if (state.table.remove(name, process)) {
            Ref monitor = state.monitors.remove(name);
            if (monitor != null) {
                state.names.remove(monitor);
                Processes.demonitorFlush(monitor);
            }
        }
    }

    /// Takes a name from a process of this node, and tells all others.
    private static void free(State state, Object name, Pid process) {
        remove(state, name, process);
        tellAll(new News.Free(name, process));
    }

    @Override
    public CastResult<State> handleCast(News news, State state) {
        switch (news) {
            case News.Ask(String node) -> tellNames(state, node);
            case News.All(String node, var portion) -> {
                Map<Object, Pid> names = state.incoming.add(node, portion);
                if (names != null) {
                    replace(state, node, names);
                }
            }
            case News.Has(Object name, Pid process) -> merge(state, name, process);
            case News.Free(Object name, Pid process) -> {
                if (process.node().equals(here())) {
                    free(state, name, process); // the registrar takes it back
                } else {
                    remove(state, name, process);
                }
            }
        }
        return CastResult.noreply(state);
    }

    private static void replace(State state, String node, Map<Object, Pid> names) {
        state.table
                .of(node)
                .forEach((name, process) -> {
                    if (!process.equals(names.get(name))) {
                        remove(state, name, process);
                    }
                });
        names.forEach((name, process) -> merge(state, name, process));
    }

    /// Handles a name that another node has. Each node decides a conflict in the same way.
    private static void merge(State state, Object name, Pid process) {
        Pid known = state.table.find(name);
        if (known == null) {
            enter(state, name, process);
        } else if (!known.equals(process)) {
            resolve(state, name, known, process);
        }
    }

    /// Asks the resolver, which is a user's. What is wrong with it must not end this server.
    private static Pid keeper(State state, Object name, Pid one, Pid other) {
        try {
            Pid keeper = state.resolver.keeper(name, one, other);
            if (one.equals(keeper) || other.equals(keeper)) {
                return keeper;
            }
            LOG.error(
                    "expected the resolver to give the name {} to {} or {}, got: {}",
                    name,
                    one,
                    other,
                    keeper);
        } catch (RuntimeException thrown) {
            LOG.error("cannot resolve the conflict about the name {}", name, thrown);
        }
        return one;
    }

    private static void resolve(State state, Object name, Pid known, Pid process) {
        boolean inOrder = known.compareTo(process) < 0;
        Pid keeper =
                inOrder ? keeper(state, name, known, process) : keeper(state, name, process, known);
        Pid loser = keeper.equals(known) ? process : known;
        if (loser.equals(known)) {
            remove(state, name, known);
            enter(state, name, process);
        }
        if (loser.node().equals(here())) {
            tellAll(new News.Free(name, loser));
            Processes.exit(loser, ExitReason.of(new Global.NameConflict(name, keeper)));
        }
    }

    @Override
    public CastResult<State> handleInfo(Object message, State state) throws Exception {
        switch (message) {
            case NodeUp(String node) -> tellNames(state, node);
            case NodeDown(String node) -> {
                state.incoming.forget(node);
                state.table.of(node).forEach((name, process) -> remove(state, name, process));
                tellAllNames(state);
            }
            case Down(Ref monitor, Pid process, var _) -> {
                Object name = state.names.get(monitor);
                if (name != null && process.node().equals(here())) {
                    free(state, name, process);
                } else if (name != null) {
                    remove(state, name, process);
                }
            }
            default -> {
                return GenServer.super.handleInfo(message, state);
            }
        }
        return CastResult.noreply(state);
    }
}
