package io.genserver.stress;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

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

    private final AtomicLongArray counts = new AtomicLongArray(Count.values().length);
    private final ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    private final AtomicInteger found = new AtomicInteger();

    void count(Count what) {
        counts.incrementAndGet(what.ordinal());
    }

    long get(Count what) {
        return counts.get(what.ordinal());
    }

    /// Records that something is wrong. The first ones are kept with their text.
    void wrong(String what) {
        if (found.incrementAndGet() <= MOST) {
            wrong.add(what);
            System.out.println("wrong: " + what);
        }
    }

    int wrongs() {
        return found.get();
    }
}
