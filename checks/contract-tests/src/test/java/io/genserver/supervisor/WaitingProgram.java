package io.genserver.supervisor;

import io.genserver.Agent;
import io.genserver.Processes;
import io.genserver.Start;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;

/// A program that waits until the JVM ends. [ApplicationTest] runs it in a JVM of its own.
///
/// @param how "waiting": the body waits; "closed": another shutdown hook closes what the body waits
///   for, as a library that owns a terminal does; "starting": the start takes long
record WaitingProgram(String how) implements Application {

    @Override
    public String name() {
        return "waiting";
    }

    @Override
    public Start<?> start(Configuration configuration) {
        if (how.equals("starting")) {
            ready();
            Processes.sleep(Duration.ofMillis(500));
        }
        return Agent.startLink(() -> 1);
    }

    @Override
    @SuppressWarnings("SystemOut") // the test reads the output
    public void stop() {
        System.out.println("stopped");
    }

    private Integer body() throws InterruptedException {
        LinkedBlockingQueue<String> terminal = new LinkedBlockingQueue<>();
        if (how.equals("closed")) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> terminal.add("closed")));
        }
        ready();
        throw new IllegalStateException("the terminal is " + terminal.take());
    }

    @SuppressWarnings("SystemOut") // the test reads the output
    private static void ready() {
        System.out.println("ready");
    }

    /// Runs the program.
    ///
    /// @param arguments how it waits
    public static void main(String[] arguments) {
        WaitingProgram program = new WaitingProgram(arguments[0]);
        Configuration configuration = Configuration.of(Map.of(), Map.of());
        System.exit(Application.run(program, configuration, program::body, Duration.ofSeconds(5)));
    }
}
