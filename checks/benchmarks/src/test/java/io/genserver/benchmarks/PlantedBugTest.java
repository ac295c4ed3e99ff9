package io.genserver.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.simulation.Simulation;
import io.genserver.simulation.SimulationFailure;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PlantedBugTest {

    @ParameterizedTest
    @EnumSource
    void a_simulation_finds_it_with_each_seed(PlantedBug bug) {
        for (long seed = 0; seed < 5; seed++) {
            SimulationFailure found =
                    Simulation.runs(5_000).seed(seed).find(bug::run).orElseThrow();

            assertThat(found.trace().asText()).isNotEmpty();
            assertThat(Simulation.runs(1).replay(found.token()).find(bug::run)).isPresent();
        }
    }

    @Test
    void shrinking_leaves_few_choices() {
        SimulationFailure found =
                Simulation.runs(5_000).find(PlantedBug.CHECK_THEN_ACT::run).orElseThrow();

        assertThat(found.getMessage()).containsPattern("has \\d choices that are not the simplest");
    }
}
