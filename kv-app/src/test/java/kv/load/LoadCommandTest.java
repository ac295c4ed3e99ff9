package kv.load;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.ports.FreePorts;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kv.Signals;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

@Timeout(60)
class LoadCommandTest {

    private static final TestServer.Answers RIGHT = (request, right) -> right;

    @TempDir private Path folder;

    /// The result of a command.
    private record Run(int status, String output, String errors) {
        /// Returns a number of the JSON.
        double number(String name) {
            Matcher matcher = Pattern.compile("\"" + name + "\":([0-9.]+)").matcher(output);
            assertThat(matcher.find()).as("%s in %s", name, output).isTrue();
            return Double.parseDouble(matcher.group(1));
        }
    }

    private static Run run(String... arguments) {
        StringWriter output = new StringWriter();
        StringWriter errors = new StringWriter();
        int status =
                commandLine()
                        .setOut(new PrintWriter(output))
                        .setErr(new PrintWriter(errors))
                        .execute(arguments);
        return new Run(status, output.toString(), errors.toString());
    }

    private static CommandLine commandLine() {
        return new CommandLine(new LoadCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setOverwrittenOptionsAllowed(true);
    }

    /// Has a run go on until each connection is closed.
    private static final String ENDLESS = "--duration=1h";

    /// Runs until the server, after 2,000 requests, closes all connections.
    private static Run untilClosed(TestServer.Answers answers) throws IOException {
        AtomicInteger count = new AtomicInteger();
        return shortly(
                (request, right) ->
                        count.incrementAndGet() > 2_000
                                ? TestServer.CLOSE
                                : answers.change(request, right),
                ENDLESS);
    }

    /// Runs for a short time, with few connections.
    private static Run shortly(TestServer.Answers answers, String... more) throws IOException {
        try (TestServer server = new TestServer(answers)) {
            List<String> arguments = new ArrayList<>(List.of(server.address()));
            arguments.addAll(
                    List.of("--connections=4", "--keys=50", "--warm-up=0ms", "--duration=500ms"));
            arguments.addAll(Arrays.asList(more));
            return run(arguments.toArray(String[]::new));
        }
    }

    @Test
    void right_answers_give_a_result_and_the_status_0() throws IOException {
        Run run = shortly(RIGHT, "--mix=get=2,put=2,delete=1", "--depth=8", "--buckets=3");

        assertThat(run.errors()).isEmpty();
        assertThat(run.status()).isZero();
        assertThat(run.output())
                .startsWith(
                        "load      kv, 4 connections, depth 8, get=2,put=2,delete=1, 50 keys"
                                + " uniform, values of 16 bytes\n")
                .containsPattern("rate      [1-9]\\d* requests/s \\([1-9]\\d* in 0\\.5 s\\)\n")
                .containsPattern(
                        "latency   p50 .* ms, p99 .* ms, p99.9 .* ms, max .* ms, from sending\n")
                .containsPattern("answers   0 wrong, 0 refused, 0 lost, 0 connections closed\n$");
    }

    @Test
    void json_is_one_line() throws IOException {
        Run run = shortly(RIGHT, "--json", "--distribution=zipf", "--value-size=100");

        assertThat(run.output().lines()).hasSize(1);
        assertThat(run.number("rate")).isPositive();
        assertThat(run.number("p50_ms")).isPositive();
        assertThat(run.number("p99_9_ms")).isGreaterThanOrEqualTo(run.number("p99_ms"));
        assertThat(run.number("wrong")).isZero();
    }

    /// Replaces the answers to GET.
    private static TestServer.Answers toGet(String answer) {
        return (request, right) -> request.getFirst().equals("GET") ? answer : right;
    }

    private static void assertWrong(Run run, String first) {
        assertThat(run.status()).isEqualTo(1);
        assertThat(run.output())
                .containsPattern("answers   [1-9]\\d* wrong")
                .containsPattern("first     wrong answer to " + first);
    }

    @Test
    void the_value_of_another_key_is_wrong() throws IOException {
        assertWrong(
                untilClosed(toGet("000770000000abcd\r\nOK\r\n")),
                "GET of k\\w{5}: \"000770000000abcd\"");
    }

    @Test
    void a_missing_value_is_wrong_if_nothing_deletes() throws IOException {
        assertWrong(untilClosed(toGet("\r\nOK\r\n")), "GET of k\\w{5}: \"OK\"");
    }

    @Test
    void a_value_that_has_been_replaced_is_wrong() throws IOException {
        var first = new ConcurrentHashMap<String, String>();
        assertWrong(
                untilClosed((request, right) -> {
                    if (request.getFirst().equals("GET")) {
                        return first.computeIfAbsent(request.get(2), key -> right);
                    }
                    return right;
                }),
                "GET of k");
    }

    @Test
    void a_line_that_ends_without_cr_is_wrong() throws IOException {
        assertWrong(
                shortly((request, right) ->
                        request.getFirst().equals("PUT") ? "OK\nOK\r\n" : right),
                "PUT of k\\w{5}: \"OK\\?OK\"");
    }

    @Test
    void an_answer_without_a_request_is_wrong() throws IOException {
        AtomicInteger count = new AtomicInteger();
        Run run =
                shortly(
                        (request, right) ->
                                count.incrementAndGet() >= 200 ? right + "OK\r\n" : right,
                        ENDLESS);

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.output()).contains("first     an answer without a request: \"OK\"");
    }

