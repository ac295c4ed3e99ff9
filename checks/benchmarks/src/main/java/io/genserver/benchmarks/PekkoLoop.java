package io.genserver.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/// An actor that runs a given number of steps. Each message to it ends one step and begins the
/// next. This replaces a loop, because an actor must not wait. A message of another kind fails the
/// loop.
final class PekkoLoop {

    record Go(int count, CompletableFuture<Integer> done) {}

    record Answer(long value) {}

    /// The end of an actor that the loop watches.
    record Gone(ActorRef<Void> actor) {}

    private final ActorContext<Object> context;
    private final Predicate<Object> isEnd;
    private final Consumer<ActorContext<Object>> step;
    private int left;
    private int done;
    private @Nullable CompletableFuture<Integer> end;

    /// @param isEnd tells whether a message is the one that ends a step
    PekkoLoop(
            ActorContext<Object> context,
            Predicate<Object> isEnd,
            Consumer<ActorContext<Object>> step) {
        this.context = context;
        this.isEnd = isEnd;
        this.step = step;
    }

    Behavior<Object> handle(Object message) {
        try {
            if (message instanceof Go(int wanted, CompletableFuture<Integer> future)) {
                left = wanted;
                done = 0;
                end = future;
            } else {
                Work.check(isEnd.test(message), "the end of a step", message);
                left--;
                done++;
            }
            if (left > 0) {
                step.accept(context);
            } else if (end != null) {
                end.complete(done);
            }
        } catch (Throwable failed) { // errors too: the waiting thread must learn of them
            Objects.requireNonNull(end).completeExceptionally(failed);
        }
        return Behaviors.same();
    }

    /// @param isEnd tells whether a message is the one that ends a step
    /// @param step begins one step, which ends with a message to the actor
    static ActorRef<Object> begin(Predicate<Object> isEnd, Consumer<ActorContext<Object>> step) {
        return Pekko.World.spawn(
                Behaviors.setup(context -> {
                    PekkoLoop loop = new PekkoLoop(context, isEnd, step);
                    return Behaviors.receive(Object.class)
                            .onSignal(
                                    Terminated.class, gone -> loop.handle(new Gone(gone.getRef())))
                            .onAnyMessage(loop::handle)
                            .build();
                }));
    }

    static void go(ActorRef<Object> loop, int count) {
        CompletableFuture<Integer> done = new CompletableFuture<>();
        loop.tell(new Go(count, done));
        Work.checkCount(count, done.join());
    }

    /// Runs `count` steps of each loop. The loops run concurrently.
    static void goAll(List<ActorRef<Object>> loops, int count) {
        List<CompletableFuture<Integer>> ends = new ArrayList<>();
        for (ActorRef<Object> loop : loops) {
            CompletableFuture<Integer> done = new CompletableFuture<>();
            ends.add(done);
            loop.tell(new Go(count, done));
        }
        ends.forEach(end -> Work.checkCount(count, end.join()));
    }
}
