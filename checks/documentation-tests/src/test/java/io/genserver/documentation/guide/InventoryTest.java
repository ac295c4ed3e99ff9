package io.genserver.documentation.guide;

import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.*;
import io.genserver.supervisor.*;
import io.genserver.test.*;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
class InventoryTest {

    private final Server<Inventory> inventory = Server.named("inventory", Inventory.class);

    @BeforeEach
    void start(TestSupervisor test) {
        StartOption name = StartOption.name(inventory);
        test.startSupervised(() -> GenServer.startLink(Inventory::new, Map.of("lamp", 1), name));
    }

    @Test
    void sells_the_last_lamp_once() {
        assertThat(Inventory.reserve(inventory, "lamp")).isTrue();
        assertThat(Inventory.reserve(inventory, "lamp")).isFalse();
    }

    @Test
    void ends_when_it_is_killed() {
        Ref monitor = Processes.monitor(inventory);

        Processes.exit(inventory.pid(), ExitReason.KILL);

        Down down = assertReceive(Down.class, end -> end.ref().equals(monitor));
        assertThat(down.reason()).isEqualTo(ExitReason.KILLED);
    }
}
