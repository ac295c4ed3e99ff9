package io.genserver.benchmarks;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/// What several threads measure, for a while. Units: ns.
final class Samples {

    private static final int ENOUGH = 3_000; // for a p99.9 that is not the worst
    private static final int MOST = 1_000_000;

    /// Gives up waiting for enough; three of these fit into the limit of a run.
    private static final long LONGEST = 12_000_000_000L;

    private final AtomicLongArray values = new AtomicLongArray(MOST);
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicInteger added = new AtomicInteger(); // written after the value
    private final long begin = System.nanoTime();
    private final long time;
    private final int enough;

    /// @param time how long to go on, at least
    Samples(long time) {
        this(time, ENOUGH);
    }

    Samples(long time, int enough) {
        this.time = time;
        this.enough = enough;
    }

    void add(long sample) {
        int index = taken.getAndIncrement();
        if (index < MOST) {
            values.set(index, sample);
            added.getAndIncrement();
        }
    }

    /// Whether the time is over and there are enough, or it has taken too long.
    boolean isDone() {
        long elapsed = System.nanoTime() - begin;
        return (elapsed > time && added.get() >= enough)
                || elapsed > LONGEST
                || taken.get() >= MOST;
    }

    /// The usual points of what has been added so far, and how much that is. There are no points if
    /// it is nothing: whoever was to add had no turn at all.
    ///
    /// @param what comes before each name
    Map<String, Double> percentiles(String what) {
        int count = added.get();
        long[] all = new long[count];
        Arrays.setAll(all, values::get);
        Map<String, Double> points = new LinkedHashMap<>();
        if (count > 0) {
            Work.percentiles(all).forEach((point, value) -> points.put(what + point, value));
        }
        points.put(what + "samples", (double) count);
        return points;
    }
}
