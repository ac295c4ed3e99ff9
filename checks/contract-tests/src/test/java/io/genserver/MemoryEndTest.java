package io.genserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// If memory ends while a process waits, the JVM lets the process wait on its carrier thread.
@Timeout(60)
class MemoryEndTest {

    @Test
    void processes_run_again_after_the_end_of_memory_has_left_them_without_a_carrier(
            @TempDir Path folder) throws Exception {
        List<String> lines =
                OtherJvm.run(
                        folder,
                        List.of(
                                "-Djdk.virtualThreadScheduler.parallelism=1",
                                "-Djdk.virtualThreadScheduler.maxPoolSize=1",
                                "-Xmx64m"),
                        HeldUp.class,
                        false);

        assertThat(lines).containsExactly("runs: false", "runs: true");
    }

    /// Has a process wait on the only carrier thread, then fills the heap.
    static final class HeldUp {
        private HeldUp() {}

        private static final CountDownLatch WAITS = new CountDownLatch(1);
        private static final CountDownLatch RUNS = new CountDownLatch(1);

        /// A virtual thread that waits in the initializer of a class keeps its carrier thread, as
        /// it does if there is no memory to take it off.
        private static final class WaitsOnItsCarrier {
            static {
                WAITS.countDown();
                LockSupport.park();
            }

            static void load() {}
        }

        public static void main(String[] arguments) throws Exception {
            Pid process = Processes.spawn(WaitsOnItsCarrier::load);
            Processes.sendAfter(process, "a timer", Duration.ofHours(1));
            WAITS.await();
            Processes.spawn(RUNS::countDown);
            System.out.println("runs: " + RUNS.await(200, TimeUnit.MILLISECONDS));
            fillHeap();
            System.out.println("runs: " + RUNS.await(20, TimeUnit.SECONDS));
            System.out.flush();
            Runtime.getRuntime().halt(0);
        }

        private static void fillHeap() {
            List<byte[]> blocks = new ArrayList<>();
            try {
                while (blocks.size() < 1_000) {
                    blocks.add(new byte[1 << 20]);
                }
            } catch (OutOfMemoryError full) {
                blocks.clear(); // as intended
            }
        }
    }
}
