package io.genserver.cluster;

import io.genserver.Call;
import io.genserver.Caller;
import io.genserver.From;
import io.genserver.Pid;
import io.genserver.Ref;
import io.genserver.ReplyTo;
import io.genserver.spi.ProcessId;
import io.genserver.spi.Reference;
import io.genserver.spi.distribution.Address;
import io.genserver.spi.distribution.Connection;
import io.genserver.spi.distribution.Distribution;
import io.genserver.spi.distribution.Peer;
import io.genserver.spi.distribution.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// A node without processes: it keeps what its peers send. All nodes that share a world have the
/// same object for a pid.
final class FakeDistribution implements Distribution {

    /// The pids, references and callers of some nodes.
    static final class World {
        final Map<Address, FakePid> pids = new ConcurrentHashMap<>();
        final Map<Address, FakeRef> refs = new ConcurrentHashMap<>();
        final Map<Address, FakeFrom> callers = new ConcurrentHashMap<>();
    }

    private final World world;
    final String name;
    final long incarnation;
    final List<FakePeer> peers = new CopyOnWriteArrayList<>();

    FakeDistribution(World world, String name, long incarnation) {
        this.world = world;
        this.name = name;
        this.incarnation = incarnation;
    }

    Pid newPid(long number) {
        return pid(new Address(name, incarnation, number));
    }

    @Override
    public Peer connected(String node, long incarnation, Connection connection) {
        if (peers.stream().anyMatch(peer -> peer.node.equals(node) && !peer.isLost)) {
            throw new IllegalStateException("expected no connected node " + node + ", got one");
        }
        FakePeer peer = new FakePeer(node, incarnation, connection);
        peers.add(peer);
        return peer;
    }

    @Override
    public Address address(Pid pid) {
        return ((FakePid) pid).address;
    }

    @Override
    public Address address(Ref ref) {
        return ((FakeRef) ref).address;
    }

    @Override
    public Address address(Caller caller) {
        return ((FakeFrom) caller).address;
    }

    @Override
    public Pid pid(Address address) {
        return world.pids.computeIfAbsent(address, FakePid::new);
    }

    @Override
    public Ref ref(Address address) {
        return world.refs.computeIfAbsent(address, FakeRef::new);
    }

    @Override
    public From from(Address address, @Nullable Pid process) {
        return world.callers.computeIfAbsent(address, _ -> new FakeFrom(address, process));
    }

    @Override
    public void tell(Pid process, Object message) {
        throw new UnsupportedOperationException(
                "expected no messages to processes, got: " + message);
    }

    @Override
    public void onNodeClose(Runnable leave) {
        throw new UnsupportedOperationException("the sessions do not ask for this");
    }

    @Override
    public void close() {
        peers.stream()
                .filter(peer -> !peer.isLost)
                .findAny()
                .ifPresent(peer -> {
                    throw new IllegalStateException("still connected to " + peer.node);
                });
    }

    /// A peer that keeps what it gets.
    static final class FakePeer implements Peer {
        final String node;
        final long incarnation;
        final Connection connection;
        final List<Signal> received = new ArrayList<>();
        volatile boolean isLost;
        final AtomicInteger losses = new AtomicInteger();

        FakePeer(String node, long incarnation, Connection connection) {
            this.node = node;
            this.incarnation = incarnation;
            this.connection = connection;
        }

        @Override
        public void receive(Signal signal) {
            if (isLost) {
                throw new AssertionError("a signal after the loss of " + node + ": " + signal);
            }
            if (signal instanceof Signal.WatchName(long _, String watched) && watched.isEmpty()) {
                throw new IllegalArgumentException("expected a name, got an empty one");
            }
            synchronized (received) {
                received.add(signal);
            }
        }

        List<Signal> signals() {
            synchronized (received) {
                return List.copyOf(received);
            }
        }

        @Override
        public void disconnected() {
            losses.incrementAndGet();
            isLost = true;
        }
    }

    static final class FakePid extends ProcessId {
        private final Address address;

        FakePid(Address address) {
            super(address.number());
            this.address = address;
        }

        @Override
        public String node() {
            return address.node();
        }

        @Override
        public long incarnation() {
            return address.incarnation();
        }
    }

    static final class FakeRef extends Reference {
        private final Address address;

        FakeRef(Address address) {
            this.address = address;
        }
    }

    static final class FakeFrom implements From, ReplyTo<@Nullable Object> {
        private final Address address;
        private final @Nullable Pid process;

        FakeFrom(Address address, @Nullable Pid process) {
            this.address = address;
            this.process = process;
        }

        @Override
        @SuppressWarnings("unchecked") // the reply has the type that the test says
        public <R extends @Nullable Object> ReplyTo<R> replyTo(Call<R> request) {
            return (ReplyTo<R>) this;
        }

        @Override
        public Optional<Pid> pid() {
            return Optional.ofNullable(process);
        }

        @Override
        public boolean isAwaited() {
            return true;
        }
    }
}
