package io.genserver.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/// What servers cost that have nothing to do.
final class IdleCpu {

    static final int SERVERS = 100_000;

    private static final int SETTLING = 3_000; // units: ms
    private static final int SECONDS = 10;

    /// Linux has a time in ns for each thread here; the JDK's own figure has ticks of 10 ms.
    private static final Path TASKS = Path.of("/proc/self/task");

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private IdleCpu() {}

    /// How a server is used.
    @FunctionalInterface
    interface Use {

        /// Adds one and returns the new value.
        long increment(int server) throws Exception;
    }

    /// Uses each server, which is to be new, lets them all be, and uses some again.
    static Map<String, Double> measure(Use use) throws Exception {
        for (int i = 0; i < SERVERS; i++) {
            Work.checkCount(1, use.increment(i));
        }
        System.gc();
        Thread.sleep(SETTLING);
        double used = -processorTime();
        double java = -javaTime();
        Thread.sleep(SECONDS * 1_000L);
        used += processorTime();
        java += javaTime();
        for (int i = 0; i < SERVERS; i += 100) {
            Work.checkCount(2, use.increment(i));
        }
        Map<String, Double> measured = new LinkedHashMap<>();
        measured.put("", used / SECONDS);
        measured.put("of Java threads", java / SECONDS);
        return measured;
    }

    /// What the threads have used that are not the JVM's own, as its collector's. Units: ns.
    private static long javaTime() {
        long[] times = THREADS.getThreadCpuTime(THREADS.getAllThreadIds());
        return Arrays.stream(times).filter(time -> time > 0).sum();
    }

    /// What the process has used. Units: ns.
    private static long processorTime() throws IOException {
        if (!Files.exists(Path.of("/proc/self/schedstat"))) {
            return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                    .getProcessCpuTime();
        }
        long sum = 0;
        try (DirectoryStream<Path> tasks = Files.newDirectoryStream(TASKS)) {
            for (Path task : tasks) {
                sum += processorTime(task);
            }
        }
        return sum;
    }

    private static long processorTime(Path task) {
        try {
            String times = Files.readString(task.resolve("schedstat"));
            return Long.parseLong(times.substring(0, times.indexOf(' ')));
        } catch (IOException ended) { // the thread has gone since it was listed
            return 0;
        }
    }
}
