package io.genserver.benchmarks.savina;

import io.genserver.CastResult;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.StartOption;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/// Starts many processes, each of which handles one message and ends. The result is the sum of the
/// numbers of all processes that handled their message.
public final class ForkJoin implements Benchmark<Long> {

    private static final int CHILDREN = 40_000;
    private static final double ANGLE = 37.2;

    /// Adds up the numbers of the processes that have handled their message.
    private static final class Tally {
        private final AtomicInteger handled = new AtomicInteger();
        private final AtomicLong sum = new AtomicLong();

        /// Computes a sine and returns whether this was the last process.
        boolean isLast(int number, double angle) {
            double sine = Math.sin(angle);
            sum.addAndGet(sine * sine <= 1 ? number : 0);
            return handled.incrementAndGet() == CHILDREN;
        }
    }

    @Override
    public Long expected() {
        return CHILDREN * (CHILDREN - 1L) / 2;
    }

    @Override
    public Long ours(StartOption... options) throws InterruptedException {
        Tally tally = new Tally();
        CountDownLatch end = new CountDownLatch(1);
        for (int i = 0; i < CHILDREN; i++) {
            int number = i;
            Pid child = GenServer.start(() -> new Child(number, tally, end), Ok.OK, options).pid();
            Processes.send(child, ANGLE);
        }
        end.await();
        return tally.sum.get();
    }

    private record Child(int number, Tally tally, CountDownLatch end)
            implements GenServer<Ok, Ok, Object, Object> {

        @Override
        public Init<Ok> init(Ok ok) {
            return Init.ok(ok);
        }

        @Override
        public CastResult<Ok> handleInfo(Object angle, Ok ok) {
            if (tally.isLast(number, (Double) angle)) {
                end.countDown();
            }
            return CastResult.stop(ExitReason.NORMAL, ok);
        }
    }

    @Override
    public Behavior<Long> pekko(Consumer<Long> done) {
        return Behaviors.setup(context -> {
            ActorRef<Long> self = context.getSelf();
            Tally tally = new Tally();
            for (int i = 0; i < CHILDREN; i++) {
                int number = i;
                ActorRef<Double> child =
                        context.spawnAnonymous(
                                Behaviors.receiveMessage(angle -> {
                                    if (tally.isLast(number, angle)) {
                                        self.tell(tally.sum.get());
                                    }
                                    return Behaviors.stopped();
                                }));
                child.tell(ANGLE);
            }
            return Starter.first(done);
        });
    }
}
