package io.genserver.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.Agent;
import io.genserver.CallException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Server;
import io.genserver.Start;
import io.genserver.StartException;
import io.genserver.StartOption;
import io.genserver.simulation.MessageFaults;
import io.genserver.simulation.TestTime;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Restart;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// A test ends and suspends the children of a tree, and reads why a start has failed.
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class FaultsTest {

    private static ChildSpec<?> agent(String name) {
        return ChildSpec.worker(name, () -> Agent.startLink(() -> 1, StartOption.name(name)));
    }

    private static ChildSpec<Supervisor> tree(Strategy strategy) {
        return ChildSpec.supervisor(
                "tree",
                () ->
                        Supervisor.startLink(
                                List.of(agent("one"), agent("two")), SupervisorFlags.of(strategy)));
    }

    /// Gives up when its child ends.
    private static ChildSpec<Supervisor> fragileTree(StartOption... options) {
        return ChildSpec.supervisor(
                "tree",
                () ->
                        Supervisor.startLink(
                                List.of(agent("one")),
                                SupervisorFlags.of(Strategy.ONE_FOR_ONE)
                                        .withMaxRestarts(0, Duration.ofSeconds(1)),
                                options));
    }

    @Test
    void a_killed_child_is_replaced_when_the_kill_returns(TestSupervisor test) {
        Pid first = test.startSupervised(agent("one")).pid();

        Pid second = test.killChild("one").orElseThrow();

        assertThat(second).isNotEqualTo(first);
        assertThat(Processes.whereis("one")).hasValue(second);
    }

    @Test
    void a_child_of_another_supervisor_takes_its_siblings_along(TestSupervisor test) {
        Server<Supervisor> tree = test.startSupervised(tree(Strategy.ONE_FOR_ALL));
        Pid two = Processes.whereis("two").orElseThrow();

        assertThat(test.killChild(tree, "one")).isPresent();

        assertThat(Processes.whereis("two")).isPresent().isNotEqualTo(java.util.Optional.of(two));
    }

    @Test
    void a_temporary_child_is_not_replaced(TestSupervisor test) {
        test.startSupervised(agent("one").withRestart(Restart.TEMPORARY));

        assertThat(test.killChild("one")).isEmpty();
        assertThatThrownBy(() -> test.killChild("one"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected the id of a running child, got: one");
    }

    /// The supervisor of the test starts another one of the same name.
    @Test
    void a_child_whose_named_supervisor_gives_up_is_not_replaced(TestSupervisor test) {
        test.startSupervised(fragileTree(StartOption.name("tree")));

        for (int i = 0; i < 20; i++) {
            assertThat(test.killChild(new Name("tree"), "one")).isEmpty();
            MessageAssertions.eventually(() -> assertThat(Processes.whereis("one")).isPresent());
        }
    }

    @Test
    void a_child_whose_supervisor_gives_up_is_not_replaced(TestSupervisor test) {
        Server<Supervisor> tree =
                test.startSupervised(fragileTree().withRestart(Restart.TEMPORARY));

        assertThat(test.killChild(tree, "one")).isEmpty();
    }

    @Test
    void a_killed_child_that_lives_on_fails_the_test() {
        assertThat(InnerTests.run(DelaysTheKill.class).failures())
                .containsExactly(
                        "kills(TestSupervisor, TestTime): java.lang.AssertionError: expected the"
                                + " killed child one to end within PT5S, got: it lives");
    }

    @ExtendWith(GenServerExtension.class)
    @VirtualTime
    static class DelaysTheKill {
        @Test
        void kills(TestSupervisor test, TestTime time) {
            Pid child = test.startSupervised(agent("one")).pid();
            time.disturb(
                    MessageFaults.between(Processes.self(), child).delay(1, Duration.ofDays(1)));
            test.killChild("one");
        }
    }

    @Test
    void a_crashed_child_reports_what_it_seems_to_throw_and_is_replaced() {
        InnerTests inner = InnerTests.run(CrashesChildren.class);

        assertThat(inner.failures()).isEmpty();
        assertThat(inner.succeeded()).hasSize(1);
    }

    @ExtendWith(GenServerExtension.class)
    static class CrashesChildren {
        @Test
        void crashes(TestSupervisor test) {
            Pid first = test.startSupervised(agent("one")).pid();
            Server<Supervisor> tree =
                    test.startSupervised(
                            ChildSpec.supervisor(
                                    "tree",
                                    () ->
                                            Supervisor.startLink(
                                                    List.of(agent("three")),
                                                    SupervisorFlags.of(Strategy.ONE_FOR_ONE))));

            assertThat(test.crashChild("one", new IllegalStateException("boom")).orElseThrow())
                    .isNotEqualTo(first);
            assertThat(test.crashChild(tree, "three", new AssertionError("boom"))).isPresent();
        }
    }

    @Test
    void a_suspended_child_answers_when_it_is_resumed(TestSupervisor test) {
        Pid child = test.startSupervised(agent("one")).pid();

        test.suspend("one");

        assertThatThrownBy(() -> Agent.get(child, (Integer n) -> n, Duration.ofMillis(20)))
                .isInstanceOf(CallException.class);
        test.resume("one");
        assertThat(Agent.<Integer, Integer>get(child, n -> n)).isEqualTo(1);
    }

    @Test
    void a_suspended_child_stops_with_the_test() {
        assertThat(InnerTests.run(LeavesSuspended.class).failures()).isEmpty();
    }

    @ExtendWith(GenServerExtension.class)
    static class LeavesSuspended {
        @Test
        void suspends(TestSupervisor test) {
            test.startSupervised(agent("one"));
            test.suspend("one");
        }
    }

    private static final class FailsToStart implements GenServer<String, String, Object, Object> {
        @Override
        public Init<String> init(String file) {
            throw new IllegalArgumentException("no file " + file);
        }
    }

    @Test
    void a_failed_start_shows_the_reason_the_cause_and_the_childs_own_stack(TestSupervisor test) {
        ChildSpec<FailsToStart> broken =
                ChildSpec.worker(
                        "broken", () -> GenServer.startLink(FailsToStart::new, "settings"));

        assertThatThrownBy(() -> test.startSupervised(broken))
                .isInstanceOf(StartException.class)
                .hasMessage(
                        "expected the child broken to start, got:"
                                + " java.lang.IllegalArgumentException: no file settings")
                .satisfies(failed -> {
                    assertThat(failed.getStackTrace()[0].getClassName())
                            .isEqualTo(FaultsTest.class.getName());
                    assertThat(Objects.requireNonNull(failed.getCause()).getStackTrace()[0])
                            .extracting(StackTraceElement::getMethodName)
                            .isEqualTo("init");
                });
    }

    @Test
    void a_failed_start_of_a_tree_names_the_child_that_failed(TestSupervisor test) {
        ChildSpec<Supervisor> tree =
                ChildSpec.supervisor(
                        "tree",
                        () ->
                                Supervisor.startLink(
                                        List.of(
                                                ChildSpec.worker(
                                                        "broken",
                                                        () ->
                                                                GenServer.startLink(
                                                                        FailsToStart::new,
                                                                        "settings"))),
                                        SupervisorFlags.of(Strategy.ONE_FOR_ONE)));

        assertThatThrownBy(() -> test.startSupervised(tree))
                .hasMessage(
                        "expected the child tree to start, got: its child broken failed:"
                                + " java.lang.IllegalArgumentException: no file settings")
                .hasRootCauseMessage("no file settings");
    }

    @Test
    void a_start_that_is_ignored_says_so(TestSupervisor test) {
        assertThatThrownBy(() ->
                        test.startSupervised(ChildSpec.worker("none", () -> new Start.Ignore<>())))
                .hasMessage("expected the child none to start, got: its init said ignore");
        assertThat(test.start(ChildSpec.worker("no", () -> new Start.Failed<>(ExitReason.KILL))))
                .isEqualTo(new Start.Failed<>(ExitReason.KILL));
    }
}
