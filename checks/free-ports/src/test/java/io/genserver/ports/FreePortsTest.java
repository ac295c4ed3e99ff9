package io.genserver.ports;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

class FreePortsTest {

    @Test
    void a_server_can_listen_at_a_port_that_was_returned() throws IOException {
        int port = FreePorts.next();

        try (ServerSocket server = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            assertThat(server.getLocalPort()).isBetween(10_000, 32_767);
        }
    }

    @Test
    void a_port_is_returned_only_once() throws IOException {
        assertThat(FreePorts.reserve(FreePorts.next())).isFalse();
    }

    @Test
    void a_port_at_which_somebody_listens_is_not_free() throws IOException {
        try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThat(FreePorts.reserve(server.getLocalPort())).isFalse();
        }
    }

    @Test
    void an_address_is_on_the_loopback_device() throws IOException {
        assertThat(FreePorts.nextAddress()).matches("127\\.0\\.0\\.1:\\d{5}");
    }
}
