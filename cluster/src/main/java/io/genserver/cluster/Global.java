package io.genserver.cluster;

import io.genserver.CallException;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.Via;
import io.genserver.ViaRegistry;
import io.genserver.spi.PerNode;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// Names that belong to one process in the whole cluster.
///
/// ```java
/// GenServer.startLink(Mailer::new, settings, StartOption.name(Global.via("mailer")));
/// GenServer.cast(Global.via("mailer"), new Send(letter));      // from any node
/// ```
///
/// Each node knows all names, so [#whereis] asks nobody. A name is free again when its process ends
/// or its node is lost.
///
/// ## What is promised
///
/// A registration goes through one node, the one with the smallest name of those that are
/// connected. It succeeds when all connected nodes have accepted it. So two processes that race for
/// a name on connected nodes never both get it.
///
/// In a partition each side may register a name, unless the nodes were told how many there should
/// be, see [ClusterOptions#withExpectedNodes]. Then only a side with more than half of them may.
/// Between a cut and the moment at which it is noticed a name can still end up on both sides. When
/// two nodes meet and have the same name, one process keeps it: that of
/// [ClusterOptions#withNameConflict], which by default is the one on the node with the smaller
/// name. The other process gets the exit signal [NameConflict].
///
/// A name may be any value that may cross to other nodes, see [PayloadTypes], of 32 KiB at most.
///
/// The methods act on the current node. They throw [IllegalStateException] if it is in no cluster.
///
/// Source: `:global`.
public final class Global {

    static final PerNode<GlobalTable> TABLE = new PerNode<>();

    private static final ViaRegistry REGISTRY = new Registry();

    /// How long a registration may take. Units: ns
    private static final long LIMIT = Duration.ofSeconds(10).toNanos();

    /// How long to wait until the nodes agree who registers names.
    private static final Duration AGAIN = Duration.ofMillis(10);

    private Global() {}

    /// Why a process ends whose name another one keeps.
    ///
    /// @param name the name
    /// @param keeper the process that keeps it
    public record NameConflict(Object name, Pid keeper) {
        @Override
        public String toString() {
            return "name_conflict: " + name + " belongs to " + keeper;
        }
    }

    /// Registers a process under a name. Blocks until all connected nodes know it, for 10 s at
    /// most. Source: `:global.register_name/2`.
    ///
    /// @param name the name
    /// @param process a process of any connected node
    /// @return whether the name now belongs to the process; false if another one has it
    /// @throws IllegalArgumentException if the name is of a type that does not cross to all nodes,
    ///   or too long
    /// @throws NoQuorumException if this side of a partition may not register names
    /// @throws ExitException with [ExitReason#TIMEOUT] if the nodes do not agree in time
    public static boolean register(Object name, Pid process) {
        table();
        Cluster.requireName(name);
        Objects.requireNonNull(process, "process");
        long start = Processes.monotonicTime();
        while (true) {
            switch (askRegistrar(new GlobalRegistrar.Register(name, process))) {
                case REGISTERED -> {
                    return true;
                }
                case TAKEN -> {
                    return false;
                }
                case REFUSED ->
                        throw new IllegalArgumentException(
                                "expected a name that all connected nodes can take, got: " + name);
                case NO_QUORUM -> throw new NoQuorumException("register " + name);
                case TRY_AGAIN -> {
                    if (Processes.monotonicTime() - start > LIMIT) {
                        throw new ExitException(ExitReason.TIMEOUT);
                    }
                    Processes.sleep(AGAIN);
                }
            }
        }
    }

    /// Asks the node that registers names, as this node sees it.
    private static GlobalRegistrar.Answer askRegistrar(GlobalRegistrar.Register request) {
        try {
            return GenServer.call(
                    ServerRef.name(GlobalRegistrar.NAME, registrar()),
                    request,
                    Duration.ofNanos(LIMIT));
        } catch (CallException failed) {
            if (failed.serverReason() instanceof ExitReason.NodeDown
                    || failed.serverReason().equals(ExitReason.NOPROC)
                    || failed.serverReason().isOrderly()) {
                return GlobalRegistrar.Answer.TRY_AGAIN; // another one takes its place
            }
            throw failed;
        }
    }

    /// Returns the node that registers names.
    static String registrar() {
        return Stream.concat(Stream.of(Node.current().name()), Cluster.nodes().stream())
                .min(String::compareTo)
                .orElseThrow();
    }

    /// Frees a name. Blocks until the node of its process has freed it; the others learn of it a
    /// moment later. Does nothing if no process has it. Source: `:global.unregister_name/1`.
    ///
    /// @param name the name
    public static void unregister(Object name) {
        Pid process = table().find(name);
        if (process != null) {
            GenServer.call(
                    ServerRef.name(GlobalNames.NAME, process.node()),
                    new GlobalNames.Unregister(name, process));
        }
    }

    /// Finds the process that has a name. Does not block. Source: `:global.whereis_name/1`.
    ///
    /// @param name the name
    /// @return the pid; empty if no process has the name
    public static Optional<Pid> whereis(Object name) {
        return Optional.ofNullable(table().find(name));
    }

    /// Returns all names. Source: `:global.registered_names/0`.
    ///
    /// @return the names, in no order
    public static Set<Object> names() {
        return table().names();
    }

    /// Refers to the process that has a name. A server that is started under this reference gets
    /// the name. Source: `{:global, name}`.
    ///
    /// @param name the name
    /// @return the reference
    public static Via via(Object name) {
        return new Via(REGISTRY, name);
    }

    private static GlobalTable table() {
        GlobalTable table = TABLE.get();
        if (table == null || !Cluster.isAlive()) {
            throw new IllegalStateException(
                    "expected a node that is in a cluster, got: " + Node.current());
        }
        return table;
    }

    private static final class Registry implements ViaRegistry {
        /// Tries again if the name was taken and is free when its holder is looked up, because a
        /// start that fails has to say who has the name.
        @Override
        public boolean registerName(Object key, Pid pid) {
            long start = Processes.monotonicTime();
            while (!register(key, pid)) {
                if (whereis(key).isPresent() || Processes.monotonicTime() - start > LIMIT) {
                    return false;
                }
                Processes.sleep(AGAIN);
            }
            return true;
        }

        @Override
        public void unregisterName(Object key) {
            unregister(key);
        }

        @Override
        public Optional<Pid> whereisName(Object key) {
            return whereis(key);
        }

        @Override
        public String toString() {
            return "global";
        }
    }
}
