package io.genserver.documentation.guide;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.*;
import io.genserver.simulation.SimulationFailure;
import io.genserver.simulation.SimulationRun;
import io.genserver.supervisor.*;
import io.genserver.test.Simulation;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SchedulesTest {

    @Simulation(runs = 1_000)
    void one_lamp_is_reserved_once() {
        var inventory = GenServer.startLink(Inventory::new, Map.of("lamp", 1)).server();
        var other = Task.async(() -> Inventory.reserve(inventory, "lamp"));

        boolean mine = Inventory.reserve(inventory, "lamp");

        assertThat(List.of(mine, other.await())).containsExactlyInAnyOrder(true, false);
    }

    @Simulation(runs = 1_000)
    void the_inventory_is_there_after_each_crash(SimulationRun run) {
        Server<Inventory> inventory = Server.named("inventory", Inventory.class);
        Supervisor.startLink(
                List.of(
                        ChildSpec.worker(
                                "inventory",
                                () ->
                                        GenServer.startLink(
                                                Inventory::new,
                                                Map.of("lamp", 1),
                                                StartOption.name(inventory)))),
                SupervisorFlags.of(Strategy.ONE_FOR_ONE));
        run.mayCrash(inventory);

        try {
            Inventory.reserve(inventory, "lamp");
        } catch (CallException crashed) {
            assertThat(crashed.serverReason()).isIn(ExitReason.KILLED, ExitReason.NOPROC);
        }

        run.eventually("it answers", () -> GenServer.call(inventory, count()) <= 1);
    }

    private static Inventory.Count count() {
        return new Inventory.Count("lamp");
    }

    /// Looks first and takes the lamp then, which two clients may do in turn.
    static boolean lookAndTake(Server<? extends Agent<Integer>> lamps) {
        if (Agent.get(lamps, left -> left) == 0) {
            return false;
        }
        Agent.update(lamps, left -> left - 1);
        return true;
    }

    @Test
    void finds_two_clients_that_take_one_lamp() {
        assertThatThrownBy(() -> io.genserver.simulation.Simulation.run(_ -> takeTwice()))
                .isInstanceOf(SimulationFailure.class)
                .hasMessageContaining("Play it again with -Dgenserver.simulation.replay=v1.");
    }

    private static void takeTwice() {
        var lamps = Agent.startLink(() -> 1).server();
        var other = Task.async(() -> lookAndTake(lamps));

        boolean mine = lookAndTake(lamps);

        assertThat(mine && other.await()).isFalse();
    }
}
