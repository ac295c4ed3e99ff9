package kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import kv.server.Certificates;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The packaged server and its client.
@Timeout(120)
class ServeIT {

    private static final Pattern READY =
            Pattern.compile("kv is ready on (.*):(\\d+) \\(pid (\\d+)\\)");

    @TempDir private Path folder;

    private final List<Process> servers = new ArrayList<>();

    @AfterEach
    void kill() throws InterruptedException {
        for (Process server : servers) {
            server.destroyForcibly().waitFor();
        }
    }

    private record Server(Process process, BufferedReader output, int port, Path log) {

        String address() {
            return "127.0.0.1:" + port;
        }

        int end() throws InterruptedException {
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
            return process.exitValue();
        }
    }

    private Server serve(String... options) throws IOException {
        String[] all =
                Stream.concat(Stream.of("serve", "--port", "0"), Stream.of(options))
                        .toArray(String[]::new);
        return serve(KvProgram.command(all));
    }

    private Server serve(ProcessBuilder command) throws IOException {
        Path log = Files.createTempFile(folder, "serve", ".log");
        Process process = command.redirectError(log.toFile()).start();
        servers.add(process);
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        String line = String.valueOf(output.readLine());
        Matcher ready = READY.matcher(line);
        assertThat(ready.matches()).as(line + Files.readString(log)).isTrue();
        assertThat(ready.group(1)).isEqualTo("127.0.0.1");
        assertThat(ready.group(3)).isEqualTo(String.valueOf(process.pid()));
        return new Server(process, output, Integer.parseInt(ready.group(2)), log);
    }

    private KvProgram.Run client(Server server, String script) throws Exception {
        return KvProgram.run(folder, script, "client", server.address());
    }

    @Test
    void a_client_runs_a_script_on_a_server_which_goes_on() throws Exception {
        Server server = serve();

        KvProgram.Run first =
                client(
                        server,
                        """
                        create shopping
                        put shopping milk 1
                        get shopping milk
                        get shopping eggs
                        get office milk
                        put shopping
                        buy milk
                        delete shopping milk
                        exit
                        create never
                        """);
        KvProgram.Run second =
                client(server, "put shopping crème brûlée\nget shopping crème\nbuckets\nstats\n");

        assertThat(first.output())
                .containsExactly("ok", "ok", "\"1\"", "nil", "refused: not found", "ok", "ok");
        assertThat(first.errors())
                .satisfiesExactly(
                        line ->
                                assertThat(line)
                                        .isEqualTo(
                                                "line 6: expected \"put BUCKET KEY VALUE\", got: put shopping"),
                        line -> assertThat(line).startsWith("line 7: expected a command, one of"),
                        line -> assertThat(line).contains("7 commands").endsWith("bad lines: 2"));
        assertThat(first.status()).isEqualTo(2);
        assertThat(second.output()).startsWith("ok", "\"brûlée\"").contains("requests 12");
        assertThat(second.output().get(2)).startsWith("shopping #PID<");
        assertThat(second.status()).isZero();
    }

    @Test
    void sigterm_stops_a_server_whose_clients_are_idle() throws Exception {
        Server server = serve("--log-level", "debug");
        try (Socket client = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            client.getOutputStream().write("CREATE a\r\n".getBytes(StandardCharsets.UTF_8));
            assertThat(client.getInputStream().readNBytes(4))
                    .isEqualTo("OK\r\n".getBytes(StandardCharsets.UTF_8));

            server.process().toHandle().destroy();

            assertThat(client.getInputStream().read()).isEqualTo(-1);
        }
        assertThat(server.end()).isEqualTo(143);
        assertThat(server.output().readLine()).isNull();
        assertThat(Files.readAllLines(server.log()))
                .anyMatch(line -> line.contains("application kv stopped"))
                .noneMatch(line -> line.contains("ERROR"));
    }

    @Test
    void ctrl_c_stops_a_server() throws Exception {
        Server server = serve();

        Signals.interrupt(server.process());

        assertThat(server.end()).isEqualTo(130);
    }

