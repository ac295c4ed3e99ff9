package io.genserver.cluster;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Reads the bytes of a frame. Each length is checked against what is left, so nothing is allocated
/// that the frame does not pay for. One thread.
final class FrameReader {

    private final byte[] bytes;
    private final int end;
    private int at;

    FrameReader(byte[] bytes) {
        this(bytes, 0, bytes.length);
    }

    private FrameReader(byte[] bytes, int at, int end) {
        this.bytes = bytes;
        this.at = at;
        this.end = end;
    }

    boolean isAtEnd() {
        return at == end;
    }

    void expectEnd() throws FrameException {
        if (at != end) {
            throw new FrameException("expected the end of the frame, got more: " + (end - at));
        }
    }

    byte readByte() throws FrameException {
        expect(1);
        return bytes[at++];
    }

    boolean readBoolean() throws FrameException {
        byte value = readByte();
        if (value >>> 1 != 0) {
            throw new FrameException("expected 0 or 1, got: " + value);
        }
        return value != 0;
    }

    long readUnsigned() throws FrameException {
        long value = 0;
        for (int shift = 0; shift < Long.SIZE; shift += 7) {
            byte next = readByte();
            value |= (next & 0x7FL) << shift;
            if (next >= 0) {
                return value;
            }
        }
        throw new FrameException("expected a number of 10 bytes at most, got more");
    }

    long readSigned() throws FrameException {
        long value = readUnsigned();
        return value >>> 1 ^ -(value & 1);
    }

    int readInt() throws FrameException {
        long value = readUnsigned();
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw new FrameException("expected a number of 31 bits, got: " + value);
        }
        return (int) value;
    }

    int readLength() throws FrameException {
        int length = readInt();
        expect(length);
        return length;
    }

    byte[] readBytes() throws FrameException {
        int length = readLength();
        at += length;
        return Arrays.copyOfRange(bytes, at - length, at);
    }

    String readString() throws FrameException {
        int length = readLength();
        at += length;
        return new String(bytes, at - length, length, StandardCharsets.UTF_8);
    }

    /// Returns the part of the frame that has a length in front of it.
    FrameReader readPart() throws FrameException {
        int length = readLength();
        at += length;
        return new FrameReader(bytes, at - length, at);
    }

    /// Returns the part of the frame that has a [FrameWriter#reserveLength] in front of it.
    FrameReader readPatchedPart() throws FrameException {
        expect(Integer.BYTES);
        int length = (int) Varint.LENGTH.get(bytes, at);
        at += Integer.BYTES;
        if (length < 0) {
            throw new FrameException("expected a length of 0 or more, got: " + length);
        }
        expect(length);
        at += length;
        return new FrameReader(bytes, at - length, at);
    }

    byte[] array() {
        return bytes;
    }

    int offset() {
        return at;
    }

    int left() {
        return end - at;
    }

    private void expect(int length) throws FrameException {
        if (length > end - at) {
            throw new FrameException(
                    "expected " + length + " more bytes, got a frame with " + (end - at) + " left");
        }
    }
}
