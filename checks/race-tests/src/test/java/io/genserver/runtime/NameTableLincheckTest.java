package io.genserver.runtime;

import static org.jetbrains.lincheck.datastructures.ManagedStrategyGuaranteeKt.forClasses;

import java.util.HashSet;
import java.util.Set;
import org.jetbrains.lincheck.datastructures.IntGen;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Param;
import org.jetbrains.lincheck.datastructures.StressOptions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Concurrent claims, frees, lookups and deaths return results that some sequential order would
/// also return.
@Param(name = "process", gen = IntGen.class, conf = "0:2")
public class NameTableLincheckTest {

    private static final String NAME = "name";
    private static final int NOBODY = -1;

    private final NameTable names = new NameTable();
    private final BareProcess[] processes = {
        new BareProcess(), new BareProcess(), new BareProcess()
    };

    /// Returns the number of the process that already holds the name.
    @Operation
    public int claim(@Param(name = "process") int process) {
        return number(names.claim(NAME, processes[process]));
    }

    @Operation
    public void free(@Param(name = "process") int process) {
        names.free(NAME, processes[process]);
    }

    @Operation
    public int whereis() {
        return number(names.whereis(NAME));
    }

    @Operation
    public boolean die(@Param(name = "process") int process) {
        return processes[process].die(BareProcess.BOOM);
    }

    private int number(@Nullable LocalProcess process) {
        for (int i = 0; i < processes.length; i++) {
            if (processes[i] == process) {
                return i;
            }
        }
        return NOBODY;
    }

    /// The sequential specification.
    public static final class Model {
        private final Set<Integer> dead = new HashSet<>();
        private int holder = NOBODY;

        public int claim(int process) {
            int before = whereis();
            if (before == NOBODY && !dead.contains(process)) {
                holder = process;
            }
            return before == process ? NOBODY : before;
        }

        public void free(int process) {
            if (holder == process) {
                holder = NOBODY;
            }
        }

        public int whereis() {
            return dead.contains(holder) ? NOBODY : holder;
        }

        public boolean die(int process) {
            return dead.add(process);
        }
    }

    @Test
    void holds_under_stress() {
        new StressOptions()
                .iterations(10)
                .invocationsPerIteration(200)
                .threads(2)
                .actorsBefore(2)
                .actorsPerThread(3)
                .actorsAfter(2)
                .sequentialSpecification(Model.class)
                .check(NameTableLincheckTest.class);
    }

    @Test
    void holds_in_the_interleavings_of_the_model_checker() {
        new ModelCheckingOptions()
                .iterations(10)
                .invocationsPerIteration(60)
                .threads(2)
                .actorsBefore(1)
                .actorsPerThread(3)
                .actorsAfter(1)
                // The model checker takes its recursion for a livelock. It touches no shared data.
                .addGuarantee(forClasses(StackRoom.class.getName()).allMethods().ignore())
                .sequentialSpecification(Model.class)
                .check(NameTableLincheckTest.class);
    }
}
