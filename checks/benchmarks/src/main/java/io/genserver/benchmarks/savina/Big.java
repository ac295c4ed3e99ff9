package io.genserver.benchmarks.savina;

import io.genserver.StartOption;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.Behavior;

/// Each process pings a process chosen at random, waits for the answer, and goes on with the next.
/// The result is the number of answers that came from the process that was pinged.
public final class Big implements Benchmark<Long> {

    static final int COUNT = 120;
    private static final int PINGS = 20_000;

    @Override
    public Long expected() {
        return (long) COUNT * PINGS;
    }

    @Override
    public Long ours(StartOption... options) {
        return BigServers.run(options);
    }

    @Override
    public Behavior<Long> pekko(Consumer<Long> done) {
        return BigActors.starter(done);
    }

    /// Chooses whom a process pings and counts the right answers.
    static final class Turns {
        private final SplittableRandom random;
        private int left = PINGS;
        private int asked;
        private int answers;

        Turns(int id) {
            random = new SplittableRandom(id);
        }

        boolean hasNext() {
            return left > 0;
        }

        int next() {
            left--;
            asked = random.nextInt(COUNT);
            return asked;
        }

        void answered(int from) {
            answers += from == asked ? 1 : 0;
        }

        int answers() {
            return answers;
        }
    }
}
