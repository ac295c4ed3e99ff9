package kv.server;

import static kv.server.Running.awaitSubscriber;
import static kv.server.Running.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.genserver.ExitReason;
import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Sys;
import io.genserver.supervisor.Child;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.Task;
import io.genserver.supervisor.TaskSupervisor;
import io.genserver.test.AllowCrashes;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
@Timeout(60)
class ServiceTest {

    @SuppressWarnings("NullAway.Init") // set before each test
    private Running kv;

    @BeforeEach
    void start(TestSupervisor test) throws IOException {
        kv = Running.start(test);
    }

    // The examples of the guide's server

    @Test
    void a_client_creates_puts_gets_and_deletes() throws IOException {
        try (Client client = kv.client()) {
            assertThat(client.ask("CREATE shopping")).isEqualTo("OK");
            assertThat(client.ask("PUT shopping eggs 3")).isEqualTo("OK");
            assertThat(client.ask("GET shopping eggs")).isEqualTo("3");
            assertThat(client.line()).isEqualTo("OK");
            assertThat(client.ask("DELETE shopping eggs")).isEqualTo("OK");
            assertThat(client.ask("GET shopping eggs")).isEmpty();
            assertThat(client.line()).isEqualTo("OK");
        }
    }

    @Test
    void an_unknown_command_is_refused_and_the_connection_stays() throws IOException {
        try (Client client = kv.client()) {
            assertThat(client.ask("WHATEVER")).isEqualTo("UNKNOWN COMMAND");
            assertThat(client.ask("CREATE shopping")).isEqualTo("OK");
        }
    }

    @Test
    void an_unknown_bucket_is_not_found() throws IOException {
        try (Client client = kv.client()) {
            assertThat(client.ask("GET whatever eggs")).isEqualTo("NOT FOUND");
            assertThat(client.ask("PUT whatever eggs 3")).isEqualTo("NOT FOUND");
            assertThat(client.ask("DELETE whatever eggs")).isEqualTo("NOT FOUND");
            assertThat(client.ask("SUBSCRIBE whatever")).isEqualTo("NOT FOUND");
        }
    }

    @Test
    void a_subscriber_sees_the_changes_of_others() throws IOException {
        try (Client subscriber = kv.client();
                Client other = kv.client()) {
            other.ask("CREATE shopping");
            subscriber.send("SUBSCRIBE shopping\r\n");
            awaitSubscriber();

            other.send("PUT shopping milk 1\r\nDELETE shopping milk\r\nDELETE shopping eggs\r\n");

            assertThat(subscriber.lines(3))
                    .containsExactly("milk SET TO 1", "milk DELETED", "eggs DELETED");
        }
    }

    // Beyond them

    @Test
    void a_bucket_that_exists_keeps_its_entries_when_it_is_created_again() throws IOException {
        try (Client client = kv.client()) {
            client.send("CREATE a\r\nPUT a k 1\r\nCREATE a\r\nGET a k\r\n");

            assertThat(client.lines(5)).containsExactly("OK", "OK", "OK", "1", "OK");
        }
    }

    @Test
    void requests_that_arrive_together_are_answered_in_order() throws IOException {
        try (Client client = kv.client()) {
            StringBuilder requests = new StringBuilder("CREATE a\n");
            for (int i = 0; i < 10_000; i++) {
                requests.append("PUT a k ").append(i).append("\nGET a k\n");
            }
            Thread.startVirtualThread(() -> {
                try {
                    client.send(requests.toString());
                } catch (IOException failed) {
                    throw new java.io.UncheckedIOException(failed);
                }
            });

            assertThat(client.line()).isEqualTo("OK");
            for (int i = 0; i < 10_000; i++) {
                assertThat(client.lines(3)).containsExactly("OK", String.valueOf(i), "OK");
            }
        }
    }

