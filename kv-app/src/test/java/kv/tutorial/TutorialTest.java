package kv.tutorial;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.Agent;
import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.Server;
import io.genserver.StartOption;
import io.genserver.supervisor.ChildSpec;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import java.util.HashMap;
import java.util.Optional;
import kv.Bucket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// The sessions and tests in docs/tutorial.md.
@ExtendWith(GenServerExtension.class)
class TutorialTest {

    @Test
    void an_agent_can_have_a_name() {
        Bucket.startLink(StartOption.name("shopping"));
        Server<Bucket> shopping = Server.named("shopping", Bucket.class);

        Bucket.put(shopping, "milk", 1);
        assertThat(Bucket.get(shopping, "milk")).contains(1);
        Agent.stop(shopping);
    }

    @Test
    void client_and_server_code_are_in_one_place_with_an_agent() {
        var bucket = Agent.startLink(HashMap<String, Integer>::new).server();

        // runs in the client
        Agent.run(
                bucket,
                entries -> {
                    // runs in the server
                    entries.put("milk", 1);
                });
        // runs in the client again

        assertThat(Agent.<HashMap<String, Integer>, Integer>get(bucket, HashMap::size)).isOne();
    }

    @Test
    void a_server_is_called_and_cast() {
        Server<FirstRegistry> registry = GenServer.startLink(FirstRegistry::new, Ok.OK).server();
        GenServer.cast(registry, new FirstRegistry.Create("shopping"));
        Optional<Server<Bucket>> bucket =
                GenServer.call(registry, new FirstRegistry.Lookup("shopping"));

        assertThat(bucket).isPresent();
    }

    /// The test class in the tutorial's section on testing.
    @Nested
    class RegistryTest {

        Server<FirstRegistry> registry;

        @BeforeEach
        void start(TestSupervisor test) {
            registry =
                    test.startSupervised(
                            ChildSpec.worker(FirstRegistry.class, FirstRegistry::startLink));
        }

        @Test
        void spawns_buckets() {
            assertThat(FirstRegistry.lookup(registry, "shopping")).isEmpty();

            FirstRegistry.create(registry, "shopping");
            Server<Bucket> bucket = FirstRegistry.lookup(registry, "shopping").orElseThrow();

            Bucket.put(bucket, "milk", 1);
            assertThat(Bucket.get(bucket, "milk")).contains(1);
        }

        /// The fault of the first version that the tutorial describes.
        @Test
        void keeps_buckets_that_have_ended() {
            FirstRegistry.create(registry, "shopping");
            Server<Bucket> bucket = FirstRegistry.lookup(registry, "shopping").orElseThrow();
            Agent.stop(bucket);
            assertThat(FirstRegistry.lookup(registry, "shopping")).isPresent();
        }
    }

    @Test
    void a_monitor_tells_of_the_end() {
        Pid pid = Bucket.startLink().pid();
        Ref ref = Processes.monitor(pid);
        Agent.stop(pid);

        assertThat(Processes.flush()).containsExactly(new Down(ref, pid, ExitReason.NORMAL));
    }

    @Test
    void the_readme_program_checks_itself() {
        Counter.main(new String[0]);

        assertThat(Processes.whereis("counter")).isEmpty();
    }
}
