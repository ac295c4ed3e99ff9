package io.genserver.benchmarks.savina;

import java.util.Random;

/// Keeps a thread busy with random numbers like those of `Math.random`. Each user has a generator
/// of its own, because threads that share one wait for each other.
final class Busy {

    private Busy() {}

    /// Tosses a coin `times` times.
    ///
    /// @return the number of heads, which proves the work
    static int toss(Random coin, int times) {
        int heads = 0;
        for (int i = 0; i < times; i++) {
            heads += coin.nextDouble() < 0.5 ? 1 : 0;
        }
        return heads;
    }
}
