package kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.genserver.ports.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The packaged program on several nodes.
@Timeout(240)
class NodesIT {

    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Pattern READY =
            Pattern.compile("kv is ready on 127\\.0\\.0\\.1:(\\d+) .*");
    private static final List<String> NAMES =
            IntStream.range(0, 30).mapToObj(i -> "bucket-" + i).toList();

    @TempDir private Path folder;

    private final List<Integer> ports = new ArrayList<>();
    private final List<Process> processes = new ArrayList<>();
    private Path cookie = Path.of("");

    @BeforeEach
    void choose() throws IOException {
        cookie = Files.writeString(folder.resolve("cookie"), "a secret of this test\n");
        for (int i = 0; i < 3; i++) {
            ports.add(FreePorts.next());
        }
    }

    @AfterEach
    void kill() throws InterruptedException {
        for (Process process : processes) {
            process.destroyForcibly().waitFor();
        }
    }

    private String name(int node) {
        return (char) ('a' + node) + "@127.0.0.1:" + ports.get(node);
    }

    private String[] options(int node, String... more) {
        List<String> all = new ArrayList<>(List.of("--node", name(node), "--cookie-file"));
        all.add(cookie.toString());
        for (int port : ports) {
            all.addAll(List.of("--seed", "127.0.0.1:" + port));
        }
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    private record Server(Process process, int port) {

        /// Sends a request and returns all lines of the reply.
        List<String> askAll(String request) throws IOException {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.setSoTimeout((int) LONG.toMillis());
                socket.getOutputStream()
                        .write((request + "\n").getBytes(StandardCharsets.US_ASCII));
                socket.shutdownOutput(); // so the server closes after its reply
                byte[] reply = socket.getInputStream().readAllBytes();
                return new String(reply, StandardCharsets.US_ASCII).lines().toList();
            }
        }

        String ask(String request) throws IOException {
            return askAll(request).getFirst();
        }

        List<String> lines(String request) throws IOException {
            List<String> lines = askAll(request);
            return lines.subList(0, lines.size() - 1);
        }
    }

    private Server serve(int node, String... more) throws IOException {
        List<String> command = new ArrayList<>(List.of("serve", "--port", "0"));
        command.addAll(List.of(options(node, more)));
        Process process =
                KvProgram.command(command.toArray(String[]::new))
                        .redirectError(folder.resolve("log-" + node).toFile())
                        .start();
        processes.add(process);
        String line = String.valueOf(process.inputReader(StandardCharsets.UTF_8).readLine());
        Matcher ready = READY.matcher(line);
        assertThat(ready.matches()).as(line).isTrue();
        assertThat(line)
                .endsWith(
                        ", node %s; each change is on two nodes, so one may be lost"
                                .formatted(name(node)));
        return new Server(process, Integer.parseInt(ready.group(1)));
    }

