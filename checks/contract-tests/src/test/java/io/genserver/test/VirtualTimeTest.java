package io.genserver.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.Agent;
import io.genserver.ExitException;
import io.genserver.Match;
import io.genserver.Node;
import io.genserver.Processes;
import io.genserver.Server;
import io.genserver.simulation.TestTime;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

@ExtendWith(GenServerExtension.class)
@VirtualTime
@Timeout(30)
class VirtualTimeTest {

    private static final Duration HOUR = Duration.ofHours(1);

    private Server<Agent<Integer>> counter;
    private Thread thread;

    @BeforeEach
    void start(TestSupervisor test, TestTime time) {
        counter = test.startSupervised(() -> Agent.startLink(() -> 0));
        thread = Thread.currentThread();
        assertThat(time.elapsed()).isZero();
    }

    @AfterEach
    void runs_on_the_thread_of_the_test() {
        assertThat(Thread.currentThread()).isEqualTo(thread);
    }

    @Test
    void passes_when_the_test_says_so(TestTime time) {
        Processes.spawn(() -> {
            Processes.sleep(HOUR);
            Agent.update(counter, count -> count + 1);
        });

        time.advance(HOUR.minusNanos(1));
        assertThat((int) Agent.get(counter, count -> count)).isZero();
        time.advance(Duration.ofNanos(1));
        assertThat((int) Agent.get(counter, count -> count)).isEqualTo(1);
    }

    @Test
    void passes_when_all_wait(TestTime time) {
        Processes.sendAfter(Processes.self(), "later", HOUR);

        MessageAssertions.assertReceive(Match.value("later"), HOUR);

        assertThat(time.elapsed()).isEqualTo(HOUR);
    }

    @Test
    void an_assertion_that_waits_ends_at_once(TestTime time) {
        MessageAssertions.refuteReceive(Match.value("never"), HOUR);

        assertThat(time.elapsed()).isEqualTo(HOUR);
    }

    @Test
    void an_assertion_on_a_message_that_passes_a_test_says_so() {
        Processes.send(Processes.self(), 1);

        assertThatThrownBy(() -> MessageAssertions.assertReceive(Integer.class, n -> n > 1))
                .isInstanceOf(AssertionError.class)
                .hasMessage(
                        "expected a message java.lang.Integer that passes the test within PT2S, got"
                                + " none; the mailbox has 1, the last: [1]");
        assertThat(Processes.flush()).containsExactly(1);
    }

    @Test
    void fails_as_other_tests_do() {
        Fails.OVER.set(false);
        InnerTests inner = InnerTests.run(Fails.class);
        Fails.OVER.set(true);

        assertThat(inner.failuresWithoutPids())
                .containsExactly(
                        "a_with_its_own_failure(): java.lang.AssertionError: mine",
                        "b_with_a_process_that_is_left(): java.lang.AssertionError: expected the"
                                + " test to stop every process that it started, got still running:"
                                + " #PID (spawn), started by #PID; they were killed; start them"
                                + " with startSupervised, stop them in the test or in onExit, or"
                                + " annotate the test with @AllowLeaks",
                        "c_with_a_wait_that_has_no_end(): java.lang.AssertionError: expected the"
                                + " test to go on, got: a deadlock, because all wait and no timer"
                                + " is armed: test waits for a message",
                        "e_goes_on_and_on(): java.util.concurrent.TimeoutException:"
                                + " e_goes_on_and_on() timed out after 1 second",
                        "f_ignores_its_interrupt(): java.util.concurrent.TimeoutException:"
                                + " f_ignores_its_interrupt() timed out after 1 second",
                        "g_advances_and_advances(TestTime): java.util.concurrent.TimeoutException:"
                                + " g_advances_and_advances(io.genserver.simulation.TestTime) timed out"
                                + " after 1 second",
                        "h_catches_everything(): java.util.concurrent.TimeoutException:"
                                + " h_catches_everything() timed out after 1 second");
        assertThat(inner.succeeded()).containsExactly("d_goes_on_with_the_next_test()");
        assertThat(Fails.CLEANED)
                .containsExactly(
                        "after a_with_its_own_failure",
                        "onExit of a_with_its_own_failure",
                        "after b_with_a_process_that_is_left",
                        "onExit of b_with_a_process_that_is_left",
                        "after c_with_a_wait_that_has_no_end",
                        "onExit of c_with_a_wait_that_has_no_end",
                        "after d_goes_on_with_the_next_test",
                        "onExit of d_goes_on_with_the_next_test",
                        "after e_goes_on_and_on",
                        "onExit of e_goes_on_and_on",
                        "after f_ignores_its_interrupt",
                        "onExit of f_ignores_its_interrupt",
                        "after g_advances_and_advances",
                        "onExit of g_advances_and_advances",
                        "after h_catches_everything",
                        "onExit of h_catches_everything");
    }

    @ExtendWith(GenServerExtension.class)
    @TestMethodOrder(MethodOrderer.MethodName.class)
    @VirtualTime
    static class Fails {
        private static final List<String> CLEANED = new CopyOnWriteArrayList<>();
        private static final AtomicBoolean OVER = new AtomicBoolean();

