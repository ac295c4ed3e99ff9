package io.genserver.cluster;

import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.cluster.engine.Engine;
import io.genserver.cluster.engine.Member;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/// The queue to one member, and the thread that empties it into the engine. Any thread.
///
/// Signals that wait while the engine takes others travel together in one frame.
final class Lane {

    /// How many bytes of signals a frame gets. A longer signal has a frame of its own.
    static final int BATCH = 32 * 1024;

    /// How many times the capacity may be queued for a member that takes nothing.
    static final int OVERFLOW = 4;

    /// How long a member may take nothing while too much is queued for it.
    static final Duration PATIENCE = Duration.ofSeconds(10);

    /// How many packets may wait. A member that has not proved anything can have packets queued,
    /// and need not take them.
    static final int MAX_PACKETS = 64;

    private final Engine engine;
    private final Member member;
    private final long capacity;
    private final long bound;
    private final LongSupplier clock;
    private final Consumer<String> failed;
    private final Thread thread;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition room = lock.newCondition();

    // The fields below are used with the lock only.
    private final Deque<Item> queue = new ArrayDeque<>();

    /// The packets that are in the queue, in order.
    private final Deque<Item> packets = new ArrayDeque<>();

    private long queued;

    /// When the thread last took something, or the queue was last empty. Units: ns
    private long progress;

    private boolean isClosed;
    private boolean isIdle;

    /// Whether the thread has taken signals since the last [#tick].
    private boolean hasSent;

    /// @param capacity how many bytes of signals may wait before senders have to
    /// @param bound how many bytes of signals may be queued by those that never wait
    /// @param clock units: ns
    /// @param failed is told why the engine could not send; called by the lane's thread
    Lane(
            String name,
            Engine engine,
            Member member,
            long capacity,
            long bound,
            LongSupplier clock,
            Consumer<String> failed) {
        this.engine = engine;
        this.member = member;
        this.capacity = capacity;
        this.bound = bound;
        this.clock = clock;
        this.failed = failed;
        thread = Thread.ofVirtual().name(name).unstarted(this::run);
    }

    /// A packet, or a signal of a link.
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Item(byte[] bytes, @Nullable Link link) {}

    void start() {
        thread.start();
    }

    /// Queues a packet, unless the same one waits. Never waits. If too many packets wait, drops the
    /// oldest one, because a session repeats what is lost.
    void send(byte[] packet) {
        lock.lock();
        try {
            if (isClosed || packets.stream().anyMatch(it -> Arrays.equals(it.bytes(), packet))) {
                return;
            }
            if (packets.size() == MAX_PACKETS) {
                queue.remove(packets.remove());
            }
            Item item = new Item(packet, null);
            packets.add(item);
            add(item);
        } finally {
            lock.unlock();
        }
    }

    /// Queues a packet that only shows that this node lives. Drops it if something else shows that:
    /// what waits, or signals that were sent since the last call.
    void tick(byte[] packet) {
        lock.lock();
        try {
            boolean isNeeded = !hasSent && queue.isEmpty();
            hasSent = false;
            if (isNeeded) {
                send(packet);
            }
        } finally {
            lock.unlock();
        }
    }

    /// Queues a signal of a link. Drops it if the link is closed.
    ///
    /// @param limit how long to wait for room; units: ns
    /// @return false if there was no room in time
    boolean send(Link link, byte[] signal, long limit) {
        lock.lock();
        try {
            long left = limit;
            while (link.isOpen() && !isClosed && !hasRoom(signal)) {
                if (left <= 0) {
                    return false;
                }
                left = room.awaitNanos(left);
            }
            if (link.isOpen()) {
                add(new Item(signal, link));
            }
            return true;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new ExitException(ExitReason.INTERRUPTED);
        } finally {
            lock.unlock();
        }
    }

    /// Queues a signal of a link without waiting.
    ///
    /// @return why the signal was not queued; null if it was
    @Nullable String post(Link link, byte[] signal) {
        lock.lock();
        try {
            if (!link.isOpen()) {
                return null;
            }
            String refusal = refusal(signal);
            if (refusal == null) {
                add(new Item(signal, link));
            }
            return refusal;
        } finally {
            lock.unlock();
        }
    }

    private @Nullable String refusal(byte[] signal) {
        if (queued + signal.length > bound) {
            return "expected " + bound + " bytes at most to wait for it, got more";
        }
        if (queued > OVERFLOW * capacity && clock.getAsLong() - progress > PATIENCE.toNanos()) {
            return "it has taken nothing for "
                    + PATIENCE.toSeconds()
                    + " s, and "
                    + queued
                    + " bytes wait for it";
        }
        return null;
    }

    /// Forgets the signals of links that are closed, and wakes who waits to add more.
    void forgetClosedLinks() {
        lock.lock();
        try {
            queue.removeIf(item -> item.link() != null && !item.link().isOpen());
            queued = 0;
            queue.forEach(item -> queued += item.link() == null ? 0 : item.bytes().length);
            room.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Ends the thread. What is queued is not sent.
    void close() {
        lock.lock();
        try {
            isClosed = true;
            queue.clear();
            packets.clear();
            queued = 0;
            room.signalAll();
            work.signal();
        } finally {
            lock.unlock();
        }
        thread.interrupt();
    }

    long queued() {
        lock.lock();
        try {
            return queued;
        } finally {
            lock.unlock();
        }
    }

    /// A signal that is longer than the capacity passes when nothing else waits.
    private boolean hasRoom(byte[] signal) {
        return queued == 0 || queued + signal.length <= capacity;
    }

    private void add(Item item) {
        if (isClosed) {
            return;
        }
        if (queue.isEmpty()) {
            progress = clock.getAsLong();
        }
        queue.add(item);
        if (item.link() != null) {
            queued += item.bytes().length;
        }
        if (isIdle) {
            work.signal();
        }
    }

    private void run() {
        try {
            byte[] frame = next();
            while (frame != null) {
                hand(frame);
                frame = next();
            }
        } catch (InterruptedException _) {
            // Only close() interrupts the thread.
            return;
        }
    }

    private void hand(byte[] frame) throws InterruptedException {
        try {
            engine.send(member, frame);
        } catch (RuntimeException e) {
            failed.accept("the engine could not send: " + e);
        }
    }

    /// Waits for the next frame.
    ///
    /// @return the frame; null if the lane is closed
    private byte @Nullable [] next() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (true) {
                if (isClosed) {
                    return null;
                }
                Item first = queue.poll();
                progress = clock.getAsLong();
                if (first == null) {
                    isIdle = true;
                    work.await();
                    isIdle = false;
                } else if (first.link() == null) {
                    packets.remove();
                    return first.bytes();
                } else {
                    return frame(first.link(), first.bytes());
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private byte[] frame(Link link, byte[] first) {
        hasSent = true;
        List<byte[]> signals = new ArrayList<>();
        int size = take(signals, first);
        while (true) {
            Item item = queue.peek();
            if (item == null || item.link() != link || size + item.bytes().length > BATCH) {
                break;
            }
            queue.remove();
            size += take(signals, item.bytes());
        }
        room.signalAll();
        return Packets.writeData(link.from(), link.to(), signals);
    }

    private int take(List<byte[]> signals, byte[] signal) {
        signals.add(signal);
        queued -= signal.length;
        return signal.length;
    }

    /// Waits until the thread has ended.
    void join() {
        try {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
