package kv.server;

import static kv.server.Running.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.Processes;
import io.genserver.supervisor.TaskSupervisor;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What strangers and broken clients do to a port. `-Dkv.abuse=large` plays them at full size.
@ExtendWith(GenServerExtension.class)
@Timeout(300)
class AbuseTest {

    private static final boolean LARGE = "large".equals(System.getProperty("kv.abuse"));

    private static final Duration SHORT = Duration.ofMillis(300);

    /// Limits that are reached quickly.
    private static Limits small() {
        return new Limits(20, Duration.ZERO, SHORT, 4_000, 100, 3_000, 1_000_000, 50_000);
    }

    private static void assertServes(Running kv) throws IOException {
        try (Client client = kv.client()) {
            client.send("CREATE alive\r\nPUT alive k 1\r\nGET alive k\r\n");
            assertThat(client.lines(4)).containsExactly("OK", "OK", "1", "OK");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /a HTTP/1.1\r\nHost: localhost\r\n\r\nCREATE evil\r\n",
                "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 13\r\n\r\nCREATE evil\r\n",
                "POST /\r\n\r\nCREATE evil\r\n",
                "PUT /a HTTP/1.0\r\n\r\nCREATE evil\r\n",
                "OPTIONS * HTTP/1.1\r\n\r\nCREATE evil\r\n",
                "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nCREATE evil\r\n",
                "whatever\r\nHost: localhost\r\n\r\nCREATE evil\r\n",
            })
    void nothing_of_an_http_request_is_executed(String request, TestSupervisor test)
            throws IOException {
        Running kv = Running.start(test);
        try (Client browser = kv.client()) {
            browser.send(request);
            String line = browser.line();
            if (line.equals("UNKNOWN COMMAND")) { // the answer to the line before Host:
                line = browser.line();
            }
            assertThat(line).isEqualTo("HTTP IS NOT SPOKEN HERE");
            assertThat(browser.line()).isEqualTo(Client.CLOSED);
        }
        assertThat(LocalBuckets.all()).isEmpty();
        assertServes(kv);
    }

    @Test
    void a_value_may_look_like_http(TestSupervisor test) throws IOException {
        Running kv = Running.start(test);
        try (Client client = kv.client()) {
            client.ask("CREATE a");
            assertThat(client.ask("PUT a k HTTP/1.1")).isEqualTo("OK");
        }
    }

    @Test
    void a_line_that_is_too_long_ends_the_connection(TestSupervisor test) throws IOException {
        Running kv = Running.start(test, small());
        try (Client client = kv.client()) {
            client.send("CREATE a\nCREATE " + "x".repeat(5_000));

            assertThat(client.lines(3)).containsExactly("OK", "LINE TOO LONG", Client.CLOSED);
        }
        assertServes(kv);
    }

    @Test
    void a_line_without_an_end_is_not_kept(TestSupervisor test) throws IOException {
        Running kv = Running.start(test, small());
        try (Client client = kv.client()) {
            String part = "x".repeat(1_000_000);
            for (int i = 0; i < (LARGE ? 1_000 : 50); i++) {
                client.send(part);
            }
        } catch (SocketException expected) {
            assertThat(expected).isNotNull(); // the server has closed the connection
        }
        assertServes(kv);
    }

    @Test
    void keys_names_and_values_have_limits_and_the_connection_stays(TestSupervisor test)
            throws IOException {
        Running kv = Running.start(test, small());
        try (Client client = kv.client()) {
            client.ask("CREATE a");
            assertThat(client.ask("CREATE " + "x".repeat(101))).isEqualTo("KEY TOO LONG");
            assertThat(client.ask("PUT a " + "x".repeat(101) + " 1")).isEqualTo("KEY TOO LONG");
            assertThat(client.ask("PUT a k " + "x".repeat(3_001))).isEqualTo("VALUE TOO LONG");
            assertThat(client.ask("PUT a k " + "x".repeat(3_000))).isEqualTo("OK");
        }
    }

    @Test
    void what_exceeds_the_memory_is_refused_until_there_is_room_again(TestSupervisor test)
            throws IOException {
        Running kv = Running.start(test, small());
        try (Client client = kv.client()) {
            client.ask("CREATE a");
            String value = "x".repeat(2_800);
            int stored = 0;
            while (client.ask("PUT a k" + stored + " " + value).equals("OK")) {
                stored++;
            }

            assertThat(stored).isBetween(300, 357);
            assertThat(client.ask("PUT a last " + value)).isEqualTo("OUT OF MEMORY");
            assertThat(client.ask("CREATE b")).isIn("OK", "OUT OF MEMORY");
            assertThat(client.ask("GET a k0")).isEqualTo(value);
            client.line();
            assertThat(client.ask("DELETE a k0")).isEqualTo("OK");
            assertThat(client.ask("PUT a last " + value)).isEqualTo("OK");
        }
    }

