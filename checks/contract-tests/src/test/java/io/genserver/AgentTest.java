package io.genserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.genserver.supervisor.ChildSpec;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
@Timeout(30)
class AgentTest {

    private static Pid counter() {
        return Agent.start(() -> 0).pid();
    }

    @Test
    void keeps_what_it_is_given() {
        Pid counter = counter();

        Agent.update(counter, (Integer n) -> n + 1);
        Agent.cast(counter, (Integer n) -> n * 10);

        assertThat(Agent.get(counter, (Integer n) -> n)).isEqualTo(10);
        assertThat(Agent.getAndUpdate(counter, (Integer n) -> new Agent.Update<>(n + 1, 0)))
                .isEqualTo(11);
        assertThat(Agent.get(counter, (Integer n) -> n)).isZero();
    }

    @Test
    void changes_a_mutable_state_in_place() {
        Pid agent = Agent.startLink(HashMap<String, Integer>::new).pid();

        Agent.<Map<String, Integer>>run(agent, map -> map.put("milk", 1));

        assertThat(Agent.get(agent, (Map<String, Integer> map) -> map.getOrDefault("milk", 0)))
                .isEqualTo(1);
    }

    @Test
    void a_function_that_throws_stops_the_agent_and_reaches_the_caller() {
        Pid counter = counter();

        assertThatThrownBy(() -> Agent.get(counter, (Integer n) -> 1 / n))
                .isInstanceOf(CallException.class)
                .hasCauseInstanceOf(ArithmeticException.class);
        assertThat(Processes.isAlive(counter)).isFalse();
    }

    @Test
    @SuppressWarnings("NullAway") // the null state must be refused
    void an_update_to_nothing_is_a_bad_return_value() {
        Pid counter = counter();

        CallException failure =
                catchThrowableOfType(
                        CallException.class, () -> Agent.update(counter, (Integer n) -> null));

        assertThat(failure.serverReason()).isEqualTo(new ExitReason.BadReturnValue(null));
    }

    @Test
    void a_first_state_that_throws_fails_the_start() {
        Start<?> start =
                Agent.start(() -> {
                    throw new IllegalStateException("no state");
                });

        assertThat(start)
                .isInstanceOfSatisfying(
                        Start.Failed.class,
                        failed -> assertThat(failed.reason().cause()).hasMessage("no state"));
    }

    @Test
    void works_under_a_supervisor_and_by_name(TestSupervisor test) {
        test.startSupervised(
                ChildSpec.worker(
                        "agent", () -> Agent.startLink(() -> 7, StartOption.name("lucky"))));

        assertThat(Agent.get(ServerRef.name("lucky"), (Integer n) -> n)).isEqualTo(7);
        Agent.stop(ServerRef.name("lucky"), ExitReason.SHUTDOWN);
    }

    @Test
    void is_shown_as_an_agent() {
        Pid counter = counter();

        assertThat(Processes.info(counter).orElseThrow().initialCall())
                .isEqualTo("io.genserver.Agent");
        Agent.stop(counter);
        assertThat(Processes.isAlive(counter)).isFalse();
    }
}