    @Test
    void bytes_that_are_not_utf_8_come_back_unchanged() throws IOException {
        StringBuilder bytes = new StringBuilder();
        for (char b = 0; b < 256; b++) {
            if (b != ' ' && (b < '\t' || b > '\r')) {
                bytes.append(b);
            }
        }
        try (Client client = kv.client()) {
            client.ask("CREATE a");
            client.ask("PUT a k" + bytes + " v" + bytes);

            assertThat(client.ask("GET a k" + bytes)).isEqualTo("v" + bytes);
        }
    }

    @Test
    void what_a_subscriber_sends_has_no_effect() throws IOException {
        try (Client subscriber = kv.client();
                Client other = kv.client()) {
            other.ask("CREATE a");
            subscriber.send("SUBSCRIBE a\r\nPUT a k 1\r\n");
            awaitSubscriber();
            subscriber.send("PUT a k 2\r\n");
            other.send("PUT a k 3\r\nGET a k\r\n");

            assertThat(other.lines(3)).containsExactly("OK", "3", "OK");
            assertThat(subscriber.line()).isEqualTo("k SET TO 3");
        }
    }

    @Test
    void a_subscriber_that_leaves_is_forgotten() throws IOException {
        try (Client other = kv.client()) {
            other.ask("CREATE a");
            try (Client subscriber = kv.client()) {
                subscriber.send("SUBSCRIBE a\r\n");
                awaitSubscriber();
            }
            until(() -> TaskSupervisor.children(Acceptor.CONNECTIONS).size() == 1);

            assertThat(other.ask("PUT a k 1")).isEqualTo("OK");
        }
    }

    @Test
    void an_operator_sees_the_tree_the_limits_the_counters_and_the_buckets() throws IOException {
        try (Client client = kv.client()) {
            client.ask("CREATE b");
            client.ask("CREATE a");

            client.send("BUCKETS\r\n");
            assertThat(upToOk(client))
                    .satisfiesExactly(
                            line -> assertThat(line).startsWith("a #PID<"),
                            line -> assertThat(line).startsWith("b #PID<"));
            client.send("STATS\r\n");
            assertThat(upToOk(client))
                    .contains("connections 1", "connections-accepted 1", "requests 4", "buckets 2");
            client.send("INFO\r\n");
            assertThat(upToOk(client)).contains("max-connections 10000", "store volatile");
            client.send("TREE\r\n");
            assertThat(upToOk(client))
                    .anyMatch(line -> line.startsWith("KV.Supervisor "))
                    .anyMatch(line -> line.contains(" a #PID<") && line.contains("Bucket"))
                    .anyMatch(line -> line.contains("KV.ConnectionSupervisor"));
        }
    }

    private static List<String> upToOk(Client client) throws IOException {
        List<String> lines = new ArrayList<>();
        for (String line = client.line(); !line.equals("OK"); line = client.line()) {
            lines.add(line);
        }
        return lines;
    }

    // Supervision

    private static Pid acceptor() {
        return Supervisor.whichChildren(new Name(Service.SUPERVISOR)).stream()
                .filter(child -> child.id().equals("acceptor"))
                .flatMap(child -> child.pid().stream())
                .findFirst()
                .orElseThrow();
    }

    @Test
    @AllowCrashes
    void a_connection_that_crashes_touches_no_other() throws IOException {
        try (Client one = kv.client()) {
            one.ask("CREATE a");
            Pid ofOne = TaskSupervisor.children(Acceptor.CONNECTIONS).getFirst();
            try (Client other = kv.client()) {
                other.ask("CREATE b");

                Processes.exit(ofOne, ExitReason.of("crash"));

                assertThat(one.line()).isEqualTo(Client.CLOSED);
                assertThat(other.ask("PUT a k 1")).isEqualTo("OK");
            }
        }
    }

