package kv.server;

import java.nio.charset.StandardCharsets;

/// The words of a line. A word is any bytes without ASCII white space. In memory it is a string
/// with one char for each byte, so bytes that are not UTF-8 come back unchanged, and the JVM stores
/// one byte for each.
final class Words {

    private static final int MOST = 4;

    private final String[] words = new String[MOST];
    private int count;

    private Words() {}

    /// Returns the words of a line. Only the first four are kept.
    static Words of(byte[] bytes, int from, int to) {
        Words found = new Words();
        int at = from;
        while (true) {
            while (at < to && isBlank(bytes[at])) {
                at++;
            }
            if (at == to) {
                return found;
            }
            int start = at;
            while (at < to && !isBlank(bytes[at])) {
                at++;
            }
            found.add(bytes, start, at);
        }
    }

    private void add(byte[] bytes, int from, int to) {
        if (count < MOST) {
            words[count] = text(bytes, from, to);
        }
        count++;
    }

    private static boolean isBlank(byte b) {
        return b == ' ' || (b >= '\t' && b <= '\r');
    }

    /// Returns whether the line has this many words.
    boolean are(int number) {
        return count == number;
    }

    /// Returns a word, or an empty string if the line has fewer.
    String get(int index) {
        return index < count ? words[index] : "";
    }

    /// Returns a text with one char for each byte.
    static String text(byte[] bytes, int from, int to) {
        return new String(bytes, from, to - from, StandardCharsets.ISO_8859_1);
    }

    /// Returns the UTF-8 bytes of any text, as a text with one char for each byte.
    static String fromUnicode(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return text(bytes, 0, bytes.length);
    }

    /// Returns the text that the bytes of a text are in UTF-8.
    static String toUnicode(String text) {
        return new String(bytes(text), StandardCharsets.UTF_8);
    }

    /// Returns the bytes of a text that has one char for each byte.
    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
