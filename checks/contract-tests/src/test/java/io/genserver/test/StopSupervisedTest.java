package io.genserver.test;

import static io.genserver.test.InnerTests.SEEN;
import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.Agent;
import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Pid;
import io.genserver.ProcessInfo;
import io.genserver.Processes;
import io.genserver.StartOption;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Shutdown;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// What happens to a linked child, and to the test, while the test stops the child.
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class StopSupervisedTest {

    /// The code that another process runs while a [Slow] server terminates. The server waits for
    /// it.
    private interface Meanwhile {
        void run(Pid slow, Pid test) throws Exception;
    }

    /// Ends when `meanwhile` is done.
    private static final class Slow implements GenServer<Pid, Pid, Object, Object> {

        private final Meanwhile meanwhile;

        Slow(Meanwhile meanwhile) {
            this.meanwhile = meanwhile;
        }

        @Override
        public Init<Pid> init(Pid test) {
            Processes.trapExits(true);
            return Init.ok(test);
        }

        @Override
        public void terminate(ExitReason reason, Pid test) {
            Pid self = Processes.self();
            Processes.spawnMonitor(() -> meanwhile.run(self, test));
            Processes.receive(Down.class);
        }

        static ChildSpec<?> spec(Meanwhile meanwhile) {
            Pid test = Processes.self();
            return ChildSpec.worker(
                            "slow",
                            () ->
                                    GenServer.startLink(
                                            () -> new Slow(meanwhile),
                                            test,
                                            StartOption.name("slow")))
                    .withShutdown(Shutdown.infinity());
        }
    }

    private static ChildSpec<?> agent(String id) {
        return ChildSpec.worker(id, () -> Agent.startLink(() -> 1));
    }

    @Test
    void keeps_the_link_until_the_child_is_down(TestSupervisor test) throws Exception {
        CompletableFuture<ProcessInfo> seen = new CompletableFuture<>();
        Pid slow =
                test.startLinkSupervised(
                                Slow.spec((pid, _) ->
                                        seen.complete(Processes.info(pid).orElseThrow())))
                        .pid();

        test.stopSupervised("slow");

        assertThat(seen.get().links()).contains(Processes.self());
        assertThat(Processes.isAlive(slow)).isFalse();
    }

    @Test
    void leaves_the_test_as_it_was(TestSupervisor test) {
        Processes.send(Processes.self(), new Exit(test.pid(), ExitReason.of("an old message")));
        test.startLinkSupervised(
                Slow.spec((_, self) -> {
                    Processes.send(self, "a message");
                    Processes.exit(self, ExitReason.NORMAL);
                }));

        test.stopSupervised("slow");

        assertThat(Processes.flush())
                .containsExactly(
                        new Exit(test.pid(), ExitReason.of("an old message")), "a message");
        assertThat(Processes.info(Processes.self()).orElseThrow().trapExits()).isFalse();
    }

    @Test
    void leaves_a_test_that_traps_exits_without_a_message_of_the_child(TestSupervisor test) {
        Processes.trapExits(true);
        Pid other = test.startLinkSupervised(agent("other")).pid();
        test.startLinkSupervised(
                Slow.spec((_, _) -> Processes.exit(other, ExitReason.of("of the other"))));

        test.stopSupervised("slow");

        assertThat(Processes.flush())
                .containsExactly(new Exit(other, ExitReason.of("of the other")));
        assertThat(Processes.info(Processes.self()).orElseThrow().trapExits()).isTrue();
    }

    @Test
    void fails_when_another_linked_process_ends_meanwhile() {
        Throwable failure = InnerTests.run(OtherEnds.class).failure();

        assertThat(failure).hasToString("io.genserver.ExitException: of the other");
        assertThat(SEEN).isEmpty();
    }

    @Test
    void leaves_no_orphan_when_the_supervisor_is_killed_meanwhile() {
        InnerTests inner = InnerTests.run(SupervisorIsKilled.class);

        assertThat(inner.failures())
                .singleElement()
                .asString()
                .startsWith("a_stops_a_child(TestSupervisor): io.genserver.CallException: ")
                .contains("killed");
        assertThat(SEEN).containsExactly("got killed", "stopped");
        assertThat(inner.succeeded()).containsExactly("b_finds_the_name_free()");
    }

    @ExtendWith(GenServerExtension.class)
    static class OtherEnds {
        @Test
        void stops_a_child(TestSupervisor test) {
            Pid other = test.startLinkSupervised(agent("other")).pid();
            test.startLinkSupervised(
                    Slow.spec((_, _) -> Processes.exit(other, ExitReason.of("of the other"))));

            test.stopSupervised("slow");
            SEEN.add("went on");
        }
    }

    @ExtendWith(GenServerExtension.class)
    @TestMethodOrder(MethodOrderer.MethodName.class)
    static class SupervisorIsKilled {

        @Test
        void a_stops_a_child(TestSupervisor test) {
            Pid supervisor = test.pid();
            test.startLinkSupervised(
                    Slow.spec((slow, self) -> {
                        Processes.monitor(self);
                        Processes.exit(supervisor, ExitReason.KILL);
                        Processes.receive(Down.class); // now the test has ended as well
                        Processes.info(slow).orElseThrow().messages().stream()
                                .filter(Exit.class::isInstance)
                                .map(exit -> "got " + ((Exit) exit).reason())
                                .distinct()
                                .forEach(SEEN::add);
                        SEEN.add("stopped");
                    }));

            test.stopSupervised("slow");
        }

        @Test
        void b_finds_the_name_free() {
            assertThat(Processes.whereis("slow")).isEmpty();
        }
    }
}
