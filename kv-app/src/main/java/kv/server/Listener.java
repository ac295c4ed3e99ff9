package kv.server;

import java.io.Closeable;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The port of the server. It outlives the acceptor: a kill of the acceptor interrupts its thread,
/// and an interrupt closes the socket that the thread waits on. The next acceptor gets a new socket
/// on the same port.
final class Listener implements Closeable {

    private static final int BACKLOG = 1_024;

    /// Held by the thread that accepts. The system keeps the port of a closed socket until that
    /// thread has noticed, so nobody opens another one before.
    private final ReentrantLock accepting = new ReentrantLock();

    private final InetAddress host;
    private int port; // guarded; 0 until a free port has been chosen
    private @Nullable ServerSocket socket; // guarded

    private Listener(InetAddress host, int port) {
        this.host = host;
        this.port = port;
    }

    /// Binds a port.
    ///
    /// @param port the port; 0 for any free one
    /// @throws IOException if the port is in use, or the host is not this machine
    static Listener bind(InetAddress host, int port) throws IOException {
        Listener listener = new Listener(host, port);
        listener.open();
        return listener;
    }

    /// Returns a socket that is open, on the same port every time. Waits for a thread that accepts
    /// and has been interrupted.
    ServerSocket socket() throws IOException, InterruptedException {
        accepting.lockInterruptibly();
        try {
            return open();
        } finally {
            accepting.unlock();
        }
    }

    /// Accepts a client, at a socket of this port. Only one thread accepts at a time.
    Socket accept(ServerSocket from) throws IOException, InterruptedException {
        accepting.lockInterruptibly();
        try {
            return from.accept();
        } finally {
            accepting.unlock();
        }
    }

    private synchronized ServerSocket open() throws IOException {
        if (socket == null || socket.isClosed()) {
            ServerSocket fresh = new ServerSocket();
            try {
                fresh.setReuseAddress(true);
                fresh.bind(new InetSocketAddress(host, port), BACKLOG);
            } catch (BindException refused) {
                fresh.close();
                throw new BindException(
                        "expected to listen on %s:%d: %s"
                                .formatted(host.getHostAddress(), port, refused.getMessage()));
            }
            port = fresh.getLocalPort();
            socket = fresh;
        }
        return socket;
    }

    synchronized int port() {
        return port;
    }

    /// Returns the address for the readiness line.
    String address() {
        return host.getHostAddress() + ":" + port();
    }

    @Override
    public synchronized void close() throws IOException {
        if (socket != null) {
            socket.close();
        }
    }
}
