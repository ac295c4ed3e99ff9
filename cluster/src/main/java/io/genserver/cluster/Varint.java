package io.genserver.cluster;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/// Numbers in frames: seven bits a byte, the low ones first, the highest bit set in all bytes but
/// the last.
final class Varint {

    static final VarHandle LENGTH =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private Varint() {}

    /// Returns the index after the number.
    static int put(byte[] target, int at, long value) {
        long rest = value;
        int index = at;
        while ((rest & ~0x7FL) != 0) {
            target[index++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        target[index++] = (byte) rest;
        return index;
    }

    static int sizeOf(long value) {
        return Math.max(1, (Long.SIZE - Long.numberOfLeadingZeros(value) + 6) / 7);
    }
}
