package io.genserver.documentation.guide;

import io.genserver.GenServer;
import io.genserver.Server;
import io.genserver.StartOption;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.BeforeDestroyed;
import jakarta.enterprise.context.Initialized;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

@ApplicationScoped
class Store {

    private static final Server<Inventory> INVENTORY = Server.named("inventory", Inventory.class);

    private @Nullable Server<Supervisor> supervisor;

    void start(@Observes @Initialized(ApplicationScoped.class) Object event) {
        StartOption name = StartOption.name(INVENTORY);
        supervisor =
                Supervisor.start(
                                List.of(
                                        ChildSpec.worker(
                                                Inventory.class,
                                                () ->
                                                        GenServer.startLink(
                                                                Inventory::new,
                                                                Map.of("lamp", 1),
                                                                name))),
                                SupervisorFlags.of(Strategy.ONE_FOR_ONE))
                        .server();
    }

    void stop(@Observes @BeforeDestroyed(ApplicationScoped.class) Object event) {
        Supervisor.stop(Objects.requireNonNull(supervisor));
    }

    @Produces
    static Server<Inventory> inventory() {
        return INVENTORY;
    }
}
