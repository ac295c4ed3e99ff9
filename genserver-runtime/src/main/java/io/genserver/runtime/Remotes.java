package io.genserver.runtime;

import io.genserver.Caller;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.Ref;
import io.genserver.RemoteName;
import io.genserver.ServerRef;
import io.genserver.spi.Reference;
import io.genserver.spi.distribution.Address;
import io.genserver.spi.distribution.Connection;
import io.genserver.spi.distribution.Distribution;
import io.genserver.spi.distribution.Peer;
import io.genserver.spi.distribution.Signal;
import java.lang.ref.WeakReference;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// A node's part in a cluster: the nodes that are connected, and what of this node they know.
///
/// A process of this node can be reached from other nodes once its pid has been sent to one.
final class Remotes implements Distribution {

    /// How many references may be kept before those are looked for that no longer mean anything.
    private static final int MANY = 1_000;

    final LocalNode node;
    final RemoteCalls calls = new RemoteCalls(this);
    private final String name;
    private final long incarnation;

    /// The nodes that are connected, by name.
    final ConcurrentMap<String, RemotePeer> peers = new ConcurrentHashMap<>();

    /// The processes of this node that others know, by number.
    final ConcurrentMap<Long, ExportedProcess> exported = new ConcurrentHashMap<>();

    /// The references of this node that others know, by number. An alias is kept as long as its
    /// process may get a message through it.
    final ConcurrentMap<Long, Known> refs = new ConcurrentHashMap<>();

    record Known(WeakReference<Reference> weak, @Nullable Alias alias) {

        boolean isOver() {
            if (alias == null) {
                return weak.refersTo(null);
            }
            LocalProcess owner = alias.owner.process();
            return owner == null || !owner.isInForce(alias);
        }
    }

    /// How many references may be kept before the next look. Races OK: a hint.
    private volatile int looksAt = MANY;

    private final AtomicLong lastId = new AtomicLong();

    /// Leaves the cluster. Written by the thread that joins it, read by the one that closes the
    /// node.
    private volatile Runnable leave = () -> {};

    Remotes(LocalNode node, String name, long incarnation) {
        this.node = node;
        this.name = name;
        this.incarnation = incarnation;
    }

    String name() {
        return name;
    }

    long incarnation() {
        return incarnation;
    }

    /// Returns a number for a request, an unlink or a watch by name.
    long nextId() {
        return lastId.incrementAndGet();
    }

    // Peers

    @Nullable RemotePeer peer(String other) {
        return peers.get(other);
    }

    /// Returns a connected node, or null if that start of it is not connected.
    @Nullable RemotePeer peer(String other, long itsIncarnation) {
        RemotePeer peer = peers.get(other);
        return peer == null || peer.incarnation() != itsIncarnation ? null : peer;
    }

    @Override
    public Peer connected(String other, long itsIncarnation, Connection connection) {
        RemotePeer peer = new RemotePeer(this, other, itsIncarnation, connection);
        if (peers.putIfAbsent(other, peer) != null) {
            throw new IllegalStateException(
                    "expected a node that is not connected, got: " + other + ", which is");
        }
        return peer;
    }

    void lost(RemotePeer peer) {
        peers.remove(peer.name(), peer);
        exported.values().forEach(process -> process.forgetPeer(peer));
    }

    /// Returns why there is no process behind a reference.
    ExitReason absence(String other, long itsIncarnation) {
        RemotePeer peer = peers.get(other);
        boolean known =
                other.equals(name) || (peer != null && peer.incarnation() != itsIncarnation);
        return known ? ExitReason.NOPROC : ExitReason.NOCONNECTION;
    }

    /// Returns what stands for a named process of another node; null if that is not connected.
    @Nullable LocalProcess find(RemoteName wanted) {
        RemotePeer peer = peers.get(wanted.node());
        return peer == null ? null : RemoteProcess.named(peer, new Name(wanted.name()));
    }

    // Processes of this node

    /// Returns a live process of this node, as another node names it.
    @Nullable LocalProcess own(ServerRef to) {
        return switch (to) {
            case LocalPid pid -> LocalNode.alive(pid.process());
            case Name(String local) -> node.names.whereis(local);
            default -> null;
        };
    }

