package io.genserver.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import io.genserver.Agent;
import io.genserver.simulation.SimulationFailure;
import io.genserver.simulation.SimulationRun;
import io.genserver.supervisor.Task;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.platform.testkit.engine.EngineTestKit;
import org.junit.platform.testkit.engine.Event;

class SimulationExtensionTest {

    private static final AtomicInteger RUNS = new AtomicInteger();

    @Simulation(runs = 50)
    void runs_as_often_as_the_annotation_says(SimulationRun run) {
        RUNS.incrementAndGet();
        run.eventually("there were some runs", () -> RUNS.get() > 0);
    }

    @Simulation(runs = 10)
    void needs_no_parameter() {
        var agent = Agent.startLink(() -> 1).server();
        assertThat((int) Agent.get(agent, number -> number)).isEqualTo(1);
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
