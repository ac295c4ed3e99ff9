package io.genserver.cluster.jgroups;

import io.genserver.cluster.ReplicatedMaps;
import io.genserver.cluster.engine.Engine;
import io.genserver.cluster.engine.Member;
import io.genserver.cluster.jgroups.spi.ChannelMaps;
import io.genserver.cluster.jgroups.spi.ChannelMapsProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.ServiceLoader;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jgroups.JChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Carries a cluster over TCP with JGroups.
///
/// ```java
/// new JGroupsEngine(JGroupsOptions.at("127.0.0.1:7801").withSeeds(List.of("127.0.0.1:7802")));
/// ```
///
/// A node listens at one address and opens no other socket. Without TLS this has to be a loopback
/// address. With TLS both sides of each connection show a certificate, and JGroups gets to see a
/// connection only after that.
///
/// # Threads
///
/// - [#send] runs on the caller's thread. It queues the frame. A virtual thread for each member
///   writes the queue to the member's connection, so a member that hangs delays nobody else. About
///   4 MiB may be queued or on their way to one member; then [#send] waits. The member returns room
///   once its handler has got the frames.
/// - `Handler.received` runs on virtual threads of JGroups, for each member on one at a time, so
///   its frames keep their order. Frames of other members arrive at the same time. So do those of a
///   node to which this one is no member.
/// - `Handler.members` runs on the virtual thread on which JGroups installs the new list of
///   members, while no `Handler.received` runs. It must not wait for frames.
/// - A handler that blocks stops all frames of that member, and after 4 MiB the member's senders.
///   Heartbeats go on, so the node does not count as lost.
///
/// # Java objects
///
/// JGroups can carry serialized Java objects. This engine has it refuse them in the whole JVM,
/// because they can run code while they are read. [#start] fails if other code in this JVM has
/// already used JGroups with a different filter. A member that sends such an object, or anything
/// else that is no frame, is cut off until it starts again.
public final class JGroupsEngine implements Engine {

    static {
        JGroupsLog.install(); // JGroups picks the log of a class when it loads the class
    }

    private static final Logger LOG = LoggerFactory.getLogger(JGroupsEngine.class);

    static final String CLUSTER = "genserver";

    private final JGroupsOptions options;
    private final AtomicBoolean used = new AtomicBoolean(); // has been started or closed

    /// Held while the engine starts and while it closes.
    private final ReentrantLock life = new ReentrantLock();

    // Written by the thread that starts, before another thread can know of the engine's members.
    private volatile @Nullable Traffic traffic;

    private final @Nullable ChannelMaps maps;

    /// Makes an engine that has not been started.
    ///
    /// @param options where it listens, which nodes it asks for the others, and so on
    /// @throws IllegalArgumentException if they have replication, and `cluster-infinispan` is
    ///   missing
    public JGroupsEngine(JGroupsOptions options) {
        this.options = options;
        this.maps = options.replication().map(JGroupsEngine::load).orElse(null);
    }

