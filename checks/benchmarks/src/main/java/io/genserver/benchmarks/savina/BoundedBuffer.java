package io.genserver.benchmarks.savina;

import io.genserver.StartOption;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.Behavior;

/// Producers send items to a manager. The manager hands them to consumers, or keeps them until a
/// consumer is free. While it keeps too many, the producers wait. The result is the sum of all
/// consumed items as bits, because the sum of doubles would depend on their order.
public final class BoundedBuffer implements Benchmark<Long> {

    static final int PRODUCERS = 40;
    static final int CONSUMERS = 40;
    static final int ITEMS = 1_000; // of each producer
    static final int CAPACITY = 50 - PRODUCERS; // each waiting producer has made one more
    private static final int PRODUCTION_COST = 25;
    private static final int CONSUMPTION_COST = 25;

    /// The items of one producer, each made from the one before.
    static final class Production {
        private double item;
        private int left = ITEMS;

        boolean hasNext() {
            return left > 0;
        }

        double next() {
            left--;
            item = work(item, PRODUCTION_COST);
            return item;
        }
    }

    /// The work of one consumer.
    static final class Consumption {
        private double last;
        private long sum;

        void take(double item) {
            last = work(last + item, CONSUMPTION_COST);
            sum += Double.doubleToLongBits(item);
        }

        long sum() {
            return sum;
        }
    }

    private static double work(double item, int cost) {
        SplittableRandom random = new SplittableRandom(cost);
        double worked = item;
        for (int i = 0; i < 100 * cost; i++) {
            worked += Math.log(random.nextDouble() + 0.01);
        }
        return worked;
    }

    @Override
    public Long expected() {
        long sum = 0;
        Production production = new Production();
        while (production.hasNext()) {
            sum += Double.doubleToLongBits(production.next());
        }
        return PRODUCERS * sum;
    }

    @Override
    public Long ours(StartOption... options) {
        return BoundedBufferServers.run(options);
    }

    @Override
    public Behavior<Long> pekko(Consumer<Long> done) {
        return BoundedBufferActors.starter(done);
    }
}
