package kv.tutorial;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.*;
import io.genserver.supervisor.*;
import io.genserver.test.AllowCrashes;
import io.genserver.test.GenServerExtension;
import io.genserver.test.MessageAssertions;
import io.genserver.test.TestSupervisor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import kv.Bucket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
@Timeout(30)
class ServiceTutorialTest {

    private static void startBuckets(TestSupervisor test) {
        NamedBuckets.children().forEach(test::startSupervised);
    }

    @Test
    void buckets_have_names_of_any_kind(TestSupervisor test) {
        startBuckets(test);

        Server<Bucket> shopping = NamedBuckets.create("shopping");
        Bucket.put(shopping, "milk", 1);

        assertThat(NamedBuckets.create("shopping")).isEqualTo(shopping);
        assertThat(NamedBuckets.lookup("shopping")).contains(shopping);
        assertThat(NamedBuckets.lookup("office")).isEmpty();
    }

    @Test
    @AllowCrashes
    void a_bucket_that_crashes_comes_back_under_its_name(TestSupervisor test) {
        startBuckets(test);
        Server<Bucket> before = NamedBuckets.create("shopping");

        Processes.exit(before.pid(), ExitReason.KILL);

        MessageAssertions.eventually(() ->
                assertThat(NamedBuckets.lookup("shopping"))
                        .isPresent()
                        .isNotEqualTo(java.util.Optional.of(before)));
    }

    private static ServerSocket startServer(TestSupervisor test, Function<String, String> answer)
            throws IOException {
        ServerSocket listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        test.onExit(listening::close);
        new LineServer(listening, answer).children().forEach(test::startSupervised);
        return listening;
    }

    private static List<String> ask(ServerSocket server, String requests) throws IOException {
        try (Socket client = new Socket(server.getInetAddress(), server.getLocalPort())) {
            client.getOutputStream().write(requests.getBytes(StandardCharsets.UTF_8));
            client.shutdownOutput();
            BufferedReader in =
                    new BufferedReader(
                            new InputStreamReader(client.getInputStream(), StandardCharsets.UTF_8));
            List<String> answers = new ArrayList<>();
            in.lines().forEach(answers::add);
            return answers;
        }
    }

    @Test
    void a_server_answers_lines(TestSupervisor test) throws IOException {
        ServerSocket server = startServer(test, line -> "you said " + line);

        assertThat(ask(server, "hello\r\n")).containsExactly("you said hello");
    }

    @Test
    @AllowCrashes
    void a_client_that_crashes_its_task_disturbs_no_other(TestSupervisor test) throws IOException {
        ServerSocket server =
                startServer(
                        test,
                        line -> {
                            if (line.equals("crash")) {
                                throw new IllegalArgumentException(line);
                            }
                            return line;
                        });

        assertThat(ask(server, "crash\r\n")).isEmpty();
        assertThat(ask(server, "hello\r\n")).containsExactly("hello");
    }

    @Test
    void commands_run_on_the_buckets(TestSupervisor test) throws IOException {
        startBuckets(test);
        ServerSocket server = startServer(test, Commands::answer);

        assertThat(ask(server, "GET shopping eggs\r\nCREATE shopping\r\nPUT shopping eggs 3\r\n"))
                .containsExactly("NOT FOUND", "OK", "OK");
        assertThat(ask(server, "GET shopping eggs\r\nDELETE shopping eggs\r\nHELLO\r\n"))
                .containsExactly("3", "OK", "OK", "UNKNOWN COMMAND");
    }
}
