package io.genserver.cluster.jgroups;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.fail;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// A program of a test in a JVM of its own.
final class Jvm {

    private final Process process;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private Jvm(Process process) {
        this.process = process;
        Thread.ofVirtual().start(this::read);
    }

    /// Starts a program. The caller has to kill it.
    static Jvm start(List<String> options, Class<?> program, String... arguments)
            throws IOException {
        return start(List.of(), options, program, arguments);
    }

    /// Starts a program by another one, such as `unshare -n`.
    static Jvm start(
            List<String> prefix, List<String> options, Class<?> program, String... arguments)
            throws IOException {
        List<String> command = new ArrayList<>(prefix);
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx256m"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        command.addAll(List.of(arguments));
        return new Jvm(
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
    }

    private void read() {
        try (BufferedReader output = process.inputReader(UTF_8)) {
            output.lines().forEach(lines::add);
        } catch (UncheckedIOException | IOException e) {
            lines.add(e.toString()); // the test reads it instead of what it waits for
        }
    }

    /// Waits for the next line of its output.
    String next() throws InterruptedException {
        return next("a line", List.of());
    }

    private String next(String expected, List<String> before) throws InterruptedException {
        String line = lines.poll(Node.CEILING.toSeconds(), TimeUnit.SECONDS);
        String end = process.isAlive() ? "" : ", and the program has ended";
        return line == null ? fail("expected " + expected + ", got: " + before + end) : line;
    }

    /// Waits for a line of its output, and drops those before it.
    void await(String line) throws InterruptedException {
        List<String> before = new ArrayList<>();
        for (String next = next(line, before); !next.equals(line); next = next(line, before)) {
            before.add(next);
            if (before.size() > 1_000) {
                fail("expected " + line + ", got: " + before);
            }
        }
    }

    /// Lines that nobody has waited for.
    List<String> rest() {
        List<String> rest = new ArrayList<>();
        lines.drainTo(rest);
        return rest;
    }

    void say(String line) throws IOException {
        Writer input = process.outputWriter(UTF_8);
        input.write(line + "\n");
        input.flush();
    }

    /// Sends a signal, such as `STOP`.
    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .inheritIO()
                .start()
                .waitFor();
    }

    int exit() throws InterruptedException {
        return process.waitFor();
    }

    long pid() {
        return process.pid();
    }

    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }
}
