package io.genserver.test;

import static io.genserver.test.InnerTests.SEEN;
import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.Match;
import io.genserver.Node;
import io.genserver.Processes;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// What happens after a test, in which order, and what its failures say.
@Timeout(30)
class EndOfTestTest {

    @Test
    void stops_children_in_reverse_then_runs_on_exit_in_reverse_on_one_other_process() {
        InnerTests inner = InnerTests.run(Ordered.class);

        assertThat(inner.failures()).isEmpty();
        assertThat(SEEN)
                .containsExactly(
                        "second stopped",
                        "first stopped",
                        "third function",
                        "the same process: true, the test's: false",
                        "replacement of the second",
                        "first function");
    }

    @ExtendWith(GenServerExtension.class)
    static class Ordered {
        @Test
        void ends(TestSupervisor test) {
            String self = Processes.self().toString();
            StringBuilder last = new StringBuilder();
            test.onExit(() -> SEEN.add("first function"));
            test.onExit("named", () -> SEEN.add("replaced"));
            test.onExit(() -> {
                String now = Processes.self().toString();
                SEEN.add(
                        "the same process: "
                                + now.contentEquals(last)
                                + ", the test's: "
                                + now.equals(self));
            });
            test.onExit(() -> {
                SEEN.add("third function");
                last.append(Processes.self());
            });
            test.onExit("named", () -> SEEN.add("replacement of the second"));
            test.startSupervised(GenServerExtensionTest.Noticing.spec("first"));
            test.startSupervised(GenServerExtensionTest.Noticing.spec("second"));
        }
    }

    @Test
    void runs_every_function_and_fails_with_the_first_error() {
        InnerTests inner = InnerTests.run(Failing.class);

        assertThat(inner.failures())
                .containsExactly(
                        "fails_twice(TestSupervisor): java.lang.IllegalStateException: last",
                        "leaves_its_process_dead(TestSupervisor): java.lang.AssertionError: expected"
                                + " an onExit function to leave its process alive, got: the process"
                                + " ended with boom",
                        "was_failed(TestSupervisor): java.lang.AssertionError: the test's own");
        assertThat(SEEN).containsExactly("ran between", "ran after", "ran too");
        assertThat(inner.thrownBy("fails_twice(TestSupervisor)").getSuppressed())
                .extracting(Throwable::toString)
                .containsExactly("java.lang.AssertionError: first");
    }

    @ExtendWith(GenServerExtension.class)
    @TestMethodOrder(MethodOrderer.MethodName.class)
    static class Failing {
        @Test
        void fails_twice(TestSupervisor test) {
            test.onExit(() -> {
                throw new AssertionError("first");
            });
            test.onExit(() -> SEEN.add("ran between"));
            test.onExit(() -> {
                throw new IllegalStateException("last");
            });
        }

        @Test
        void leaves_its_process_dead(TestSupervisor test) {
            test.onExit(() -> SEEN.add("ran after"));
            test.onExit(() -> {
                try {
                    Processes.exit(Processes.self(), ExitReason.of("boom"));
                } catch (ExitException dead) {
                    // the process is dead now
                }
            });
        }

        @Test
        void was_failed(TestSupervisor test) {
            test.onExit(() -> SEEN.add("ran too"));
            throw new AssertionError("the test's own");
        }
    }

    @Test
    void refuses_a_function_without_a_name() {
        assertThat(InnerTests.run(WithoutName.class).failures())
                .containsExactly("registers(TestSupervisor): java.lang.NullPointerException: name");
        assertThat(SEEN).isEmpty();
    }

    @ExtendWith(GenServerExtension.class)
    static class WithoutName {
        @Test
        @SuppressWarnings("NullAway") // null is the mistake
        void registers(TestSupervisor test) {
            test.onExit(null, () -> SEEN.add("ran"));
        }
    }

    @Test
    void kills_a_function_that_does_not_end_and_runs_the_others() {
        CountDownLatch ran = new CountDownLatch(1);
        ExitCallbacks callbacks = new ExitCallbacks();
        callbacks.add("quick", ran::countDown);
        callbacks.add("stuck", () -> Processes.receive(Match.value("never comes")));

        Throwable late = failureOf(callbacks);

        assertThat(late)
                .hasMessage(
                        "expected an onExit function to end within PT1S, got: it is still running;"
                                + " it was killed");
        assertThat(late.getSuppressed()[0])
                .hasMessage("what the onExit function was doing")
                .hasStackTraceContaining("Processes.receive");
        assertThat(ran.getCount()).isZero();
    }

    private static Throwable failureOf(ExitCallbacks callbacks) {
        try {
            callbacks.run(Node.defaultNode(), Duration.ofSeconds(1));
        } catch (Throwable late) {
            return late;
        }
        throw new AssertionError("expected a failure");
    }
}
