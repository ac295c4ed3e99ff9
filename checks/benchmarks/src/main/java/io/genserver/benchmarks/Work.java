package io.genserver.benchmarks;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// One operation of one contestant.
@FunctionalInterface
interface Work {

    /// Warms up, measures and checks the result.
    ///
    /// @return the figures by name, in ns, in bytes or as a count; the name is empty if there is
    ///   only one
    /// @throws AssertionError if the result is wrong
    Map<String, Double> measure(Timing timing) throws Exception;

    /// The quantity whose mean is measured.
    enum Meter {
        /// Units: ns.
        TIME(""),
        /// Bytes allocated by all threads of the JVM, including the carrier threads.
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

    /// The least time to warm up, the least time to measure, and what to measure. Units: ns.
    record Timing(long warmUp, long time, Meter meter) {}

    /// Runs an operation `count` times and checks that it was done.
    @FunctionalInterface
    interface Batch {
        void run(int count) throws Exception;
    }

    /// Code that may throw.
    @FunctionalInterface
    interface Body {
        void run() throws Exception;
    }

    /// Runs a body whose failure no other thread would see. If it fails, the JVM ends with 1.
    static void orHalt(Body body) {
        try {
            body.run();
        } catch (Throwable failed) { // errors too
            failed.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }

    /// Measures the mean of one operation over batches of `size` operations.
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

    /// Returns the median, p99, p99.9 and the worst of the samples.
    ///
    /// @param samples at least one, sorted in place; units: ns
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

    /// Returns the bytes in use after garbage collection, the least of four readings.
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
