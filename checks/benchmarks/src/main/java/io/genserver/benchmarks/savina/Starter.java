package io.genserver.benchmarks.savina;

import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/// What a Pekko actor does after it has started the others. A process of this library waits for
/// messages instead.
final class Starter {

    private Starter() {}

    /// Passes the first message to `done` and stops.
    static <R> Behavior<R> first(Consumer<R> done) {
        return Behaviors.receiveMessage(result -> {
            done.accept(result);
            return Behaviors.stopped();
        });
    }

    /// Passes the sum of `count` messages to `done` and stops.
    static Behavior<Long> sum(int count, Consumer<Long> done) {
        return sumThen(
                count,
                sum -> {
                    done.accept(sum);
                    return Behaviors.stopped();
                });
    }

    /// Continues with the sum of `count` messages.
    static Behavior<Long> sumThen(int count, LongFunction<Behavior<Long>> then) {
        long[] sum = new long[1];
        int[] left = {count};
        return Behaviors.receiveMessage(value -> {
            sum[0] += value;
            return --left[0] > 0 ? Behaviors.same() : then.apply(sum[0]);
        });
    }
}
