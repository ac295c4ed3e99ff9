package io.genserver.benchmarks.savina;

import java.util.Random;

/// Keeps a thread busy for so many steps: random numbers of the kind that `Math.random` makes, but
/// from a generator of one's own, so that no one waits for anybody else's.
final class Busy {

    private Busy() {}

    /// Tosses a coin so many times.
    ///
    /// @return how often it showed heads, which proves the work
    static int toss(Random coin, int times) {
        int heads = 0;
        for (int i = 0; i < times; i++) {
            heads += coin.nextDouble() < 0.5 ? 1 : 0;
        }
        return heads;
    }
}
