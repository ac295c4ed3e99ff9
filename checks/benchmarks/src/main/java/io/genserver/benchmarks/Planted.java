package io.genserver.benchmarks;

import io.genserver.Agent;
import io.genserver.Attachment;
import io.genserver.Node;
import io.genserver.Processes;
import io.genserver.simulation.Simulation;
import io.genserver.simulation.SimulationFailure;
import io.genserver.simulation.SimulationResult;
import io.genserver.supervisor.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Looks for each [PlantedBug] twice: with a simulation, and with real threads. Both have the same
/// time.
final class Planted {

    private static final int ROUNDS = 4;
    private static final int RUNS = 10_000;

    private Planted() {}

    public static void main(String[] arguments) {
        Duration limit =
                Duration.ofSeconds(Argument.whole(arguments[0], "seconds for each fault", 1));
        measureSpeed();
        System.out.printf("%n%-48s %-44s %s%n", "fault", "simulation", "real threads");
        for (PlantedBug bug : PlantedBug.values()) {
            System.out.printf("%-48s %-44s ", bug.text, simulated(bug, limit));
            System.out.println(real(bug, limit));
        }
    }

    /// Prints how fast runs of some 100 steps are: two clients of one server.
    private static void measureSpeed() {
        for (int round = 0; round < ROUNDS; round++) {
            long start = System.nanoTime();
            SimulationResult done = Simulation.runs(RUNS).check(_ -> twoClients());
            double seconds = (System.nanoTime() - start) / 1e9;
            System.out.printf(
                    "%,d runs of %d steps: %,.0f runs/s, %,.0f ns a step%n",
                    RUNS, done.steps() / RUNS, RUNS / seconds, seconds * 1e9 / done.steps());
        }
    }

    private static void twoClients() {
        var counter = Agent.startLink(() -> 0).server();
        List<Task<Integer>> clients = new ArrayList<>();
        for (int client = 0; client < 2; client++) {
            clients.add(
                    Task.async(() -> {
                        for (int i = 0; i < 14; i++) {
                            Agent.update(counter, count -> count + 1);
                        }
                        return 0;
                    }));
        }
        clients.forEach(Task::await);
        int count = Agent.get(counter, now -> now);
        Work.checkCount(28, count);
    }

    private static String simulated(PlantedBug bug, Duration limit) {
        long start = System.nanoTime();
        Optional<SimulationFailure> found =
                Simulation.runs(Integer.MAX_VALUE).budget(limit).find(bug::run);
        long took = (System.nanoTime() - start) / 1_000_000;
        return found.map(failure ->
                        "run %d, %s, %d ms".formatted(failure.run(), failure.policy(), took))
                .orElse("not found");
    }

    private static String real(PlantedBug bug, Duration limit) {
        long start = System.nanoTime();
        int runs = 0;
        while (System.nanoTime() - start < limit.toNanos()) {
            runs++;
            if (fails(bug)) {
                long took = (System.nanoTime() - start) / 1_000_000;
                return "run %d, %d ms".formatted(runs, took);
            }
        }
        return "not found in %d runs".formatted(runs);
    }

    private static boolean fails(PlantedBug bug) {
        try (Node node = Node.start()) {
            return node.call(() -> {
                Attachment self = Processes.attach();
                try {
                    bug.run(null);
                    return false;
                } catch (RuntimeException | AssertionError shown) {
                    return true;
                } finally {
                    self.close();
                }
            });
        }
    }
}
