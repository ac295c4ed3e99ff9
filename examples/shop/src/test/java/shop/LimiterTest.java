package shop;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.*;
import io.genserver.test.*;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
class LimiterTest {

    @BeforeEach
    void start(TestSupervisor test) {
        test.startSupervised(Limiter.CUSTOMERS.childSpec());
    }

    private static boolean tryAcquire(String customer) {
        return GenServer.call(Limiter.CUSTOMERS.server(customer), new Limiter.TryAcquire());
    }

    @Test
    void the_sixth_order_in_a_minute_is_one_too_many() {
        for (int i = 1; i <= 5; i++) {
            assertThat(tryAcquire("ann")).as("order " + i).isTrue();
        }

        assertThat(tryAcquire("ann")).isFalse();
    }

    @Test
    void each_customer_has_a_limiter_of_their_own() {
        for (int i = 1; i <= 6; i++) {
            tryAcquire("ann");
        }

        assertThat(tryAcquire("bob")).isTrue();
        assertThat(Limiter.CUSTOMERS.keys()).containsExactlyInAnyOrder("ann", "bob");
    }
}