    @Test
    void a_port_in_use_is_one_line_and_status_1() throws Exception {
        Server server = serve();

        KvProgram.Run second =
                KvProgram.run(folder, "", "serve", "--port", String.valueOf(server.port()));

        assertThat(second.status()).isEqualTo(1);
        assertThat(second.output()).isEmpty();
        assertThat(second.errors())
                .containsExactly(
                        "kv did not start: expected to listen on %s: Address already in use"
                                .formatted(server.address()));
    }

    @Test
    void a_server_that_others_can_reach_needs_a_token_and_tls() throws Exception {
        KvProgram.Run run = KvProgram.run(folder, "", "serve", "--host", "0.0.0.0", "--port", "0");

        assertThat(run.status()).isEqualTo(2);
        assertThat(run.errors().getFirst())
                .startsWith(
                        "expected --token-file, --tls-cert and --tls-key together with --host 0.0.0.0");
    }

    @Test
    void options_that_make_no_sense_are_refused() throws Exception {
        assertRefused("expected --max-connections to be 1 or more, got: 0", "--max-connections=0");
        assertRefused("expected --port to be from 0 to 65535, got: 70000", "--port=70000");
        assertRefused(
                "expected --store durable and --data-dir together, got only one of them",
                "--store=durable");
        assertRefused(
                "expected --max-line to be from 5126 to 1073741824, got: 1024",
                "--max-line=1k",
                "--max-value=3k");
    }

    private void assertRefused(String message, String... options) throws Exception {
        String[] all = Stream.concat(Stream.of("serve"), Stream.of(options)).toArray(String[]::new);
        KvProgram.Run run = KvProgram.run(folder, "", all);

        assertThat(run.errors()).containsExactly(message, "kv serve --help shows the options");
        assertThat(run.status()).isEqualTo(2);
    }

    @Test
    void a_durable_server_has_its_entries_after_a_kill() throws Exception {
        String[] durable = {"--store", "durable", "--data-dir", folder.resolve("data").toString()};
        Server first = serve(durable);
        client(first, "create a\nput a k 1\nput a l 2\ndelete a l\ncreate empty\n");

        KvProgram.Run second =
                KvProgram.run(
                        folder,
                        "",
                        "serve",
                        "--port=0",
                        "--store=durable",
                        "--data-dir=" + folder.resolve("data"));
        assertThat(second.status()).isEqualTo(1);
        assertThat(second.errors()).singleElement().asString().contains("no other program uses");

        first.process().destroyForcibly().waitFor();
        KvProgram.Run after = client(serve(durable), "get a k\nget a l\nget empty k\nget none k\n");

        assertThat(after.output()).containsExactly("\"1\"", "nil", "nil", "refused: not found");
    }

    @Test
    void a_server_asks_for_its_token() throws Exception {
        Path token = Files.writeString(folder.resolve("token"), "secret\n");
        Server server = serve("--token-file", token.toString());

        KvProgram.Run without = client(server, "create a\n");
        KvProgram.Run with =
                KvProgram.run(
                        folder,
                        "create a\n",
                        "client",
                        server.address(),
                        "--token-file",
                        token.toString());

        assertThat(without.errors())
                .containsExactly("kv client: the server answered AUTH REQUIRED");
        assertThat(without.status()).isEqualTo(1);
        assertThat(with.output()).containsExactly("ok");
    }

