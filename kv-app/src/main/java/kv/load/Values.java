package kv.load;

import java.nio.ByteBuffer;
import java.util.Arrays;

/// The keys and values of the load. A value consists of its key's number, the number of the write
/// and a filler, so a value that was never written, or that was written for another key, is found.
final class Values {

    /// The number of different keys.
    static final int KEYS = 1 << 25;

    /// The size of the smallest value, which has no filler. Units: bytes.
    static final int SMALLEST = 12;

    private static final int KEY_DIGITS = 5; // to base 32
    private static final byte[] DIGITS = ascii("0123456789abcdefghijklmnopqrstuv");

    private final byte[] filler;
    private final byte[] expected;

    /// Creates values.
    ///
    /// @param size the size of each value, [#SMALLEST] or more; units: bytes
    Values(int size) {
        this.expected = new byte[size];
        this.filler = new byte[size - SMALLEST + DIGITS.length];
        for (int i = 0; i < filler.length; i++) {
            filler[i] = DIGITS[i % DIGITS.length];
        }
    }

    int size() {
        return expected.length;
    }

    /// Appends a key, `k` and five digits.
    static void writeKey(ByteBuffer to, int key) {
        to.put((byte) 'k');
        writeDigits(to, key, KEY_DIGITS);
    }

    /// Appends the value of a write.
    void write(ByteBuffer to, int key, long number) {
        writeDigits(to, key, KEY_DIGITS);
        writeDigits(to, number, SMALLEST - KEY_DIGITS);
        to.put(filler, (int) (number % DIGITS.length), expected.length - SMALLEST);
    }

    private static void writeDigits(ByteBuffer to, long number, int digits) {
        for (int shift = 5 * (digits - 1); shift >= 0; shift -= 5) {
            to.put(DIGITS[(int) (number >> shift) & 31]);
        }
    }

    /// Returns the number of the write, or -1 if the bytes are not a value for the key.
    long number(byte[] bytes, int from, int to, int key) {
        if (to - from != expected.length) {
            return -1;
        }
        long number = 0;
        for (int i = from + KEY_DIGITS; i < from + SMALLEST; i++) {
            number = number << 5 | Math.max(0, Character.digit(bytes[i], 32));
        }
        write(ByteBuffer.wrap(expected), key, number);
        return Arrays.equals(bytes, from, to, expected, 0, expected.length) ? number : -1;
    }

    static byte[] ascii(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }
}
