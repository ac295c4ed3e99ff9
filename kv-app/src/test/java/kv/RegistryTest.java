package kv;

import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.Agent;
import io.genserver.CallException;
import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.Server;
import io.genserver.supervisor.DynamicSupervisor;
import io.genserver.supervisor.DynamicSupervisorFlags;
import io.genserver.supervisor.Restart;
import io.genserver.supervisor.Supervisor;
import io.genserver.test.AllowCrashes;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
class RegistryTest {

    private Server<Registry> registry;

    @BeforeEach
    void start(TestSupervisor test) {
        registry = test.startSupervised(Registry.childSpec());
    }

    @Test
    void spawns_buckets() {
        assertThat(Registry.lookup(registry, "shopping")).isEmpty();

        Registry.create(registry, "shopping");
        Server<Bucket> bucket = Registry.lookup(registry, "shopping").orElseThrow();

        Bucket.put(bucket, "milk", 1);
        assertThat(Bucket.get(bucket, "milk")).contains(1);
    }

    @Test
    void removes_buckets_on_exit() {
        Registry.create(registry, "shopping");
        Server<Bucket> bucket = Registry.lookup(registry, "shopping").orElseThrow();

        Agent.stop(bucket);

        assertThat(Registry.lookup(registry, "shopping")).isEmpty();
    }

    @Test
    void keeps_the_bucket_that_exists() {
        Registry.create(registry, "shopping");
        Optional<Server<Bucket>> first = Registry.lookup(registry, "shopping");

        Registry.create(registry, "shopping");

        assertThat(Registry.lookup(registry, "shopping")).isEqualTo(first);
    }

    @Test
    void survives_an_unexpected_message() {
        Processes.send(registry, "what is this?");

        assertThat(Registry.lookup(registry, "shopping")).isEmpty();
        assertThat(Processes.isAlive(registry.pid())).isTrue();
    }

    @Test
    @AllowCrashes
    void goes_down_with_a_bucket_that_crashes_and_comes_back_under_its_supervisor(
            TestSupervisor test) {
        Registry.create(registry, "shopping");
        Registry.create(registry, "office");
        Server<Bucket> bucket = Registry.lookup(registry, "shopping").orElseThrow();
        Server<Bucket> bystander = Registry.lookup(registry, "office").orElseThrow();
        Ref monitor = Processes.monitor(registry);

        assertThatThrownBy(() -> crash(bucket)).isInstanceOf(CallException.class);

        Down down = assertReceive(Down.class);
        assertThat(down.ref()).isEqualTo(monitor);
        assertThat(down.reason()).isInstanceOf(ExitReason.Crash.class);
        assertThat(Processes.isAlive(bystander.pid())).isFalse();
        Server<Registry> next = restarted(test);
        assertThat(next).isNotEqualTo(registry);
        assertThat(Registry.lookup(next, "shopping")).isEmpty();
    }

    private static void crash(Server<Bucket> bucket) {
        Agent.run(
                bucket,
                _ -> {
                    throw new IllegalStateException("on purpose");
                });
    }

    /// The supervisor handles the exit of its child before this later request.
    private static Server<Registry> restarted(TestSupervisor test) {
        return Server.of(
                Supervisor.whichChildren(test.pid()).getFirst().pid().orElseThrow(),
                Registry.class);
    }

    /// The registry of the guide's next chapter, which starts its buckets under a supervisor.
    @Nested
    class with_a_supervisor_for_its_buckets {

        private Server<DynamicSupervisor> supervisor;
        private Server<Registry> supervised;

        @BeforeEach
        void start(TestSupervisor test) {
            supervisor =
                    test.startSupervised(
                            DynamicSupervisor.childSpec("buckets", DynamicSupervisorFlags.DEFAULT));
            supervised =
                    test.startSupervised(
                            Registry.childSpec(() ->
                                            DynamicSupervisor.startChild(
                                                    supervisor, Bucket.childSpec()))
                                    .withId("supervised"));
        }

        @Test
        void starts_them_there() {
            Registry.create(supervised, "shopping");
            Server<Bucket> bucket = Registry.lookup(supervised, "shopping").orElseThrow();

            assertThat(DynamicSupervisor.whichChildren(supervisor))
                    .singleElement()
                    .satisfies(child -> assertThat(child.pid()).contains(bucket.pid()));
        }

        @Test
        void removes_a_bucket_on_exit() {
            Registry.create(supervised, "shopping");
            Agent.stop(Registry.lookup(supervised, "shopping").orElseThrow());

            assertThat(Registry.lookup(supervised, "shopping")).isEmpty();
        }

        @Test
        @AllowCrashes
        void removes_a_bucket_on_crash_and_keeps_the_others() {
            Registry.create(supervised, "shopping");
            Registry.create(supervised, "office");
            Server<Bucket> bucket = Registry.lookup(supervised, "shopping").orElseThrow();
            Optional<Server<Bucket>> bystander = Registry.lookup(supervised, "office");

            assertThatThrownBy(() -> crash(bucket)).isInstanceOf(CallException.class);

            assertThat(Registry.lookup(supervised, "shopping")).isEmpty();
            assertThat(Registry.lookup(supervised, "office")).isEqualTo(bystander);
            assertThat(Processes.isAlive(supervised.pid())).isTrue();
            assertThat(DynamicSupervisor.countChildren(supervisor).specs()).isEqualTo(1);
        }
    }

    @Test
    void buckets_are_temporary() {
        assertThat(Bucket.childSpec().restart()).isEqualTo(Restart.TEMPORARY);
    }

    /// The IEx sessions of the guide's chapter.
    @Nested
    class sessions {

        @Test
        void a_raw_server_is_called_and_cast() {
            Server<Registry> raw = GenServer.startLink(Registry::new, Ok.OK).server();

            GenServer.cast(raw, new Registry.Create("shopping"));
            Optional<Server<Bucket>> bucket = GenServer.call(raw, new Registry.Lookup("shopping"));

            assertThat(bucket)
                    .hasValueSatisfying(pid -> assertThat(pid.toString()).startsWith("#PID<"));
        }

        @Test
        void flush_shows_the_down_of_a_monitored_bucket() {
            Pid pid = Bucket.startLink().pid();
            Ref ref = Processes.monitor(pid);

            Agent.stop(pid);

            assertThat(Processes.flush()).containsExactly(new Down(ref, pid, ExitReason.NORMAL));
        }
    }
}
