package io.genserver.benchmarks;

import java.io.File;
import java.io.IOException;
import java.util.Objects;

/// Measures what metrics, traces and contexts that travel cost a call, a cast and a hop. Each row
/// of the table is measured in a JVM of its own, because the runtime finds the modules when it
/// starts.
final class ContextCosts {

    private ContextCosts() {}

    /// What is switched on.
    enum Mode {
        NO_MODULE("no module", ""),
        EMPTY("context propagation, empty", "genserver-context-propagation"),
        ONE("context propagation, one value", "genserver-context-propagation"),
        THREE("context propagation, three values", "genserver-context-propagation"),
        OTEL_EMPTY("OpenTelemetry, empty context", "genserver-opentelemetry"),
        OTEL_ONE("OpenTelemetry, one value", "genserver-opentelemetry"),
        TRACING("OpenTelemetry, tracing, in a span", "genserver-opentelemetry"),
        METRICS("Micrometer", ""),
        METRICS_CALLS("Micrometer, with calls", "");

        final String text;
        private final String module; // besides the libraries

        Mode(String text, String module) {
            this.text = text;
            this.module = module;
        }
    }

    /// Prints the table.
    ///
    /// @param arguments the folder of the modules, and the number of milliseconds for each value
    public static void main(String[] arguments) throws Exception {
        Argument.whole(arguments[1], "milliseconds for each value", 1);
        System.out.println("| ns | non-blocking call | ordinary call | cast, drained | hop |");
        System.out.println("|---|---|---|---|---|");
        for (Mode mode : Mode.values()) {
            run(mode, new File(arguments[0]), arguments[1]);
        }
    }

    private static void run(Mode mode, File modules, String time)
            throws IOException, InterruptedException {
        StringBuilder path = new StringBuilder(System.getProperty("java.class.path"));
        for (File jar : Objects.requireNonNull(modules.listFiles(), "the modules")) {
            boolean carrier =
                    jar.getName().startsWith("genserver-context-propagation")
                            || jar.getName().startsWith("genserver-opentelemetry");
            if (!carrier || (!mode.module.isEmpty() && jar.getName().startsWith(mode.module))) {
                path.append(File.pathSeparatorChar).append(jar);
            }
        }
        Process process =
                new ProcessBuilder(
                                System.getProperty("java.home") + "/bin/java",
                                "-Djdk.virtualThreadScheduler.parallelism=1",
                                "-Djdk.virtualThreadScheduler.maxPoolSize=1",
                                "--sun-misc-unsafe-memory-access=allow",
                                "-cp",
                                path.toString(),
                                ContextCost.class.getName(),
                                mode.name(),
                                time)
                        .inheritIO()
                        .start();
        Work.check(process.waitFor() == 0, "a JVM that ends with 0", process.exitValue());
    }
}
