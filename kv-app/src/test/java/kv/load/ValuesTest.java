package kv.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ValuesTest {

    private static byte[] value(Values values, int key, long number) {
        ByteBuffer to = ByteBuffer.allocate(values.size());
        values.write(to, key, number);
        assertThat(to.hasRemaining()).isFalse();
        return to.array();
    }

    @ParameterizedTest
    @ValueSource(ints = {12, 13, 16, 1_000})
    void a_value_tells_the_number_of_its_write(int size) {
        Values values = new Values(size);
        for (long number : new long[] {0, 1, 31, 32, 1_000_000, (1L << 35) - 1}) {
            assertThat(values.number(value(values, 77, number), 0, size, 77)).isEqualTo(number);
        }
    }

    @Test
    void a_value_is_not_that_of_another_key() {
        Values values = new Values(16);

        assertThat(values.number(value(values, 77, 5), 0, 16, 78)).isEqualTo(-1);
    }

    @Test
    void a_value_with_a_changed_byte_is_none_or_of_another_write() {
        Values values = new Values(20);
        byte[] bytes = value(values, 77, 5);
        Set<Long> numbers = new HashSet<>();
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] ^= 0x40;
            numbers.add(values.number(bytes, 0, 20, 77));
            bytes[i] ^= 0x40;
        }

        assertThat(numbers).doesNotContain(5L);
    }

    @Test
    void a_value_that_is_too_short_or_too_long_is_none() {
        Values values = new Values(16);
        byte[] bytes = value(values, 77, 5);

        assertThat(values.number(bytes, 0, 15, 77)).isEqualTo(-1);
        assertThat(new Values(15).number(bytes, 0, 16, 77)).isEqualTo(-1);
    }
}
