package io.genserver.cluster;

import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.Down;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Node;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// The server of each node that keeps the groups of [ProcessGroups].
///
/// It tells the servers of all connected nodes what the processes of its own node join and leave. A
/// node that connects first gets everything at once. What it gets after that are changes, in order,
/// because they come from one process. A node that is lost is forgotten.
///
/// It never waits for another node, see [Cluster#tell].
///
/// Source: `pg.erl`.
final class GroupsServer
        implements GenServer<
                GroupTable, GroupsServer.State, GroupsServer.Request<?>, GroupsServer.News> {

    /// Its name on each node.
    static final String NAME = "pg";

    /// How many processes of a group are in one portion at most.
    private static final int CHUNK = 256;

    /// What the processes of its node ask for.
    sealed interface Request<R> extends Call<R> {}

    record Join(Object group, Pid process) implements Request<Ok> {}

    record Leave(Object group, Pid process) implements Request<Boolean> {}

    record Watch(Object group, Pid watcher) implements Request<ProcessGroups.Monitored> {}

    record Unwatch(Ref monitor) implements Request<Boolean> {}

    /// What the servers of other nodes tell.
    sealed interface News {
        /// Asks for everything. It is sent by a server that has just started.
        record Discover(String node) implements News {}

        /// Some of all members of a node.
        record All(String node, Portion<List<Pid>> groups) implements News {}

        /// Processes of another node have joined.
        record HaveJoined(Object group, List<Pid> processes) implements News {}

        /// Processes of another node have left.
        record HaveLeft(Object group, List<Pid> processes) implements News {}
    }

    /// A process that is told of the changes of a group.
    private record Watcher(Object group, Pid process) {}

    /// A member of this node.
    ///
    /// @param monitor this server's monitor on it
    /// @param groups its groups, each as often as it has joined
    private record Member(Ref monitor, List<Object> groups) {}

    static final class State {
        private final GroupTable table;

        /// The members of this node.
        private final Map<Pid, Member> members = new HashMap<>();

        /// Who is told of changes, by the monitor that this server has on them.
        private final Map<Ref, Watcher> watchers = new HashMap<>();

        /// What other nodes have begun to send.
        private final Portion.Joiner<List<Pid>> incoming =
                new Portion.Joiner<>((first, second) -> {
                    List<Pid> both = new ArrayList<>(first);
                    both.addAll(second);
                    return both;
                });

        private State(GroupTable table) {
            this.table = table;
        }
    }

    @Override
    public Init<State> init(GroupTable table) {
        String here = Node.current().name();
        Cluster.monitorNodes(true);
        State state = new State(table);
        // After a crash of this server there is a table, but its monitors and what it was told
        // since
        // are lost.
        table.of(here)
                .forEach((group, processes) ->
                        processes.forEach(process -> member(state, process).groups().add(group)));
        for (String node : table.nodes()) {
            if (!node.equals(here) && !Cluster.nodes().contains(node)) {
                forget(state, node, Map.of());
            }
        }
        for (String node : Cluster.nodes()) {
            tell(node, new News.Discover(here));
            tellEverything(state, node);
        }
        return Init.ok(state);
    }

    private static void tell(String node, News news) {
        Cluster.tell(node, NAME, news);
    }

    private static void tellEverything(State state, String node) {
        String here = Node.current().name();
        List<Map.Entry<Object, List<Pid>>> chunks = new ArrayList<>();
        state.table
                .of(here)
                .forEach((group, processes) -> {
                    for (int from = 0; from < processes.size(); from += CHUNK) {
                        int to = Math.min(from + CHUNK, processes.size());
                        chunks.add(Map.entry(group, processes.subList(from, to)));
                    }
                });
        Portion.of(node, chunks).forEach(portion -> tell(node, new News.All(here, portion)));
    }

    private static void tellAll(News news) {
        Cluster.tellAll(NAME, news);
    }

    @Override
    public CallResult<State> handleCall(Request<?> request, From from, State state) {
        return switch (request) {
            case Join join -> {
                member(state, join.process()).groups().add(join.group());
                joined(state, join.group(), List.of(join.process()));
                tellAll(new News.HaveJoined(join.group(), List.of(join.process())));
                yield CallResult.reply(join, Ok.OK, state);
            }
            case Leave leave ->
                    CallResult.reply(leave, leave(state, leave.group(), leave.process()), state);
            case Watch watch -> {
                Ref monitor = Processes.monitor(watch.watcher());
                state.watchers.put(monitor, new Watcher(watch.group(), watch.watcher()));
                yield CallResult.reply(
                        watch,
                        new ProcessGroups.Monitored(monitor, state.table.members(watch.group())),
                        state);
            }
            case Unwatch unwatch -> {
                boolean known = state.watchers.remove(unwatch.monitor()) != null;
                if (known) {
                    Processes.demonitorFlush(unwatch.monitor());
                }
                yield CallResult.reply(unwatch, known, state);
            }
        };
    }

    private static Member member(State state, Pid process) {
        return state.members.computeIfAbsent(
                process, _ -> new Member(Processes.monitor(process), new ArrayList<>()));
    }

    /// @return whether the process was a member
    private static boolean leave(State state, Object group, Pid process) {
        Member member = state.members.get(process);
        if (member == null || !member.groups().remove(group)) {
            return false;
        }
        if (member.groups().isEmpty()) {
            state.members.remove(process);
            Processes.demonitorFlush(member.monitor());
        }
        haveLeft(state, group, process);
        return true;
    }

    private static void haveLeft(State state, Object group, Pid process) {
        left(state, group, List.of(process));
        tellAll(new News.HaveLeft(group, List.of(process)));
    }

    @Override
    public CastResult<State> handleCast(News news, State state) {
        switch (news) {
            case News.Discover(String node) -> tellEverything(state, node);
            case News.All(String node, var portion) -> {
                Map<Object, List<Pid>> groups = state.incoming.add(node, portion);
                if (groups != null) {
                    forget(state, node, groups);
                    Map<Object, List<Pid>> known = state.table.of(node);
                    groups.forEach((group, processes) ->
                            joined(
                                    state,
                                    group,
                                    without(processes, known.getOrDefault(group, List.of()))));
                }
            }
            case News.HaveJoined(Object group, var processes) -> joined(state, group, processes);
            case News.HaveLeft(Object group, var processes) -> left(state, group, processes);
        }
        return CastResult.noreply(state);
    }

    /// Removes the members of a node that are not among those that it has now.
    private static void forget(State state, String node, Map<Object, List<Pid>> now) {
        state.table
                .of(node)
                .forEach((group, processes) ->
                        left(state, group, without(processes, now.getOrDefault(group, List.of()))));
    }

    /// Returns the elements of a list, without those of another list as often as they are there.
    private static List<Pid> without(List<Pid> all, List<Pid> removed) {
        List<Pid> rest = new ArrayList<>(all);
        removed.forEach(rest::remove);
        return rest;
    }

    @Override
    public CastResult<State> handleInfo(Object message, State state) throws Exception {
        switch (message) {
            case NodeUp(String node) -> tellEverything(state, node);
            case NodeDown(String node) -> {
                state.incoming.forget(node);
                forget(state, node, Map.of());
            }
            case Down(Ref monitor, Pid process, var _) when ended(state, monitor, process) -> {}
            default -> {
                return GenServer.super.handleInfo(message, state);
            }
        }
        return CastResult.noreply(state);
    }

    /// Handles the end of a watcher or a member.
    ///
    /// @return false if it was neither
    private static boolean ended(State state, Ref monitor, Pid process) {
        if (state.watchers.remove(monitor) != null) {
            return true;
        }
        Member member = state.members.get(process);
        if (member == null || !member.monitor().equals(monitor)) {
            return false;
        }
        state.members.remove(process);
        member.groups().forEach(group -> haveLeft(state, group, process));
        return true;
    }

    private static void joined(State state, Object group, List<Pid> processes) {
        if (!processes.isEmpty()) {
            state.table.join(group, processes);
            notify(state, group, monitor -> new ProcessGroups.Joined(monitor, group, processes));
        }
    }

    private static void left(State state, Object group, List<Pid> processes) {
        List<Pid> gone = state.table.leave(group, processes);
        if (!gone.isEmpty()) {
            notify(state, group, monitor -> new ProcessGroups.Left(monitor, group, gone));
        }
    }

    private static void notify(State state, Object group, Function<Ref, Object> message) {
        state.watchers.forEach((monitor, watcher) -> {
            if (watcher.group().equals(group)) {
                Processes.send(watcher.process(), message.apply(monitor));
            }
        });
    }
}
