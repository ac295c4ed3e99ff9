package io.genserver.benchmarks;

import static io.genserver.benchmarks.ClusterPrograms.await;

import io.genserver.benchmarks.ClusterPrograms.Pair;
import java.io.BufferedReader;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Cuts two nodes of a cluster off from each other, and measures how long it takes until one of
/// them notices, and after the end of the cut until they are together. Runs in a network of its
/// own.
final class ClusterCut {

    /// How long a cut goes on after one node has noticed it, so that the other one notices too.
    private static final Duration REST = Duration.ofSeconds(15);

    private ClusterCut() {}

    /// Measures and prints a table.
    ///
    /// @param arguments the folder of the compiled Erlang programs, and the names of those that are
    ///   measured, all by default
    public static void main(String[] arguments) throws Exception {
        List<String> chosen = List.of(arguments).subList(1, arguments.length);
        Argument.known(chosen, ClusterPrograms.NAMES);
        ClusterPrograms programs = new ClusterPrograms(Path.of(arguments[0]), ClusterClient.CUT);
        System.out.print(Machine.describe() + Machine.contestants(programs.hasErlang()));
        System.out.println("| | cut to Down, s | end of the cut to one cluster, s |");
        System.out.println("|---|---|---|");
        for (Map.Entry<String, Pair> nodes : programs.pairs(chosen).entrySet()) {
            Pair pair = nodes.getValue();
            String figures = pair.run((_, said) -> measure(pair.ports(), said));
            System.out.println("| " + nodes.getKey() + " | " + figures + " |");
        }
    }

    private static String measure(List<String> ports, BufferedReader said) throws Exception {
        await(said, "monitoring");
        cut(ports);
        long start = System.nanoTime();
        await(said, "down");
        String down = seconds(start);
        Thread.sleep(REST);
        heal();
        start = System.nanoTime();
        boolean together = await(said, "together", "apart").equals("together");
        return down + " | " + (together ? seconds(start) : "only if a node starts again");
    }

    private static String seconds(long start) {
        return String.format(Locale.ROOT, "%.1f", (System.nanoTime() - start) / 1e9);
    }

    // The network

    private static void cut(List<String> ports) throws Exception {
        String both = "{ " + String.join(", ", ports) + " }";
        nft(
                """
                add table ip cut
                add chain ip cut out { type filter hook output priority 0 ; }
                add rule ip cut out tcp dport %s drop
                add rule ip cut out tcp sport %s drop
                """
                        .formatted(both, both));
    }

    private static void heal() throws Exception {
        nft("delete table ip cut");
    }

    private static void nft(String script) throws Exception {
        Process nft = new ProcessBuilder("nft", script).redirectErrorStream(true).start();
        try (InputStream said = nft.getInputStream()) {
            String text = new String(said.readAllBytes(), StandardCharsets.UTF_8);
            Work.check(nft.waitFor() == 0, "nft to end with 0", text);
        }
    }
}
