package io.genserver.test;

import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.Agent;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.StartOption;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Restart;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// A child started with `startLinkSupervised` ends its test, but only if the child fails.
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class LinkedChildTest {

    private static ChildSpec<?> child() {
        return ChildSpec.worker("child", () -> Agent.startLink(() -> 1))
                .withRestart(Restart.TEMPORARY);
    }

    @Test
    void fails_the_test_that_ended_it() {
        InnerTests inner = InnerTests.run(EndsItsChild.class);

        assertThat(inner.failures())
                .containsExactly(
                        "a_by_an_exit_signal(TestSupervisor): " + ended("boom"),
                        "b_by_a_kill(TestSupervisor): " + ended("killed"),
                        "c_by_a_shutdown(TestSupervisor): " + ended("shutdown"),
                        "d_on_its_own_thread(TestSupervisor): io.genserver.ExitException: boom",
                        "e_by_killing_the_supervisor(TestSupervisor): " + ended("killed"));
        assertThat(inner.succeeded())
                .containsExactly(
                        "x_by_a_normal_stop(TestSupervisor)",
                        "y_while_trapping_exits(TestSupervisor)",
                        "z_that_is_not_linked(TestSupervisor)");
    }

    private static String ended(String reason) {
        return "java.lang.AssertionError: expected the test's process to live until the test ends,"
                + " got: it was ended by the exit signal "
                + reason
                + "; to have a linked process end in a test, call Processes.trapExits(true) first"
                + " or start it with startSupervised";
    }

    @Test
    void fails_the_test_that_ended_it_in_an_after_each_method() {
        assertThat(InnerTests.run(EndsItsChildAfterwards.class).failures())
                .containsExactly("passes(TestSupervisor): " + ended("late"));
    }

    @Test
    void fails_a_test_that_was_aborted() {
        assertThat(InnerTests.run(EndsItsChildAndAborts.class).failures())
                .containsExactly("assumes_what_is_false(TestSupervisor): " + ended("boom"));
    }

    @Test
    void is_named_beside_what_the_test_threw() {
        Throwable failure = InnerTests.run(EndsItsChildAndFails.class).failure();

        assertThat(failure).hasMessage("the test's own");
        assertThat(failure.getSuppressed())
                .extracting(Throwable::toString)
                .containsExactly(ended("boom"));
    }

    @ExtendWith(GenServerExtension.class)
    @TestMethodOrder(MethodOrderer.MethodName.class)
    static class EndsItsChild {

        @Test
        void a_by_an_exit_signal(TestSupervisor test) {
            Processes.exit(test.startLinkSupervised(child()).pid(), ExitReason.of("boom"));
        }

        @Test
        void b_by_a_kill(TestSupervisor test) {
            Processes.exit(test.startLinkSupervised(child()).pid(), ExitReason.KILL);
        }

        @Test
        void c_by_a_shutdown(TestSupervisor test) {
            Processes.exit(test.startLinkSupervised(child()).pid(), ExitReason.SHUTDOWN);
        }

        @Test
        void d_on_its_own_thread(TestSupervisor test) {
            ChildSpec<?> callerRun =
                    ChildSpec.worker(
                            "child", () -> Agent.startLink(() -> 1, StartOption.nonBlocking()));
            GenServer.stop(test.startLinkSupervised(callerRun), ExitReason.of("boom"));
        }

        @Test
        void e_by_killing_the_supervisor(TestSupervisor test) {
            Processes.exit(test.pid(), ExitReason.KILL);
        }

        @Test
        void x_by_a_normal_stop(TestSupervisor test) {
            GenServer.stop(test.startLinkSupervised(child()));
        }

        @Test
        void y_while_trapping_exits(TestSupervisor test) {
            Processes.trapExits(true);
            Processes.exit(test.startLinkSupervised(child()).pid(), ExitReason.of("boom"));
            assertReceive(Exit.class, exit -> exit.reason().equals(ExitReason.of("boom")));
        }

        @Test
        void z_that_is_not_linked(TestSupervisor test) {
            Processes.exit(test.startSupervised(child()).pid(), ExitReason.of("boom"));
        }
    }

    @ExtendWith(GenServerExtension.class)
    static class EndsItsChildAfterwards {

        @SuppressWarnings("NullAway.Init") // set by the test
        private Pid child;

        @Test
        void passes(TestSupervisor test) {
            child = test.startLinkSupervised(child()).pid();
        }

        @AfterEach
        void end() {
            Processes.exit(child, ExitReason.of("late"));
        }
    }

    @ExtendWith(GenServerExtension.class)
    static class EndsItsChildAndAborts {
        @Test
        void assumes_what_is_false(TestSupervisor test) {
            Processes.exit(test.startLinkSupervised(child()).pid(), ExitReason.of("boom"));
            Assumptions.abort("on purpose");
        }
    }

    @ExtendWith(GenServerExtension.class)
    static class EndsItsChildAndFails {
        @Test
        void fails(TestSupervisor test) {
            Processes.exit(test.startLinkSupervised(child()).pid(), ExitReason.of("boom"));
            throw new AssertionError("the test's own");
        }
    }
}
