package kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {

    @Test
    void times_have_a_unit() {
        Units.Time time = new Units.Time();

        assertThat(time.convert("500ms")).isEqualTo(Duration.ofMillis(500));
        assertThat(time.convert("30s")).isEqualTo(Duration.ofSeconds(30));
        assertThat(time.convert("5m")).isEqualTo(Duration.ofMinutes(5));
        assertThat(time.convert("8784h")).isEqualTo(Duration.ofDays(366));
        assertThat(time.convert("0")).isEqualTo(Duration.ZERO);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "30", "s", "-1s", "1d", "1.5s", "8785h", "3000000h", "9999999999s"})
    void other_times_are_refused(String text) {
        assertThatThrownBy(() -> new Units.Time().convert(text))
                .hasMessageStartingWith("expected a time such as")
                .hasMessageEndingWith("got: " + text);
    }

    @Test
    void sizes_are_numbers_of_bytes() {
        Units.Size size = new Units.Size();

        assertThat(size.convert("512")).isEqualTo(512);
        assertThat(size.convert("64K")).isEqualTo(64 << 10);
        assertThat(size.convert("10m")).isEqualTo(10 << 20);
        assertThat(size.convert("999999999g")).isPositive();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "k", "-1", "1t", "1kb", "99999999999g"})
    void other_sizes_are_refused(String text) {
        assertThatThrownBy(() -> new Units.Size().convert(text))
                .hasMessageStartingWith("expected a size such as")
                .hasMessageEndingWith("got: " + text);
    }
}
