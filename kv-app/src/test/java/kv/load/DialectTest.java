package kv.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import kv.load.Dialect.Answer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DialectTest {

    private static final Dialect KV = new KvDialect(2, new Values(16));
    private static final Dialect REDIS = new RedisDialect(new Values(16));

    private static String request(Dialect dialect, Operation operation) {
        ByteBuffer to = ByteBuffer.allocate(dialect.longest());
        dialect.write(to, operation, 33, 4);
        return new String(to.array(), 0, to.position(), StandardCharsets.US_ASCII);
    }

    @Test
    void requests_are_lines_or_arrays() {
        assertThat(request(KV, Operation.GET)).isEqualTo("GET load-1 k00011\r\n");
        assertThat(request(KV, Operation.PUT)).isEqualTo("PUT load-1 k00011 0001100000044567\r\n");
        assertThat(request(KV, Operation.DELETE)).isEqualTo("DELETE load-1 k00011\r\n");
        assertThat(request(REDIS, Operation.GET))
                .isEqualTo("*2\r\n$3\r\nGET\r\n$11\r\nload:k00011\r\n");
        assertThat(request(REDIS, Operation.PUT))
                .isEqualTo("*3\r\n$3\r\nSET\r\n$11\r\nload:k00011\r\n$16\r\n0001100000044567\r\n");
        assertThat(request(REDIS, Operation.DELETE))
                .isEqualTo("*2\r\n$3\r\nDEL\r\n$11\r\nload:k00011\r\n");
    }

    static Stream<Arguments> complete() {
        return Stream.of(
                Arguments.of(KV, Operation.PUT, "OK\r\n", Answer.DONE),
                Arguments.of(KV, Operation.DELETE, "OK\r\n", Answer.DONE),
                Arguments.of(KV, Operation.GET, "0123456789abcdef\r\nOK\r\n", Answer.VALUE),
                Arguments.of(KV, Operation.GET, "\r\nOK\r\n", Answer.MISSING),
                Arguments.of(KV, Operation.GET, "STORE FAILED\r\n", Answer.REFUSED),
                Arguments.of(KV, Operation.PUT, "DISK FULL\r\n", Answer.REFUSED),
                Arguments.of(REDIS, Operation.PUT, "+OK\r\n", Answer.DONE),
                Arguments.of(REDIS, Operation.DELETE, ":0\r\n", Answer.DONE),
                Arguments.of(REDIS, Operation.DELETE, ":1\r\n", Answer.DONE),
                Arguments.of(REDIS, Operation.GET, "$16\r\n0123456789abc\r\n\n\r\n", Answer.VALUE),
                Arguments.of(REDIS, Operation.GET, "$-1\r\n", Answer.MISSING),
                Arguments.of(REDIS, Operation.GET, "-OOM too much\r\n", Answer.REFUSED));
    }

    @ParameterizedTest
    @MethodSource("complete")
    void an_answer_is_complete_at_its_last_byte(
            Dialect dialect, Operation operation, String text, Answer answer) {
        byte[] bytes = ("." + text + "OK\r\n").getBytes(StandardCharsets.US_ASCII);
        Dialect.Parsed parsed = new Dialect.Parsed();
        int end = 1 + text.length();
        for (int to = 1; to < end; to++) {
            assertThat(dialect.read(bytes, 1, to, operation, parsed)).isEqualTo(Answer.INCOMPLETE);
        }

        assertThat(dialect.read(bytes, 1, end, operation, parsed)).isEqualTo(answer);
        assertThat(parsed.end).isEqualTo(end);
        assertThat(dialect.read(bytes, 1, bytes.length, operation, parsed)).isEqualTo(answer);
        assertThat(parsed.end).isEqualTo(end);
    }

    static Stream<Arguments> wrong() {
        return Stream.of(
                Arguments.of(KV, Operation.PUT, "NOT FOUND\r\n"),
                Arguments.of(KV, Operation.PUT, "\r\n"),
                Arguments.of(KV, Operation.PUT, "OK\n\r\n"),
                Arguments.of(KV, Operation.GET, "NOT FOUND\r\n"),
                Arguments.of(KV, Operation.GET, "OK\r\n"),
                Arguments.of(KV, Operation.GET, "0123456789abcde\r\n"),
                Arguments.of(KV, Operation.GET, "0123456789abcdefg\r\n"),
                Arguments.of(KV, Operation.GET, "0123456789abcdef\r\nX"),
                Arguments.of(KV, Operation.GET, "0123456789abcdef\r\nOKX"),
                Arguments.of(KV, Operation.GET, "\r\nNO"),
                Arguments.of(REDIS, Operation.PUT, "+OKAY\r\n"),
                Arguments.of(REDIS, Operation.DELETE, ":2\r\n"),
                Arguments.of(REDIS, Operation.GET, "$15\r\n0123456789abcde\r\n"),
                Arguments.of(REDIS, Operation.GET, "$16\r\n0123456789abcdefgh\r\n"));
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void an_answer_to_another_request_is_wrong(Dialect dialect, Operation operation, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);

        assertThat(dialect.read(bytes, 0, bytes.length, operation, new Dialect.Parsed()))
                .isEqualTo(Answer.WRONG);
    }

    @Test
    void the_place_of_a_value_is_known() {
        byte[] bytes = "0123456789abcdef\r\nOK\r\n".getBytes(StandardCharsets.US_ASCII);
        Dialect.Parsed parsed = new Dialect.Parsed();
        KV.read(bytes, 0, bytes.length, Operation.GET, parsed);

        assertThat(parsed.valueFrom).isZero();
        assertThat(parsed.valueTo).isEqualTo(16);
    }
}
