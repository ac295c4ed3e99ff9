package io.genserver.cluster;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Collects the bytes of a frame. One thread.
final class FrameWriter extends OutputStream {

    private static final int FIRST_SIZE = 192;

    private final int limit;
    private byte[] bytes;
    private int size;

    /// @param limit the longest frame; units: bytes
    FrameWriter(int limit) {
        this(limit, FIRST_SIZE);
    }

    /// @param limit the longest frame; units: bytes
    /// @param expected how long the frame will probably be; units: bytes
    FrameWriter(int limit, int expected) {
        this.limit = limit;
        bytes = new byte[expected];
    }

    byte[] toBytes() {
        return Arrays.copyOf(bytes, size);
    }

    @Override
    public void write(int value) {
        reserve(1);
        bytes[size++] = (byte) value;
    }

    @Override
    public void write(byte[] source, int offset, int length) {
        reserve(length);
        System.arraycopy(source, offset, bytes, size, length);
        size += length;
    }

    void writeUnsigned(long value) {
        reserve(Varint.sizeOf(value));
        size = Varint.put(bytes, size, value);
    }

    void writeSigned(long value) {
        writeUnsigned(value << 1 ^ value >> 63);
    }

    void writeBytes(byte[] value) {
        writeUnsigned(value.length);
        write(value, 0, value.length);
    }

    void writeString(String value) {
        for (int i = 0; i < value.length(); i++) {
            if (Character.isSurrogate(value.charAt(i))) {
                i = skipPair(value, i);
            }
        }
        writeBytes(value.getBytes(StandardCharsets.UTF_8));
    }

    private static int skipPair(String value, int at) {
        if (at + 1 == value.length()
                || !Character.isSurrogatePair(value.charAt(at), value.charAt(at + 1))) {
            throw new IllegalArgumentException(
                    "expected a string of whole characters, got half of a surrogate pair at index "
                            + at);
        }
        return at + 1;
    }

    /// Leaves room for a number that is known later.
    ///
    /// @return where the room is
    int reserveLength() {
        reserve(Integer.BYTES);
        size += Integer.BYTES;
        return size - Integer.BYTES;
    }

    /// Writes how many bytes came after the room.
    void patchLength(int at) {
        Varint.LENGTH.set(bytes, at, size - at - Integer.BYTES);
    }

    private void reserve(int more) {
        if (more > limit - size) {
            throw new IllegalArgumentException(
                    "expected content of " + limit + " bytes at most, got more");
        }
        if (size + more > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(size + more, bytes.length * 2));
        }
    }
}
