package io.genserver.documentation.guide;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.GenServer;
import io.genserver.Node;
import io.genserver.Processes;
import io.genserver.Server;
import io.genserver.StartOption;
import jakarta.enterprise.inject.se.SeContainerInitializer;
import jakarta.enterprise.util.TypeLiteral;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

/// The code of the page on embedding.
class EmbeddingTest {

    private static final Server<Inventory> INVENTORY = Server.named("inventory", Inventory.class);

    private static void start() {
        Map<String, Integer> items = Map.of("lamp", 1);
        GenServer.start(Inventory::new, items, StartOption.name(INVENTORY)).pid();
    }

    @Test
    void threads_of_an_executor_use_a_node() throws Exception {
        try (Node node = Node.start("shop");
                var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            node.run(EmbeddingTest::start);

            Server<Inventory> inventory = INVENTORY.on(node);
            var reserved = executor.submit(() -> Inventory.reserve(inventory, "lamp"));
            var found = executor.submit(() -> node.call(() -> Processes.whereis("inventory")));

            assertThat(reserved.get()).isTrue();
            assertThat(found.get()).isPresent();
        }
    }

    private static CompletableFuture<String> label(Server<Inventory> inventory) {
        return GenServer.callAsync(inventory, new Inventory.Count("lamp"), Duration.ofSeconds(1))
                .thenApply(count -> count == 0 ? "sold out" : count + " left")
                .exceptionally(_ -> "ask later");
    }

    @Test
    void reactive_code_gets_a_future() {
        try (Node node = Node.start()) {
            assertThat(label(INVENTORY.on(node)).join()).isEqualTo("ask later");
            node.run(EmbeddingTest::start);
            assertThat(label(INVENTORY.on(node)).join()).isEqualTo("1 left");
        }
    }

    @Test
    void a_cdi_bean_starts_and_stops_the_tree() {
        var type = new TypeLiteral<Server<Inventory>>() {};
        try (var container =
                SeContainerInitializer.newInstance()
                        .disableDiscovery()
                        .addBeanClasses(Store.class)
                        .initialize()) {
            Server<Inventory> inventory = container.select(type).get();

            assertThat(Inventory.reserve(inventory, "lamp")).isTrue();
        }
        assertThat(Processes.whereis("inventory")).isEmpty();
    }
}
