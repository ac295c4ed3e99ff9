package io.genserver.stress;

import java.util.EnumMap;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/// What a run has counted, and what it has found wrong. Any thread. Counting allocates nothing,
/// because the heap may be full.
final class Findings {

    /// What is counted.
    enum Count {
        OPERATIONS,
        REPLIES,
        FAILED_CALLS,
        OVERFLOWS,
        OUT_OF_MEMORY,
        HEAPS_FILLED,
        INTERRUPTS,
        SERVERS_STARTED,
        CLEAN_UPS_BEGUN,
        CLEAN_UPS_REGISTERED,
        CLEAN_UPS_RUN,
        DOWNS,
        TIMERS_FIRED,
        TIMERS_CANCELLED,
        FUTURES,
        TREES_STARTED
    }

    private static final int MOST = 50;

    private final EnumMap<Count, AtomicLong> counts = new EnumMap<>(Count.class);
    private final AtomicInteger found = new AtomicInteger();

    Findings() {
        for (Count what : Count.values()) {
            counts.put(what, new AtomicLong());
        }
    }

    void count(Count what) {
        of(what).incrementAndGet();
    }

    long get(Count what) {
        return of(what).get();
    }

    private AtomicLong of(Count what) {
        return Objects.requireNonNull(counts.get(what));
    }

    /// Records that something is wrong. The first ones are printed.
    void wrong(String what) {
        if (found.incrementAndGet() <= MOST) {
            System.out.println("wrong: " + what);
        }
    }

    int wrongs() {
        return found.get();
    }
}