    @Test
    void a_client_and_a_load_speak_tls_with_a_server() throws Exception {
        Certificates certificates = Certificates.in(folder, "EC");
        Server server =
                serve(
                        "--tls-cert",
                        certificates.certificate().toString(),
                        "--tls-key",
                        certificates.key().toString());
        String trusted = "--tls-ca=" + certificates.certificate();

        KvProgram.Run client =
                KvProgram.run(
                        folder,
                        "create a\nput a k 1\nget a k\n",
                        "client",
                        server.address(),
                        trusted);
        assertThat(client.output()).containsExactly("ok", "ok", "\"1\"");

        for (String size : List.of("16", "40k")) { // many answers in a record, and the reverse
            KvProgram.Run load =
                    KvProgram.run(
                            folder,
                            "",
                            "load",
                            server.address(),
                            trusted,
                            "--connections=4",
                            "--depth=32",
                            "--keys=100",
                            "--warm-up=0",
                            "--duration=500ms",
                            "--value-size=" + size);
            assertThat(load.errors()).isEmpty();
            assertThat(load.output())
                    .anyMatch(line -> line.matches("latency   p50 \\d+\\.\\d+ ms, .*"))
                    .contains("answers   0 wrong, 0 refused, 0 lost, 0 connections closed");
            assertThat(load.status()).isZero();
        }

        KvProgram.Run untrusting =
                KvProgram.run(
                        folder,
                        "",
                        "load",
                        server.address(),
                        "--tls-ca=" + Certificates.in(folder, "EC-2").certificate());
        assertThat(untrusting.errors())
                .singleElement()
                .asString()
                .startsWith("cannot load " + server.address() + ": ");
        assertThat(untrusting.status()).isEqualTo(1);

        KvProgram.Run plainServer = KvProgram.run(folder, "", "load", serve().address(), trusted);
        assertThat(plainServer.errors())
                .singleElement()
                .asString()
                .startsWith("cannot load 127.0.0.1:");
        assertThat(plainServer.status()).isEqualTo(1);
    }

    @Test
    void a_key_of_another_certificate_is_one_line_and_status_1() throws Exception {
        Path certificate = Certificates.in(folder, "EC").certificate();
        Path key = Certificates.in(folder, "EC-2").key();

        KvProgram.Run run =
                KvProgram.run(
                        folder,
                        "",
                        "serve",
                        "--port=0",
                        "--tls-cert=" + certificate,
                        "--tls-key=" + key);

        assertThat(run.errors())
                .containsExactly(
                        "kv did not start: expected the private key in %s to be that of the first certificate in %s"
                                .formatted(key, certificate));
        assertThat(run.status()).isEqualTo(1);
    }

    @Test
    void more_connections_than_the_process_may_have_files_are_refused() throws Exception {
        KvProgram.Run run =
                KvProgram.run(
                        folder, "", limited(400, "serve", "--port=0", "--max-connections=201"));

        assertThat(run.errors().getFirst())
                .isEqualTo(
                        "expected --max-connections to be at most 200, because the process may have 400 open files (ulimit -n), got: 201");
        assertThat(run.status()).isEqualTo(2);

        Server server = serve(limited(400, "serve", "--port=0"));
        assertThat(Files.readAllLines(server.log()))
                .anyMatch(line ->
                        line.endsWith(
                                "at most 200 clients may be connected, because the process may have 400 open files (ulimit -n)"));
        assertThat(client(server, "info\n").output()).contains("max-connections 200");
    }

    /// Returns the command with a limit on its open files.
    private static ProcessBuilder limited(int files, String... arguments) {
        ProcessBuilder command = KvProgram.command(arguments);
        List<String> shell =
                new ArrayList<>(List.of("sh", "-c", "ulimit -n " + files + "; exec \"$0\" \"$@\""));
        shell.addAll(command.command());
        return command.command(shell);
    }

    @Test
    void a_script_shows_each_change_of_a_subscription_when_it_happens() throws Exception {
        Server server = serve();
        Process subscriber = KvProgram.command("client", server.address()).start();
        servers.add(subscriber);
        try (BufferedReader output = subscriber.inputReader(StandardCharsets.UTF_8);
                PrintWriter input =
                        new PrintWriter(
                                subscriber.getOutputStream(), true, StandardCharsets.UTF_8)) {
            input.print("create a\nsubscribe a\nget a k\n");
            input.flush();
            assertThat(output.readLine()).isEqualTo("ok");

            StringBuilder changes = new StringBuilder();
            while (!output.ready()) { // until it has subscribed
                assertThat(client(server, "put a k 1\n").output()).containsExactly("ok");
                changes.append('.');
                assertThat(changes).hasSizeLessThan(20);
            }
            assertThat(output.readLine()).isEqualTo("k SET TO 1");
        }
    }
}
