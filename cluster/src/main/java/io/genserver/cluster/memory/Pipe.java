package io.genserver.cluster.memory;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;

/// The frames on the way from one engine to another. Used with the lock of the network.
final class Pipe {

    private final MemoryNetwork network;
    private final MemoryMember from;
    private final Deque<Transit> frames = new ArrayDeque<>();
    private long bytes;
    private long least;
    private long most;
    private boolean isHeld;
    private boolean isDropping;

    Pipe(MemoryNetwork network, MemoryMember from) {
        this.network = network;
        this.from = from;
    }

    /// A frame.
    ///
    /// @param due when it may arrive; units: ns
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Transit(byte[] frame, long due) {}

    MemoryMember from() {
        return from;
    }

    void add(byte[] frame) {
        if (isDropping) {
            return;
        }
        frames.add(new Transit(frame, network.now() + network.delay(least, most)));
        bytes += frame.length;
    }

    byte[] remove() {
        byte[] frame = frames.remove().frame();
        bytes -= frame.length;
        return frame;
    }

    boolean isReady(long now) {
        return !frames.isEmpty() && !isHeld && frames.getFirst().due() - now <= 0;
    }

    /// Returns how long it takes until the first frame is due, a day if nothing is.
    ///
    /// @return the time; units: ns
    long untilReady(long now) {
        return frames.isEmpty() || isHeld
                ? java.time.Duration.ofDays(1).toNanos()
                : Objects.requireNonNull(frames.getFirst()).due() - now;
    }

    boolean isFull() {
        return bytes > MemoryNetwork.WINDOW;
    }

    int size() {
        return frames.size();
    }

    void hold(boolean isHeldNow) {
        isHeld = isHeldNow;
    }

    void drop(boolean isDroppingNow) {
        isDropping = isDroppingNow;
    }

    void delay(long leastNanos, long mostNanos) {
        least = leastNanos;
        most = mostNanos;
    }
}
