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
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/// Starts many processes, each of which handles one message and ends. The result is the number of
/// messages handled.
public final class ForkJoin implements Benchmark<Integer> {

    private static final int CHILDREN = 40_000;
    private static final double ANGLE = 37.2;

    @Override
    public Integer expected() {
        return CHILDREN;
    }

    @Override
    public Integer ours() throws InterruptedException {
        AtomicInteger computed = new AtomicInteger();
        CountDownLatch end = new CountDownLatch(1);
        for (int i = 0; i < CHILDREN; i++) {
            Pid child =
                    GenServer.start(
                                    () -> new Child(computed, end),
                                    Ok.OK,
                                    StartOption.nonBlocking())
                            .pid();
            Processes.send(child, ANGLE);
        }
        end.await();
        return computed.get();
    }

    private record Child(AtomicInteger computed, CountDownLatch end)
            implements GenServer<Ok, Ok, Object, Object> {

        @Override
        public Init<Ok> init(Ok ok) {
            return Init.ok(ok);
        }

        @Override
        public CastResult<Ok> handleInfo(Object angle, Ok ok) {
            if (count(computed, (Double) angle) == CHILDREN) {
                end.countDown();
            }
            return CastResult.stop(ExitReason.NORMAL, ok);
        }
    }

    @Override
    public Behavior<Integer> pekko(Consumer<Integer> done) {
        return Behaviors.setup(context -> {
            ActorRef<Integer> self = context.getSelf();
            AtomicInteger computed = new AtomicInteger();
            for (int i = 0; i < CHILDREN; i++) {
                ActorRef<Double> child =
                        context.spawnAnonymous(
                                Behaviors.receiveMessage(angle -> {
                                    if (count(computed, angle) == CHILDREN) {
                                        self.tell(CHILDREN);
                                    }
                                    return Behaviors.stopped();
                                }));
                child.tell(ANGLE);
            }
            return Starter.first(done);
        });
    }

    /// Computes a sine and returns how many have been computed.
    private static int count(AtomicInteger computed, double angle) {
        double sine = Math.sin(angle);
        return sine * sine <= 1 ? computed.incrementAndGet() : computed.get();
    }
}