    /// Returns what a server has logged.
    private String log(int node) {
        try {
            return Files.readString(folder.resolve("log-" + node));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Waits until a server knows a bucket of each name.
    private static Map<String, String> places(Server server) {
        Map<String, String> places = new HashMap<>();
        await().atMost(LONG)
                .until(() -> {
                    places.clear();
                    for (String line : server.lines("BUCKETS")) {
                        places.put(
                                line.substring(0, line.indexOf(' ')),
                                line.substring(line.lastIndexOf(' ') + 1));
                    }
                    return places.size() == NAMES.size();
                });
        return places;
    }

    /// Writes to a server without a pause, and keeps what it has acknowledged.
    private static final class Writer implements AutoCloseable {

        private final Map<String, String> acknowledged = new ConcurrentHashMap<>();
        private final Thread thread;
        private volatile boolean goesOn = true;

        Writer(String name, Server server) {
            thread =
                    Thread.ofVirtual()
                            .start(() -> {
                                for (int i = 0; goesOn; i++) {
                                    write(
                                            server,
                                            NAMES.get(i % NAMES.size()) + " " + name + i,
                                            "value-" + i);
                                }
                            });
        }

        private void write(Server server, String key, String value) {
            try {
                if (server.ask("PUT " + key + " " + value).equals("OK")) {
                    acknowledged.put(key, value);
                }
            } catch (IOException refused) {
                throw new UncheckedIOException(refused);
            }
        }

        void awaitMore(int count) {
            int before = acknowledged.size();
            await().atMost(LONG).until(() -> acknowledged.size() >= before + count);
        }

        @Override
        public void close() {
            goesOn = false;
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Test
    void three_servers_are_one_store_that_survives_the_loss_of_one() throws Exception {
        Server a = serve(0, "--expected-nodes", "3");
        assertThat(a.ask("CREATE early")).isEqualTo("NO QUORUM");
        Server b = serve(1, "--expected-nodes", "3");
        Server c = serve(2, "--expected-nodes", "3");
        for (String name : NAMES) {
            assertThat(a.ask("CREATE " + name)).isEqualTo("OK");
            assertThat(b.ask("PUT " + name + " k " + name)).isEqualTo("OK");
            assertThat(c.askAll("GET " + name + " k")).containsExactly(name, "OK");
        }
        assertThat(places(a).values()).contains(name(0), name(1), name(2));
        assertThat(b.lines("INFO")).contains("node " + name(1), "quorum true");

        Map<String, String> acknowledged = new HashMap<>();
        try (Writer first = new Writer("a", a);
                Writer second = new Writer("b", b)) {
            first.awaitMore(50);
            second.awaitMore(50);
            c.process().destroyForcibly().waitFor(); // kill -9
            first.awaitMore(50);
            second.awaitMore(50);
            acknowledged.putAll(first.acknowledged);
            acknowledged.putAll(second.acknowledged);
        }
        for (String name : NAMES) {
            acknowledged.put(name + " k", name);
        }
        assertThat(missing(acknowledged, a)).isEmpty();
        assertThat(missing(acknowledged, b)).isEmpty();

        Server again = serve(2, "--expected-nodes", "3");
        await().atMost(LONG).until(() -> places(again).containsValue(name(2)));
        b.process().destroy(); // SIGTERM
        assertThat(b.process().waitFor()).isEqualTo(143);
        assertThat(missing(acknowledged, again)).isEmpty();
        assertThat(places(again).values()).contains(name(0), name(2)).doesNotContain(name(1));

        again.process().destroyForcibly().waitFor();
        await().atMost(LONG).until(() -> a.lines("INFO").contains("quorum false"));
        assertThat(a.ask("PUT " + NAMES.getFirst() + " k late")).isEqualTo("NO QUORUM");
        assertThat(a.ask("GET " + NAMES.getFirst() + " k")).isEqualTo("NO QUORUM");
    }

    @Test
    void two_of_three_servers_that_are_stopped_at_once_lose_nothing() throws Exception {
        Server a = serve(0, "--expected-nodes", "3");
        Server b = serve(1, "--expected-nodes", "3");
        Server c = serve(2, "--expected-nodes", "3");
        Map<String, String> acknowledged = new HashMap<>();
        for (String name : NAMES) {
            assertThat(a.ask("CREATE " + name)).isEqualTo("OK");
            assertThat(b.ask("PUT " + name + " k " + name)).isEqualTo("OK");
            acknowledged.put(name + " k", name);
        }

        a.process().destroy(); // SIGTERM
        c.process().destroy();
        for (Server stopped : List.of(a, c)) {
            assertThat(stopped.process().waitFor()).isEqualTo(143);
        }
        await().atMost(LONG).until(() -> b.lines("INFO").contains("quorum false"));
        assertThat(b.ask("GET " + NAMES.getFirst() + " k")).isEqualTo("NO QUORUM");

        Server again = serve(0, "--expected-nodes", "3");
        assertThat(missing(acknowledged, again)).isEmpty();
        assertThat(missing(acknowledged, b)).isEmpty();
    }

    /// Returns what a server does not answer as it was acknowledged.
    private static List<String> missing(Map<String, String> acknowledged, Server server)
            throws IOException {
        List<String> keys = List.copyOf(acknowledged.keySet());
        String requests = keys.stream().map(key -> "GET " + key).collect(Collectors.joining("\n"));
        List<String> replies = server.askAll(requests);
        List<String> missing = new ArrayList<>();
        for (int i = 0; i < keys.size(); i++) {
            String key = keys.get(i);
            if (!replies.get(2 * i).equals(acknowledged.get(key))) {
                missing.add(key + ": " + replies.get(2 * i));
            }
        }
        return missing;
    }

    @Test
    void the_console_is_a_node_too_and_gives_its_buckets_away_at_its_end() throws Exception {
        Server a = serve(0);

        KvProgram.Run script =
                KvProgram.run(
                        folder,
                        """
                        create shopping
                        create office
                        create kitchen
                        put shopping crème brûlée
                        get shopping crème
                        put office desk 1
                        put kitchen milk 2
                        get nowhere milk
                        delete office desk
                        get office desk
                        info
                        info now
                        exit
                        """,
                        options(1));

        assertThat(script.output())
                .containsExactly(
                        "ok",
                        "ok",
                        "ok",
                        "ok",
                        "\"brûlée\"",
                        "ok",
                        "ok",
                        "not found: there is no bucket nowhere",
                        "\"1\"",
                        "nil",
                        "node " + name(1),
                        "connected with " + name(0),
                        "quorum true",
                        "ok");
        assertThat(script.errors())
                .contains(
                        "kv is node "
                                + name(1)
                                + "; each change is on two nodes, so one may be lost",
                        "line 12: expected \"info\", got: info now");
        assertThat(a.askAll("GET kitchen milk")).containsExactly("2", "OK");
        KvProgram.Run second =
                KvProgram.run(folder, "get shopping crème\nlookup shopping\ntree\n", options(2));
        assertThat(second.output().getFirst()).isEqualTo("\"brûlée\"");
        assertThat(second.output().get(1)).matches("#PID<.*> on [ac]@127\\.0\\.0\\.1:\\d+");
        assertThat(second.output())
                .anyMatch(line -> line.contains("io.genserver.cluster.Placement"));
        assertThat(second.status()).isZero();
        // A bucket that moves is in no list for a moment.
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() ->
                        assertThat(a.askAll("BUCKETS"))
                                .as(() -> log(0))
                                .anyMatch(line -> line.startsWith("office "))
                                .anyMatch(line -> line.startsWith("kitchen ")));
    }

    @Test
    void a_node_with_tls_connects_only_with_nodes_that_have_a_certificate() throws Exception {
        Path password = Files.writeString(folder.resolve("password"), "not-a-secret\n");
        Path store = folder.resolve("node.p12");
        Path certificate = folder.resolve("node.crt");
        keytool(
                store,
                "-genkeypair",
                "-alias",
                "node",
                "-keyalg",
                "EC",
                "-dname",
                "CN=node,OU=kv",
                "-ext",
                "bc:c");
        keytool(store, "-exportcert", "-alias", "node", "-file", certificate.toString());
        keytool(store, "-importcert", "-noprompt", "-alias", "ca", "-file", certificate.toString());
        String[] tls = {
            "--node-tls-store", store.toString(),
            "--node-tls-password-file", password.toString(),
            "--node-tls-peer", "kv"
        };
        Server a = serve(0, tls);
        assertThat(a.ask("CREATE x")).isEqualTo("OK");

        KvProgram.Run with = KvProgram.run(folder, "get x k\n", options(1, tls));
        KvProgram.Run without = KvProgram.run(folder, "get x k\n", options(2));

        assertThat(with.output()).as("%s", with).containsExactly("nil");
        assertThat(without.output())
                .as("%s", without)
                .containsExactly("not found: there is no bucket x");
    }

    private static void keytool(Path store, String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "keytool")
                                        .toString(),
                                "-J-XX:TieredStopAtLevel=1",
                                "-J-XX:+UseSerialGC"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("-keystore", store.toString(), "-storepass", "not-a-secret"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    @Test
    void a_node_that_cannot_start_says_why() throws Exception {
        int port = ports.getFirst();
        assertRefused(2, "expected --cookie-file together with --node", "--node", name(0));
        assertRefused(
                2, "expected --node together with --seed", "serve", "--seed", "127.0.0.1:" + port);
        assertRefused(2, "expected --node after the name of the command", start("serve"));
        assertRefused(2, "expected --plain or --node, got both", options(0, "--plain"));
        assertRefused(
                2,
                "expected --expected-nodes to be 1 or more",
                options(0, "--expected-nodes", "0"));
        assertRefused(
                2,
                "expected --node-tls-store and --node-tls-password-file together",
                options(0, "--node-tls-store", "x"));
        assertRefused(
                1,
                "kv did not start: there is no file " + folder.resolve("none"),
                "--node",
                name(0),
                "--cookie-file",
                folder.resolve("none").toString());
        assertRefused(
                1,
                "kv did not start: expected TLS for an address that is not a loopback address",
                "--node",
                "a@192.0.2.1:7801",
                "--cookie-file",
                cookie.toString());
        assertRefused(
                2,
                "expected a secret of 16 bytes or more, because others can guess a shorter one, got:"
                        + " 5 bytes",
                "--node",
                name(0),
                "--cookie-file",
                Files.writeString(folder.resolve("short"), "short\n").toString());
        try (ServerSocket _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertRefused(1, "kv did not start: cannot listen at 127.0.0.1:" + port, options(0));
        }
    }

    private String[] start(String command) {
        List<String> all = new ArrayList<>(List.of(options(0)));
        all.add(command);
        return all.toArray(String[]::new);
    }

    private void assertRefused(int status, String message, String... arguments) throws Exception {
        KvProgram.Run run = KvProgram.run(folder, "", arguments);
        assertThat(run.errors()).as(message).isNotEmpty();
        assertThat(run.errors().getFirst()).startsWith(message);
        assertThat(run.status()).isEqualTo(status);
    }
}
