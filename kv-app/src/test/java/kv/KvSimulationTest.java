package kv;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.CallException;
import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Server;
import io.genserver.simulation.SimulationRun;
import io.genserver.supervisor.Task;
import io.genserver.test.Simulation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// The registry and its buckets under many schedules, with crashes.
class KvSimulationTest {

    private static final String SHOPPING = "shopping";

    @Simulation(runs = 1_000)
    void clients_that_create_one_name_share_one_bucket() {
        Kv.startLink();
        List<Task<Pid>> clients = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            Object key = i;
            clients.add(
                    Task.async(() -> {
                        Registry.create(Kv.registry(), SHOPPING);
                        Server<Bucket> bucket = lookup();
                        Bucket.put(bucket, key, key);
                        return bucket.pid();
                    }));
        }
        Set<Pid> buckets = new HashSet<>();
        clients.forEach(client -> buckets.add(client.await()));

        assertThat(buckets).hasSize(1);
        for (int i = 0; i < 3; i++) {
            assertThat(Bucket.get(lookup(), i)).contains(i);
        }
    }

    private static Server<Bucket> lookup() {
        return Registry.lookup(Kv.registry(), SHOPPING).orElseThrow();
    }

    @Simulation(runs = 1_000)
    void a_bucket_that_crashes_is_forgotten_and_no_other(SimulationRun run) {
        Kv.startLink();
        Registry.create(Kv.registry(), SHOPPING);
        Registry.create(Kv.registry(), "travel");
        Server<Bucket> bucket = lookup();
        run.mayCrash(bucket);
        Task<Boolean> client =
                Task.async(() -> {
                    try {
                        Bucket.put(bucket, "milk", 1);
                        return Bucket.get(bucket, "milk").isPresent();
                    } catch (CallException crashed) {
                        return false;
                    }
                });
        client.await();
        run.eventually(
                "the registry knows living buckets only",
                () ->
                        Registry.lookup(Kv.registry(), SHOPPING).isPresent()
                                == Processes.isAlive(bucket.pid()));
        run.eventually(
                "the other bucket is there",
                () -> Registry.lookup(Kv.registry(), "travel").isPresent());
    }

    @Simulation(runs = 1_000)
    void kv_works_again_after_each_crash(SimulationRun run) {
        Kv.startLink();
        run.mayCrash(new Name(Kv.REGISTRY));
        run.mayCrash(new Name(Kv.BUCKET_SUPERVISOR));
        for (int i = 0; i < 3; i++) {
            Registry.create(Kv.registry(), SHOPPING);
            Processes.sleep(Duration.ofMillis(1));
        }
        run.eventually(
                "a bucket can be created and used",
                () -> {
                    Registry.create(Kv.registry(), SHOPPING);
                    Bucket.put(lookup(), "milk", 1);
                    return Bucket.get(lookup(), "milk").isPresent();
                });
    }
}
