package io.genserver.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.AbstractList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ReportTextTest {

    record Account(String owner) {}

    enum Light {
        GREEN
    }

    /// A collection that cannot tell its size.
    static final class Broken extends AbstractList<String> {
        @Override
        public String get(int index) {
            throw new IllegalStateException("broken");
        }

        @Override
        public int size() {
            throw new IllegalStateException("broken");
        }
    }

    @Test
    void a_value_is_shown_by_its_type_and_size() {
        assertThat(ReportText.shape(new ArrayList<>(List.of("a", "b"))))
                .isEqualTo("java.util.ArrayList, 2 elements");
        assertThat(ReportText.shape(new HashMap<>(Map.of("owner", "x"))))
                .isEqualTo("java.util.HashMap, 1 entries");
        assertThat(ReportText.shape("secret")).isEqualTo("java.lang.String, 6 characters");
        assertThat(ReportText.shape(new int[3])).isEqualTo("int[], 3 elements");
        assertThat(ReportText.shape(new Account("x"))).isEqualTo(Account.class.getName());
        assertThat(ReportText.shape(Optional.of("x"))).isEqualTo("java.util.Optional");
        assertThat(ReportText.shape(17)).isEqualTo("java.lang.Integer");
        assertThat(ReportText.shape(null)).isEqualTo("null");
    }

    @Test
    void an_enum_constant_is_shown_because_it_is_no_data() {
        assertThat(ReportText.shape(Light.GREEN)).isEqualTo(Light.class.getName() + " GREEN");
    }

    @Test
    void a_value_that_cannot_tell_its_size_is_shown_by_its_type() {
        assertThat(ReportText.shape(new Broken()))
                .isEqualTo(
                        Broken.class.getName() + ", size() threw java.lang.IllegalStateException");
    }
}
