package io.genserver.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.Agent;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// Starts many children, counts them and stops them. With `-Dchildren=1000000` it starts a million,
/// and prints how long each step took and how much memory the children needed.
@ExtendWith(GenServerExtension.class)
@Timeout(300)
class ManyChildrenTest {

    private static final int CHILDREN = Integer.getInteger("children", 20_000);
    private static final boolean TELLS = System.getProperty("children") != null;

    @Test
    void are_started_counted_and_stopped(TestSupervisor test) {
        Pid supervisor =
                test.startSupervised(
                                DynamicSupervisor.childSpec("many", DynamicSupervisorFlags.DEFAULT))
                        .pid();
        ChildSpec<?> child =
                ChildSpec.worker("agent", () -> Agent.startLink(() -> 0))
                        .withRestart(Restart.TEMPORARY);
        long before = usedMemory();
        long start = Processes.monotonicTime();
        Pid first = Task.async(() -> startAll(supervisor, child)).await(GenServer.INFINITY);
        tell("start", start, "");
        tell("memory", start, (usedMemory() - before) / CHILDREN + " bytes per child");

        start = Processes.monotonicTime();
        ChildCount count = DynamicSupervisor.countChildren(supervisor);
        tell("count", start, "");
        assertThat(count).isEqualTo(new ChildCount(CHILDREN, CHILDREN, 0, CHILDREN));

        start = Processes.monotonicTime();
        assertThat(DynamicSupervisor.terminateChild(supervisor, first)).isEmpty();
        tell("terminate one", start, "");

        start = Processes.monotonicTime();
        DynamicSupervisor.stop(supervisor, ExitReason.NORMAL, Duration.ofMinutes(4));
        tell("stop", start, "");
        assertThat(Processes.isAlive(first)).isFalse();
    }

    /// Starts the children from a process, as a program would.
    private static Pid startAll(Pid supervisor, ChildSpec<?> child) {
        Pid first = DynamicSupervisor.startChild(supervisor, child).pid();
        for (int i = 1; i < CHILDREN; i++) {
            DynamicSupervisor.startChild(supervisor, child);
        }
        return first;
    }

    private static long usedMemory() {
        if (TELLS) {
            System.gc();
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static void tell(String what, long start, String more) {
        if (TELLS) {
            long millis = (Processes.monotonicTime() - start) / 1_000_000;
            System.out.printf("%s of %,d children: %,d ms %s%n", what, CHILDREN, millis, more);
        }
    }
}
