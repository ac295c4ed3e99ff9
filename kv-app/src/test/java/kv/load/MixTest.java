package kv.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MixTest {

    @Test
    void operations_occur_as_often_as_the_mix_says() {
        Mix mix = Mix.parse("put=1,get=3");
        SplittableRandom random = new SplittableRandom(1);
        Map<Operation, Integer> counts = new EnumMap<>(Operation.class);

        for (int i = 0; i < 40_000; i++) {
            counts.merge(mix.pick(random), 1, Integer::sum);
        }

        assertThat(counts).containsOnlyKeys(Operation.GET, Operation.PUT);
        assertThat(counts.get(Operation.GET)).isBetween(29_500, 30_500);
    }

    @Test
    void an_operation_with_the_weight_0_is_left_out() {
        assertThat(Mix.parse("get=0,delete=7")).hasToString("delete=7");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "get         | expected a mix such as get=50,put=45,delete=5, got: get",
                "get=1,get=2 | expected a mix such as get=50,put=45,delete=5, got: get=1,get=2",
                "get=0       | expected a mix such as get=50,put=45,delete=5, got: get=0",
                "get=1,      | expected a mix such as get=50,put=45,delete=5, got: get=1,",
                "GET=1       | expected get, put or delete, got: GET",
                "put=-1      | expected a weight from 0 to 1000000, got: -1",
                "put=1000001 | expected a weight from 0 to 1000000, got: 1000001",
            })
    void what_is_no_mix_is_refused(String text, String message) {
        assertThatThrownBy(() -> Mix.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }
}
