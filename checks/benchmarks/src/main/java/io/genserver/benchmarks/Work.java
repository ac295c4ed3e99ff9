package io.genserver.benchmarks;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// One operation done by one contestant.
@FunctionalInterface
interface Work {

    /// Warms up, measures and checks what came out.
    ///
    /// @return what was measured, in ns or bytes, by its name; the name is empty if there is but
    ///   one
    /// @throws AssertionError if the work was not done
    Map<String, Double> measure(Timing timing) throws Exception;

    /// What a mean is taken of.
    enum Meter {
        /// Units: ns.
        TIME(""),
        /// What all threads of the JVM have allocated, those that run virtual threads among them.
        ALLOCATION("bytes");

        private static final ThreadMXBean THREADS =
                (ThreadMXBean) ManagementFactory.getThreadMXBean();

        private final String measure;

        Meter(String measure) {
            this.measure = measure;
        }

        long read() {
            return this == TIME ? System.nanoTime() : THREADS.getTotalThreadAllocatedBytes();
        }
    }

    /// How long to warm up and to measure, at least, and what. Units: ns.
    record Timing(long warmUp, long time, Meter meter) {}

    /// Does an operation so many times, and checks that it did.
    @FunctionalInterface
    interface Batch {
        void run(int count) throws Exception;
    }

    /// Something to wait for.
    @FunctionalInterface
    interface Body {
        void run() throws Exception;
    }

    /// The mean of one operation, over batches of so many.
    static Map<String, Double> each(int size, Timing timing, Batch batch) throws Exception {
        return Map.of(timing.meter().measure, mean(size, timing, batch));
    }

    static double mean(int size, Timing timing, Batch batch) throws Exception {
        long begin = System.nanoTime();
        do {
            batch.run(size);
        } while (System.nanoTime() - begin < timing.warmUp());
        long start = System.nanoTime();
        long before = timing.meter().read();
        long count = 0;
        do {
            batch.run(size);
            count += size;
        } while (System.nanoTime() - start < timing.time());
        return (double) (timing.meter().read() - before) / count;
    }

    /// The usual points of a distribution.
    ///
    /// @param samples units: ns; gets sorted
    static Map<String, Double> percentiles(long[] samples) {
        check(samples.length > 0, "a sample", "none");
        Arrays.sort(samples);
        Map<String, Double> points = new LinkedHashMap<>();
        points.put("p50", point(samples, 0.5));
        points.put("p99", point(samples, 0.99));
        points.put("p99.9", point(samples, 0.999));
        points.put("worst", (double) samples[samples.length - 1]);
        return points;
    }

    private static double point(long[] sorted, double part) {
        return sorted[(int) Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)];
    }

    static void check(boolean right, Object expected, Object got) {
        if (!right) {
            throw new AssertionError("expected " + expected + ", got: " + got);
        }
    }

    static void checkCount(long expected, long got) {
        check(expected == got, expected, got);
    }

    /// The bytes in use after collecting the garbage.
    static long usedHeap() throws InterruptedException {
        long used = Long.MAX_VALUE;
        for (int i = 0; i < 4; i++) {
            System.gc();
            Thread.sleep(50);
            Runtime runtime = Runtime.getRuntime();
            used = Math.min(used, runtime.totalMemory() - runtime.freeMemory());
        }
        return used;
    }
}
