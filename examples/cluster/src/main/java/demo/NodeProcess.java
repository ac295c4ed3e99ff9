package demo;

import static java.nio.charset.StandardCharsets.UTF_8;

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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A node in a JVM of its own, used through its console.
final class NodeProcess {

    private static final Pattern EVENT = Pattern.compile("\\d\\d:\\d\\d:\\d\\d\\.\\d{3} (.*)");

    private final String name;
    private final Process process;
    private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();

    /// Starts a node.
    ///
    /// @param name how its events are marked
    /// @param log gets what it logs
    NodeProcess(String name, List<String> arguments, Path log, Events events) throws IOException {
        this.name = name;
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path")));
        command.addAll(List.of(ClusterDemo.class.getName(), "node"));
        command.addAll(arguments);
        process =
                new ProcessBuilder(command)
                        .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        Thread.ofVirtual().name("output of " + name).start(() -> read(events));
    }

    private void read(Events events) {
        try (BufferedReader output = process.inputReader(UTF_8)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                Matcher event = EVENT.matcher(line);
                if (event.matches()) {
                    events.add(name, event.group(1).replace("@demo", ""));
                } else {
                    answers.add(line);
                }
            }
        } catch (IOException | UncheckedIOException e) {
            answers.add("the output of " + name + " cannot be read: " + e.getMessage());
        }
    }

    /// Runs a command on the node's console and returns its answer.
    String ask(String command) throws IOException, InterruptedException {
        say(command);
        return answer(command);
    }

    /// Gives a command to the node's console. Its answer has to be fetched.
    void say(String command) throws IOException {
        Writer input = process.outputWriter(UTF_8);
        input.write(command + "\n");
        input.flush();
    }

    /// Returns the answer to the command that was given.
    String answer(String command) throws InterruptedException {
        String answer = answers.poll(Events.CEILING.toSeconds(), TimeUnit.SECONDS);
        if (answer == null) {
            throw new Broken("node " + name + " did not answer: " + command);
        }
        return answer;
    }

    /// Ends it with SIGKILL, as `kill -9` does.
    void kill() {
        process.destroyForcibly().onExit().join();
    }

    /// Stops all of its threads.
    void pause() throws IOException, InterruptedException {
        signal("STOP");
    }

    /// Lets its threads go on.
    void resume() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String signal) throws IOException, InterruptedException {
        Shell.run("kill", "-" + signal, Long.toString(process.pid()));
    }
}
