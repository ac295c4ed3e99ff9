package io.genserver.cluster;

import io.genserver.spi.distribution.Connection;
import io.genserver.spi.distribution.Peer;
import io.genserver.spi.distribution.Signal;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// One connection to a peer, from the moment both sides are up until one of them is not.
final class Link implements Connection {

    private final Ends ends;
    private final Signals signals;
    private final int peerLimit;
    private final long from;
    private final long to;
    private final Lane lane;
    private final Consumer<String> overflow;

    // Set to false once, by the thread that has the lock of the member. Read by any thread.
    private volatile boolean isOpen = true;

    /// Set before the link is used, with the lock of the member, and used with it.
    private @Nullable Peer peer;

    private final AtomicBoolean isOverflowing = new AtomicBoolean();

    /// @param overflow is told if the peer takes so little that the memory for it would have no
    ///   limit; called by the thread that posts
    Link(
            Ends ends,
            Signals signals,
            int peerLimit,
            long from,
            long to,
            Lane lane,
            Consumer<String> overflow) {
        this.ends = ends;
        this.signals = signals;
        this.peerLimit = peerLimit;
        this.from = from;
        this.to = to;
        this.lane = lane;
        this.overflow = overflow;
    }

    void attach(Peer connected) {
        peer = connected;
    }

    Peer peer() {
        if (peer == null) {
            throw new IllegalStateException("expected a link that is connected");
        }
        return peer;
    }

    String name() {
        return ends.peer();
    }

    Ends ends() {
        return ends;
    }

    long from() {
        return from;
    }

    long to() {
        return to;
    }

    boolean isOpen() {
        return isOpen;
    }

    void close() {
        isOpen = false;
        lane.forgetClosedLinks();
    }

    @Override
    public boolean send(Signal signal, long limit) {
        return !isOpen || lane.send(this, signals.write(signal, ends, peerLimit), limit);
    }

    @Override
    public void post(Signal signal) {
        String refusal = isOpen ? lane.post(this, write(signal)) : null;
        if (refusal != null && !isOverflowing.getAndSet(true)) {
            overflow.accept(refusal);
        }
    }

    /// Returns how many bytes a value takes.
    ///
    /// @throws IllegalArgumentException if the peer cannot take it
    int size(Object value) {
        return signals.size(value, ends, peerLimit);
    }

    private byte[] write(Signal signal) {
        try {
            return signals.write(signal, ends, peerLimit);
        } catch (IllegalArgumentException e) {
            return signals.write(Signals.substitute(signal, e), ends, peerLimit);
        }
    }
}
