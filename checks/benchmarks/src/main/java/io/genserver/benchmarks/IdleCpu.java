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

/// Measures the CPU time of servers that are idle.
final class IdleCpu {

    static final int SERVERS = 100_000;

    private static final int SETTLING = 3_000; // units: ms
    private static final int SECONDS = 10;

    /// Linux reports the CPU time of each thread here in ns. The JDK's own figure has ticks of 10
    /// ms.
    private static final Path TASKS = Path.of("/proc/self/task");

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private IdleCpu() {}

    /// One use of a server.
    @FunctionalInterface
    interface Use {

        /// Adds one and returns the new value.
        long increment(int server) throws Exception;
    }

    /// Uses each server once, measures while all are idle, and uses some again. The servers must be
    /// new.
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

    /// Returns the CPU time of all threads except the JVM's own, such as the garbage collector's.
    /// Units: ns.
    private static long javaTime() {
        long[] times = THREADS.getThreadCpuTime(THREADS.getAllThreadIds());
        return Arrays.stream(times).filter(time -> time > 0).sum();
    }

    /// Returns the CPU time of the whole JVM. Units: ns.
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
        } catch (IOException ended) { // the thread has ended since it was listed
            return 0;
        }
    }
}
