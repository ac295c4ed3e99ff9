package io.genserver.parity;

import static io.genserver.Kid.started;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.ExitReason;
import io.genserver.Kid;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.Via;
import io.genserver.supervisor.AutoShutdown;
import io.genserver.supervisor.Child;
import io.genserver.supervisor.ChildCount;
import io.genserver.supervisor.ChildError;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.ProcessRegistry;
import io.genserver.supervisor.Restart;
import io.genserver.supervisor.Shutdown;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import io.genserver.supervisor.SupervisorInit;
import io.genserver.supervisor.SupervisorModule;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("parity")
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class ElixirSupervisorTest {

    private static final SupervisorFlags FLAGS = SupervisorFlags.of(Strategy.ONE_FOR_ONE);
    private static final Supplier<? extends Start<?>> NEVER = Start.Ignore::new;

    @SuppressWarnings("NullAway.Init") // set by the extension
    private TestSupervisor test;

    /// A supervisor module that takes its children as the argument.
    private static final class Decides implements SupervisorModule<List<ChildSpec<?>>> {
        @Override
        public SupervisorInit init(List<ChildSpec<?>> children) {
            return children.isEmpty()
                    ? SupervisorInit.ignore()
                    : SupervisorInit.of(children, FLAGS);
        }
    }

    private Pid supervisor(ChildSpec<?>... children) {
        return test.startSupervised(
                        ChildSpec.supervisor(
                                "sup", () -> Supervisor.startLink(List.of(children), FLAGS)))
                .pid();
    }

    /// Source: `supervisor_test.exs`, 1 "generates child_spec/1".
    @Test
    void the_child_spec_of_a_supervisor_has_defaults_and_can_be_changed() {
        ChildSpec<?> spec = ChildSpec.supervisor(Decides.class, NEVER);

        assertThat(spec.id()).isEqualTo(Decides.class);
        assertThat(spec.type()).isEqualTo(ChildSpec.Type.SUPERVISOR);
        assertThat(spec.restart()).isEqualTo(Restart.PERMANENT);
        assertThat(spec.shutdown()).isEqualTo(Shutdown.infinity());
        ChildSpec<?> changed = spec.withId("id").withRestart(Restart.TEMPORARY);
        assertThat(changed.id()).isEqualTo("id");
        assertThat(changed.restart()).isEqualTo(Restart.TEMPORARY);
        assertThat(changed.start()).isSameAs(NEVER);
    }

    /// Source: `supervisor_test.exs`, 2 "child_spec/2".
    @Test
    @SuppressWarnings("NullAway") // the mistakes are nulls
    void a_child_spec_has_defaults_and_can_be_changed() {
        ChildSpec<?> spec = ChildSpec.worker("id", NEVER);

        assertThat(spec)
                .isEqualTo(
                        new ChildSpec<>(
                                "id",
                                NEVER,
                                Restart.PERMANENT,
                                Shutdown.within(Duration.ofSeconds(5)),
                                ChildSpec.Type.WORKER,
                                false,
                                null));
        assertThat(
                        spec.withId("other")
                                .withRestart(Restart.TRANSIENT)
                                .withShutdown(Shutdown.brutalKill())
                                .withSignificant(true))
                .isEqualTo(
                        new ChildSpec<>(
                                "other",
                                NEVER,
                                Restart.TRANSIENT,
                                Shutdown.brutalKill(),
                                ChildSpec.Type.WORKER,
                                true,
                                null));
        assertThatThrownBy(() -> ChildSpec.worker(null, NEVER))
                .hasMessage("expected a value for id, got: null");
        assertThatThrownBy(() -> ChildSpec.worker("id", null))
                .hasMessage("expected a value for start, got: null");
    }

    /// Source: `supervisor_test.exs`, 3 "init/2".
    @Test
    @SuppressWarnings("NullAway") // null is the mistake
    void flags_have_defaults_but_for_the_strategy() {
        assertThat(FLAGS.strategy()).isEqualTo(Strategy.ONE_FOR_ONE);
        assertThat(FLAGS.maxRestarts()).isEqualTo(3);
        assertThat(FLAGS.period()).isEqualTo(Duration.ofSeconds(5));
        assertThat(FLAGS.autoShutdown()).isEqualTo(AutoShutdown.NEVER);
        SupervisorFlags changed = FLAGS.withMaxRestarts(1, Duration.ofSeconds(2));
        assertThat(changed.maxRestarts()).isEqualTo(1);
        assertThat(changed.period()).isEqualTo(Duration.ofSeconds(2));
        assertThatThrownBy(() -> SupervisorFlags.of(null))
                .hasMessage("expected a value for strategy, got: null");
    }

    /// Source: `supervisor_test.exs`, 5 "start_link/2 with via".
    @Test
    void is_reached_by_a_via_name() {
        ProcessRegistry<String, Integer> registry = ProcessRegistry.unique("parity sup names");
        test.startSupervised(registry.childSpec());
        Via name = registry.via("sup");
        Supervisor.startLink(List.of(), FLAGS, StartOption.name(name)).pid();

        assertThat(Supervisor.whichChildren(name)).isEmpty();
    }

    /// Source: `supervisor_test.exs`, 7 "start_link/2 with local".
    @Test
    void is_reached_by_a_local_name() {
        Supervisor.startLink(List.of(), FLAGS, StartOption.name("parity sup")).pid();

        assertThat(Supervisor.whichChildren(ServerRef.name("parity sup"))).isEmpty();
    }

    /// Source: `supervisor_test.exs`, 8 "start_link/2".
    @Test
    void a_child_is_started_and_started_again_when_it_stopped() {
        Pid supervisor = supervisor(Kid.spec("kid"));
        Pid first = started("kid");

        Kid.end(first, ExitReason.NORMAL);

        Pid second = started("kid");
        assertThat(second).isNotEqualTo(first);
        assertThat(Supervisor.whichChildren(supervisor))
                .containsExactly(
                        new Child("kid", Optional.of(second), false, ChildSpec.Type.WORKER));
        assertThatThrownBy(() -> StartOption.name(" "))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected a name");
    }

    /// Source: `supervisor_test.exs`, 10 "start_link/3".
    @Test
    void a_module_decides_about_the_children() {
        List<ChildSpec<?>> children = List.of(Kid.spec("kid"));
        Pid supervisor =
                Supervisor.startLink(new Decides(), children, StartOption.name("parity sup")).pid();

        started("kid");
        assertThat(Supervisor.countChildren(ServerRef.name("parity sup")))
                .isEqualTo(new ChildCount(1, 1, 0, 1));
        assertThat(Processes.info(supervisor).orElseThrow().initialCall())
                .contains(Decides.class.getSimpleName());
        assertThat(Supervisor.startLink(new Decides(), List.of())).isEqualTo(new Start.Ignore<>());
    }

    /// Source: `supervisor_test.exs`, 12 "start_child/2 with child_spec".
    @Test
    void a_child_is_added() {
        Pid supervisor = supervisor();

        Pid kid = Supervisor.startChild(supervisor, Kid.spec("kid")).pid();

        assertThat(started("kid")).isEqualTo(kid);
        assertThat(Supervisor.startChild(supervisor, Kid.spec("kid")))
                .isEqualTo(new Start.Failed<>(new ExitReason.AlreadyStarted(kid)));
    }

    /// Source: `supervisor_test.exs`, 14 "start_child/2 with invalid child spec". Only what the
    /// types allow.
    @Test
    void a_child_spec_that_is_none_is_refused() {
        Pid supervisor = supervisor();

        assertThatThrownBy(() -> Shutdown.within(Duration.ofMillis(-1)))
                .hasMessage("expected a shutdown limit of 0 or more, got: PT-0.001S");
        assertThat(
                        Supervisor.startChild(
                                supervisor,
                                Kid.spec("kid")
                                        .withRestart(Restart.TEMPORARY)
                                        .withSignificant(true)))
                .isEqualTo(
                        new Start.Failed<>(
                                ExitReason.of(
                                        "expected no significant child under a supervisor whose"
                                                + " autoShutdown is NEVER, got: kid")));
        assertThat(Supervisor.countChildren(supervisor)).isEqualTo(new ChildCount(0, 0, 0, 0));
    }

    /// Source: `supervisor_test.exs`, 15 "start_child/2 with valid child spec".
    @Test
    void a_shutdown_may_be_immediate() {
        Pid supervisor = supervisor();
        for (int millis : List.of(0, 1)) {
            ChildSpec<?> spec =
                    Kid.spec(millis).withShutdown(Shutdown.within(Duration.ofMillis(millis)));

            Supervisor.startChild(supervisor, spec).pid();

            assertThat(Supervisor.terminateChild(supervisor, millis)).isEmpty();
        }
    }

    /// Source: `supervisor_test.exs`, 16 "child life cycle".
    @Test
    void a_child_has_a_life_cycle() {
        Pid supervisor = supervisor();
        Pid first = Supervisor.startChild(supervisor, Kid.spec("kid")).pid();
        assertChild(supervisor, Optional.of(first));
        assertThat(Supervisor.deleteChild(supervisor, "kid")).contains(ChildError.RUNNING);
        assertThat(Supervisor.restartChild(supervisor, "kid"))
                .isEqualTo(new Start.Failed<>(ExitReason.of(ChildError.RUNNING)));

        assertThat(Supervisor.terminateChild(supervisor, "kid")).isEmpty();
        assertChild(supervisor, Optional.empty());

        Pid second = Supervisor.restartChild(supervisor, "kid").pid();
        assertThat(second).isNotEqualTo(first);
        assertChild(supervisor, Optional.of(second));

        assertThat(Supervisor.terminateChild(supervisor, "kid")).isEmpty();
        assertThat(Supervisor.deleteChild(supervisor, "kid")).isEmpty();
        assertThat(Supervisor.whichChildren(supervisor)).isEmpty();
        assertThat(Supervisor.deleteChild(supervisor, "kid")).contains(ChildError.NOT_FOUND);
        Supervisor.stop(supervisor);
        assertThat(Processes.isAlive(supervisor)).isFalse();
    }

    private static void assertChild(Pid supervisor, Optional<Pid> pid) {
        assertThat(Supervisor.whichChildren(supervisor))
                .containsExactly(new Child("kid", pid, false, ChildSpec.Type.WORKER));
        assertThat(Supervisor.countChildren(supervisor))
                .isEqualTo(new ChildCount(1, pid.isPresent() ? 1 : 0, 0, 1));
    }
}
