package io.genserver.cluster;

import java.util.List;

/// Writes and reads packets.
final class Packets {

    static final int NONCE_LENGTH = 32;

    private static final int FORMAT = 0xC1;
    private static final int HELLO = 1;
    private static final int PROOF = 2;
    private static final int READY = 3;
    private static final int RESET = 4;
    private static final int REFUSE = 5;
    private static final int DATA = 6;
    private static final int TICK = 7;

    static final int MAX_NAME = 256;
    private static final int MAX_REASON = 1024;

    /// More than the longest packet without signals.
    private static final int MAX_CONTROL = 1 << 20;

    /// Two bytes and the epochs.
    private static final int MAX_HEADER = 22;

    private Packets() {}

    static byte[] write(Packet packet) {
        FrameWriter out = new FrameWriter(MAX_CONTROL);
        out.write(FORMAT);
        out.write(kind(packet));
        out.writeUnsigned(packet.from());
        out.writeUnsigned(packet.to());
        switch (packet) {
            case Packet.Hello hello -> {
                out.writeUnsigned(hello.oldest());
                out.writeUnsigned(hello.newest());
                out.writeString(hello.name());
                out.writeUnsigned(hello.incarnation());
                out.writeBytes(hello.nonce());
            }
            case Packet.Proof proof -> {
                out.writeBytes(proof.code());
                writeFeatures(out, proof.features());
            }
            case Packet.Refuse refuse -> out.writeString(refuse.why());
            case Packet.Ready _, Packet.Reset _, Packet.Tick _ -> {}
            case Packet.Data _ ->
                    throw new IllegalArgumentException("expected a packet without signals");
        }
        return out.toBytes();
    }

    private static int kind(Packet packet) {
        return switch (packet) {
            case Packet.Hello _ -> HELLO;
            case Packet.Proof _ -> PROOF;
            case Packet.Ready _ -> READY;
            case Packet.Reset _ -> RESET;
            case Packet.Refuse _ -> REFUSE;
            case Packet.Data _ -> DATA;
            case Packet.Tick _ -> TICK;
        };
    }

    /// Writes what a proof says besides its code, which covers it.
    static void writeFeatures(FrameWriter out, Packet.Features features) {
        out.writeUnsigned(features.maxSignal());
        out.writeUnsigned(features.tickMillis());
        out.writeUnsigned(features.types().length);
        for (long type : features.types()) {
            out.writeUnsigned(type);
        }
    }

    /// Writes a packet of signals.
    static byte[] writeData(long from, long to, List<byte[]> signals) {
        int size = MAX_HEADER;
        for (byte[] signal : signals) {
            size += Varint.sizeOf(signal.length) + signal.length;
        }
        FrameWriter out = new FrameWriter(size, size);
        out.write(FORMAT);
        out.write(DATA);
        out.writeUnsigned(from);
        out.writeUnsigned(to);
        signals.forEach(out::writeBytes);
        return out.toBytes();
    }

    static Packet read(byte[] bytes) throws FrameException {
        FrameReader in = new FrameReader(bytes);
        int format = in.readByte() & 0xFF;
        if (format != FORMAT) {
            throw new FrameException("expected a packet of format " + FORMAT + ", got: " + format);
        }
        int kind = in.readByte();
        long from = in.readUnsigned();
        long to = in.readUnsigned();
        if (from <= 0 || to < 0) {
            throw new FrameException("expected positive epochs, got: " + from + " and " + to);
        }
        Packet packet =
                switch (kind) {
                    case HELLO -> readHello(in, from, to);
                    case PROOF -> readProof(in, from, to);
                    case READY -> new Packet.Ready(from, to);
                    case RESET -> new Packet.Reset(from, to);
                    case REFUSE -> new Packet.Refuse(from, to, readText(in, MAX_REASON));
                    case DATA -> new Packet.Data(from, to, in);
                    case TICK -> new Packet.Tick(from, to);
                    default ->
                            throw new FrameException("expected a packet from 1 to 7, got: " + kind);
                };
        if (kind != DATA && kind != HELLO) {
            in.expectEnd();
        }
        return packet;
    }

    /// A later version may add to a hello.
    private static Packet readHello(FrameReader in, long from, long to) throws FrameException {
        Packet.Hello hello =
                new Packet.Hello(
                        from,
                        to,
                        in.readInt(),
                        in.readInt(),
                        readText(in, MAX_NAME),
                        in.readUnsigned(),
                        in.readBytes());
        if (hello.name().isBlank()
                || hello.incarnation() <= 0
                || hello.nonce().length != NONCE_LENGTH) {
            throw new FrameException(
                    "expected a hello with a name, an incarnation and a nonce, got: " + hello);
        }
        return hello;
    }

    private static Packet readProof(FrameReader in, long from, long to) throws FrameException {
        byte[] code = in.readBytes();
        int maxSignal = in.readInt();
        if (maxSignal < ClusterNode.Options.MIN_SIGNAL) {
            throw new FrameException("expected signals of 64 KiB or more, got: " + maxSignal);
        }
        int tickMillis = in.readInt();
        if (tickMillis < ClusterNode.Options.MIN_TICK_TIME.toMillis()) {
            throw new FrameException("expected a tick time of 1 s or more, got: " + tickMillis);
        }
        int count = in.readLength();
        long[] types = new long[count];
        for (int i = 0; i < count; i++) {
            types[i] = in.readUnsigned();
        }
        return new Packet.Proof(from, to, code, new Packet.Features(maxSignal, tickMillis, types));
    }

    private static String readText(FrameReader in, int longest) throws FrameException {
        String text = in.readString();
        if (text.length() > longest || text.chars().anyMatch(Character::isISOControl)) {
            throw new FrameException(
                    "expected a text of " + longest + " printable characters at most, got another");
        }
        return text;
    }
}
