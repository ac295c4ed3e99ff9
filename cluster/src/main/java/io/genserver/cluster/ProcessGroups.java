package io.genserver.cluster;

import io.genserver.Call;
import io.genserver.GenServer;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.ServerRef;
import io.genserver.spi.PerNode;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/// Groups of processes that every node of a cluster knows: who is to be told of something, which
/// workers there are.
///
/// ```java
/// ProcessGroups.join("shoppers", Processes.self());
/// ProcessGroups.members("shoppers").forEach(member -> Processes.send(member, new Offer("eggs")));
/// ```
///
/// A process joins on its own node. Several joins need as many leaves. A process that ends leaves
/// all its groups. A group exists while it has members.
///
/// ## What is promised
///
/// Each node tells the others what its processes join and leave. So a group is the same everywhere
/// once these messages have arrived, but not in the same moment. When the connection to a node is
/// lost, its members are not in the groups here until the nodes have met again. A partition
/// therefore shows each side its own members, and nothing has to be resolved after it.
///
/// A group may be named by any value that may cross to other nodes, see [PayloadTypes], of 32 KiB
/// at most.
///
/// The methods act on the current node. They throw [IllegalStateException] if it is in no cluster.
///
/// Source: `:pg`.
public final class ProcessGroups {

    static final PerNode<GroupTable> TABLE = new PerNode<>();

    private static final ServerRef SERVER = ServerRef.name(GroupsServer.NAME);

    private ProcessGroups() {}

    /// The message of a [#monitor] that processes have joined its group.
    ///
    /// @param monitor the monitor
    /// @param group the group
    /// @param processes who has joined
    public record Joined(Ref monitor, Object group, List<Pid> processes) {}

    /// The message of a [#monitor] that processes have left its group.
    ///
    /// @param monitor the monitor
    /// @param group the group
    /// @param processes who has left
    public record Left(Ref monitor, Object group, List<Pid> processes) {}

    /// The result of [#monitor].
    ///
    /// @param monitor the monitor
    /// @param members the members at this moment; each later change is a message
    public record Monitored(Ref monitor, List<Pid> members) {}

    /// Adds a process to a group. Blocks until it is a member on this node; the others learn of it
    /// a moment later. Source: `:pg.join/2`.
    ///
    /// @param group the group
    /// @param process a process of this node
    /// @throws IllegalArgumentException if the process is of another node, or the group is of a
    ///   type that does not cross or is too long
    public static void join(Object group, Pid process) {
        table();
        Cluster.requireName(group);
        ask(new GroupsServer.Join(group, own(process)));
    }

    /// Takes a process out of a group, once. Source: `:pg.leave/2`.
    ///
    /// @param group the group
    /// @param process a process of this node
    /// @return whether it was a member
    /// @throws IllegalArgumentException if the process is of another node
    public static boolean leave(Object group, Pid process) {
        return ask(new GroupsServer.Leave(group, own(process)));
    }

    private static Pid own(Pid process) {
        if (!process.node().equals(Node.current().name())) {
            throw new IllegalArgumentException(
                    "expected a process of this node, because each node adds its own, got: "
                            + process
                            + " of "
                            + process.node());
        }
        return process;
    }

    /// Returns the members of a group on all nodes. Does not block. Source: `:pg.get_members/1`.
    ///
    /// @param group the group
    /// @return the members; a process that has joined several times is there as often
    public static List<Pid> members(Object group) {
        return table().members(group);
    }

    /// Returns the members of a group on this node. Does not block. Source:
    /// `:pg.get_local_members/1`.
    ///
    /// @param group the group
    /// @return the members; a process that has joined several times is there as often
    public static List<Pid> localMembers(Object group) {
        String node = Node.current().name();
        return table().members(group).stream().filter(pid -> pid.node().equals(node)).toList();
    }

    /// Returns the groups that have members. Source: `:pg.which_groups/0`.
    ///
    /// @return the groups, in no order
    public static Set<Object> groups() {
        return table().groups();
    }

    /// Tells the current process of each change of a group, with [Joined] and [Left]. Source:
    /// `:pg.monitor/1`.
    ///
    /// @param group the group
    /// @return the monitor, and the members at this moment
    /// @throws io.genserver.ExitException if the current thread is no process
    public static Monitored monitor(Object group) {
        Objects.requireNonNull(group, "group");
        return ask(new GroupsServer.Watch(group, Processes.self()));
    }

    /// Ends a monitor. Messages that have arrived stay in the mailbox. Source: `:pg.demonitor/1`.
    ///
    /// @param monitor the monitor
    /// @return whether it was in force
    public static boolean demonitor(Ref monitor) {
        return ask(new GroupsServer.Unwatch(monitor));
    }

    private static <R> R ask(Call<R> request) {
        table();
        return GenServer.call(SERVER, request);
    }

    private static GroupTable table() {
        GroupTable table = TABLE.get();
        if (table == null || !Cluster.isAlive()) {
            throw new IllegalStateException(
                    "expected a node that is in a cluster, got: " + Node.current());
        }
        return table;
    }
}
