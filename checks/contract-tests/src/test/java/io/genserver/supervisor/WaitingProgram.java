package io.genserver.supervisor;

import io.genserver.Agent;
import io.genserver.Start;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;

/// A program whose body waits until the JVM ends. [ApplicationTest] runs it in a JVM of its own.
final class WaitingProgram implements Application {

    private WaitingProgram() {}

    @Override
    public String name() {
        return "waiting";
    }

    @Override
    public Start start(Configuration configuration) {
        return Agent.startLink(() -> 1);
    }

    @Override
    @SuppressWarnings("SystemOut") // read by the test
    public void stop() {
        System.out.println("stopped");
    }

    /// @param arguments "closed" to have another shutdown hook close what the body waits for, as a
    ///   library that owns a terminal does
    @SuppressWarnings("SystemOut") // read by the test
    public static void main(String[] arguments) {
        LinkedBlockingQueue<String> terminal = new LinkedBlockingQueue<>();
        if (arguments.length > 0) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> terminal.add(arguments[0])));
        }
        System.exit(
                Application.run(
                        new WaitingProgram(),
                        Configuration.of(Map.of(), Map.of()),
                        () -> {
                            System.out.println("ready");
                            throw new IllegalStateException("the terminal is " + terminal.take());
                        },
                        Duration.ofSeconds(5)));
    }
}