    /// Lets other nodes know a process of this one.
    ExportedProcess export(LocalProcess process) {
        ExportedProcess known = exported.get(process.pid.number());
        return known == null ? newlyExported(process) : known;
    }

    private ExportedProcess newlyExported(LocalProcess process) {
        ExportedProcess mine = new ExportedProcess(this, process.pid);
        ExportedProcess known = exported.putIfAbsent(process.pid.number(), mine);
        if (known != null) {
            return known;
        }
        if (!process.addWatcher(mine)) {
            mine.exited(ExitReason.NOPROC);
        }
        return mine;
    }

    void ended(ExportedProcess process) {
        exported.remove(process.pid().number(), process);
    }

    @Override
    public void tell(Pid process, Object message) {
        LocalProcess receiver = own(process);
        if (receiver != null) {
            Admission.sendWithoutWaiting(receiver, message);
        }
    }

    // Addresses

    @Override
    public Address address(Pid pid) {
        if (!(pid instanceof LocalPid mine)) {
            return new Address(pid.node(), pid.incarnation(), ((ProcessPid) pid).number());
        }
        Remotes home = mine.localNode().remotes();
        if (home == null) {
            throw new IllegalArgumentException(
                    "expected a pid of a node in the cluster, got: "
                            + pid
                            + " of the node "
                            + pid.node());
        }
        LocalProcess process = mine.process();
        if (process != null) {
            home.export(process);
        }
        return new Address(home.name, home.incarnation, mine.number());
    }

    @Override
    public Pid pid(Address address) {
        if (!isMine(address)) {
            RemotePeer peer = peers.get(address.node());
            String known = peer == null ? address.node() : peer.name(); // one string for all pids
            return new RemotePid(node, known, address.incarnation(), address.number());
        }
        if (address.number() == 0) {
            return node.nobody;
        }
        ExportedProcess process = exported.get(address.number());
        return process == null ? LocalPid.ofDead(address.number(), node) : process.pid();
    }

    private boolean isMine(Address address) {
        return address.incarnation() == incarnation && address.node().equals(name);
    }

    @Override
    public Address address(Ref ref) {
        if (ref instanceof RemoteRef remote) {
            return remote.address;
        }
        Reference mine = (Reference) ref;
        refs.computeIfAbsent(
                mine.number(),
                _ ->
                        new Known(
                                new WeakReference<>(mine),
                                mine instanceof Alias alias && alias.isAlias() ? alias : null));
        if (refs.size() > looksAt) {
            refs.values().removeIf(Known::isOver);
            looksAt = 2 * Math.max(MANY, refs.size());
        }
        return new Address(name, incarnation, mine.number());
    }

    @Override
    public Ref ref(Address address) {
        Known known = isMine(address) ? refs.get(address.number()) : null;
        Reference mine = known == null ? null : known.weak().get();
        return mine == null ? new RemoteRef(address) : mine;
    }

    /// Sends a message through an alias of another node.
    void sendToAlias(RemoteRef alias, Object message) {
        RemotePeer peer = peer(alias.address.node(), alias.address.incarnation());
        if (peer != null) {
            peer.connection.send(new Signal.SendToAlias(alias, message), TimeUnits.FOREVER);
        }
    }

    @Override
    public Address address(Caller caller) {
        return switch (caller) {
            case RemoteRequest.OfCall remote -> remote.path.origin();
            case ReplySlot mine -> {
                calls.sweepFrom(node);
                yield new Address(name, incarnation, calls.begin(mine, null));
            }
            default ->
                    throw new IllegalArgumentException(
                            "expected a From given to handleCall, or the result of its replyTo,"
                                    + " got: "
                                    + caller);
        };
    }

    @Override
    public From from(Address address, @Nullable Pid process) {
        ReplySlot mine = isMine(address) ? calls.find(address.number()) : null;
        return mine == null
                ? new RemoteRequest.Elsewhere(
                        new RemoteRequest.ReturnPath(this, address), (ProcessPid) process)
                : mine;
    }

    @Override
    public void onNodeClose(Runnable function) {
        leave = function;
    }

    void nodeCloses() {
        leave.run();
    }

    @Override
    public void close() {
        node.leave(this);
    }
}