    @Test
    void a_name_of_a_megabyte_ends_the_connection_or_is_a_name_if_the_limits_allow_it(
            TestSupervisor test) throws IOException {
        String name = "x".repeat(1 << 20);
        Running kv = Running.start(test);
        try (Client client = kv.client()) {
            client.send("CREATE a\r\n");
            assertThat(client.line()).isEqualTo("OK");
            try {
                client.send("CREATE " + name + "\r\n");
                assertThat(client.lines(2)).containsExactly("LINE TOO LONG", Client.CLOSED);
            } catch (SocketException expected) {
                assertThat(expected).isNotNull(); // the server has closed the connection
            }
        }
        assertServes(kv);
        test.stopSupervised("kv");

        Limits wide =
                new Limits(10, Duration.ZERO, SHORT, 4 << 20, 1 << 20, 3_000, 1L << 30, 8 << 20);
        kv = Running.start(test, wide);
        try (Client client = kv.client()) {
            client.send("CREATE " + name + "\r\nPUT " + name + " k 1\r\nGET " + name + " k\r\n");
            assertThat(client.lines(4)).containsExactly("OK", "OK", "1", "OK");
        }
    }

    @Test
    void clients_that_connect_and_say_nothing_hold_up_nobody_and_no_stop(TestSupervisor test)
            throws IOException {
        Running kv = Running.start(test);
        List<Client> silent = new ArrayList<>();
        try {
            int number = LARGE ? 8_000 : 500; // both ends are files of this process
            for (int i = 0; i < number; i++) {
                silent.add(kv.client());
            }
            until(() -> kv.front().watched().size() == number);
            assertThat(kv.front().buffers().taken()).isZero();
            assertServes(kv);

            test.stopSupervised("kv");
            for (Client client : silent) {
                assertThat(client.line()).isEqualTo(Client.CLOSED);
            }
        } finally {
            for (Client client : silent) {
                client.close();
            }
        }
    }

