package io.genserver.cluster.jgroups;

import java.util.concurrent.atomic.AtomicLong;

/// Lets one line a second into the log, because strangers must not fill it.
final class LinePace {

    private static final long LINE_NANOS = 1_000_000_000;

    private final AtomicLong next = new AtomicLong(System.nanoTime());

    /// Returns whether the caller may write a line.
    boolean isDue() {
        long now = System.nanoTime();
        long due = next.get();
        return now - due >= 0 && next.compareAndSet(due, now + LINE_NANOS);
    }
}