    private static ChannelMaps load(Replication replication) {
        return ServiceLoader.load(ChannelMapsProvider.class, JGroupsEngine.class.getClassLoader())
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "expected cluster-infinispan on the class path, because the options"
                                        + " have replication"))
                .maps(replication);
    }

    /// Returns the maps that the nodes keep together. They can be used while the engine runs.
    ///
    /// @return the maps
    /// @throws IllegalStateException if the options have no replication
    public ReplicatedMaps maps() {
        ChannelMaps kept = maps;
        if (kept == null) {
            throw new IllegalStateException(
                    "expected options with replication, see JGroupsOptions.withReplication");
        }
        return kept;
    }

    /// Joins the other nodes, or waits for them as the first one. Blocks until this node is a
    /// member. That takes about 2 s if no seed listens. If one listens but does not answer, it
    /// takes 10 s, and up to 22 s if another node starts at the same time. This node then begins
    /// without it, and is merged with it once it answers.
    ///
    /// @param handler what is told from now on
    /// @return this node
    /// @throws IOException if the node cannot listen at its address, if that is not a loopback
    ///   address and there is no TLS, if the name of a host is unknown, if a key store cannot be
    ///   used, or if JGroups would read Java objects. The message says which one and why
    /// @throws IllegalStateException if the engine has been started or closed before
    @Override
    public Member start(Handler handler) throws IOException {
        if (!used.compareAndSet(false, true)) {
            throw new IllegalStateException("expected an engine that has not been used");
        }
        life.lock();
        try {
            return join(handler);
        } finally {
            life.unlock();
        }
    }

    private Member join(Handler handler) throws IOException {
        InetSocketAddress self = options.address().resolve();
        check(self);
        JavaObjects.refuse();
        JChannel channel = channel(self);
        Traffic started = new Traffic(channel, handler, maps != null);
        channel.setReceiver(started);
        traffic = started;
        connect(channel);
        startMaps(channel);
        report(channel);
        return new JGroupsMember(channel.getAddress());
    }

    private void check(InetSocketAddress self) throws IOException {
        if (self.getAddress().isAnyLocalAddress()) {
            throw new IOException(
                    "expected an address that other nodes can connect to, got: "
                            + options.address());
        }
        if (!self.getAddress().isLoopbackAddress() && options.tls().isEmpty()) {
            throw new IOException(
                    "expected TLS for an address that is not a loopback address, got none for "
                            + options.address());
        }
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(self); // JGroups does not say why it cannot
        } catch (IOException e) {
            throw new IOException(
                    "cannot listen at " + options.address() + ": " + e.getMessage(), e);
        }
    }

    private JChannel channel(InetSocketAddress self) throws IOException {
        try {
            JChannel channel = Stack.channel(options, self);
            if (maps != null) {
                maps.prepare(channel);
            }
            return channel;
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException("cannot set up JGroups: " + e.getMessage(), e);
        }
    }

    private void connect(JChannel channel) throws IOException {
        try {
            channel.connect(CLUSTER);
        } catch (Exception e) {
            channel.close();
            throw new IOException(
                    "cannot join the cluster at " + options.address() + ": " + e.getMessage(), e);
        }
    }

    private void startMaps(JChannel channel) throws IOException {
        if (maps == null) {
            return;
        }
        try {
            maps.start();
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private void report(JChannel channel) {
        boolean alone = channel.getView().size() == 1;
        List<HostPort> others =
                options.seeds().stream().filter(s -> !s.equals(options.address())).toList();
        LOG.info(
                "listens at {} {} TLS",
                options.address(),
                options.tls().isPresent() ? "with" : "without");
        if (alone && !others.isEmpty()) {
            LOG.info("no seed of {} has answered; this node waits for others", others);
        }
    }

    /// Sends a frame. Blocks while about 4 MiB are queued or on their way to the member. A frame to
    /// a node that is no member is sent once and without waiting.
    ///
    /// @param to the member
    /// @param frame the bytes, which nobody changes afterwards
    /// @throws InterruptedException if the thread is interrupted while it waits. Nothing has been
    ///   sent then
    @Override
    public void send(Member to, byte[] frame) throws InterruptedException {
        Traffic current = traffic;
        if (current != null) {
            current.send(((JGroupsMember) to).address(), frame);
        }
    }

    /// Ends the connection to a member and drops what the member has not confirmed. A new
    /// connection is tried twice a second. Without this the network would repeat what was lost ever
    /// more rarely: after a cut of a minute the next try may take another minute.
    ///
    /// With replication nothing is dropped, because the messages of the maps take the same way. It
    /// arrives over the new connection.
    ///
    /// @param member the member
    @Override
    public void renew(Member member) {
        Traffic current = traffic;
        if (current != null) {
            current.renew(((JGroupsMember) member).address());
        }
    }

    /// Leaves the others, who notice it at once, and stops to listen. Blocks until the others know,
    /// 2 s at most if they do not answer. If the engine is starting on another thread, waits for
    /// the end of the start first. Does nothing if the engine is closed or was never started.
    ///
    /// With replication it first waits up to 10 s while other nodes leave or entries move, and up
    /// to 10 s until the others know that this node has left. So nodes that are stopped at the same
    /// time leave one after another, and no entry is lost.
    @Override
    public void close() {
        used.set(true);
        life.lock();
        try {
            leave();
        } finally {
            life.unlock();
        }
    }

    private void leave() {
        Traffic current = traffic;
        if (current != null) {
            try {
                if (maps != null) {
                    maps.close();
                }
            } finally {
                current.close();
            }
        }
    }
}
