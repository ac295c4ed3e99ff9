package kv.load;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/// The protocol of Redis, RESP, in the form that its own clients send: arrays of strings with their
/// lengths, which Redis parses faster than lines. It makes Redis a yardstick.
final class RedisDialect extends Dialect {

    // Each ends before the k of a key such as "load:k00000".
    private static final byte[] GET = Values.ascii("*2\r\n$3\r\nGET\r\n$11\r\nload:");
    private static final byte[] SET = Values.ascii("*3\r\n$3\r\nSET\r\n$11\r\nload:");
    private static final byte[] DEL = Values.ascii("*2\r\n$3\r\nDEL\r\n$11\r\nload:");
    private static final byte[] DONE = Values.ascii("+OK");
    private static final byte[] NONE = Values.ascii(":0");
    private static final byte[] ONE = Values.ascii(":1");
    private static final byte[] MISSING = Values.ascii("$-1");

    private final byte[] length; // the line before a value

    RedisDialect(Values values) {
        super(values);
        this.length = Values.ascii("$" + values.size());
    }

    @Override
    List<Exchange> greeting(Optional<String> token) {
        return token.map(text -> new Exchange("AUTH", "AUTH " + text, "+OK")).stream().toList();
    }

    @Override
    List<Exchange> preparation() {
        return List.of(new Exchange("PING", "PING", "+PONG"));
    }

    @Override
    void write(ByteBuffer to, Operation operation, int key, long number) {
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
            values().write(to, key, number);
        }
        to.put(END);
    }

    @Override
    int longest() {
        return values().size() + 80;
    }

    @Override
    boolean isDone(Operation operation, byte[] bytes, int from, int to) {
        return operation == Operation.PUT
                ? is(DONE, bytes, from, to)
                : is(NONE, bytes, from, to) || is(ONE, bytes, from, to);
    }

    @Override
    boolean isRefusal(byte[] bytes, int from, int to) {
        return bytes[from] == '-';
    }

    @Override
    Answer value(byte[] bytes, int from, int end, int to, Parsed parsed) {
        if (is(MISSING, bytes, from, end)) {
            return Answer.MISSING;
        }
        if (!is(length, bytes, from, end)) {
            return Answer.WRONG;
        }
        parsed.valueFrom = parsed.end;
        parsed.valueTo = parsed.end + values().size();
        parsed.end = parsed.valueTo + END.length;
        if (to < parsed.end) {
            return Answer.INCOMPLETE;
        }
        return is(END, bytes, parsed.valueTo, parsed.end) ? Answer.VALUE : Answer.WRONG;
    }

    @Override
    public String toString() {
        return "redis";
    }
}
