package io.genserver;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Runs a program of a test in a JVM of its own, because a JVM reads some system properties only
/// once.
public final class OtherJvm {

    private OtherJvm() {}

    /// Runs a program to its end.
    ///
    /// @param folder where it runs
    /// @param property what is set on the command line, such as `genserver.mdc=off`
    /// @param errors whether to return what it writes to standard error instead of its output
    /// @return the lines
    public static List<String> run(Path folder, String property, Class<?> program, boolean errors)
            throws IOException, InterruptedException {
        return run(folder, List.of("-D" + property), program, errors);
    }

    /// Runs a program to its end.
    ///
    /// @param folder where it runs
    /// @param options those of the JVM
    /// @param errors whether to return what it writes to standard error instead of its output
    /// @return the lines
    public static List<String> run(
            Path folder, List<String> options, Class<?> program, boolean errors)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        Process process = new ProcessBuilder(command).directory(folder.toFile()).start();
        try (var output = errors ? process.errorReader(UTF_8) : process.inputReader(UTF_8)) {
            List<String> lines = output.readAllLines();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            return lines;
        } finally {
            process.destroyForcibly();
        }
    }
}
