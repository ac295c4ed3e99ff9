package kv;

import io.genserver.ports.FreePorts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Runs the packaged program the way a user runs it, but with options of the JVM and an AOT cache
/// that fit many short runs. A node takes a third of the processor time with them.
final class KvProgram {

    static final String JVM_OPTIONS = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

    private static final Path HOME = Path.of(System.getProperty("kv.home"));

    static {
        train();
    }

    private KvProgram() {}

    /// Stores the classes of a node in the cache that the program looks for.
    private static void train() {
        try {
            Path cache = HOME.resolve("kv.aot");
            Files.deleteIfExists(cache);
            Path cookie = Files.writeString(HOME.resolve("cookie"), "a secret of this run");
            ProcessBuilder node =
                    command(
                                    "--node",
                                    "a@" + FreePorts.nextAddress(),
                                    "--cookie-file",
                                    cookie.toString())
                            .directory(HOME.toFile());
            node.environment().put("KV_JAVA_OPTIONS", JVM_OPTIONS + " -XX:AOTCacheOutput=kv.aot");
            Run run = run(HOME, "create a\nput a k v\nget a k\n", node);
            if (run.status() != 0 || !Files.exists(cache)) {
                throw new IllegalStateException("expected kv to store an AOT cache, got: " + run);
            }
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException("kv cannot be trained", e);
        }
    }

    /// The result of one run.
    record Run(int status, List<String> output, List<String> errors) {}

    static ProcessBuilder command(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(HOME.resolve("bin").resolve("kv").toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("KV_JAVA_OPTIONS", JVM_OPTIONS);
        return builder;
    }

    static Run run(Path folder, String input, String... arguments)
            throws IOException, InterruptedException {
        return run(folder, input, command(arguments));
    }

    static Run run(Path folder, String input, ProcessBuilder command)
            throws IOException, InterruptedException {
        Path in = Files.writeString(folder.resolve("in"), input);
        Path out = folder.resolve("out");
        Path err = folder.resolve("err");
        Process process =
                command.redirectInput(in.toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile())
                        .start();
        if (!process.waitFor(120, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("expected kv to end within 120 s; " + Files.readString(err));
        }
        return new Run(
                process.exitValue(),
                Files.readAllLines(out, StandardCharsets.UTF_8),
                Files.readAllLines(err, StandardCharsets.UTF_8));
    }
}
