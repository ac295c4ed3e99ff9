package kv.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DescriptorsTest {

    @Test
    void connections_leave_some_of_the_descriptors_to_others() {
        assertThat(Descriptors.connections(20_000)).isEqualTo(19_800);
        assertThat(Descriptors.connections(Long.MAX_VALUE)).isEqualTo(Integer.MAX_VALUE);
        assertThat(Descriptors.connections(10)).isEqualTo(1);
    }

    @Test
    void the_standard_number_of_connections_is_ten_thousand_or_what_is_possible() {
        assertThat(Descriptors.standard(10_200)).isEqualTo(10_000);
        assertThat(Descriptors.standard(1_000_000)).isEqualTo(10_000);
        assertThat(Descriptors.standard(1_024)).isEqualTo(824);
    }

    @Test
    void this_process_has_enough_for_itself() {
        assertThat(Descriptors.limit()).isGreaterThan(200);
    }
}
