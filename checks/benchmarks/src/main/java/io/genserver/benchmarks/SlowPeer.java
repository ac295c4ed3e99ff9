package io.genserver.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;

/// The other side of connections on which servers block. One platform thread answers each byte on
/// any of them with a byte, after a delay.
final class SlowPeer {

    private static final byte ANSWER = 42;

    private record Answer(long due, SocketChannel to) {}

    private final long delay; // units: ns
    private final ServerSocketChannel server;
    private final Selector selector;
    private final Queue<SocketChannel> accepted = new ConcurrentLinkedQueue<>();
    private final Deque<Answer> answers = new ArrayDeque<>(); // accessed only by the peer's thread

    private SlowPeer(Duration delay) throws IOException {
        this.delay = delay.toNanos();
        this.server =
                ServerSocketChannel.open()
                        .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        this.selector = Selector.open();
    }

    /// Starts a peer, which runs until the JVM ends.
    static SlowPeer start(Duration delay) throws IOException {
        SlowPeer peer = new SlowPeer(delay);
        Thread.ofPlatform().daemon().name("slow-peer").start(() -> Work.orHalt(peer::run));
        return peer;
    }

    /// One side of a connection, used by one thread at a time.
    record Wire(Socket socket) {

        /// Blocks in a read for at least the peer's delay.
        void block() {
            try {
                socket.getOutputStream().write(0);
                Work.checkCount(ANSWER, socket.getInputStream().read());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// Connects. Must not be called concurrently.
    Wire connect() throws IOException {
        Socket mine = new Socket(InetAddress.getLoopbackAddress(), server.socket().getLocalPort());
        mine.setTcpNoDelay(true);
        SocketChannel other = server.accept();
        other.setOption(StandardSocketOptions.TCP_NODELAY, true);
        other.configureBlocking(false);
        accepted.add(other);
        selector.wakeup();
        return new Wire(mine);
    }

    private void run() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(1);
        while (true) {
            select();
            for (SocketChannel next = accepted.poll(); next != null; next = accepted.poll()) {
                next.register(selector, SelectionKey.OP_READ);
            }
            for (SelectionKey key : selector.selectedKeys()) {
                SocketChannel from = (SocketChannel) key.channel();
                Work.checkCount(1, from.read(bytes.clear()));
                answers.add(new Answer(System.nanoTime() + delay, from));
            }
            selector.selectedKeys().clear();
            answer(bytes);
        }
    }

    /// Waits for a byte, a new connection or the next answer's time, up to a millisecond too long.
    private void select() throws IOException {
        Answer next = answers.peek();
        if (next == null) {
            selector.select();
            return;
        }
        long left = next.due() - System.nanoTime();
        if (left > 0) {
            selector.select(TimeUnit.NANOSECONDS.toMillis(left) + 1);
        } else {
            selector.selectNow();
        }
    }

    private void answer(ByteBuffer bytes) throws IOException {
        while (!answers.isEmpty() && answers.peek().due() - System.nanoTime() <= 0) {
            Work.checkCount(1, answers.remove().to().write(bytes.clear().put(ANSWER).flip()));
        }
    }
}
