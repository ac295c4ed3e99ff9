package io.genserver.benchmarks;

import static io.genserver.benchmarks.ClusterPrograms.await;

import io.genserver.benchmarks.ClusterPrograms.Pair;
import java.io.BufferedReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/// Compares what two nodes of a cluster on this machine cost, and how fast a dead one is noticed.
final class ClusterNodes {

    private static final List<String> ROWS =
            List.of(
                    "round trip p50, µs",
                    "round trip p99, µs",
                    "messages of 100 bytes in order, 1/s",
                    "calls with 64 outstanding, 1/s",
                    "kill -9 to Down, ms");

    private ClusterNodes() {}

    /// Measures and prints a table.
    ///
    /// @param arguments the folder of the compiled Erlang programs, the number of rounds, the
    ///   number of messages of each measurement, and the names of those that are measured, all by
    ///   default
    public static void main(String[] arguments) throws Exception {
        int rounds = Argument.whole(arguments[1], "rounds", 1);
        int messages = Argument.whole(arguments[2], "messages", 1);
        List<String> chosen = List.of(arguments).subList(3, arguments.length);
        Argument.known(chosen, ClusterPrograms.NAMES);
        ClusterPrograms programs = new ClusterPrograms(Path.of(arguments[0]), arguments[2]);
        System.out.print(Machine.describe() + Machine.contestants(programs.hasErlang()));
        Map<String, List<double[]>> all = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (Map.Entry<String, Pair> nodes : programs.pairs(chosen).entrySet()) {
                double[] figures = nodes.getValue().run(ClusterNodes::measure);
                System.err.println(nodes.getKey() + ": " + Arrays.toString(figures));
                all.computeIfAbsent(nodes.getKey(), _ -> new ArrayList<>()).add(figures);
            }
        }
        print(all, messages);
    }

    private static double[] measure(Process server, BufferedReader said) throws Exception {
        String[] figures = await(said, "figures").split(" ", -1);
        await(said, "monitoring");
        long start = System.nanoTime();
        server.destroyForcibly();
        await(said, "down");
        double down = (System.nanoTime() - start) / 1e6;
        return IntStream.range(0, ROWS.size())
                .mapToDouble(
                        row -> row == ROWS.size() - 1 ? down : Double.parseDouble(figures[row + 1]))
                .toArray();
    }

    private static void print(Map<String, List<double[]>> all, int messages) {
        System.out.printf(
                "%nMedians of %d rounds, %,d messages each.%n%n| |",
                all.values().iterator().next().size(), messages);
        all.keySet().forEach(name -> System.out.print(" " + name + " |"));
        System.out.println();
        System.out.println("|---".repeat(all.size() + 1) + "|");
        for (int row = 0; row < ROWS.size(); row++) {
            StringBuilder line = new StringBuilder("| " + ROWS.get(row) + " |");
            for (List<double[]> runs : all.values()) {
                line.append(String.format(Locale.ROOT, " %,.0f |", median(runs, row)));
            }
            System.out.println(line);
        }
    }

    private static double median(List<double[]> runs, int row) {
        double[] sorted = runs.stream().mapToDouble(run -> run[row]).sorted().toArray();
        return (sorted[sorted.length / 2] + sorted[(sorted.length - 1) / 2]) / 2;
    }
}