    @Test
    @AllowCrashes
    void an_acceptor_that_crashes_keeps_the_connections_and_the_port() throws IOException {
        try (Client before = kv.client()) {
            before.ask("CREATE a");
            Pid crashed = acceptor();

            Processes.exit(crashed, ExitReason.KILL);
            until(() -> !acceptor().equals(crashed));

            assertThat(before.ask("PUT a k 1")).isEqualTo("OK");
            // The new acceptor opens the port after it has started. Until the killed one's thread
            // has noticed, the system accepts clients at the old socket, and it resets them later.
            String answer =
                    await().ignoreExceptionsInstanceOf(SocketException.class)
                            .until(
                                    () -> {
                                        try (Client after = kv.client()) {
                                            return after.ask("GET a k");
                                        }
                                    },
                                    Objects::nonNull);
            assertThat(answer).isEqualTo("1");
        }
    }

    @Test
    @AllowCrashes
    void a_watchdog_that_crashes_still_watches_every_connection() throws IOException {
        try (Client client = kv.client()) {
            client.ask("CREATE a");
            Pid crashed = watchdog();

            Processes.exit(crashed, ExitReason.KILL);
            until(() -> !watchdog().equals(crashed));

            assertThat(kv.front().watched()).hasSize(1);
            assertThat(client.ask("PUT a k 1")).isEqualTo("OK");
        }
    }

    /// A socket that cannot be closed when that is first tried.
    private static final class Faulty extends Socket {
        private final AtomicBoolean works = new AtomicBoolean();

        @Override
        public void close() throws IOException {
            if (!works.getAndSet(true)) {
                throw new IllegalStateException("planted");
            }
            super.close();
        }
    }

    @Test
    @AllowCrashes
    void a_watchdog_that_crashes_by_an_exception_ends_no_connection(TestSupervisor test)
            throws IOException {
        test.stopSupervised("kv");
        kv = Running.start(test, Running.limits(Duration.ZERO, Duration.ofMillis(300)));
        try (Client client = kv.client()) {
            client.ask("CREATE a");
            Pid crashed = watchdog();

            Faulty socket = new Faulty();
            try (Watched faulty = new Watched(socket, kv.front().watched())) {
                faulty.begin(Phase.WRITING);
                until(() -> !watchdog().equals(crashed));
                until(socket::isClosed); // by the next watchdog
            }

            assertThat(client.ask("PUT a k 1")).isEqualTo("OK");
        }
    }

    /// A watchdog that took the work after a write for the write would close the connection.
    @Test
    void a_connection_that_works_after_a_write_does_not_wait_for_its_client() throws IOException {
        try (Client client = kv.client()) {
            client.ask("CREATE a");
            client.ask("PUT a k " + "x".repeat(50_000)); // more than a buffer
            client.ask("CREATE b");
            var bucket = kv.buckets().find("b").orElseThrow();
            Sys.suspend(bucket);
            client.send("GET a k\r\nGET b k\r\n");
            until(() -> Processes.mailboxLength(bucket).orElse(0) == 1);

            long later = Processes.monotonicTime() + Duration.ofHours(1).toNanos();
            kv.front()
                    .watched()
                    .forEach(watched -> {
                        watched.check(later, kv.front().limits());
                        watched.checkAtTheEnd(later);
                    });
            Sys.resume(bucket);

            assertThat(client.lines(4)).containsExactly("x".repeat(50_000), "OK", "", "OK");
        }
    }

    private static Pid watchdog() {
        return Supervisor.whichChildren(new Name(Service.SUPERVISOR)).stream()
                .filter(child -> child.id().equals(Watchdog.class))
                .map(Child::pid)
                .flatMap(Optional::stream)
                .findFirst()
                .orElseThrow();
    }

    @Test
    @AllowCrashes
    void a_bucket_that_crashes_is_there_again_under_its_name_and_empty() throws IOException {
        try (Client client = kv.client()) {
            client.send("CREATE a\r\nPUT a k 1\r\n");
            client.lines(2);
            Pid bucket = kv.buckets().find("a").orElseThrow().pid();

            Processes.exit(bucket, ExitReason.KILL);
            until(() ->
                    kv.buckets()
                            .find("a")
                            .filter(found -> !found.pid().equals(bucket))
                            .isPresent());

            client.send("GET a k\r\n");
            assertThat(client.lines(2)).containsExactly("", "OK");
            assertThat(kv.front().memory().used()).isLessThan(3_000);
        }
    }

