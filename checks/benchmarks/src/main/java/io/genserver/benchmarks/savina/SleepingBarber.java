package io.genserver.benchmarks.savina;

import java.util.Random;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.Behavior;

/// A street sends customers to a barber's waiting room, and once more each time it was full. The
/// barber has the next sent when one is done. How often it was full is chance. Comes to the number
/// of haircuts, and to the sum of the coins tossed by the barber and by the street meanwhile.
public final class SleepingBarber implements Benchmark<SleepingBarber.Outcome> {

    static final int HAIRCUTS = 5_000;
    static final int ROOM = 1_000;
    private static final int PRODUCTION_RATE = 1_000;
    private static final int HAIRCUT_RATE = 1_000;

    /// What a run comes to.
    ///
    /// @param haircuts how many the barber has done
    /// @param heads how many coins showed heads
    public record Outcome(int haircuts, long heads) {}

    /// Somebody who is busy for some time again and again, with the same times in every run.
    static final class Labour {
        private final Random random;
        private final int rate;
        private int count;
        private long heads;

        private Labour(int seed, int rate) {
            random = new Random(seed);
            this.rate = rate;
        }

        static Labour ofTheStreet() {
            return new Labour(1, PRODUCTION_RATE);
        }

        static Labour ofTheBarber() {
            return new Labour(2, HAIRCUT_RATE);
        }

        void work() {
            count++;
            heads += Busy.toss(random, random.nextInt(rate) + 10);
        }

        long heads() {
            return heads;
        }

        Outcome and(long others) {
            return new Outcome(count, heads + others);
        }
    }

    @Override
    public Outcome expected() {
        Labour street = Labour.ofTheStreet();
        Labour barber = Labour.ofTheBarber();
        for (int i = 0; i < HAIRCUTS; i++) {
            street.work();
            barber.work();
        }
        return barber.and(street.heads());
    }

    @Override
    public Outcome ours() {
        return SleepingBarberServers.run();
    }

    @Override
    public Behavior<Outcome> pekko(Consumer<Outcome> done) {
        return SleepingBarberActors.starter(done);
    }
}
