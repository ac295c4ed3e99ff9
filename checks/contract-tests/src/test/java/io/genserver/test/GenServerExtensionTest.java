package io.genserver.test;

import static io.genserver.test.InnerTests.SEEN;
import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.Agent;
import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartException;
import io.genserver.StartOption;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Restart;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
@Timeout(30)
class GenServerExtensionTest {

    private static ChildSpec<?> agent(String name) {
        return ChildSpec.worker(name, () -> Agent.startLink(() -> name, StartOption.name(name)));
    }

    @Nested
    class the_supervisor {

        @SuppressWarnings("NullAway.Init") // set by the extension
        private TestSupervisor field;

        @Test
        void is_given_to_fields_and_parameters(TestSupervisor parameter) {
            assertThat(field).isSameAs(parameter);
        }

        @Test
        void restarts_what_crashes_without_failing_the_test(TestSupervisor test) {
            Pid first = test.startSupervised(agent("crashing")).pid();
            Processes.monitor(first);

            Processes.exit(first, ExitReason.of("crash"));

            assertReceive(Down.class);
            Pid second =
                    io.genserver.supervisor.Supervisor.whichChildren(test.pid())
                            .getFirst()
                            .pid()
                            .orElseThrow();
            assertThat(second).isNotEqualTo(first);
        }

        @Test
        void stops_one_child_by_its_id(TestSupervisor test) {
            Pid temporary =
                    test.startSupervised(agent("gone").withRestart(Restart.TEMPORARY)).pid();
            Pid linked = test.startLinkSupervised(agent("linked")).pid();

            test.stopSupervised("gone");
            test.stopSupervised("linked");

            assertThat(Processes.isAlive(temporary)).isFalse();
            assertThat(Processes.isAlive(linked)).isFalse();
            assertThatThrownBy(() -> test.stopSupervised("gone"))
                    .hasMessage("expected the id of a child started by this test, got: gone");
        }

        @Test
        void says_why_a_child_did_not_start(TestSupervisor test) {
            ChildSpec<?> broken =
                    ChildSpec.worker("broken", () -> new Start.Failed<>(ExitReason.of("no disk")));

            assertThatThrownBy(() -> test.startSupervised(broken))
                    .isInstanceOf(StartException.class)
                    .hasMessageContaining("no disk");
            assertThat(test.start(broken)).isEqualTo(new Start.Failed<>(ExitReason.of("no disk")));
        }

        @Test
        void refuses_an_id_it_has(TestSupervisor test) {
            Pid first = test.startSupervised(agent("once")).pid();

            assertThat(test.start(agent("once")))
                    .isEqualTo(new Start.Failed<>(new ExitReason.AlreadyStarted(first)));
        }

        @Test
        void is_for_the_tests_own_process_only(TestSupervisor test) {
            Processes.Monitored other =
                    Processes.spawnMonitor(() -> test.startSupervised(agent("x")));

            assertThat(assertReceive(Down.class).reason().cause())
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(other.pid().toString());
        }
    }

    @Nested
    class assertions_on_messages {

        @Test
        void show_the_mailbox_when_nothing_fits_and_leave_it_alone() {
            Processes.send(Processes.self(), "other");

            assertThatThrownBy(() ->
                            MessageAssertions.assertReceive(m -> null, java.time.Duration.ZERO))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("the mailbox has 1, the last: [other]");
            assertThat(Processes.flush()).containsExactly("other");
        }

        @Test
        void refuse_a_message_that_should_not_come() {
            Processes.send(Processes.self(), "unwanted");

            assertThatThrownBy(() -> MessageAssertions.refuteReceive(String.class))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("got: unwanted");
        }
    }

    @Test
    void everything_is_stopped_in_reverse_order_before_the_next_test_even_after_a_failure() {
        InnerTests inner = InnerTests.run(TwoTests.class);

        assertThat(inner.failures())
                .containsExactly(
                        "fails_with_processes_running(TestSupervisor):"
                                + " java.lang.AssertionError: on purpose");
        assertThat(inner.succeeded()).containsExactly("finds_all_names_free()");
        assertThat(SEEN).containsExactly("second stopped", "first stopped", "names are free");
    }

    @Test
    void a_test_whose_process_was_ended_fails_with_the_reason() {
        InnerTests inner = InnerTests.run(KilledProcess.class);

        assertThat(inner.failures())
                .containsExactly("loses_its_process(): io.genserver.ExitException: bang");
        assertThat(inner.succeeded()).containsExactly("starts_afresh()");
    }

    /// Records that it was stopped.
    static final class Noticing implements GenServer<String, String, Object, Object> {
        @Override
        public Init<String> init(String name) {
            Processes.trapExits(true);
            return Init.ok(name);
        }

        @Override
        public void terminate(ExitReason reason, String name) {
            SEEN.add(name + " stopped");
        }

        static ChildSpec<?> spec(String name) {
            return ChildSpec.worker(
                    name, () -> GenServer.startLink(Noticing::new, name, StartOption.name(name)));
        }
    }

    @ExtendWith(GenServerExtension.class)
    @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
    static class TwoTests {

        @Test
        @Order(1)
        void fails_with_processes_running(TestSupervisor test) {
            test.startSupervised(Noticing.spec("first"));
            test.startSupervised(Noticing.spec("second"));
            throw new AssertionError("on purpose");
        }

        @Test
        @Order(2)
        void finds_all_names_free() {
            if (Processes.whereis("first").isEmpty() && Processes.whereis("second").isEmpty()) {
                SEEN.add("names are free");
            }
        }
    }

    @ExtendWith(GenServerExtension.class)
    @TestMethodOrder(MethodOrderer.OrderAnnotation.class)
    static class KilledProcess {

        private Pid linked;

        @BeforeEach
        void start(TestSupervisor test) {
            linked = test.startLinkSupervised(agent("linked")).pid();
        }

        @Test
        @Order(1)
        void loses_its_process() {
            Agent.cast(
                    linked,
                    (String _) -> {
                        throw new io.genserver.ExitException(ExitReason.of("bang"));
                    });
            Processes.receive();
        }

        @Test
        @Order(2)
        void starts_afresh() {
            assertThat(Agent.get(ServerRef.name("linked"), (String name) -> name))
                    .isEqualTo("linked");
            assertThat(Ok.OK).hasToString("ok");
        }
    }
}