    @Test
    @AllowCrashes
    void a_subscriber_of_a_bucket_that_crashes_is_disconnected() throws IOException {
        try (Client subscriber = kv.client()) {
            subscriber.ask("CREATE a");
            subscriber.send("SUBSCRIBE a\r\n");
            awaitSubscriber();

            Processes.exit(kv.buckets().find("a").orElseThrow().pid(), ExitReason.KILL);

            assertThat(subscriber.line()).isEqualTo(Client.CLOSED);
        }
    }

    @Test
    @AllowCrashes
    void a_request_to_a_bucket_that_crashes_gets_an_error_and_ends_its_connection()
            throws IOException {
        try (Client client = kv.client()) {
            client.ask("CREATE a");
            var bucket = kv.buckets().find("a").orElseThrow();
            Sys.suspend(bucket);
            client.send("GET a k\r\n");
            until(() -> Processes.mailboxLength(bucket).orElse(0) == 1);

            Processes.exit(bucket.pid(), ExitReason.KILL);

            assertThat(client.lines(2)).containsExactly("ERROR", Client.CLOSED);
        }
    }

    // The end

    @Test
    void a_stop_closes_idle_connections_and_frees_the_port(TestSupervisor test) throws IOException {
        try (Client idle = kv.client();
                Client subscriber = kv.client()) {
            idle.ask("CREATE a");
            subscriber.send("SUBSCRIBE a\r\n");
            awaitSubscriber();

            test.stopSupervised("kv");

            assertThat(idle.line()).isEqualTo(Client.CLOSED);
            assertThat(subscriber.line()).isEqualTo(Client.CLOSED);
            kv.listener().close();
            Listener.bind(InetAddress.getLoopbackAddress(), kv.listener().port()).close();
        }
    }

    @Test
    void a_stop_answers_what_has_arrived(TestSupervisor test) throws Exception {
        try (Client client = kv.client()) {
            client.ask("CREATE a");
            var bucket = kv.buckets().find("a").orElseThrow();
            Sys.suspend(bucket);
            client.send("PUT a k 1\r\nGET a k\r\nCREATE b");
            until(() -> Processes.mailboxLength(bucket).orElse(0) == 1);

            Pid acceptor = acceptor();
            Task<Boolean> resumed =
                    Task.async(() -> {
                        until(() -> !Processes.isAlive(acceptor));
                        Sys.resume(bucket);
                        return true;
                    });
            test.stopSupervised("kv");

            assertThat(resumed.await()).isTrue();
            assertThat(client.lines(4)).containsExactly("OK", "1", "OK", Client.CLOSED);
        }
    }

    @Test
    void a_stop_does_not_wait_long_for_a_client_that_does_not_read(TestSupervisor test)
            throws IOException {
        try (Client client = kv.client();
                Client other = kv.client()) {
            client.ask("CREATE a");
            client.ask("PUT a k " + "x".repeat(50_000));
            client.send("GET a k\r\n".repeat(1_000));
            until(() -> kv.front().watched().stream().anyMatch(Watched::isWriting));

            test.stopSupervised("kv");

            assertThat(other.line()).isEqualTo(Client.CLOSED);
        }
    }

    @Test
    void a_stop_does_not_wait_long_for_a_client_that_asks_for_the_tree_again_and_again(
            TestSupervisor test) throws IOException {
        CompletableFuture<String> last = new CompletableFuture<>();
        try (Client client = kv.client()) {
            Thread.startVirtualThread(() -> last.complete(lastLine(client)));
            for (int i = 0; i < 10; i++) {
                client.send("TREE\r\n".repeat(1_000));
            }

            test.stopSupervised("kv");
        }
        assertThat(last.join()).isNotEqualTo("ERROR"); // the answer after 5 s
    }

    private static String lastLine(Client client) {
        String last = "";
        try {
            for (String line = client.line(); !line.equals(Client.CLOSED); line = client.line()) {
                last = line;
            }
        } catch (IOException reset) {
            return last;
        }
        return last;
    }
}
