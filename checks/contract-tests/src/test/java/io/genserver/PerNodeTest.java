package io.genserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.spi.PerNode;
import org.junit.jupiter.api.Test;

class PerNodeTest {

    private final PerNode<String> variable = new PerNode<>();

    @Test
    void each_node_has_its_own_value() {
        try (Node one = Node.start();
                Node two = Node.start()) {
            variable.set("default");
            one.run(() -> variable.set("one"));

            assertThat(variable.get()).isEqualTo("default");
            assertThat(one.<String, RuntimeException>call(variable::get)).isEqualTo("one");
            assertThat(two.<Object, RuntimeException>call(() -> String.valueOf(variable.get())))
                    .isEqualTo("null");
            assertThat(variable.get()).isEqualTo("default");
        }
    }

    @Test
    void a_value_is_replaced_on_its_node_alone() {
        try (Node one = Node.start()) {
            variable.set("first");
            one.run(() -> variable.set("one"));

            variable.set("second");

            assertThat(variable.get()).isEqualTo("second");
            assertThat(one.<String, RuntimeException>call(variable::get)).isEqualTo("one");
        }
    }
}
