package demo;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.List;

/// Runs other programs.
final class Shell {

    private Shell() {}

    /// Runs a program to its end.
    ///
    /// @throws IOException if it cannot be run or fails; says what it has printed
    static void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String printed = new String(process.getInputStream().readAllBytes(), UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(String.join(" ", List.of(command)) + ": " + printed);
        }
    }
}
