package kv.server;

import static kv.server.Running.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLHandshakeException;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class AccessTest {

    @TempDir private static Path shared;

    private static final Map<String, Certificates> CERTIFICATES = new HashMap<>();

    @TempDir private Path folder;

    private static synchronized Certificates certificates(String algorithm) {
        return CERTIFICATES.computeIfAbsent(
                algorithm,
                name -> {
                    try {
                        return Certificates.in(shared, name);
                    } catch (IOException failed) {
                        throw new UncheckedIOException(failed);
                    }
                });
    }

    private Path tokenFile(String content) throws IOException {
        return Files.writeString(folder.resolve("token"), content);
    }

    @Nested
    class a_token {

        private static final long START = 1_000_000_000L;

        private static InetAddress address(int last) throws UnknownHostException {
            return InetAddress.getByAddress(new byte[] {10, 0, 0, (byte) last});
        }

        @Test
        void is_the_first_line_of_its_file() throws IOException {
            Access access = Access.byToken(tokenFile("secret\nmore\n"));

            assertThat(access.isOpen()).isFalse();
            assertThat(access.check("secret", address(1), START)).isTrue();
            assertThat(access.check("secre", address(1), START)).isFalse();
            assertThat(access.check("secret\nmore", address(1), START)).isFalse();
        }

        @ParameterizedTest
        @ValueSource(strings = {"", "\n", "  \nsecret\n", "two words\n"})
        void is_one_word(String content) throws IOException {
            Path file = tokenFile(content);

            assertThatThrownBy(() -> Access.byToken(file))
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            "expected a token without white space in the first line of " + file);
        }

        @Test
        void has_a_file_that_exists() {
            assertThatThrownBy(() -> Access.byToken(folder.resolve("none")))
                    .isInstanceOf(NoSuchFileException.class);
        }

        @Test
        void bans_an_address_that_fails_five_times_for_a_minute() throws IOException {
            Access access = Access.byToken(tokenFile("secret"));
            for (int i = 0; i < Access.MOST_FAILURES; i++) {
                assertThat(access.isBanned(address(1), START)).isFalse();
                access.check("wrong", address(1), START);
            }

            assertThat(access.isBanned(address(1), START)).isTrue();
            assertThat(access.isBanned(address(2), START)).isFalse();
            assertThat(access.isBanned(address(1), START + Access.BAN.toNanos())).isTrue();
            assertThat(access.isBanned(address(1), START + Access.BAN.toNanos() + 1)).isFalse();
        }

        @Test
        void forgets_failures_that_are_long_ago() throws IOException {
            Access access = Access.byToken(tokenFile("secret"));
            long later = START;
            for (int i = 0; i < 10; i++) {
                access.check("wrong", address(1), later);
                assertThat(access.isBanned(address(1), later)).isFalse();
                later += Duration.ofSeconds(61).toNanos();
            }
        }
    }

    @Nested
    @ExtendWith(GenServerExtension.class)
    class a_server_with_a_token {

        private Running start(TestSupervisor test) throws IOException {
            return Running.start(
                    test, Running.WIDE, Access.byToken(tokenFile("secret")), null, null);
        }

        @Test
        void serves_a_client_that_knows_it(TestSupervisor test) throws IOException {
            try (Client client = start(test).client()) {
                client.send("AUTH secret\r\nCREATE a\r\nPUT a k 1\r\n");

                assertThat(client.lines(3)).containsExactly("OK", "OK", "OK");
            }
        }

        @Test
        void executes_nothing_of_a_client_that_does_not_send_it_first(TestSupervisor test)
                throws IOException {
            try (Client client = start(test).client()) {
                client.send("CREATE a\r\nAUTH secret\r\nCREATE b\r\n");

                assertThat(client.lines(2)).containsExactly("AUTH REQUIRED", Client.CLOSED);
                assertThat(LocalBuckets.all()).isEmpty();
            }
        }

        @Test
        void bans_an_address_that_guesses(TestSupervisor test) throws IOException {
            Running kv = start(test);
            for (int i = 0; i < Access.MOST_FAILURES; i++) {
                try (Client client = kv.client()) {
                    client.send("AUTH guess\r\nCREATE a\r\n");
                    assertThat(client.lines(2)).containsExactly("AUTH FAILED", Client.CLOSED);
                }
            }
            try (Client client = kv.client()) {
                assertThat(client.line()).isEqualTo(Client.CLOSED);
            }
            assertThat(LocalBuckets.all()).isEmpty();
        }

        @Test
        void does_not_answer_a_banned_address_on_connections_from_before(TestSupervisor test)
                throws IOException {
            Running kv = start(test);
            List<Client> clients = new ArrayList<>();
            for (int i = 0; i <= Access.MOST_FAILURES; i++) {
                clients.add(kv.client());
            }
            until(() -> kv.front().watched().size() == clients.size());
            for (Client client : clients.subList(0, Access.MOST_FAILURES)) {
                assertThat(client.ask("AUTH guess")).isEqualTo("AUTH FAILED");
            }
            assertThat(clients.getLast().ask("AUTH secret")).isEqualTo("AUTH FAILED");
            for (Client client : clients) {
                client.close();
            }
        }

        @Test
        void disconnects_a_client_that_does_not_send_it(TestSupervisor test) throws IOException {
            Running kv =
                    Running.start(
                            test,
                            Running.limits(Duration.ZERO, Duration.ofMillis(300)),
                            Access.byToken(tokenFile("secret")),
                            null,
                            null);
            try (Client silent = kv.client()) {
                assertThat(silent.line()).isEqualTo(Client.CLOSED);
            }
        }
    }

    @Nested
    @ExtendWith(GenServerExtension.class)
    class a_server_with_tls {

        private Running start(TestSupervisor test, Certificates certificates, Limits limits)
                throws IOException {
            Tls tls = Tls.ofServer(certificates.certificate(), certificates.key());
            return Running.start(test, limits, Access.open(), tls, null);
        }

        private static Client client(Running kv, Path roots) throws IOException {
            Socket plain = new Socket(InetAddress.getLoopbackAddress(), kv.listener().port());
            return new Client(Tls.ofClient(roots).connect(plain, "127.0.0.1"));
        }

        @ParameterizedTest
        @ValueSource(strings = {"EC", "RSA", "Ed25519"})
        void serves_a_client_that_trusts_it(String algorithm, TestSupervisor test)
                throws IOException {
            Certificates certificates = certificates(algorithm);
            Running kv = start(test, certificates, Running.WIDE);
            try (Client client = client(kv, certificates.certificate())) {
                client.send("CREATE a\r\nPUT a k 1\r\nGET a k\r\n");

                assertThat(client.lines(4)).containsExactly("OK", "OK", "1", "OK");
            }
        }

        @Test
        void is_refused_by_a_client_that_trusts_another(TestSupervisor test) throws IOException {
            Running kv = start(test, certificates("EC"), Running.WIDE);
            Certificates others = certificates("RSA");

            assertThatThrownBy(() -> client(kv, others.certificate()))
                    .isInstanceOf(SSLHandshakeException.class);
        }

        @Test
        void disconnects_a_client_that_speaks_no_tls(TestSupervisor test) throws IOException {
            Certificates certificates = certificates("EC");
            Running kv = start(test, certificates, Running.WIDE);
            try (Client plain = kv.client()) {
                plain.send("CREATE a\r\nPUT a k 1\r\n");
                String line = plain.line();
                while (!line.equals(Client.CLOSED)) { // a TLS alert
                    line = plain.line();
                }
            }
            assertThat(LocalBuckets.all()).isEmpty();
            try (Client client = client(kv, certificates.certificate())) {
                assertThat(client.ask("CREATE a")).isEqualTo("OK");
            }
        }

        @Test
        void disconnects_a_client_that_does_not_finish_the_handshake(TestSupervisor test)
                throws IOException {
            Running kv =
                    start(
                            test,
                            certificates("EC"),
                            Running.limits(Duration.ZERO, Duration.ofMillis(300)));
            try (Client silent = kv.client()) {
                assertThat(silent.line()).isEqualTo(Client.CLOSED);
                until(() -> kv.front().watched().isEmpty());
            }
        }
    }

    @ParameterizedTest
    @CsvSource({
        "EC, RSA",
        "RSA, EC",
        "Ed25519, EC",
        "EC, EC-2",
        "RSA, RSA-2",
        "Ed25519, Ed25519-2"
    })
    void a_key_of_another_certificate_is_refused(String one, String other) {
        Path certificate = certificates(one).certificate();
        Path key = certificates(other).key();

        assertThatThrownBy(() -> Tls.ofServer(certificate, key))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "expected the private key in %s to be that of the first certificate in %s"
                                .formatted(key, certificate));
    }

    @Test
    void a_key_in_another_form_is_refused_with_the_command_that_converts_it() throws IOException {
        Certificates certificates = certificates("EC");
        Path other =
                Files.writeString(
                        folder.resolve("other.pem"),
                        "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n");

        assertThatThrownBy(() -> Tls.ofServer(certificates.certificate(), other))
                .hasMessageContaining("openssl pkcs8 -topk8 -nocrypt -in KEY");
        assertThatThrownBy(() -> Tls.ofServer(other, certificates.key()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(other.toString());
    }
}
