package io.genserver.simulation;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// The text that a run can be played again from: the policy that found it, the setting that depends
/// on the run, and each choice.
///
/// A choice of 0 stands for "go on as before". Choices are written as pairs: how many zeros, then
/// one that is not zero.
final class Token {

    private static final String VERSION = "v1";

    private final SearchPolicy.Kind policy;
    private final int run;
    private final int length;
    private final int[] choices;

    /// @param policy the policy
    /// @param run the number of the run, from 0
    /// @param length how many choices a run makes, as far as the policy knew
    /// @param choices the choices
    Token(SearchPolicy.Kind policy, int run, int length, int[] choices) {
        this.policy = policy;
        this.run = run;
        this.length = length;
        this.choices = choices.clone();
    }

    SearchPolicy.Kind policy() {
        return policy;
    }

    int run() {
        return run;
    }

    int[] choices() {
        return choices.clone();
    }

    String text() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int zeros = 0;
        for (int choice : choices) {
            if (choice == 0) {
                zeros++;
            } else {
                write(bytes, zeros);
                write(bytes, choice);
                zeros = 0;
            }
        }
        String encoded =
                Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toByteArray());
        return String.join(
                ".", VERSION, policy.name(), String.valueOf(run), String.valueOf(length), encoded);
    }

    private static void write(ByteArrayOutputStream bytes, int value) {
        int left = value;
        while (left >= 0x80) {
            bytes.write(left | 0x80);
            left >>>= 7;
        }
        bytes.write(left);
    }

    /// Reads a token.
    ///
    /// @throws IllegalArgumentException if the text is not one
    static Token parse(String text) {
        String[] parts = text.strip().split("\\.", -1);
        try {
            if (parts.length == 5 && parts[0].equals(VERSION)) {
                return new Token(
                        SearchPolicy.Kind.valueOf(parts[1]),
                        Integer.parseInt(parts[2]),
                        Integer.parseInt(parts[3]),
                        choices(Base64.getUrlDecoder().decode(parts[4])));
            }
        } catch (RuntimeException broken) {
            throw expected(text, broken);
        }
        throw expected(text, null);
    }

    private static IllegalArgumentException expected(
            String text, @Nullable RuntimeException cause) {
        return new IllegalArgumentException(
                "expected a token that a failed simulation has printed, such as"
                        + " v1.RANDOM.17.120.AAED, got: "
                        + text,
                cause);
    }

    private static int[] choices(byte[] bytes) {
        ByteBuffer left = ByteBuffer.wrap(bytes);
        IntStream.Builder all = IntStream.builder();
        while (left.hasRemaining()) {
            for (int zeros = read(left); zeros > 0; zeros--) {
                all.add(0);
            }
            all.add(read(left));
        }
        return all.build().toArray();
    }

    private static int read(ByteBuffer bytes) {
        int value = 0;
        for (int shift = 0; ; shift += 7) {
            int next = bytes.get();
            value |= (next & 0x7F) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }
}
