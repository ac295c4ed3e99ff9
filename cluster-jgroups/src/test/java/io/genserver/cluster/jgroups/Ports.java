package io.genserver.cluster.jgroups;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/// Ports that nobody uses.
final class Ports {

    private Ports() {}

    /// Returns an address on 127.0.0.1 at which nobody listens.
    static String free() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return "127.0.0.1:" + socket.getLocalPort();
        }
    }
}
