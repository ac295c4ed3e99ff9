package kv.load;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// The protocol of Redis, RESP, in the form that its own clients send: arrays of strings with their
/// lengths, which Redis parses faster than lines. It makes Redis a yardstick.
final class RedisDialect implements Dialect {

    // Each ends before the k of a key such as "load:k00000".
    private static final byte[] GET = Values.ascii("*2\r\n$3\r\nGET\r\n$11\r\nload:");
    private static final byte[] SET = Values.ascii("*3\r\n$3\r\nSET\r\n$11\r\nload:");
    private static final byte[] DEL = Values.ascii("*2\r\n$3\r\nDEL\r\n$11\r\nload:");
    private static final byte[] END = Values.ascii("\r\n");
    private static final byte[] DONE = Values.ascii("+OK");
    private static final byte[] NONE = Values.ascii(":0");
    private static final byte[] ONE = Values.ascii(":1");
    private static final byte[] MISSING = Values.ascii("$-1");

    private final Values values;
    private final byte[] length; // the line before a value

    RedisDialect(Values values) {
        this.values = values;
        this.length = Values.ascii("$" + values.size());
    }

    @Override
    public List<Exchange> greeting(Optional<String> token) {
        return token.map(text -> new Exchange("AUTH", "AUTH " + text, "+OK")).stream().toList();
    }

    @Override
    public List<Exchange> preparation() {
        return List.of(new Exchange("PING", "PING", "+PONG"));
    }

    @Override
    public void write(ByteBuffer to, Operation operation, int key, long number) {
        to.put(
                switch (operation) {
                    case GET -> GET;
                    case PUT -> SET;
                    case DELETE -> DEL;
                });
        Values.writeKey(to, key);
        if (operation == Operation.PUT) {
            to.put(END);
            to.put(length);
            to.put(END);
            values.write(to, key, number);
        }
        to.put(END);
    }

    @Override
    public int longest() {
        return values.size() + 80;
    }

    @Override
    public Answer read(byte[] bytes, int from, int to, Operation operation, Parsed parsed) {
        int end = Dialect.lineEnd(bytes, from, to);
        if (end < 0) {
            return Answer.INCOMPLETE;
        }
        parsed.end = end + END.length;
        if (bytes[from] == '-') {
            return Answer.REFUSED;
        }
        return switch (operation) {
            case GET -> value(bytes, from, end, to, parsed);
            case PUT -> is(DONE, bytes, from, end) ? Answer.DONE : Answer.WRONG;
            case DELETE ->
                    is(NONE, bytes, from, end) || is(ONE, bytes, from, end)
                            ? Answer.DONE
                            : Answer.WRONG;
        };
    }

    private Answer value(byte[] bytes, int from, int end, int to, Parsed parsed) {
        if (is(MISSING, bytes, from, end)) {
            return Answer.MISSING;
        }
        if (!is(length, bytes, from, end)) {
            return Answer.WRONG;
        }
        parsed.valueFrom = parsed.end;
        parsed.valueTo = parsed.end + values.size();
        parsed.end = parsed.valueTo + END.length;
        if (to < parsed.end) {
            return Answer.INCOMPLETE;
        }
        return is(END, bytes, parsed.valueTo, parsed.end) ? Answer.VALUE : Answer.WRONG;
    }

    private static boolean is(byte[] expected, byte[] bytes, int from, int to) {
        return Arrays.equals(bytes, from, to, expected, 0, expected.length);
    }

    @Override
    public Values values() {
        return values;
    }

    @Override
    public String toString() {
        return "redis";
    }
}
