package io.genserver.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.genserver.Agent;
import io.genserver.Processes;
import io.genserver.simulation.SimulationFailure;
import io.genserver.simulation.SimulationRun;
import io.genserver.supervisor.Task;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

class SimulationExtensionTest {

    private static final AtomicInteger RUNS = new AtomicInteger();

    @Simulation(runs = 50)
    void runs_as_often_as_the_annotation_says(SimulationRun run) {
        RUNS.incrementAndGet();
        run.eventually("there were not too many", () -> RUNS.get() <= 50);
    }

    @AfterAll
    static void the_runs_are_as_many_as_the_annotation_says() {
        assertThat(RUNS).hasValue(50);
    }

    static final class WithSettings {
        @Simulation(runs = 10, maxSteps = 100)
        void max_steps() {
            while (Processes.whereis("nobody").isEmpty()) {
                Processes.whereis("nobody");
            }
        }

        @Simulation(runs = Integer.MAX_VALUE, seconds = 1)
        void seconds() {
            Processes.whereis("nobody");
        }

        @Simulation(runs = 1, seed = 1)
        void seed_1() {
            fail();
        }

        @Simulation(runs = 1, seed = 2)
        void seed_2() {
            fail();
        }

        private static void fail() {
            List<Integer> order = new ArrayList<>();
            List<Task<Boolean>> tasks = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                int number = i;
                tasks.add(Task.async(() -> order.add(number)));
            }
            tasks.forEach(Task::await);
            throw new IllegalStateException(order.toString());
        }
    }

    @Test
    void the_settings_of_the_annotation_are_those_of_the_simulation(@TempDir Path folder) {
        InnerTests inner =
                InnerTests.run(
                        WithSettings.class,
                        Map.of("genserver.simulation.folder", folder.toString()));

        assertThat(inner.succeeded()).containsExactly("seconds()");
        assertThat(inner.thrownBy("max_steps()").getCause())
                .hasMessage(
                        "expected the run to end within 100 steps, got: more; it goes round in"
                                + " circles, or needs a higher maxSteps");
        assertThat(firstTrace(inner, "seed_1()")).isNotEqualTo(firstTrace(inner, "seed_2()"));
    }

    /// Returns how many choices of the first run were not the simplest.
    private static String firstTrace(InnerTests inner, String test) {
        return inner.thrownBy(test).toString().replaceAll("(?s).*the first one had (\\d+).*", "$1");
    }

    @Simulation(runs = 10)
    void needs_no_parameter() {
        var agent = Agent.startLink(() -> 1).server();
        assertThat((int) Agent.get(agent, number -> number)).isEqualTo(1);
    }

    static final class PreparesEarly {
        @BeforeEach
        void prepare(SimulationRun run) {
            run.delayTimers(java.time.Duration.ofSeconds(1));
        }

        @Simulation(runs = 1)
        void runs() {}
    }

    @Test
    void a_run_is_a_parameter_of_the_simulated_method_only() {
        assertThat(InnerTests.run(PreparesEarly.class).failure())
                .hasMessage(
                        "expected a SimulationRun to be a parameter of a method with @Simulation,"
                                + " got: a parameter of void %s.prepare(%s); each run has its own, so"
                                + " prepare it in the method itself",
                        PreparesEarly.class.getName(), SimulationRun.class.getName());
    }

    @ExtendWith(GenServerExtension.class)
    static final class TakesTheSupervisor {
        @Simulation(runs = 1)
        void runs(TestSupervisor test) {
            test.pid();
        }
    }

    @Test
    void a_run_has_no_supervisor_of_the_test() {
        assertThat(InnerTests.run(TakesTheSupervisor.class).failure())
                .hasMessage(
                        "expected a method with @Simulation to take a SimulationRun, got: a"
                                + " TestSupervisor as a parameter of void %s.runs(%s); each run has a node"
                                + " of its own, so start what it needs in the method itself",
                        TakesTheSupervisor.class.getName(), TestSupervisor.class.getName());
    }

    /// Run by the engine of another test.
    static final class Inner {
        @Simulation(runs = 100)
        void loses_an_update() {
            var counter = Agent.startLink(() -> 0).server();
            Task<Integer> other = Task.async(() -> increment(counter));
            int _ = increment(counter);
            other.await();
            assertThat((int) Agent.get(counter, count -> count)).isEqualTo(2);
        }

        private static int increment(io.genserver.Server<? extends Agent<Integer>> counter) {
            int seen = Agent.get(counter, count -> count);
            Agent.update(counter, _ -> seen + 1);
            return seen;
        }
    }

    @Test
    void a_failure_comes_with_its_token_and_its_chart(@TempDir Path folder) {
        Throwable failure =
                EngineTestKit.engine("junit-jupiter")
                        .selectors(selectClass(Inner.class))
                        .configurationParameter("genserver.simulation.folder", folder.toString())
                        .execute()
                        .testEvents()
                        .failed()
                        .stream()
                        .map(Event::getPayload)
                        .map(payload ->
                                ((org.junit.platform.engine.TestExecutionResult)
                                                payload.orElseThrow())
                                        .getThrowable()
                                        .orElseThrow())
                        .findFirst()
                        .orElseThrow();

        assertThat(failure).isInstanceOf(SimulationFailure.class);
        assertThat(folder.resolve(Inner.class.getName() + ".loses_an_update"))
                .hasContent(((SimulationFailure) failure).token());
        assertThat(folder.resolve(Inner.class.getName() + ".loses_an_update.mmd"))
                .content()
                .startsWith("sequenceDiagram");
    }
}
