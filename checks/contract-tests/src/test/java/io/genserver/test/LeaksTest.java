package io.genserver.test;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.Agent;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Match;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.StartOption;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// A process that a test leaves running fails it, and never lives on in the next test.
@Timeout(30)
class LeaksTest {

    private static final String ADVICE =
            "; they were killed; start them with startSupervised, stop them in the test or in onExit,"
                    + " or annotate the test with @AllowLeaks";

    private static String left(String processes) {
        return "java.lang.AssertionError: expected the test to stop every process that it started,"
                + " got still running: "
                + processes
                + ADVICE;
    }

    private static void waitForever() {
        Processes.receive(Match.value("never comes"));
    }

    private static final class Order implements GenServer<String, String, Object, Object> {
        @Override
        public Init<String> init(String id) {
            Processes.setLabel(id);
            return Init.ok(id);
        }
    }

    private static Pid startOrder() {
        return GenServer.start(Order::new, "order 7", StartOption.name("left")).pid();
    }

    @Test
    void are_named_with_name_label_starter_and_the_place_of_the_start() {
        InnerTests inner = InnerTests.run(LeavesServers.class);

        String process = "#PID (io.genserver.test.LeaksTest$Order), registered as left";
        assertThat(inner.failuresWithoutPids())
                .containsExactly(
                        "a_by_the_test(): " + left(process + ", labelled order 7, started by #PID"),
                        "b_by_another_process(): "
                                + left(process + ", labelled order 7, started by #PID"),
                        "d_on_the_shared_node(): " + left("#PID (spawn), started by #PID"));
        assertThat(inner.succeeded())
                .containsExactly(
                        "c_allowed()",
                        "e_finds_nothing_left()",
                        "f_linked_to_the_test()",
                        "g_stopped_in_on_exit(TestSupervisor)");
        Throwable start = inner.thrownBy("a_by_the_test()").getSuppressed()[0];
        assertThat(InnerTests.withoutPids(start.toString()))
                .isEqualTo(
                        "java.lang.Throwable: the start of #PID (io.genserver.test.LeaksTest$Order)");
        assertThat(start.getStackTrace()[0].getMethodName()).isEqualTo("startOrder");
    }

    @ExtendWith(GenServerExtension.class)
    @TestMethodOrder(MethodOrderer.MethodName.class)
    static class LeavesServers {

        @SuppressWarnings("NullAway.Init") // set by the test before
        private static Pid left;

        @Test
        void a_by_the_test() {
            startOrder();
        }

        @Test
        void b_by_another_process() {
            Processes.spawnMonitor(LeaksTest::startOrder);
            MessageAssertions.assertReceive(io.genserver.Down.class);
        }

        @Test
        @AllowLeaks
        void c_allowed() {
            startOrder();
        }

        @Test
        @SharedNode
        void d_on_the_shared_node() {
            left = Processes.spawn(LeaksTest::waitForever);
        }

        @Test
        @SharedNode
        void e_finds_nothing_left() {
            assertThat(Processes.isAlive(left)).isFalse();
        }

        @Test
        void f_linked_to_the_test() {
            Agent.startLink(() -> 1);
            Processes.spawnLink(LeaksTest::waitForever);
            GenServer.startLink(EndsSlowly::new, "");
        }

        @Test
        void g_stopped_in_on_exit(TestSupervisor test) {
            Pid order = startOrder();
            test.onExit(() -> GenServer.stop(order));
        }
    }

    /// Is told to end when the test ends, and ends a moment later.
    private static final class EndsSlowly implements GenServer<String, String, Object, Object> {
        @Override
        public Init<String> init(String none) {
            Processes.trapExits(true);
            return Init.ok(none);
        }

        @Override
        public void terminate(ExitReason reason, String state) {
            Processes.sleep(java.time.Duration.ofMillis(50));
        }
    }
}
