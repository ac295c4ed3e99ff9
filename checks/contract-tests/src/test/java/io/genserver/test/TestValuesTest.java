package io.genserver.test;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.Agent;
import io.genserver.NodeLocal;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.supervisor.Task;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// A value that a test puts in the place of a global is seen by its processes and by no other test.
@Timeout(30)
class TestValuesTest {

    private static final NodeLocal<String> GATEWAY = NodeLocal.withDefault(() -> "real");

    private static String seenBy(Pid agent) {
        return Agent.get(agent, (Integer _) -> GATEWAY.get());
    }

    @Test
    void is_seen_by_what_the_test_started_and_gone_after_it() {
        InnerTests inner = InnerTests.run(Puts.class);

        assertThat(inner.failures()).isEmpty();
        assertThat(inner.succeeded()).hasSize(4);
        assertThat(GATEWAY.get()).isEqualTo("real");
    }

    @ExtendWith(GenServerExtension.class)
    @TestMethodOrder(MethodOrderer.MethodName.class)
    static class Puts {

        private static void expectSeenByAll(TestSupervisor test) {
            Pid before = test.startSupervised(() -> Agent.startLink(() -> 1)).pid();
            test.put(GATEWAY, "fake");
            Pid after = test.startSupervised(() -> Agent.startLink(() -> 1)).pid();

            assertThat(GATEWAY.get()).isEqualTo("fake");
            assertThat(seenBy(before)).isEqualTo("fake");
            assertThat(seenBy(after)).isEqualTo("fake");
            assertThat(Task.async(GATEWAY::get).await()).isEqualTo("fake");
        }

        @Test
        void a_on_its_own_node(TestSupervisor test) {
            expectSeenByAll(test);
            Pid self = Processes.self();
            Processes.spawn(() -> Processes.send(self, GATEWAY.get()));
            assertThat(MessageAssertions.assertReceive(String.class)).isEqualTo("fake");
        }

        @Test
        @SharedNode
        void b_on_the_shared_node(TestSupervisor test) {
            expectSeenByAll(test);
        }

        @Test
        @SharedNode
        void c_by_a_process_that_is_allowed(TestSupervisor test) {
            Pid self = Processes.self();
            test.put(GATEWAY, "fake");
            Pid other =
                    Processes.spawn(() -> {
                        Processes.receive(String.class);
                        Processes.send(self, GATEWAY.get());
                    });
            test.onExit(() -> Processes.exit(other, io.genserver.ExitReason.KILL));

            test.allow(other);

            Processes.send(other, "go");
            assertThat(MessageAssertions.assertReceive(String.class)).isEqualTo("fake");
        }

        @Test
        void d_is_gone() {
            assertThat(GATEWAY.get()).isEqualTo("real");
        }
    }

    @Test
    void parallel_tests_on_a_shared_node_see_their_own() {
        InnerTests inner = InnerTests.runInParallel(InParallel.class);

        assertThat(inner.failures()).isEmpty();
        assertThat(inner.succeeded()).hasSize(2);
    }

    @ExtendWith(GenServerExtension.class)
    @SharedNode
    @Execution(ExecutionMode.CONCURRENT)
    static class InParallel {

        private static final CountDownLatch BOTH = new CountDownLatch(2);

        private static void use(TestSupervisor test, String value) throws InterruptedException {
            test.put(GATEWAY, value);
            Pid agent = test.startSupervised(() -> Agent.startLink(() -> 1)).pid();
            BOTH.countDown();
            assertThat(BOTH.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(seenBy(agent)).isEqualTo(value);
            assertThat(GATEWAY.get()).isEqualTo(value);
        }

        @Test
        void one(TestSupervisor test) throws InterruptedException {
            use(test, "one");
        }

        @Test
        void two(TestSupervisor test) throws InterruptedException {
            use(test, "two");
        }
    }
}
