package kv;

import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Server;
import io.genserver.supervisor.ChildSpec;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
class KvTest {

    @BeforeEach
    void start(TestSupervisor test) {
        test.startSupervised(ChildSpec.supervisor("kv", Kv::startLink));
    }

    @Test
    void a_killed_registry_comes_back_empty_under_its_name() {
        Registry.create(Kv.registry(), "shopping");
        Pid before = Processes.whereis(Kv.REGISTRY).orElseThrow();
        Processes.monitor(before);

        Processes.exit(before, ExitReason.KILL);

        assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.KILLED);
        Pid after =
                await().pollInSameThread()
                        .atMost(Duration.ofSeconds(5))
                        .until(() -> Processes.whereis(Kv.REGISTRY), java.util.Optional::isPresent)
                        .orElseThrow();
        assertThat(after).isNotEqualTo(before);
        assertThat(Registry.lookup(Kv.registry(), "shopping")).isEmpty();
    }

    @Test
    void stopping_the_tree_stops_the_registry_and_its_buckets(TestSupervisor test) {
        Registry.create(Kv.registry(), "shopping");
        Server<Bucket> bucket = Registry.lookup(Kv.registry(), "shopping").orElseThrow();

        test.stopSupervised("kv");

        assertThat(Processes.isAlive(bucket.pid())).isFalse();
        assertThat(Processes.whereis(Kv.REGISTRY)).isEmpty();
        assertThat(Processes.whereis(Kv.SUPERVISOR)).isEmpty();
    }

    @Test
    void a_killed_registry_takes_all_buckets_down() {
        Registry.create(Kv.registry(), "shopping");
        Server<Bucket> bucket = Registry.lookup(Kv.registry(), "shopping").orElseThrow();
        Processes.monitor(bucket);

        Processes.exit(Processes.whereis(Kv.REGISTRY).orElseThrow(), ExitReason.KILL);

        assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.SHUTDOWN);
    }
}
