package kv.load;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;

/// A wire whose bytes are encrypted.
final class TlsWire extends Wire {

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SSLEngine engine;
    private final ByteBuffer arrived; // encrypted; to be filled
    private final ByteBuffer decrypted; // to be read
    private final ByteBuffer leaving; // encrypted; to be sent

    private TlsWire(Wire plain, SSLEngine engine) {
        super(plain);
        this.engine = engine;
        arrived = ByteBuffer.allocate(engine.getSession().getPacketBufferSize());
        decrypted = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()).flip();
        leaving = ByteBuffer.allocate(engine.getSession().getPacketBufferSize()).flip();
    }

    /// Does the handshake over a wire that blocks.
    static TlsWire over(Wire plain, SSLEngine engine) throws IOException {
        TlsWire wire = new TlsWire(plain, engine);
        engine.beginHandshake();
        while (!wire.advance()) {
            if (wire.receive() < 0) {
                throw new EOFException("the server closed the connection");
            }
        }
        return wire;
    }

    /// Does what the engine needs that needs no further bytes of the server.
    ///
    /// @return false if the handshake needs more of them
    private boolean advance() throws IOException {
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case FINISHED, NOT_HANDSHAKING -> {
                    return true;
                }
                case NEED_TASK -> {
                    for (Runnable task = engine.getDelegatedTask();
                            task != null;
                            task = engine.getDelegatedTask()) {
                        task.run();
                    }
                }
                case NEED_WRAP -> {
                    encrypt(NOTHING);
                    send();
                }
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
                    if (engine.isInboundDone()) {
                        throw new EOFException("the server closed the connection");
                    }
                    if (!decrypt()) {
                        return false;
                    }
                }
            }
        }
    }

    @Override
    int read(ByteBuffer to) throws IOException {
        while (!decrypted.hasRemaining()) {
            if (engine.isInboundDone()) {
                return -1;
            }
            if (!decrypt()) {
                int count = receive();
                if (count <= 0) {
                    return count;
                }
            }
            if (engine.getHandshakeStatus() != HandshakeStatus.NOT_HANDSHAKING) {
                advance(); // a new key
            }
        }
        int count = Math.min(to.remaining(), decrypted.remaining());
        to.put(to.position(), decrypted, decrypted.position(), count);
        to.position(to.position() + count);
        decrypted.position(decrypted.position() + count);
        return count;
    }

    /// Decrypts a record, if a whole one has arrived.
    private boolean decrypt() throws IOException {
        decrypted.compact();
        arrived.flip();
        try {
            SSLEngineResult result = engine.unwrap(arrived, decrypted);
            return result.getStatus() != SSLEngineResult.Status.BUFFER_UNDERFLOW;
        } finally {
            arrived.compact();
            decrypted.flip();
        }
    }

    private int receive() throws IOException {
        return super.read(arrived);
    }

    @Override
    boolean holdsArrived() {
        return decrypted.hasRemaining() || arrived.position() > 0;
    }

    @Override
    void write(ByteBuffer from) throws IOException {
        send();
        while (from.hasRemaining() && !holdsUnsent()) {
            encrypt(from);
            send();
        }
    }

    private void encrypt(ByteBuffer from) throws IOException {
        leaving.compact();
        try {
            engine.wrap(from, leaving);
        } finally {
            leaving.flip();
        }
    }

    private void send() throws IOException {
        if (leaving.hasRemaining()) {
            super.write(leaving);
        }
    }

    @Override
    boolean holdsUnsent() {
        return leaving.hasRemaining();
    }
}
