package io.genserver.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.Agent;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.StartOption;
import io.genserver.Sys;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Restart;
import io.genserver.supervisor.Shutdown;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import io.genserver.test.GenServerExtension;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Tag("parity")
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class ElixirAgentTest {

    private static Map<String, String> hello(Map<String, String> state) {
        return Map.of("hello", "world");
    }

    private static String get(Map<String, String> state) {
        return state.getOrDefault("hello", "nothing");
    }

    private static Agent.Update<String, Map<String, String>> pop(Map<String, String> state) {
        return new Agent.Update<>(get(state), Map.of());
    }

    private static Pid agent() {
        return Agent.startLink(Map::<String, String>of).pid();
    }

    /// Source: `agent_test.exs`, 1 "can be supervised directly".
    @Test
    void can_be_supervised() {
        Pid supervisor =
                Supervisor.startLink(
                                List.of(
                                        ChildSpec.worker(
                                                Agent.class, () -> Agent.startLink(() -> "ok"))),
                                SupervisorFlags.of(Strategy.ONE_FOR_ONE))
                        .pid();

        Optional<Pid> agent = Supervisor.whichChildren(supervisor).getFirst().pid();

        assertThat(Agent.get(agent.orElseThrow(), (String state) -> state)).isEqualTo("ok");
    }

    /// Source: `agent_test.exs`, 2 "generates child_spec/1".
    @Test
    void a_child_spec_has_defaults_and_can_be_changed() {
        ChildSpec<?> spec = ChildSpec.worker(Agent.class, () -> Agent.startLink(() -> "ok"));

        assertThat(spec.id()).isEqualTo(Agent.class);
        assertThat(spec.restart()).isEqualTo(Restart.PERMANENT);
        assertThat(spec.shutdown()).isEqualTo(Shutdown.within(Duration.ofSeconds(5)));
        ChildSpec<?> changed =
                spec.withId("id").withRestart(Restart.TEMPORARY).withShutdown(Shutdown.infinity());
        assertThat(changed.id()).isEqualTo("id");
        assertThat(changed.restart()).isEqualTo(Restart.TEMPORARY);
        assertThat(changed.shutdown()).isEqualTo(Shutdown.infinity());
        assertThat(changed.start()).isSameAs(spec.start());
    }

    /// Source: `agent_test.exs`, 3 "start_link/2 workflow with unregistered name and anonymous
    /// functions".
    @Test
    void keeps_a_state_from_its_start_to_its_stop() {
        Pid agent = agent();

        assertThat(Processes.info(Processes.self()).orElseThrow().links()).contains(agent);
        assertThat(Processes.info(agent).orElseThrow().initialCall())
                .isEqualTo(Agent.class.getName());
        Agent.update(agent, (Map<String, String> _) -> Map.of("hello", "world"));
        assertThat(
                        Agent.<Map<String, String>, String>get(
                                agent, map -> map.get("hello"), Duration.ofSeconds(3)))
                .isEqualTo("world");
        assertThat(
                        Agent.<Map<String, String>, String>getAndUpdate(
                                agent,
                                map -> new Agent.Update<>(map.get("hello"), Map.of()),
                                Duration.ofSeconds(3)))
                .isEqualTo("world");
        assertThat(Agent.<Map<String, String>, Map<String, String>>get(agent, map -> map))
                .isEmpty();
        Agent.stop(agent);
        assertThat(Processes.isAlive(agent)).isFalse();
    }

    /// Source: `agent_test.exs`, 5 "start/2 workflow with registered name and module functions".
    @Test
    void is_reached_by_name_with_method_references_until_it_is_stopped() {
        ServerRef name = ServerRef.name("parity agent");
        Pid agent = Agent.start(Map::of, StartOption.name("parity agent")).pid();

        assertThat(Processes.info(agent).orElseThrow().registeredName()).contains("parity agent");
        Agent.cast(name, ElixirAgentTest::hello);
        assertThat(Agent.get(name, ElixirAgentTest::get)).isEqualTo("world");
        assertThat(Agent.getAndUpdate(name, ElixirAgentTest::pop)).isEqualTo("world");
        assertThat(Agent.get(name, ElixirAgentTest::get)).isEqualTo("nothing");
        Agent.stop(name);

        assertThat(Processes.info(agent)).isEmpty();
        assertThat(Processes.whereis("parity agent")).isEmpty();
    }

    /// Source: `agent_test.exs`, 6 ":sys.change_code/4 with mfa". Here [Sys#replaceState] takes the
    /// function.
    @Test
    void the_state_of_a_suspended_one_can_be_converted() {
        Pid agent = agent();

        Sys.suspend(agent);
        Agent.changeCode(agent, 1, ElixirAgentTest::hello);
        Sys.resume(agent);

        assertThat(Agent.get(agent, ElixirAgentTest::get)).isEqualTo("world");
        Agent.stop(agent);
    }

    /// Source: `agent_test.exs`, 7 ":sys.change_code/4 with raising mfa".
    @Test
    void a_conversion_that_throws_keeps_the_state() {
        Pid agent = agent();

        Sys.suspend(agent);
        assertThatThrownBy(() ->
                        Agent.changeCode(
                                agent,
                                1,
                                (Map<String, String> _) -> {
                                    throw new IllegalStateException("no");
                                }))
                .isInstanceOf(Sys.CallbackFailedException.class)
                .hasRootCauseMessage("no");
        Sys.resume(agent);

        assertThat(Agent.get(agent, ElixirAgentTest::get)).isEqualTo("nothing");
        Agent.stop(agent);
    }
}
