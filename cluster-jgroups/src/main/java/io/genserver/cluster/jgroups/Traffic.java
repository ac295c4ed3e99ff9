package io.genserver.cluster.jgroups;

import io.genserver.cluster.engine.Engine;
import io.genserver.cluster.engine.Member;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Collectors;
import org.jgroups.Address;
import org.jgroups.BytesMessage;
import org.jgroups.JChannel;
import org.jgroups.LongMessage;
import org.jgroups.MergeView;
import org.jgroups.Message;
import org.jgroups.Message.Flag;
import org.jgroups.Receiver;
import org.jgroups.View;
import org.jgroups.protocols.UNICAST3;
import org.jgroups.util.MessageBatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What comes from the channel and what goes to it.
///
/// A frame is a message of bytes. A message of a number is about the window of a [Lane]: room that
/// is returned, or the question for it.
final class Traffic implements Receiver {

    private static final Logger LOG = LoggerFactory.getLogger(JGroupsEngine.class);

    private static final long QUESTION = -1;
    private static final long ALL = Long.MAX_VALUE;

    private final JChannel channel;
    private final Engine.Handler handler;

    /// Whether replicated maps send over the channel, too.
    private final boolean isShared;

    /// Frames are delivered under the read lock, members reported under the write lock.
    private final ReadWriteLock order = new ReentrantReadWriteLock();

    /// One for each member that is not cut off. Added to and removed from under the write lock,
    /// read by all threads.
    private final Map<Address, Lane> lanes = new ConcurrentHashMap<>();

    /// Members that have sent what is no frame. Added to by delivering threads.
    private final Set<Address> cutOff = ConcurrentHashMap.newKeySet();

    private @Nullable View view; // guarded by the write lock

    Traffic(JChannel channel, Engine.Handler handler, boolean isShared) {
        this.channel = channel;
        this.handler = handler;
        this.isShared = isShared;
    }

    void send(Address to, byte[] frame) throws InterruptedException {
        Lane lane = lanes.get(to);
        if (lane == null) {
            sendOnce(to, frame);
        } else if (lane.enter(Lane.cost(frame.length), () -> sendNumber(to, QUESTION))) {
            send(new BytesMessage(to, frame));
        }
    }

    /// Sends a frame to a node that is no member. JGroups does not send it again, because it would
    /// do so until the node is a member.
    private void sendOnce(Address to, byte[] frame) {
        if (!cutOff.contains(to)) {
            send(new BytesMessage(to, frame).setFlag(Flag.OOB, Flag.NO_RELIABILITY));
        }
    }

    private void sendNumber(Address to, long number) {
        Message message = new LongMessage(to, number);
        // A question stays behind the frames. An answer overtakes them, because the other side
        // waits.
        send(number == QUESTION ? message : message.setFlag(Flag.OOB));
    }

    /// Does not block, because there is no flow control in the stack.
    private void send(Message message) {
        try {
            channel.send(message);
        } catch (Exception e) {
            if (channel.isConnected()) {
                LOG.error("could not send to {}", message.getDest(), e);
            }
        }
    }

    /// Called while a delivery may hold the read lock and wait for the caller, so it must not wait
    /// for the write lock.
    void renew(Address member) {
        // The maps rely on the order and completeness of their messages as long as the member
        // stays.
        if (isShared ? !lanes.containsKey(member) : !dropUnconfirmed(member)) {
            return;
        }
        Tcp tcp = channel.getProtocolStack().findProtocol(Tcp.class);
        // The end of a connection with TLS may have to wait for one who writes.
        Thread.ofVirtual().name("disconnect").start(() -> tcp.disconnect(member));
    }

    /// @return false if it is no member
    private boolean dropUnconfirmed(Address member) {
        Lane old = lanes.replace(member, new Lane());
        if (old == null) {
            return false;
        }
        old.close();
        forgetUnconfirmed(member);
        return true;
    }

    void close() {
        lanes.values().forEach(Lane::close);
        channel.close();
    }

    @Override
    public void receive(MessageBatch batch) {
        if (batch.mode() == MessageBatch.Mode.OOB) {
            batch.forEach(this::receive);
            return;
        }
        order.readLock().lock();
        try {
            batch.forEach(this::deliver);
        } finally {
            order.readLock().unlock();
        }
    }

