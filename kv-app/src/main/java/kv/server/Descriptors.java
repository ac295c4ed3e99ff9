package kv.server;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The file descriptors of this process. Each connection needs one.
final class Descriptors {

    /// What the JVM, the port and the files of the store need.
    private static final int OTHERS = 200;

    /// How many clients may be connected if nobody says another number.
    private static final int STANDARD = 10_000;

    private static final Logger log = LoggerFactory.getLogger(Descriptors.class);

    private Descriptors() {}

    /// Returns how many files and connections the process may have, or the greatest number if the
    /// operating system has no such limit.
    static long limit() {
        return ManagementFactory.getOperatingSystemMXBean()
                        instanceof UnixOperatingSystemMXBean system
                ? system.getMaxFileDescriptorCount()
                : Long.MAX_VALUE;
    }

    /// Returns how many connections there can be with that limit, at least 1.
    static int connections(long limit) {
        return Math.clamp(limit - OTHERS, 1, Integer.MAX_VALUE);
    }

    /// Returns how many clients may be connected if nobody says another number. Warns if the limit
    /// makes them fewer.
    static int standard(long limit) {
        int possible = connections(limit);
        if (possible >= STANDARD) {
            return STANDARD;
        }
        log.warn(
                "at most {} clients may be connected, because the process may have {} open files (ulimit -n)",
                possible,
                limit);
        return possible;
    }
}
