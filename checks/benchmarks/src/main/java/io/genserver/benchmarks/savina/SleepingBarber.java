package io.genserver.benchmarks.savina;

import io.genserver.StartOption;
import java.util.Random;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.Behavior;

/// A street sends customers to a barber's waiting room. It sends a customer again each time the
/// room was full, which varies from run to run. After each haircut the barber asks the room for the
/// next customer. The result is the number of haircuts, and the number of heads in the coins that
/// the barber and the street tossed.
public final class SleepingBarber implements Benchmark<SleepingBarber.Outcome> {

    static final int HAIRCUTS = 5_000;
    static final int ROOM = 1_000;
    private static final int PRODUCTION_RATE = 1_000;
    private static final int HAIRCUT_RATE = 1_000;

    /// The result of a run.
    ///
    /// @param haircuts the number of haircuts
    /// @param heads the number of heads
    public record Outcome(int haircuts, long heads) {}

    /// The work of the street or the barber, in periods that are the same in every run.
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
    public Outcome ours(StartOption... options) {
        return SleepingBarberServers.run(options);
    }

    @Override
    public Behavior<Outcome> pekko(Consumer<Outcome> done) {
        return SleepingBarberActors.starter(done);
    }
}
