package io.genserver.cluster.jgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.genserver.cluster.engine.Member;
import io.genserver.ports.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {

    @TempDir static Path folder;

    private static Certificates certificates;
    private static Tls a;
    private static Tls b;
    private static Tls stranger;

    @BeforeAll
    static void makeCertificates() throws Exception {
        certificates = new Certificates(folder);
        a = certificates.tls("ours", "a");
        b = certificates.tls("ours", "b", "-ext", "san=dns:kv.example");
        stranger = certificates.tls("theirs", "stranger");
    }

    private static Node started(Tls tls, String... seeds) throws IOException {
        return Node.started(
                JGroupsOptions.at(FreePorts.nextAddress()).withSeeds(List.of(seeds)).withTls(tls));
    }

    @Test
    void nodes_with_certificates_of_one_authority_are_together() throws Exception {
        try (Node first = started(a);
                Node second = started(b, first.address)) {
            first.sees(second);
            second.send(first, new byte[1_000_000]);
            await().atMost(Node.CEILING).until(() -> first.frames.size() == 1);
            second.leave();
            first.sees(new Node[0]);
        }
    }

    @Test
    void a_node_with_a_certificate_of_another_authority_stays_out() throws Exception {
        staysOut(a, JGroupsOptions.at(FreePorts.nextAddress()).withTls(stranger));
    }

    /// The password comes from a pipe, so that the engine is closed in the middle of its start.
    @Test
    void an_engine_that_is_closed_while_it_starts_leaves_nothing_behind() throws Exception {
        Path pipe = folder.resolve("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
        Tls slow = Tls.of(certificates.node("ours", "slow"), pipe);
        Node node = new Node(JGroupsOptions.at(FreePorts.nextAddress()).withTls(slow));
        FutureTask<Member> start = new FutureTask<>(() -> node.engine.start(node));
        Thread.ofPlatform().start(start);
        Thread close;
        try (var password = Files.newBufferedWriter(pipe)) { // waits for the reader
            close = Thread.ofPlatform().start(node::close);
            await().atMost(Node.CEILING)
                    .until(() ->
                            close.getState() == Thread.State.WAITING
                                    || close.getState() == Thread.State.TERMINATED);
            // It is read twice.
            Files.copy(certificates.password(), pipe, StandardCopyOption.REPLACE_EXISTING);
            password.write(Files.readString(certificates.password()));
        }
        close.join();
        assertThat(start.get()).isNotNull();

        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(HostPort.parse(node.address).resolve());
            assertThat(socket.isBound()).isTrue();
        }
    }

    @Test
    void a_listening_socket_has_freed_its_port_when_it_is_closed() throws Exception {
        TlsSockets sockets = new TlsSockets(a.context());
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), FreePorts.next());
        for (int i = 0; i < 1000; i++) {
            ServerSocket socket = sockets.createServerSocket("test");
            socket.bind(address);
            Thread.ofVirtual().start(() -> assertThatThrownBy(socket::accept));
            new Socket(socket.getInetAddress(), socket.getLocalPort()).close(); // it listens

            socket.close();

            try (ServerSocket next = new ServerSocket()) {
                next.bind(address);
            }
        }
    }

    @Test
    void a_node_without_tls_stays_out() throws Exception {
        staysOut(a, JGroupsOptions.at(FreePorts.nextAddress()));
    }

    @Test
    void a_node_without_the_demanded_name_stays_out() throws Exception {
        staysOut(
                b.withPeerName("kv.example"),
                JGroupsOptions.at(FreePorts.nextAddress()).withTls(a));
    }

    @Test
    void a_node_with_the_demanded_unit_or_dns_name_comes_in() throws Exception {
        try (Node first = started(a.withPeerName("kv.example"));
                Node second = started(b.withPeerName("kv"), first.address)) {
            first.sees(second);
        }
    }

    /// Both sides know each other's address, and have tried when they started.
    private void staysOut(Tls tls, JGroupsOptions other) throws Exception {
        try (Node inside = started(tls, other.address().toString());
                Node outside = Node.started(other.withSeeds(List.of(inside.address)));
                Node friend = started(b, inside.address)) {
            inside.sees(friend);
            // The inner nodes look for lost nodes every 2 to 5 s, but not if they have not tried
            // once.
            Garbage.sendTo(inside.address);
            assertThat(outside.members).isEmpty();
            assertThat(inside.changes).noneMatch(c -> c.members().contains(outside.address));
        }
    }

    @Test
    void strangers_who_say_nothing_do_not_keep_nodes_out() throws Exception {
        List<Socket> silent = new ArrayList<>();
        try (Node first = started(a)) {
            HostPort address = HostPort.parse(first.address);
            for (int i = 0; i < 200; i++) { // more than handshakes may be under way
                silent.add(new Socket(address.host(), address.port()));
            }
            try (Node second = started(b, first.address)) {
                assertThat(second.members).hasSize(1);
            }
            Garbage.sendTo(first.address);
            try (Node second = started(b, first.address)) {
                first.sees(second);
            }
        } finally {
            for (Socket socket : silent) {
                socket.close();
            }
        }
    }

    @Test
    void a_handshake_that_ends_after_the_listener_was_closed_leaves_no_connection()
            throws Exception {
        TlsSockets sockets = new TlsSockets(a.context());
        ServerSocket listener = sockets.createServerSocket("a test");
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        try (listener;
                Socket late = new Socket(listener.getInetAddress(), listener.getLocalPort());
                Socket early = new Socket(listener.getInetAddress(), listener.getLocalPort())) {
            FutureTask<Socket> accepted = new FutureTask<>(listener::accept);
            Thread.ofVirtual().start(accepted);
            SSLSocket ready = shakeHands(early);
            accepted.get().close();
            assertThat(ready.getInputStream().read()).isEqualTo(-1);

            FutureTask<Socket> refused = new FutureTask<>(listener::accept);
            Thread.ofVirtual().start(refused);
            listener.close();
            assertThatThrownBy(refused::get).hasCauseInstanceOf(SocketException.class);
            SSLSocket left = shakeHands(late);
            assertThat(isEnded(left)).isTrue();
        }
    }

    private static SSLSocket shakeHands(Socket socket) throws Exception {
        SSLSocket secured =
                (SSLSocket)
                        b.context()
                                .getSocketFactory()
                                .createSocket(
                                        socket,
                                        socket.getInetAddress().getHostAddress(),
                                        socket.getPort(),
                                        true);
        secured.startHandshake();
        secured.setSoTimeout(4_000); // less than the deadline of a handshake
        return secured;
    }

    /// Whether the other side has closed a connection.
    private static boolean isEnded(SSLSocket socket) throws IOException {
        try {
            return socket.getInputStream().read() == -1;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (SocketException e) {
            return true; // it was reset
        }
    }

    @Test
    void a_key_store_that_cannot_be_used_is_said_in_one_line() throws Exception {
        Path wrong = Files.writeString(folder.resolve("wrong"), "a guess");
        Path broken = Files.write(folder.resolve("broken.p12"), new byte[] {1, 2, 3});
        Path none = folder.resolve("none.p12");
        Path store = folder.resolve("a.p12");
        Path empty = Files.write(folder.resolve("empty"), new byte[0]);

        fails(Tls.of(store, wrong), "the password in " + wrong + " does not open " + store);
        fails(Tls.of(none, wrong), "cannot read " + none + ": there is no such file");
        fails(Tls.of(store, none), "cannot read " + none + ": there is no such file");
        fails(
                Tls.of(store, empty),
                "cannot read " + empty + ": expected a password in the first line, found no line");
        fails(a.withTrustStore(none, wrong), "cannot read " + none + ": there is no such file");
        assertThatThrownBy(() -> started(Tls.of(broken, certificates.password())))
                .isInstanceOf(IOException.class)
                .hasMessageStartingWith("cannot read " + broken + ": ")
                .message()
                .doesNotContain("\n");
    }

    private static void fails(Tls tls, String message) {
        assertThatThrownBy(() -> started(tls)).isInstanceOf(IOException.class).hasMessage(message);
    }
}
