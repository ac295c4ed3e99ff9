package io.genserver.benchmarks;

import io.genserver.GenServer;
import io.genserver.Ok;
import io.genserver.Processes;
import io.genserver.StartOption;
import io.genserver.supervisor.ProcessRegistry;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/// This library: names and registries.
final class OursNames {

    private OursNames() {}

    static @Nullable Work work(Operation operation) {
        return switch (operation) {
            case LOOKUP -> OursNames::lookup;
            case WHEREIS -> OursNames::whereis;
            default -> null;
        };
    }

    private static Map<String, Double> lookup(Work.Timing timing) throws Exception {
        ProcessRegistry<String, Integer> registry = ProcessRegistry.unique("registry");
        registry.startLink().pid();
        CountDownLatch ready = new CountDownLatch(Lookups.KEYS.size());
        for (String key : Lookups.KEYS) {
            Processes.spawn(() -> {
                registry.register(key, 1);
                ready.countDown();
                Processes.receive();
            });
        }
        ready.await();
        return Lookups.measure(timing, key -> registry.lookup(key).size() == 1);
    }

    private static Map<String, Double> whereis(Work.Timing timing) throws Exception {
        for (String key : Lookups.KEYS) {
            GenServer.start(CounterServer::new, Ok.OK, StartOption.name(key)).pid();
        }
        return Lookups.measure(timing, key -> Processes.whereis(key).isPresent());
    }
}
