package kv.load;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// The protocol of kv.
final class KvDialect extends Dialect {

    /// The answers with which kv says that it did not carry out a request.
    private static final Set<String> REFUSALS =
            Set.of(
                    "ERROR",
                    "AUTH REQUIRED",
                    "TOO BUSY",
                    "LINE TIMEOUT",
                    "LINE TOO LONG",
                    "KEY TOO LONG",
                    "VALUE TOO LONG",
                    "OUT OF MEMORY",
                    "DISK FULL",
                    "STORE FAILED",
                    "TOO MANY CONNECTIONS");

    private static final byte[] GET = Values.ascii("GET");
    private static final byte[] PUT = Values.ascii("PUT");
    private static final byte[] DELETE = Values.ascii("DELETE");
    private static final byte[] OK = Values.ascii("OK");
    private static final byte[] LAST_LINE = Values.ascii("OK\r\n");

    private final byte[][] buckets; // their names, with a blank before and after

    KvDialect(int buckets, Values values) {
        super(values);
        this.buckets = new byte[buckets][];
        for (int i = 0; i < buckets; i++) {
            this.buckets[i] = Values.ascii(" " + bucket(i) + " ");
        }
    }

    private static String bucket(int number) {
        return "load-" + number;
    }

    @Override
    List<Exchange> greeting(Optional<String> token) {
        return token.map(text -> new Exchange("AUTH", "AUTH " + text, "OK")).stream().toList();
    }

    @Override
    List<Exchange> preparation() {
        return IntStream.range(0, buckets.length)
                .mapToObj(i -> "CREATE " + bucket(i))
                .map(request -> new Exchange(request, request, "OK"))
                .toList();
    }

    @Override
    void write(ByteBuffer to, Operation operation, int key, long number) {
        to.put(
                switch (operation) {
                    case GET -> GET;
                    case PUT -> PUT;
                    case DELETE -> DELETE;
                });
        to.put(buckets[key % buckets.length]);
        Values.writeKey(to, key);
        if (operation == Operation.PUT) {
            to.put((byte) ' ');
            values().write(to, key, number);
        }
        to.put(END);
    }

    @Override
    int longest() {
        return values().size() + 64;
    }

    @Override
    boolean isDone(Operation operation, byte[] bytes, int from, int to) {
        return is(OK, bytes, from, to);
    }

    /// A value never begins with a capital letter, and a refusal always does.
    @Override
    boolean isRefusal(byte[] bytes, int from, int to) {
        return from < to
                && Character.isUpperCase(bytes[from])
                && REFUSALS.contains(
                        new String(bytes, from, to - from, StandardCharsets.ISO_8859_1));
    }

    /// Reads the second line, unless the first one already is wrong.
    @Override
    Answer value(byte[] bytes, int from, int end, int to, Parsed parsed) {
        if (from < end && (end - from != values().size() || Character.isUpperCase(bytes[from]))) {
            return Answer.WRONG;
        }
        int second = parsed.end;
        parsed.valueFrom = from;
        parsed.valueTo = end;
        parsed.end = second + LAST_LINE.length;
        int arrived = Math.min(LAST_LINE.length, to - second);
        if (!Arrays.equals(bytes, second, second + arrived, LAST_LINE, 0, arrived)) {
            return Answer.WRONG;
        }
        if (arrived < LAST_LINE.length) {
            return Answer.INCOMPLETE;
        }
        return from == end ? Answer.MISSING : Answer.VALUE;
    }

    @Override
    public String toString() {
        return "kv";
    }
}
