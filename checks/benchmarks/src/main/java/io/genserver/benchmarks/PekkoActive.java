package io.genserver.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/// Pekko typed: many actors that others ask and tell at random.
final class PekkoActive implements Active.Users {

    private sealed interface ToServer {}

    private record Increment(ActorRef<Long> replyTo) implements ToServer {}

    private record Value(ActorRef<Long> replyTo) implements ToServer {}

    private record Add() implements ToServer {}

    private static final Add ADD = new Add();

    private static final class Count {
        private final Active.Handled handled;
        private long value;

        Count(Active.Handled handled) {
            this.handled = handled;
        }

        Behavior<ToServer> handle(ToServer message) {
            switch (message) {
                case Increment(ActorRef<Long> replyTo) -> replyTo.tell(++value);
                case Value(ActorRef<Long> replyTo) -> replyTo.tell(value);
                case Add _ -> {
                    value++;
                    handled.add();
                }
            }
            return Behaviors.same();
        }
    }

    /// The samples of one user.
    private static final class Times {
        private final long[] each;
        private int count;

        Times(int size) {
            each = new long[size];
        }
    }

    private final Active.Handled handled = new Active.Handled();
    private final List<SplittableRandom> random = Active.seeded();
    private final List<ActorRef<ToServer>> servers = new ArrayList<>();
    private final List<ActorRef<Object>> callers = new ArrayList<>();
    private final Waiting waiting =
            Pekko.waiting(() -> {
                throw new UnsupportedOperationException("there is no single counter");
            });

    private PekkoActive() {
        for (int i = 0; i < Active.SERVERS; i++) {
            servers.add(
                    Pekko.World.spawn(
                            Behaviors.setup(
                                    _ -> Behaviors.receiveMessage(new Count(handled)::handle))));
        }
        for (int i = 0; i < Active.USERS; i++) {
            callers.add(caller(random.get(i), null));
        }
    }

    static Map<String, Double> measure(Work.Timing timing) throws Exception {
        return Active.measure(timing, new PekkoActive());
    }

    /// @param times takes the duration of each call, unless it is null; accessed only by the
    ///   caller's actor until it is done
    private ActorRef<Object> caller(SplittableRandom choices, @Nullable Times times) {
        return PekkoLoop.begin(
                PekkoLoop.Answer.class::isInstance,
                context -> {
                    long begin = times == null ? 0 : System.nanoTime();
                    context.ask(
                            Long.class,
                            servers.get(choices.nextInt(Active.SERVERS)),
                            Pekko.TIMEOUT,
                            Increment::new,
                            (value, failed) -> {
                                if (value == null) {
                                    throw new IllegalStateException(failed);
                                }
                                if (times != null) {
                                    times.each[times.count++] = System.nanoTime() - begin;
                                }
                                return new PekkoLoop.Answer(value);
                            });
                });
    }

    @Override
    public void call(int each) {
        PekkoLoop.goAll(callers, each);
    }

    @Override
    public long[] sample(int each) {
        List<Times> all = new ArrayList<>();
        List<ActorRef<Object>> sampling = new ArrayList<>();
        for (int i = 0; i < Active.USERS; i++) {
            Times times = new Times(each);
            all.add(times);
            sampling.add(caller(random.get(i), times));
        }
        PekkoLoop.goAll(sampling, each);
        return all.stream().flatMapToLong(times -> Arrays.stream(times.each)).toArray();
    }

    @Override
    public void cast(int each) throws Exception {
        waiting.insideEach(
                Active.USERS,
                user -> {
                    for (int i = 0; i < each; i++) {
                        servers.get(random.get(user).nextInt(Active.SERVERS)).tell(ADD);
                    }
                });
        handled.await(Active.USERS * each);
    }

    @Override
    public long sum() {
        List<CompletionStage<Long>> values = new ArrayList<>();
        for (ActorRef<ToServer> server : servers) {
            values.add(
                    AskPattern.ask(server, Value::new, Pekko.LONG, Pekko.World.SYSTEM.scheduler()));
        }
        return values.stream().mapToLong(value -> value.toCompletableFuture().join()).sum();
    }
}
