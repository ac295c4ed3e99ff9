package io.genserver.cluster.jgroups;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import java.util.Random;

/// What strangers send to an open port.
final class Garbage {

    private static final byte[] COOKIE = {'b', 'e', 'l', 'a'}; // how a connection of JGroups starts

    private Garbage() {}

    static void sendTo(String address) throws IOException {
        InetSocketAddress target = HostPort.parse(address).resolve();
        Random random = new Random(5);
        for (int i = 0; i < 20; i++) {
            byte[] bytes = new byte[1 + random.nextInt(5_000)];
            random.nextBytes(bytes);
            send(target, bytes);
        }
        send(target, new byte[0]);
        send(target, "GET / HTTP/1.1\r\n\r\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        send(target, COOKIE);
        // Knows how to start, and announces two gigabytes.
        send(
                target,
                ByteBuffer.allocate(100)
                        .put(COOKIE)
                        .putShort(org.jgroups.Version.version)
                        .putShort((short) 7)
                        .put((byte) 4)
                        .put(new byte[] {127, 0, 0, 1})
                        .putShort((short) 1)
                        .putInt(Integer.MAX_VALUE)
                        .array());
    }

    private static void send(InetSocketAddress target, byte[] bytes) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(target, 5_000);
            OutputStream out = socket.getOutputStream();
            out.write(bytes);
            out.flush();
        } catch (SocketException e) {
            // The other side may close before all is written.
            if (!isRefusal(e)) {
                return;
            }
            throw e;
        }
    }

    private static boolean isRefusal(SocketException e) {
        return e instanceof java.net.ConnectException;
    }
}