    @Override
    public void receive(Message message) {
        if (message instanceof LongMessage number && message.isFlagSet(Flag.OOB)) {
            // Without the lock, because its holder may be in a handler that waits for room.
            number(message.getSrc(), number.getValue());
            return;
        }
        order.readLock().lock();
        try {
            deliver(message);
        } finally {
            order.readLock().unlock();
        }
    }

    private void deliver(Message message) {
        Address from = message.getSrc();
        if (cutOff.contains(from)) {
            return;
        }
        switch (message) {
            case BytesMessage frame when message.getDest() != null -> deliver(from, frame);
            case LongMessage number when message.getDest() != null ->
                    number(from, number.getValue());
            default -> cutOff(from, message);
        }
    }

    private void deliver(Address from, BytesMessage message) {
        byte[] frame = bytes(message);
        try {
            handler.received(new JGroupsMember(from), frame);
        } catch (RuntimeException e) {
            LOG.error("a frame of {} could not be handled", from, e);
        }
        Lane lane = lanes.get(from);
        long returned = lane == null ? 0 : lane.received(Lane.cost(frame.length));
        if (returned > 0) {
            sendNumber(from, returned);
        }
    }

    private static byte[] bytes(BytesMessage message) {
        byte[] array = message.getArray();
        if (array == null) {
            return new byte[0];
        }
        int offset = message.getOffset();
        return offset == 0 && message.getLength() == array.length
                ? array
                : Arrays.copyOfRange(array, offset, offset + message.getLength());
    }

    private void number(Address from, long number) {
        Lane lane = lanes.get(from);
        if (number == QUESTION) {
            if (lane != null) {
                lane.forget();
            }
            sendNumber(from, ALL);
        } else if (lane != null) {
            lane.returned(number);
        }
    }

    private void cutOff(Address from, Message message) {
        if (cutOff.add(from)) {
            LOG.error(
                    "{} has sent {} instead of a frame; it is cut off until it starts again",
                    from,
                    message instanceof JavaObjects.Checked
                            ? "a serialized Java object"
                            : message.getClass().getSimpleName());
            // This thread holds the read lock.
            Thread.ofVirtual().name("cut-off").start(() -> update(Set.of()));
        }
    }

    @Override
    public void viewAccepted(View next) {
        order.writeLock().lock();
        try {
            Set<Address> merged = next instanceof MergeView merge ? merged(merge) : Set.of();
            LOG.debug("members: {}", next);
            view = next;
            cutOff.retainAll(next.getMembers());
            update(merged);
        } finally {
            order.writeLock().unlock();
        }
    }

    /// Who may have seen other changes than this node. The new view names the views that it unites.
    /// A node that was paused has never seen a view without the others, but theirs is among them.
    private Set<Address> merged(MergeView merge) {
        Set<Address> merged = new HashSet<>(merge.getMembers());
        merged.removeIf(member -> wasTogether(member, merge.getSubgroups()));
        return merged;
    }

    private boolean wasTogether(Address member, List<View> groups) {
        Address self = channel.getAddress();
        return view != null
                && view.containsMember(member)
                && groups.stream().anyMatch(group -> group.containsMembers(self, member))
                && groups.stream()
                        .allMatch(g -> g.containsMember(self) == g.containsMember(member));
    }

    private void update(Set<Address> merged) {
        order.writeLock().lock();
        try {
            Set<Address> members =
                    view == null ? new HashSet<>() : new HashSet<>(view.getMembers());
            members.remove(channel.getAddress());
            members.removeAll(cutOff);
            lanes.keySet().stream()
                    .filter(member -> !members.contains(member) || merged.contains(member))
                    .forEach(this::closeLane);
            members.forEach(member -> lanes.computeIfAbsent(member, _ -> new Lane()));
            Set<Address> both = new HashSet<>(merged);
            both.retainAll(members);
            handler.members(asMembers(members), asMembers(both));
        } finally {
            order.writeLock().unlock();
        }
    }

    /// Frames that the member has not confirmed are dropped. Otherwise JGroups would send them
    /// again once the member can be reached, after both sides have reported each other gone.
    private void closeLane(Address member) {
        Lane lane = lanes.remove(member);
        if (lane != null) {
            lane.close();
        }
        forgetUnconfirmed(member);
    }

    private void forgetUnconfirmed(Address member) {
        UNICAST3 connections = channel.getProtocolStack().findProtocol(UNICAST3.class);
        connections.removeSendConnection(member);
    }

    private static Set<Member> asMembers(Collection<Address> addresses) {
        return addresses.stream().map(JGroupsMember::new).collect(Collectors.toUnmodifiableSet());
    }
}