        @BeforeEach
        void start(TestSupervisor test, TestInfo info) {
            test.startSupervised(() -> Agent.startLink(() -> 0));
            test.onExit(
                    () -> CLEANED.add("onExit of " + info.getTestMethod().orElseThrow().getName()));
        }

        @AfterEach
        void end(TestInfo info) {
            CLEANED.add("after " + info.getTestMethod().orElseThrow().getName());
        }

        @Test
        void a_with_its_own_failure() {
            throw new AssertionError("mine");
        }

        @Test
        void b_with_a_process_that_is_left() {
            Processes.spawn(() -> Processes.receive(Match.value("never")));
        }

        @Test
        void c_with_a_wait_that_has_no_end() {
            Processes.receive(Match.value("never"));
        }

        @Test
        void d_goes_on_with_the_next_test() {
            assertThat(Processes.list()).hasSize(3); // the test, the supervisor and the agent
        }

        @Test
        @Timeout(1)
        void e_goes_on_and_on() {
            while (true) {
                Processes.sleep(Duration.ofMillis(1));
            }
        }

        @Test
        @Timeout(1)
        void f_ignores_its_interrupt() {
            new CompletableFuture<>().join();
        }

        @Test
        @Timeout(1)
        void g_advances_and_advances(TestTime time) {
            while (true) {
                time.advance(Duration.ofMillis(1));
            }
        }

        @Test
        @Timeout(1)
        void h_catches_everything() {
            while (!OVER.get()) { // nobody can end the thread, and it keeps a processor busy
                try {
                    Processes.sleep(Duration.ofMillis(1));
                } catch (ExitException interrupted) {
                    Thread.onSpinWait();
                }
            }
        }
    }

    @Test
    void needs_a_node_of_its_own() {
        assertThat(InnerTests.run(OnSharedNode.class).failuresWithoutPids())
                .containsExactly(
                        "waits(): org.junit.jupiter.api.extension.ExtensionConfigurationException:"
                                + " expected a test with @VirtualTime to have a node of its own,"
                                + " got: @SharedNode; remove one of the two");
        assertThat(InnerTests.run(OnNodeOfClass.class).failuresWithoutPids())
                .containsExactly(
                        "waits(): org.junit.jupiter.api.extension.ExtensionConfigurationException:"
                                + " expected a test with @VirtualTime to have a node of its own,"
                                + " got: a class whose @BeforeAll method takes a TestSupervisor;"
                                + " start the children in a @BeforeEach method");
    }

    @ExtendWith(GenServerExtension.class)
    @SharedNode
    static class OnSharedNode {
        @Test
        @VirtualTime
        void waits() {
            Processes.sleep(HOUR);
        }
    }

    @ExtendWith(GenServerExtension.class)
    static class OnNodeOfClass {
        @BeforeAll
        static void start(TestSupervisor tests) {
            tests.startSupervised(() -> Agent.startLink(() -> 0));
        }

        @Test
        @VirtualTime
        void waits() {
            Processes.sleep(HOUR);
        }
    }

    @Test
    void is_a_parameter_of_tests_that_have_it_only() {
        assertThat(InnerTests.run(WithoutVirtualTime.class).failuresWithoutPids())
                .containsExactly(
                        "takes_it(TestTime): org.junit.jupiter.api.extension."
                                + "ParameterResolutionException: expected a TestTime to be a"
                                + " parameter of a test with @VirtualTime, got: a parameter of void"
                                + " io.genserver.test.VirtualTimeTest$WithoutVirtualTime.takes_it("
                                + "io.genserver.simulation.TestTime)");
    }

    /// An extension of another framework.
    static final class OtherFramework implements BeforeEachCallback {
        @Override
        public void beforeEach(ExtensionContext context) {
            GenServerExtension.useNode(context, Node.defaultNode());
        }
    }

    @Test
    void is_refused_on_the_node_of_another_framework() {
        String refused =
                "org.junit.jupiter.api.extension.ExtensionConfigurationException: expected a test"
                        + " that runs on a node of another framework to have neither @VirtualTime"
                        + " nor a TestSupervisor of its class, got: ";
        assertThat(InnerTests.run(WithNodeOfOther.class).failures())
                .containsExactly("runs(): " + refused + "@VirtualTime");
        assertThat(InnerTests.run(WithNodeOfOtherAndClass.class).failures())
                .containsExactly("runs(): " + refused + "a TestSupervisor of its class");
    }

    @ExtendWith({OtherFramework.class, GenServerExtension.class})
    static class WithNodeOfOther {
        @Test
        @VirtualTime
        void runs() {}
    }

    @ExtendWith({OtherFramework.class, GenServerExtension.class})
    static class WithNodeOfOtherAndClass {
        @BeforeAll
        static void start(TestSupervisor tests) {
            tests.startSupervised(() -> Agent.startLink(() -> 0));
        }

        @Test
        void runs() {}
    }

    @ExtendWith(GenServerExtension.class)
    static class WithoutVirtualTime {
        @Test
        void takes_it(TestTime time) {
            time.advance(HOUR);
        }
    }

    @Test
    void a_future_is_completed_while_the_test_sleeps() {
        CompletableFuture<Integer> answer = new CompletableFuture<>();
        Processes.spawn(() -> answer.complete(1));
        Processes.sleep(HOUR); // lets it run, so the future is done

        assertThat(answer).isCompletedWithValue(1);
    }
}
