package io.genserver.cluster;

import io.genserver.cluster.engine.Engine;
import io.genserver.cluster.engine.Member;
import io.genserver.spi.distribution.Distribution;
import io.genserver.spi.distribution.Peer;
import io.genserver.spi.distribution.Signal;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One node's connections to all others: the sessions with the members of its engine.
final class ClusterNode implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger("io.genserver.cluster");

    private static final Duration TICK = Duration.ofMillis(250);

    private final Distribution distribution;
    private final Engine engine;
    private final Options options;
    private final Session.Self self;
    private final Signals signals;
    private final Map<Member, Remote> remotes = new ConcurrentHashMap<>();

    /// The members that have taken the names of their nodes: those that are connected, and those
    /// that are becoming so.
    private final Map<String, Remote> names = new ConcurrentHashMap<>();

    /// The links to the connected nodes, by their names.
    private final Map<String, Link> connected = new ConcurrentSkipListMap<>();

    private final AtomicLong epoch = new AtomicLong();

    private final SecureRandom random = new SecureRandom();
    private final Thread ticker;

    /// Orders the engine's reports of members among each other, and with the end of the node.
    private final ReentrantLock membership = new ReentrantLock();

    // Set once, with the lock above. Read by any thread.
    private volatile boolean isClosed;

    /// What a node in a cluster can be told.
    ///
    /// @param name the name, `name@host`
    /// @param incarnation the number of this start
    /// @param cookies the secrets, the one for own proofs first
    /// @param maxSignal the longest signal that is sent or accepted; units: bytes
    /// @param queueBytes how much may wait for one peer before senders have to; units: bytes
    /// @param maxQueueBytes how much may wait for one peer at most; units: bytes
    /// @param tickTime how long a connected node may be silent
    /// @param listener is told which nodes are connected
    record Options(
            String name,
            long incarnation,
            List<String> cookies,
            PayloadTypes types,
            int maxSignal,
            long queueBytes,
            long maxQueueBytes,
            Duration tickTime,
            Listener listener) {

        static final int DEFAULT_MAX_SIGNAL = 1 << 20;
        static final long DEFAULT_QUEUE_BYTES = 4L << 20;
        static final long DEFAULT_MAX_QUEUE_BYTES = 256L << 20;

        static final Duration DEFAULT_TICK_TIME = Duration.ofSeconds(12);

        static final Duration MIN_TICK_TIME = Duration.ofSeconds(1);
        private static final Duration MAX_TICK_TIME = Duration.ofHours(1);

        static final int MIN_SIGNAL = 1 << 16;
        private static final int MAX_SIGNAL = 1 << 28;

        Options {
            if (name.isBlank() || name.length() > Packets.MAX_NAME) {
                throw new IllegalArgumentException(
                        "expected a name of 1 to "
                                + Packets.MAX_NAME
                                + " characters, got: \""
                                + name
                                + "\"");
            }
            if (maxSignal < MIN_SIGNAL || maxSignal > MAX_SIGNAL) {
                throw new IllegalArgumentException(
                        "expected maxSignal to be from 64 KiB to 256 MiB, got: " + maxSignal);
            }
            if (queueBytes < 1) {
                throw new IllegalArgumentException(
                        "expected queueBytes to be 1 or more, got: " + queueBytes);
            }
            if (maxQueueBytes < queueBytes) {
                throw new IllegalArgumentException(
                        "expected maxQueueBytes to be as much as queueBytes or more, got: "
                                + maxQueueBytes);
            }
            if (tickTime.compareTo(MIN_TICK_TIME) < 0 || tickTime.compareTo(MAX_TICK_TIME) > 0) {
                throw new IllegalArgumentException(
                        "expected tickTime to be from 1 s to 1 h, got: " + tickTime);
            }
            cookies = List.copyOf(cookies);
        }
    }

    /// Is told which nodes are connected, by one thread at a time for each node. Must not block.
    interface Listener {

        /// A node is connected: signals can be sent to it.
        void up(String node);

        /// The connection to a node is lost, and all of its links and monitors have fired.
        void down(String node);
    }

    /// @throws IllegalArgumentException if there is no cookie or a blank one
    ClusterNode(Distribution distribution, Engine engine, Options options) {
        this.distribution = distribution;
        this.engine = engine;
        this.options = options;
        self =
                new Session.Self(
                        options.name(),
                        options.incarnation(),
                        new Cookies(options.cookies()),
                        options.maxSignal(),
                        options.tickTime(),
                        options.types());
        signals = new Signals(options.types(), options.maxSignal());
        ticker = Thread.ofVirtual().name("cluster-ticks").unstarted(this::runTicks);
    }

    /// Joins the other nodes. Blocks until this node is a member; connections come later.
    ///
    /// @throws IOException if the engine cannot start
    void start() throws IOException {
        ticker.start();
        engine.start(new Events());
    }

    /// Returns the names of the connected nodes, sorted.
    List<String> nodes() {
        return List.copyOf(connected.keySet());
    }

    /// Sends a signal to a node without waiting. Drops it if the node is not connected.
    ///
    /// @throws IllegalArgumentException if the node cannot take it
    void post(String node, Signal signal) {
        Link to = connected.get(node);
        if (to != null) {
            to.post(signal);
        }
    }

    /// Returns how many bytes a value takes in a message.
    ///
    /// @throws IllegalArgumentException if it cannot cross to another node
    int size(Object value) {
        Ends any = new Ends(distribution, options.name(), options.incarnation(), "", 0, _ -> true);
        return signals.size(value, any, options.maxSignal());
    }

    /// Returns how many bytes a value takes in a message to a node; 0 if that is not connected.
    ///
    /// @throws IllegalArgumentException if the node cannot take it
    int sizeFor(String node, Object value) {
        Link to = connected.get(node);
        return to == null ? 0 : to.size(value);
    }

    /// Ends the connection to a node. A new one is tried after a second, because all nodes of a
    /// cluster are connected with each other.
    ///
    /// @return whether it was connected
    boolean disconnect(String node) {
        Remote remote = names.get(node);
        return remote != null && remote.disconnect();
    }

    /// Leaves the cluster. All connections are lost, and the node gets its old name back.
    @Override
    public void close() {
        membership.lock();
        try {
            if (isClosed) {
                return;
            }
            isClosed = true;
        } finally {
            membership.unlock();
        }
        ticker.interrupt();
        remotes.values().forEach(Remote::close);
        engine.close();
        // A frame may have come while the node closed, and made a new remote.
        remotes.values().forEach(Remote::close);
        remotes.values().forEach(remote -> remote.lane.join());
        distribution.close();
    }

    private void runTicks() {
        try {
            while (true) {
                Thread.sleep(TICK);
                remotes.values().forEach(ClusterNode::tick);
            }
        } catch (InterruptedException _) {
            // Only close() interrupts the thread.
            return;
        }
    }

    /// Lets time pass for one member. Nothing that happens there may stop the time of the others.
    private static void tick(Remote remote) {
        try {
            remote.tick();
        } catch (Throwable thrown) {
            LOG.error("cannot handle the time of a session", thrown);
        }
    }

    /// What the engine tells.
    private final class Events implements Engine.Handler {

        @Override
        public void members(Set<Member> members, Set<Member> merged) {
            membership.lock();
            try {
                if (isClosed) {
                    return;
                }
                remotes.forEach((member, remote) -> {
                    if (!members.contains(member)) {
                        remote.left();
                    }
                });
                for (Member member : members) {
                    boolean isMerged = merged.contains(member);
                    with(member, remote -> remote.joined(isMerged));
                }
            } finally {
                membership.unlock();
            }
        }

        @Override
        public void received(Member from, byte[] frame) {
            if (!isClosed) {
                with(from, remote -> remote.received(frame));
            }
        }
    }

    /// Calls a function of the member's remote. Tries again if the remote is being removed.
    private void with(Member member, Predicate<Remote> function) {
        boolean isDone = false;
        while (!isDone) {
            isDone = function.test(remotes.computeIfAbsent(member, Remote::new));
        }
    }

    /// One member: its session, its lane, and its link while it is connected.
    private final class Remote implements Session.Effects {

        private final Member member;
        private final Lane lane;
        private final ReentrantLock lock = new ReentrantLock();

        // The fields below are used with the lock only.
        private final Session session = new Session(self, this);
        private @Nullable Link link;

        /// What the packet that the session handles right now brings.
        private @Nullable FrameReader arrived;

        /// Whether a packet of the peer is being handled without the lock.
        private boolean isDelivering;

        private boolean isRemoved;

        /// How many packets of lost connections the log has told of.
        private long staleTold;

        Remote(Member member) {
            this.member = member;
            lane =
                    new Lane(
                            "cluster-lane-" + member,
                            engine,
                            member,
                            options.queueBytes(),
                            options.maxQueueBytes(),
                            System::nanoTime,
                            this::drop);
            lane.start();
        }

        /// @return false if this remote has been removed
        boolean joined(boolean isMerged) {
            return run(() -> {
                if (isMerged) {
                    session.merged(System.nanoTime());
                } else {
                    session.joined(System.nanoTime());
                }
            });
        }

        void left() {
            run(session::left);
        }

        /// Also removes this remote if there is nothing to remember. Until then the lane had time
        /// to send what was queued last.
        void tick() {
            run(() -> {
                long now = System.nanoTime();
                if (isDelivering) {
                    session.heard(now);
                }
                session.tick(now);
                if (session.isIdle()) {
                    remotes.remove(member, this);
                    isRemoved = true;
                    lane.close();
                }
            });
        }

        void close() {
            run(session::close);
            lane.close();
        }

        private void drop(String why) {
            run(() -> session.fail(why, System.nanoTime()));
        }

        boolean disconnect() {
            lock.lock();
            try {
                boolean wasUp = session.isUp();
                session.disconnect("this node has disconnected it", System.nanoTime());
                return wasUp;
            } finally {
                lock.unlock();
            }
        }

        private boolean run(Runnable change) {
            lock.lock();
            try {
                if (!isRemoved) {
                    change.run();
                }
                return !isRemoved;
            } finally {
                lock.unlock();
            }
        }

        /// Handles a frame. The engine calls it by one thread at a time, so signals stay in order
        /// although they are decoded without the lock: a record's constructor may take long.
        ///
        /// @return false if this remote has been removed
        boolean received(byte[] frame) {
            Link current;
            FrameReader content;
            lock.lock();
            try {
                if (isRemoved) {
                    return false;
                }
                session.received(frame, System.nanoTime());
                content = arrived;
                arrived = null;
                current = link;
                isDelivering = content != null && current != null;
            } finally {
                lock.unlock();
            }
            if (content != null && current != null) {
                deliver(current, content);
            }
            return true;
        }

        private void deliver(Link current, FrameReader content) {
            List<Signal> decoded = new ArrayList<>();
            String refusal = null;
            try {
                while (!content.isAtEnd()) {
                    decoded.add(signals.read(content.readPart(), current.ends()));
                }
            } catch (FrameException e) {
                refusal = "it sent a signal that is refused: " + e.getMessage();
            }
            lock.lock();
            try {
                isDelivering = false;
                if (link == current) {
                    String why = handle(current.peer(), decoded);
                    String first = why == null ? refusal : why;
                    if (first != null) {
                        session.fail(first, System.nanoTime());
                    }
                }
            } finally {
                lock.unlock();
            }
        }

        /// Lets the runtime handle signals. One that it does not understand must not disturb the
        /// engine, nor the other members.
        ///
        /// @return why not all were handled; null if they were
        private static @Nullable String handle(Peer peer, List<Signal> signals) {
            for (Signal signal : signals) {
                try {
                    peer.receive(signal);
                } catch (RuntimeException e) {
                    LOG.warn(
                            "expected a signal that fits, got: {}",
                            printable(signal.toString()),
                            e);
                    return "it sent a signal that does not fit: " + e;
                }
            }
            return null;
        }

        @Override
        public long nextEpoch() {
            return epoch.incrementAndGet();
        }

        @Override
        public byte[] nextNonce() {
            byte[] nonce = new byte[Packets.NONCE_LENGTH];
            random.nextBytes(nonce);
            return nonce;
        }

        @Override
        public void send(Packet packet) {
            lane.send(Packets.write(packet));
        }

        @Override
        public void sendTick(Packet.Tick tick) {
            lane.tick(Packets.write(tick));
        }

        @Override
        public void renew() {
            engine.renew(member);
        }

        @Override
        public boolean isTaken(String name) {
            return names.containsKey(name);
        }

        @Override
        public boolean up(Packet.Hello own, Packet.Hello peer, Packet.Features features) {
            String name = peer.name();
            if (names.putIfAbsent(name, this) != null) {
                return false;
            }
            long[] types = features.types().clone();
            Arrays.sort(types);
            Ends ends =
                    new Ends(
                            distribution,
                            options.name(),
                            options.incarnation(),
                            name,
                            peer.incarnation(),
                            type -> Arrays.binarySearch(types, type) >= 0);
            Link created =
                    new Link(
                            ends,
                            signals,
                            features.maxSignal(),
                            own.from(),
                            peer.from(),
                            lane,
                            this::dropLater);
            try {
                created.attach(distribution.connected(name, peer.incarnation(), created));
            } catch (IllegalStateException e) {
                names.remove(name, this);
                LOG.warn("the node cannot connect to {}", name, e);
                return false;
            }
            link = created;
            connected.put(name, created);
            LOG.info("connected to {}", name);
            if (session.stale() > staleTold) {
                LOG.info(
                        "dropped {} packets of lost connections to {}",
                        session.stale() - staleTold,
                        name);
                staleTold = session.stale();
            }
            options.listener().up(name);
            return true;
        }

        /// The thread that calls this may have the lock of another member, so it must not wait for
        /// the lock of this one.
        private void dropLater(String why) {
            Thread.ofVirtual().name("cluster-drop").start(() -> drop(why));
        }

        @Override
        public void down(String why) {
            Link lost = Objects.requireNonNull(link);
            link = null;
            connected.remove(lost.name(), lost);
            lost.close();
            lost.peer().disconnected();
            names.remove(lost.name(), this);
            LOG.info("lost the connection to {}: {}", lost.name(), printable(why));
            options.listener().down(lost.name());
        }

        @Override
        public void deliver(FrameReader content) {
            arrived = content;
        }

        @Override
        public void warn(String message) {
            LOG.warn("no session with {}: {}", member, printable(message));
        }

        /// A peer chooses parts of what is logged about it.
        private static String printable(String text) {
            return text.replaceAll("\\p{Cntrl}", "?");
        }
    }
}