    @Test
    void a_bucket_that_is_gone_is_a_wrong_answer() throws IOException {
        Run run = shortly(toGet("NOT FOUND\r\n"), ENDLESS);

        assertWrong(run, "GET of k\\w{5}: \"NOT FOUND\"");
        assertThat(run.output()).contains("answers   4 wrong, 0 refused, 0 lost, 4 connections");
    }

    @Test
    void refused_requests_are_counted_and_the_run_goes_on() throws IOException {
        Run run = shortly(toGet("STORE FAILED\r\n"), "--json");

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.number("refused")).isGreaterThan(4); // connections
        assertThat(run.number("wrong")).isZero();
        assertThat(run.number("lost")).isZero();
    }

    @Test
    void a_run_ends_if_the_keys_cannot_be_written_first() throws IOException {
        Run run =
                shortly((request, right) ->
                        request.getFirst().equals("PUT") ? "DISK FULL\r\n" : right);

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.output())
                .contains("(0 in 0.0 s)")
                .contains("answers   0 wrong, 50 refused, 0 lost")
                .containsPattern("first     refused to PUT of k\\w{5}: \"DISK FULL\"");
    }

    @Test
    void a_request_is_lost_if_the_server_closes_the_connection() throws IOException {
        AtomicInteger count = new AtomicInteger();
        Run run =
                shortly(
                        (request, right) ->
                                count.incrementAndGet() == 200 ? TestServer.CLOSE : right,
                        "--json");

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.number("lost")).isEqualTo(1);
        assertThat(run.number("closed")).isEqualTo(1);
        assertThat(run.number("wrong")).isZero();
    }

    @Test
    void a_server_that_ends_is_reported_and_ends_the_run() throws IOException {
        AtomicInteger count = new AtomicInteger();
        Run run =
                shortly(
                        (request, right) ->
                                count.incrementAndGet() >= 200 ? TestServer.CLOSE : right,
                        ENDLESS);

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.output())
                .contains("4 lost, 4 connections closed")
                .containsPattern("first     .*connection");
    }

    /// A server that pauses for a second, as for a garbage collection.
    private static TestServer.Answers pausingAfter(int requests) {
        AtomicInteger count = new AtomicInteger();
        Object all = new Object();
        return (request, right) -> {
            synchronized (all) {
                if (count.incrementAndGet() == requests) {
                    Thread.sleep(1_000);
                }
            }
            return right;
        };
    }

    @Test
    void a_pause_delays_all_requests_that_were_due() throws IOException {
        Run run =
                shortly(
                        pausingAfter(150),
                        "--duration=1300ms",
                        "--rate=500",
                        "--depth=2",
                        "--json");

        assertThat(run.status()).isZero();
        assertThat(run.number("p99_ms")).isBetween(900.0, 10_000.0);
        assertThat(run.number("p50_ms")).isGreaterThan(100);
    }

    @Test
    void without_a_rate_a_pause_delays_one_request_of_each_connection() throws IOException {
        Run run = shortly(pausingAfter(1_000), "--duration=1300ms", "--json");

        assertThat(run.number("max_ms")).isGreaterThan(900);
        assertThat(run.number("p99_ms")).isLessThan(900);
    }

    @Test
    void requests_that_could_not_be_sent_are_reported() throws IOException {
        Run run =
                shortly(
                        (request, right) -> {
                            Thread.sleep(10);
                            return right;
                        },
                        "--rate=10000",
                        "--keys=4");

        assertThat(run.output()).containsPattern("behind    \\d{4} requests were due and not sent");
    }

    @Test
    void the_token_is_sent_first_on_each_connection() throws IOException {
        Path token = Files.writeString(folder.resolve("token"), "secret\n");
        Set<Thread> greeted = ConcurrentHashMap.newKeySet();
        TestServer.Answers answers =
                (request, right) -> {
                    if (request.equals(List.of("AUTH", "secret"))) {
                        greeted.add(Thread.currentThread());
                        return "OK\r\n";
                    }
                    return greeted.contains(Thread.currentThread()) ? right : "AUTH REQUIRED\r\n";
                };

        assertThat(shortly(answers, "--token-file=" + token).status()).isZero();
        assertThat(greeted).hasSize(4);
        Run without = shortly(answers);
        assertThat(without.status()).isEqualTo(1);
        assertThat(without.errors())
                .matches("cannot load .*: expected OK to CREATE load-0, got: AUTH REQUIRED\n");
        Run refused = shortly((request, right) -> "AUTH FAILED\r\n", "--token-file=" + token);
        assertThat(refused.errors()).matches("cannot load .*: expected OK to AUTH, got: .*\n");
    }

    @Test
    void a_server_that_is_not_there_is_one_line() throws IOException {
        String address = FreePorts.nextAddress();

        Run run = run(address);

        assertThat(run.status()).isEqualTo(1);
        assertThat(run.errors()).isEqualTo("cannot load " + address + ": Connection refused\n");
        assertThat(run.output()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--connections=0      | expected --connections to be 1 or more, got: 0",
                "--depth=0            | expected --depth to be 1 or more, got: 0",
                "--keys=0             | expected --keys to be from 1 to 33554432, got: 0",
                "--buckets=10001      | expected --buckets to be from 1 to 10000, got: 10001",
                "--value-size=11      | expected --value-size to be from 12 to 1048576, got: 11",
                "--rate=0             | expected --rate to be 1 or more, got: 0",
                "--duration=0s        | expected --duration to be longer than 0",
                "--duration=10        | expected a time such as 500ms, 30s, 5m or 1h, at most 8784h, got: 10",
                "--mix=get            | expected a mix such as get=50,put=45,delete=5, got: get",
                "--distribution=x     | expected one of [UNIFORM, ZIPF]",
                "--protocol=x         | expected one of [KV, REDIS]",
                "--token-file=/none   | there is no file /none",
                "--no-such-option     | Unknown option: '--no-such-option'",
            })
    void bad_options_have_the_status_2(String option, String message) {
        Run run = run("localhost:4040", option);

        assertThat(run.status()).isEqualTo(2);
        assertThat(run.errors()).contains(message);
    }

    @ParameterizedTest
    @CsvSource({"localhost", "localhost:", ":4040", "localhost:65536", "::1:4040"})
    void a_bad_address_has_the_status_2(String address) {
        Run run = run(address);

        assertThat(run.status()).isEqualTo(2);
        assertThat(run.errors()).contains("expected HOST:PORT, as localhost:4040, got: " + address);
    }

    @Test
    void an_ipv6_address_is_in_brackets() {
        assertThat(new kv.Address().convert("[::1]:4040").getPort()).isEqualTo(4040);
    }

    /// Runs the command in a JVM of its own.
    static final class Program {
        private Program() {}

        public static void main(String[] arguments) {
            System.exit(commandLine().execute(arguments));
        }
    }

    @Test
    void ctrl_c_ends_the_run_and_prints_its_result() throws Exception {
        AtomicInteger count = new AtomicInteger();
        try (TestServer server =
                new TestServer((request, right) -> {
                    count.incrementAndGet();
                    return right;
                })) {
            Process program =
                    new ProcessBuilder(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-cp",
                                    System.getProperty("java.class.path"),
                                    Program.class.getName(),
                                    server.address(),
                                    "--warm-up=0ms",
                                    "--duration=1h",
                                    "--keys=10",
                                    "--json")
                            .start();
            try {
                while (count.get() < 1_000) {
                    assertThat(program.isAlive()).isTrue();
                    Thread.sleep(10);
                }
                Signals.interrupt(program);

                assertThat(program.waitFor(30, TimeUnit.SECONDS)).isTrue();
                Run run =
                        new Run(
                                program.exitValue(),
                                new String(program.getInputStream().readAllBytes(), UTF_8),
                                new String(program.getErrorStream().readAllBytes(), UTF_8));
                assertThat(run.errors()).isEmpty();
                assertThat(run.number("answers")).isPositive();
                assertThat(run.status()).isEqualTo(130);
            } finally {
                program.destroyForcibly();
            }
        }
    }
}
