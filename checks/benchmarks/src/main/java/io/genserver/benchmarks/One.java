package io.genserver.benchmarks;

import java.util.Map;

/// Runs one operation of one contestant in this JVM and prints the figures.
final class One {

    private One() {}

    /// Measures, prints and ends the JVM.
    ///
    /// @param arguments contestant, operation, warm-up and measuring time in milliseconds
    public static void main(String[] arguments) throws Exception {
        Operation operation = Operation.of(arguments[1]);
        Contestant contestant = Contestant.of(arguments[0]);
        contestant.prepare();
        Work work = contestant.work(operation);
        if (work == null) {
            throw new IllegalArgumentException(
                    "expected an operation of " + arguments[0] + ", got: " + operation.id());
        }
        long warmUp = Long.parseLong(arguments[2]) * 1_000_000;
        long time = Long.parseLong(arguments[3]) * 1_000_000;
        Map<String, Double> measured = work.measure(new Work.Timing(warmUp, time, Work.Meter.TIME));
        measured.forEach((name, value) -> System.out.println("= " + name + " " + value));
        System.out.flush();
        Runtime.getRuntime().halt(0); // without waiting for threads that still run
    }
}
