package io.genserver.ports;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;

/// Ports of 127.0.0.1 for servers that start later, perhaps in another process.
///
/// Nobody else takes such a port before its server starts. The system gives connections, and
/// servers that ask for any port, a port from 32768 on; all ports of this class are lower. The UDP
/// port of the same number stays taken until the JVM ends, so no call of another JVM returns it.
public final class FreePorts {

    private static final int FIRST = 10_000;
    private static final int END = 32_768;
    private static final int TRIES = 1_000;

    private static final Queue<DatagramSocket> RESERVED = new ConcurrentLinkedQueue<>();

    private FreePorts() {}

    /// Returns a port at which nobody listens.
    public static int next() throws IOException {
        for (int i = 0; i < TRIES; i++) {
            int port = ThreadLocalRandom.current().nextInt(FIRST, END);
            if (reserve(port)) {
                return port;
            }
        }
        throw new IOException(
                "expected a free port from %d to %d, found none in %d tries"
                        .formatted(FIRST, END - 1, TRIES));
    }

    /// Returns `127.0.0.1:` with a port at which nobody listens.
    public static String nextAddress() throws IOException {
        return "127.0.0.1:" + next();
    }

    static boolean reserve(int port) throws IOException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try {
            RESERVED.add(new DatagramSocket(new InetSocketAddress(loopback, port)));
            new ServerSocket(port, 1, loopback).close();
            return true;
        } catch (BindException _) {
            return false;
        }
    }
}
