package io.genserver.benchmarks.savina;

import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/// How an actor of Pekko that has started the others goes on. A process waits for messages instead.
final class Starter {

    private Starter() {}

    /// Hands over the first message.
    static <R> Behavior<R> first(Consumer<R> done) {
        return Behaviors.receiveMessage(result -> {
            done.accept(result);
            return Behaviors.stopped();
        });
    }

    /// Hands over the sum of so many messages.
    static Behavior<Long> sum(int count, Consumer<Long> done) {
        return sumThen(
                count,
                sum -> {
                    done.accept(sum);
                    return Behaviors.stopped();
                });
    }

    /// Goes on with the sum of so many messages.
    static Behavior<Long> sumThen(int count, LongFunction<Behavior<Long>> then) {
        long[] sum = new long[1];
        int[] left = {count};
        return Behaviors.receiveMessage(value -> {
            sum[0] += value;
            return --left[0] > 0 ? Behaviors.same() : then.apply(sum[0]);
        });
    }
}
