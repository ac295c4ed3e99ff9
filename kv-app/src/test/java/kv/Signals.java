package kv;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Sends signals to programs.
public final class Signals {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final long INT = 1 << 1;

    private Signals() {}

    /// Does what Ctrl-C does. A program ignores that if this JVM does, as in the background of a
    /// script, so there is nothing to test then.
    public static void interrupt(Process program) throws IOException, InterruptedException {
        assumeFalse(ignoresInterrupts(), "a program that is started here ignores Ctrl-C");
        new ProcessBuilder("kill", "-INT", Long.toString(program.pid())).start().waitFor();
    }

    private static boolean ignoresInterrupts() throws IOException {
        if (!Files.exists(STATUS)) {
            return false;
        }
        return Files.readAllLines(STATUS).stream()
                .filter(line -> line.startsWith("SigIgn:"))
                .map(line -> line.substring("SigIgn:".length()).strip())
                .anyMatch(mask -> (Long.parseUnsignedLong(mask, 16) & INT) != 0);
    }
}
