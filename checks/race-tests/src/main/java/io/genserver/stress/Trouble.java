package io.genserver.stress;

import io.genserver.stress.Findings.Count;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Fills the heap now and then, interrupts the clients, and starts the tree again if the full heap
/// has ended it.
final class Trouble {

    private static final int BIGGEST = 1 << 20; // units: bytes
    private static final int SMALLEST = 16;
    private static final long LONGEST = 2_000_000_000; // units: ns

    @SuppressWarnings("UnusedVariable") // it only takes up room
    private static final class Block {
        final @Nullable Block next;
        final byte[] bytes;

        Block(@Nullable Block next, int size) {
            this.next = next;
            this.bytes = new byte[size];
        }
    }

    private final Run run;
    private final int fullEvery; // units: ms
    private final SplittableRandom random;
    private final Thread filling = new Thread(this::fillHeap, "fills the heap");
    private final Thread interrupting = new Thread(this::interrupt, "interrupts");
    private final Thread starting = new Thread(this::startTree, "starts the tree");
    private volatile boolean over;

    /// The blocks that fill the heap. A field, because the thread that fills it has to let go.
    private @Nullable Block blocks;

    Trouble(Run run, long seed, int fullEvery) {
        this.run = run;
        this.fullEvery = 1_000 * fullEvery;
        this.random = new SplittableRandom(seed);
    }

    void begin() {
        filling.start();
        interrupting.start();
        starting.start();
    }

    void end() throws InterruptedException {
        over = true;
        filling.join();
        interrupting.join();
        starting.join();
    }

    private void fillHeap() {
        SplittableRandom mine = random.split();
        while (!over) {
            pause(fullEvery + mine.nextInt(fullEvery));
            long start = System.nanoTime();
            for (int size = BIGGEST; size >= SMALLEST && !over; size >>= 4) {
                fill(size, start);
            }
            pause(mine.nextInt(5));
            blocks = null;
            run.findings.count(Count.HEAPS_FILLED);
        }
    }

    /// Ends after a while in any case: on one processor this thread may get the memory that others
    /// give back for minutes, while they do nothing else.
    private void fill(int size, long start) {
        try {
            while (!over && System.nanoTime() - start < LONGEST) {
                blocks = new Block(blocks, size);
            }
        } catch (OutOfMemoryError full) {
            Thread.onSpinWait(); // as intended
        }
    }

    private void interrupt() {
        SplittableRandom mine = random.split();
        while (!over) {
            try {
                pause(1 + mine.nextInt(3));
                run.interrupt(mine.nextInt(Run.CLIENTS));
            } catch (OutOfMemoryError full) {
                run.findings.count(Count.OUT_OF_MEMORY);
            }
        }
    }

    private void startTree() {
        while (!over) {
            try {
                run.tree.ensureStarted();
            } catch (OutOfMemoryError full) {
                run.findings.count(Count.OUT_OF_MEMORY);
            }
            pause(2);
        }
    }

    private static void pause(int millis) {
        LockSupport.parkNanos(1_000_000L * millis);
    }
}
