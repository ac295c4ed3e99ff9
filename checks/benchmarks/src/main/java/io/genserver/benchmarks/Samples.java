package io.genserver.benchmarks;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;

/// Samples that several threads add for a limited time. Units: ns.
final class Samples {

    private static final int ENOUGH = 3_000; // so that p99.9 differs from the worst
    private static final int MOST = 1_000_000;

    /// Sampling ends after this time even if there are too few samples. Three such times fit into
    /// the time limit of a run.
    private static final long LONGEST = 12_000_000_000L;

    private final AtomicLongArray values = new AtomicLongArray(MOST);
    private final AtomicInteger taken = new AtomicInteger();
    private final AtomicInteger added = new AtomicInteger(); // incremented after the value is set
    private final long begin = System.nanoTime();
    private final long time;
    private final int enough;

    /// @param time the least duration
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

    /// Returns whether the time is over and there are enough samples, or a limit was reached.
    boolean isDone() {
        long elapsed = System.nanoTime() - begin;
        return (elapsed > time && added.get() >= enough)
                || elapsed > LONGEST
                || taken.get() >= MOST;
    }

    /// Returns the percentiles of the samples added so far, and their number. Without samples there
    /// are no percentiles. This happens if the threads that should add them never ran.
    ///
    /// @param what the prefix of each name
    Map<String, Double> percentiles(String what) {
        int count = added.get();
        long[] all = new long[count];
        Arrays.setAll(all, values::get);
        Work.check(Arrays.stream(all).allMatch(each -> each >= 0), "nothing before its time", what);
        Map<String, Double> points = new LinkedHashMap<>();
        if (count > 0) {
            Work.percentiles(all).forEach((point, value) -> points.put(what + point, value));
        }
        points.put(what + "samples", (double) count);
        return points;
    }
}
