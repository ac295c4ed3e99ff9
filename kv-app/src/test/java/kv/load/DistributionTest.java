package kv.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.function.IntSupplier;
import org.junit.jupiter.api.Test;

class DistributionTest {

    private static int[] draws(Distribution distribution, int keys, int count) {
        IntSupplier source = distribution.over(keys, new SplittableRandom(1));
        int[] counts = new int[keys];
        for (int i = 0; i < count; i++) {
            counts[source.getAsInt()]++;
        }
        return counts;
    }

    @Test
    void uniform_chooses_all_keys_equally_often() {
        for (int count : draws(Distribution.UNIFORM, 10, 100_000)) {
            assertThat(count).isBetween(9_500, 10_500);
        }
    }

    /// With 10 keys, the sum of 1 / n^0.99 is 2.958.
    @Test
    void zipf_chooses_the_first_keys_most_often() {
        int[] counts = draws(Distribution.ZIPF, 10, 100_000);

        assertThat(counts[0]).isBetween(33_000, 34_600); // 1 / 2.958
        assertThat(counts[1]).isBetween(16_500, 17_600); // 0.503 / 2.958
        assertThat(counts[9]).isBetween(3_250, 3_700); // 0.1023 / 2.958
    }

    @Test
    void a_single_key_is_always_chosen() {
        assertThat(draws(Distribution.ZIPF, 1, 10)).containsExactly(10);
        assertThat(draws(Distribution.UNIFORM, 1, 10)).containsExactly(10);
    }
}
