package io.genserver.benchmarks;

import io.genserver.ports.FreePorts;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// The programs of two nodes: ours, without and with TLS, Pekko's, and those of the BEAM if it is
/// installed. Each node is a program of its own.
final class ClusterPrograms {

    private static final String PASSWORD = "not-a-secret";

    /// What can be measured.
    static final List<String> NAMES = List.of("ours", "tls", "pekko", "beam");

    /// What is measured with two nodes that run.
    @FunctionalInterface
    interface Measurement<R> {
        /// Measures.
        ///
        /// @param said what the client says
        R run(Process server, BufferedReader said) throws Exception;
    }

    /// The two nodes of one contestant.
    ///
    /// @param ports where they listen
    /// @param command what starts one of them, for `server` or `client`
    record Pair(List<String> ports, Function<String, List<String>> command) {

        /// Starts both nodes, measures, and kills them.
        <R> R run(Measurement<R> measurement) throws Exception {
            Process server = start("server");
            Process client = null;
            try {
                client = start("client");
                await(server.inputReader(StandardCharsets.UTF_8), "ready");
                return measurement.run(server, client.inputReader(StandardCharsets.UTF_8));
            } finally {
                server.destroyForcibly().waitFor();
                if (client != null) {
                    client.destroyForcibly().waitFor();
                }
            }
        }

        private Process start(String side) throws IOException {
            Process node =
                    new ProcessBuilder(command.apply(side))
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            // A benchmark that is stopped leaves no node behind.
            Runtime.getRuntime().addShutdownHook(new Thread(node::destroyForcibly));
            return node;
        }
    }

    private final Path erlang;
    private final Path folder;
    private final String what;

    /// @param erlang the folder of the compiled Erlang programs
    /// @param what what the clients are told to do, see [ClusterClient#run]
    ClusterPrograms(Path erlang, String what) throws Exception {
        this.erlang = erlang;
        this.folder = Files.createTempDirectory("bench-cluster");
        this.what = what;
        makeKeys();
    }

    boolean hasErlang() {
        return Files.isDirectory(erlang);
    }

    /// Makes fresh pairs, which have not been started.
    ///
    /// @param chosen some of [#NAMES], or none for all
    Map<String, Pair> pairs(List<String> chosen) throws IOException {
        List<String> wanted = chosen.isEmpty() ? NAMES : chosen;
        Map<String, Pair> pairs = new LinkedHashMap<>();
        if (wanted.contains("ours")) {
            pairs.put("ours", ours(List.of()));
        }
        if (wanted.contains("tls")) {
            pairs.put("ours, TLS", ours(List.of(keys().toString(), password().toString())));
        }
        if (wanted.contains("pekko")) {
            pairs.put("Pekko", pekko());
        }
        if (hasErlang() && wanted.contains("beam")) {
            pairs.put("BEAM", beam());
        }
        Argument.check(!pairs.isEmpty(), "one of " + wanted + " to be installed", "none");
        return pairs;
    }

    private Pair ours(List<String> tls) throws IOException {
        List<String> ports = freePorts();
        String server = "127.0.0.1:" + ports.getFirst();
        String client = "127.0.0.1:" + ports.getLast();
        return new Pair(ports, side -> java(OursCluster.class, side, server, client, tls));
    }

    private Pair pekko() throws IOException {
        List<String> ports = freePorts();
        String server = ports.getFirst();
        String client = ports.getLast();
        return new Pair(ports, side -> java(PekkoCluster.class, side, server, client, List.of()));
    }

    private List<String> java(
            Class<?> program, String side, String server, String client, List<String> more) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xms512m", "-Xmx512m", "--sun-misc-unsafe-memory-access=allow"));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
        boolean isServer = side.equals("server");
        command.addAll(List.of(side, isServer ? server : client, isServer ? client : server));
        command.add(what);
        command.addAll(more);
        return command;
    }

    private Pair beam() throws IOException {
        List<String> ports = freePorts();
        String unique = Long.toString(ProcessHandle.current().pid());
        String server = "bench_server_" + unique + "@127.0.0.1";
        return new Pair(
                ports,
                side -> {
                    boolean isServer = side.equals("server");
                    String port = isServer ? ports.getFirst() : ports.getLast();
                    List<String> command = new ArrayList<>(List.of("erl", "-noshell", "-pa"));
                    command.addAll(List.of(erlang.toString(), "-setcookie", "not_a_secret"));
                    command.addAll(List.of("-kernel", "inet_dist_listen_min", port));
                    command.addAll(List.of("inet_dist_listen_max", port, "-name"));
                    if (isServer) {
                        command.addAll(List.of(server, "-run", "bench_cluster", "server"));
                    } else {
                        command.add("bench_client_" + unique + "@127.0.0.1");
                        command.addAll(List.of("-run", "bench_cluster", "client", server, what));
                    }
                    return command;
                });
    }

    private static List<String> freePorts() throws IOException {
        return List.of(Integer.toString(FreePorts.next()), Integer.toString(FreePorts.next()));
    }

    /// Reads what a node says until it says one of some words.
    ///
    /// @return the line
    static String await(BufferedReader output, String... words) throws IOException {
        List<String> before = new ArrayList<>();
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            if (Arrays.stream(words).anyMatch(line::startsWith)) {
                return line;
            }
            before.add(line);
        }
        throw new AssertionError(
                "expected the node to say " + String.join(" or ", words) + ", got: " + before);
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
        command.addAll(List.of("-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC"));
        command.addAll(Arrays.asList(arguments.split(" ", -1)));
        command.addAll(List.of("-keystore", keys().toString(), "-storetype", "PKCS12"));
        command.addAll(List.of("-storepass", PASSWORD));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        try (InputStream said = process.getInputStream()) {
            String text = new String(said.readAllBytes(), StandardCharsets.UTF_8);
            Work.check(process.waitFor() == 0, "keytool to end with 0", text);
        }
    }
}