    @Test
    void more_connections_than_the_limit_are_refused(TestSupervisor test) throws IOException {
        Running kv = Running.start(test, small());
        List<Client> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Client client = kv.client();
            clients.add(client);
            assertThat(client.ask("CREATE a")).isEqualTo("OK");
        }
        try (Client refused = kv.client()) {
            assertThat(refused.lines(2)).containsExactly("TOO MANY CONNECTIONS", Client.CLOSED);
        }
        for (Client client : clients) {
            client.close();
        }
        until(() -> kv.front().watched().isEmpty());
        assertServes(kv);
    }

    @Test
    void one_byte_after_the_other_does_not_outlive_the_limit_of_a_line(TestSupervisor test)
            throws Exception {
        Running kv = Running.start(test, small());
        try (Client slow = kv.client()) {
            Thread sender =
                    Thread.startVirtualThread(() -> {
                        try {
                            while (true) {
                                slow.send("C");
                                Thread.sleep(50);
                            }
                        } catch (IOException | InterruptedException ended) {
                            return; // the server has closed the connection
                        }
                    });

            assertThat(slow.line()).isIn("LINE TIMEOUT", Client.CLOSED);
            sender.join();
        }
    }

    @Test
    void a_line_that_stops_in_the_middle_ends_the_connection(TestSupervisor test)
            throws IOException {
        Running kv = Running.start(test, small());
        try (Client client = kv.client()) {
            client.send("CREATE a\r\nCREA");

            assertThat(client.lines(3)).containsExactly("OK", "LINE TIMEOUT", Client.CLOSED);
        }
    }

    @Test
    void an_idle_client_stays_if_there_is_no_limit_and_leaves_if_there_is(TestSupervisor test)
            throws Exception {
        Running kv = Running.start(test, Running.limits(SHORT, Duration.ofSeconds(30)));
        try (Client idle = kv.client();
                Client subscriber = kv.client()) {
            subscriber.ask("CREATE a");
            subscriber.send("SUBSCRIBE a\r\n");

            assertThat(idle.line()).isEqualTo(Client.CLOSED);
            try (Client other = kv.client()) {
                other.ask("PUT a k 1");
            }
            assertThat(subscriber.line()).isEqualTo("k SET TO 1");
        }
    }

    @Test
    void a_client_that_does_not_read_its_replies_is_disconnected(TestSupervisor test)
            throws IOException {
        Running kv = Running.start(test, small());
        try (Client client = kv.client()) {
            client.ask("CREATE a");
            client.ask("PUT a k " + "x".repeat(3_000));
            String requests = "GET a k\r\n".repeat(1_000);
            try {
                for (int i = 0; i < 10_000; i++) {
                    client.send(requests);
                }
            } catch (SocketException expected) {
                assertThat(expected).isNotNull(); // the server has closed the connection
            }
            until(() -> kv.front().watched().isEmpty());
        }
        assertServes(kv);
    }

    @Test
    void a_subscriber_that_does_not_read_is_disconnected_and_holds_nobody_up(TestSupervisor test)
            throws IOException {
        Running kv = Running.start(test, small());
        try (Client subscriber = kv.client();
                Client other = kv.client()) {
            other.ask("CREATE a");
            subscriber.send("SUBSCRIBE a\r\n");
            until(() -> kv.front().watched().size() == 2);
            String value = "x".repeat(3_000);
            int changes = 0;
            while (kv.front().watched().size() == 2) {
                assertThat(other.ask("PUT a k " + value)).isEqualTo("OK");
                changes++;
            }
            assertThat(changes).isPositive();
        }
        assertServes(kv);
    }

    @Test
    void garbage_is_answered_or_refused(TestSupervisor test) throws IOException {
        Running kv = Running.start(test, small());
        Random random = new Random(9);
        for (int i = 0; i < 50; i++) {
            byte[] garbage = new byte[random.nextInt(3_000)];
            random.nextBytes(garbage);
            try (Socket socket =
                    new Socket(InetAddress.getLoopbackAddress(), kv.listener().port())) {
                socket.getOutputStream().write(garbage);
                socket.shutdownOutput();
                socket.getInputStream().readAllBytes();
            } catch (SocketException reset) {
                assertThat(reset).isNotNull(); // refused before all was read
            }
        }
        assertServes(kv);
    }

    @Test
    void a_client_that_is_killed_in_the_middle_of_a_request_leaves_nothing(TestSupervisor test)
            throws IOException {
        Running kv = Running.start(test, small());
        for (int i = 0; i < 50; i++) {
            try (Client client = kv.client()) {
                client.socket.setSoLinger(true, 0); // a reset, as after a kill
                client.send("CREATE a\r\nPUT a k");
            }
        }
        until(() -> kv.front().statistics().accepted.sum() == 50);
        until(() ->
                TaskSupervisor.children(Acceptor.CONNECTIONS).isEmpty()
                        && kv.front().watched().isEmpty());
        assertServes(kv);
    }

    @Test
    void a_tls_client_on_the_plain_port_is_disconnected_at_once(TestSupervisor test)
            throws IOException {
        Running kv = Running.start(test);
        try (Client client = kv.client()) {
            client.send("\u0016\u0003\u0001\u0002\u0000\u0001");

            assertThat(client.line()).isEqualTo(Client.CLOSED);
        }
        assertServes(kv);
    }

    /// Each buffer goes back once. If two threads gave one back, two clients would share it.
    @Test
    void subscribers_that_break_off_give_their_buffers_back_once(TestSupervisor test)
            throws IOException {
        Running kv = Running.start(test);
        try (Client other = kv.client()) {
            other.ask("CREATE a");
            for (int i = 0; i < 500; i++) {
                try (Client client = kv.client()) {
                    client.socket.setSoLinger(true, 0);
                    client.send("SUBSCRIBE a\r\nX");
                    other.ask("PUT a k " + i);
                }
            }
        }
        until(() -> kv.front().watched().isEmpty());
        assertThat(kv.front().buffers().taken()).isZero();
    }

    @Test
    void buffers_of_all_connections_together_have_a_limit() throws IOException {
        Buffers buffers = new Buffers(2 * Buffers.SIZE);
        byte[] one = buffers.take();
        buffers.take();

        assertThatThrownBy(buffers::take).isInstanceOf(Buffers.Exhausted.class);
        buffers.giveBack(one);
        assertThat(buffers.take()).isSameAs(one);
    }

    /// Names are strings and buckets are processes. Both are gone when the processes have ended.
    @Test
    void many_bucket_names_are_collected_when_their_processes_end(TestSupervisor test)
            throws IOException {
        Limits limits =
                new Limits(
                        10,
                        Duration.ZERO,
                        Duration.ofMinutes(5),
                        4_000,
                        100,
                        3_000,
                        4L << 30,
                        50_000);
        Running kv = Running.start(test, limits);
        int before = Processes.list().size();
        int thousands = LARGE ? 1_000 : 20;
        try (Client client = kv.client()) {
            for (int i = 0; i < thousands; i++) {
                StringBuilder requests = new StringBuilder();
                for (int j = 0; j < 1_000; j++) {
                    requests.append("CREATE name-").append(i).append('-').append(j).append('\n');
                }
                client.send(requests.toString());
                assertThat(client.lines(1_000)).containsOnly("OK");
            }
        }
        assertThat(LocalBuckets.count()).isEqualTo(thousands * 1_000);

        io.genserver.supervisor.DynamicSupervisor.stop(LocalBuckets.SUPERVISOR);
        until(() -> Processes.list().size() <= before + 1);
        until(() -> LocalBuckets.count() == 0);
        until(() -> kv.front().memory().used() == 0);
    }
}
