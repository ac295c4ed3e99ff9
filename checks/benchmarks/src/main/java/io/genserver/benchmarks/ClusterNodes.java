package io.genserver.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;

/// Compares two nodes of a cluster on this machine: ours, without and with TLS, Pekko's, and those
/// of the BEAM if it is installed. Each node is a program of its own.
final class ClusterNodes {

    private static final String PASSWORD = "not-a-secret";
    private static final List<String> ROWS =
            List.of(
                    "round trip p50, µs",
                    "round trip p99, µs",
                    "messages of 100 bytes in order, 1/s",
                    "calls with 64 outstanding, 1/s",
                    "kill -9 to Down, ms");

    /// What can be measured.
    private static final List<String> NAMES = List.of("ours", "tls", "pekko", "beam");

    /// Starts one of the two nodes. The argument is `server` or `client`.
    private interface Side {
        List<String> command(String side);
    }

    private final Path erlang;
    private final Path folder;
    private final int messages;

    private ClusterNodes(Path erlang, Path folder, int messages) {
        this.erlang = erlang;
        this.folder = folder;
        this.messages = messages;
    }

    /// Measures and prints a table.
    ///
    /// @param arguments the folder of the compiled Erlang programs, the number of rounds, the
    ///   number of messages of each measurement, and the names of those that are measured, all by
    ///   default
    public static void main(String[] arguments) throws Exception {
        int rounds = Integer.parseInt(arguments[1]);
        int messages = Integer.parseInt(arguments[2]);
        Work.check(rounds > 0, "1 round or more", rounds);
        Work.check(messages > 0, "1 message or more", messages);
        List<String> chosen = List.of(arguments).subList(3, arguments.length);
        for (String name : chosen) {
            Work.check(NAMES.contains(name), "one of " + NAMES, name);
        }
        Path erlang = Path.of(arguments[0]);
        boolean beam = Files.isDirectory(erlang);
        System.out.print(Machine.describe() + Machine.contestants(beam));
        Path folder = Files.createTempDirectory("bench-cluster");
        new ClusterNodes(erlang, folder, messages)
                .run(rounds, beam, chosen.isEmpty() ? NAMES : chosen);
    }

    private void run(int rounds, boolean beam, List<String> chosen) throws Exception {
        makeKeys();
        Map<String, List<double[]>> all = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            if (chosen.contains("ours")) {
                add(all, "ours", ours(List.of()));
            }
            if (chosen.contains("tls")) {
                add(all, "ours, TLS", ours(List.of(keys().toString(), password().toString())));
            }
            if (chosen.contains("pekko")) {
                add(all, "Pekko", pekko());
            }
            if (beam && chosen.contains("beam")) {
                add(all, "BEAM", beam());
            }
        }
        print(all);
    }

    private static void add(Map<String, List<double[]>> to, String name, Side side)
            throws Exception {
        double[] figures = measure(side);
        System.err.println(name + ": " + Arrays.toString(figures));
        to.computeIfAbsent(name, _ -> new ArrayList<>()).add(figures);
    }

    // The commands

    private Side ours(List<String> tls) throws IOException {
        String server = "127.0.0.1:" + freePort();
        String client = "127.0.0.1:" + freePort();
        return side -> java(OursCluster.class, side, server, client, tls);
    }

    private Side pekko() throws IOException {
        String server = freePort();
        String client = freePort();
        return side -> java(PekkoCluster.class, side, server, client, List.of());
    }

    private List<String> java(
            Class<?> program, String side, String server, String client, List<String> more) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xms512m", "-Xmx512m", "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        boolean isServer = side.equals("server");
        command.addAll(List.of(side, isServer ? server : client, isServer ? client : server));
        command.add(Integer.toString(messages));
        command.addAll(more);
        return command;
    }

    private Side beam() {
        String unique = Long.toString(ProcessHandle.current().pid());
        String server = "bench_server_" + unique + "@127.0.0.1";
        return side -> {
            List<String> command = new ArrayList<>(List.of("erl", "-noshell", "-pa"));
            command.addAll(List.of(erlang.toString(), "-setcookie", "not_a_secret", "-name"));
            if (side.equals("server")) {
                command.addAll(List.of(server, "-run", "bench_cluster", "server"));
            } else {
                command.addAll(List.of("bench_client_" + unique + "@127.0.0.1"));
                command.addAll(List.of("-run", "bench_cluster", "client", server));
                command.add(Integer.toString(messages));
            }
            return command;
        };
    }

    private static String freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return Integer.toString(socket.getLocalPort());
        }
    }

    // One measurement

    private static double[] measure(Side side) throws Exception {
        Process server = start(side.command("server"));
        Process client = null;
        try {
            client = start(side.command("client"));
            await(server.inputReader(StandardCharsets.UTF_8), "ready");
            BufferedReader said = client.inputReader(StandardCharsets.UTF_8);
            String[] figures = await(said, "figures").split(" ", -1);
            await(said, "monitoring");
            long start = System.nanoTime();
            server.destroyForcibly();
            await(said, "down");
            double down = (System.nanoTime() - start) / 1e6;
            return IntStream.range(0, ROWS.size())
                    .mapToDouble(row ->
                            row == ROWS.size() - 1 ? down : Double.parseDouble(figures[row + 1]))
                    .toArray();
        } finally {
            server.destroyForcibly().waitFor();
            if (client != null) {
                client.destroyForcibly().waitFor();
            }
        }
    }

    private static Process start(List<String> command) throws IOException {
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    private static String await(BufferedReader output, String word) throws IOException {
        List<String> before = new ArrayList<>();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (line.startsWith(word)) {
                return line;
            }
            before.add(line);
        }
        throw new AssertionError("expected the node to say " + word + ", got: " + before);
    }

    // Keys for TLS

    private Path keys() {
        return folder.resolve("keys.p12");
    }

    private Path password() {
        return folder.resolve("password");
    }

    /// Makes a certificate that both nodes have and trust.
    private void makeKeys() throws Exception {
        Files.writeString(password(), PASSWORD);
        String certificate = folder.resolve("certificate").toString();
        keytool("-genkeypair -alias node -keyalg EC -groupname secp256r1 -dname CN=bench");
        keytool("-exportcert -alias node -file " + certificate);
        keytool("-importcert -noprompt -alias authority -file " + certificate);
    }

    private void keytool(String arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(Arrays.asList(arguments.split(" ", -1)));
        command.addAll(List.of("-keystore", keys().toString(), "-storetype", "PKCS12"));
        command.addAll(List.of("-storepass", PASSWORD));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (InputStream said = process.getInputStream()) {
            String text = new String(said.readAllBytes(), StandardCharsets.UTF_8);
            Work.check(process.waitFor() == 0, "keytool to end with 0", text);
        }
    }

    // The table

    private void print(Map<String, List<double[]>> all) {
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
