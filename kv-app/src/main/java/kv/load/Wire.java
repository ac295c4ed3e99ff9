package kv.load;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import kv.client.Endpoint;
import kv.server.Tls;

/// The two directions of a connection. It blocks until it is registered with a selector.
sealed class Wire implements Closeable permits TlsWire {

    private final SocketChannel channel;

    private Wire(SocketChannel channel) {
        this.channel = channel;
    }

    /// Makes a wire like another one, which must not be used any longer.
    Wire(Wire plain) {
        this(plain.channel);
    }

    /// Connects to a server.
    ///
    /// @param limit how long the connection, and then each read of the wire, may take; units: ms
    static Wire connect(Endpoint endpoint, int limit) throws IOException {
        SocketChannel channel = SocketChannel.open();
        try {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.socket().connect(endpoint.server(), limit);
            channel.socket().setSoTimeout(limit);
            Wire plain = new Wire(channel);
            Tls tls = endpoint.tls();
            return tls == null
                    ? plain
                    : TlsWire.over(
                            plain,
                            tls.engine(
                                    endpoint.server().getHostString(),
                                    endpoint.server().getPort()));
        } catch (IOException failed) {
            channel.close();
            throw failed;
        }
    }

    /// Registers the wire for reading. From here on it does not block.
    final SelectionKey register(Selector selector, Object attachment) throws IOException {
        channel.configureBlocking(false);
        return channel.register(selector, SelectionKey.OP_READ, attachment);
    }

    final boolean isOpen() {
        return channel.isOpen();
    }

    /// Reads what has arrived.
    ///
    /// @param to a buffer with an array, and with room
    /// @return the number of bytes, -1 at the end
    int read(ByteBuffer to) throws IOException {
        if (!channel.isBlocking()) {
            return channel.read(to);
        }
        InputStream in = channel.socket().getInputStream(); // whose reads have a limit
        int count = in.read(to.array(), to.arrayOffset() + to.position(), to.remaining());
        to.position(to.position() + Math.max(0, count));
        return count;
    }

    /// Returns whether bytes may have arrived that the selector does not know of.
    boolean holdsArrived() {
        return false;
    }

    /// Writes as much as the socket takes.
    void write(ByteBuffer from) throws IOException {
        channel.write(from);
    }

    /// Returns whether bytes wait that have been taken by [#write] and not by the socket. The next
    /// write takes them first.
    boolean holdsUnsent() {
        return false;
    }

    @Override
    public final void close() throws IOException {
        channel.close();
    }
}
