package io.genserver.benchmarks;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/// Pekko typed: actors that block in a socket on the default dispatcher. Pekko's documentation
/// advises to give such actors a dispatcher of their own.
final class PekkoBlocked implements Blocked.Trios {

    private record Block(ActorRef<ToNoting> other, Samples latencies, ActorRef<Object> loop) {}

    private sealed interface ToNoting {}

    private record Sent(long at, Samples latencies) implements ToNoting {}

    private record Handled(CompletableFuture<Long> count) implements ToNoting {}

    private static final Object DONE = new Object();

    private final List<ActorRef<ToNoting>> noting = new ArrayList<>();
    private final List<ActorRef<Object>> loops = new ArrayList<>();
    private volatile Blocked.@Nullable Latencies latencies; // written before a batch, read in it

    private PekkoBlocked() throws IOException {
        for (SlowPeer.Wire wire : Blocked.wires()) {
            ActorRef<Block> blocking = Pekko.World.spawn(blocking(wire));
            ActorRef<ToNoting> other =
                    Pekko.World.spawn(
                            Behaviors.setup(_ -> Behaviors.receiveMessage(new Noting()::handle)));
            noting.add(other);
            loops.add(loop(blocking, other));
        }
    }

    static @Nullable Work work(Operation operation) {
        return operation == Operation.BEHIND_BLOCKED
                ? timing -> Blocked.behind(timing, new PekkoBlocked())
                : null;
    }

    private static Behavior<Block> blocking(SlowPeer.Wire wire) {
        return Behaviors.receiveMessage(block -> {
            block.other().tell(new Sent(System.nanoTime(), block.latencies()));
            wire.block();
            block.loop().tell(DONE);
            return Behaviors.same();
        });
    }

    private static final class Noting {
        private long handled;

        Behavior<ToNoting> handle(ToNoting message) {
            switch (message) {
                case Sent(long at, Samples latencies) -> {
                    latencies.add(System.nanoTime() - at);
                    handled++;
                }
                case Handled(CompletableFuture<Long> count) -> count.complete(handled);
            }
            return Behaviors.same();
        }
    }

    private ActorRef<Object> loop(ActorRef<Block> blocking, ActorRef<ToNoting> other) {
        return PekkoLoop.begin(
                DONE::equals,
                context -> {
                    Blocked.Latencies now = Objects.requireNonNull(latencies);
                    long begin = System.nanoTime();
                    blocking.tell(new Block(other, now.inside(), context.getSelf()));
                    other.tell(new Sent(begin, now.outside()));
                });
    }

    @Override
    public void run(int rounds, Blocked.Latencies now) {
        latencies = now;
        PekkoLoop.goAll(loops, rounds);
    }

    @Override
    public long handled() {
        return noting.stream().mapToLong(PekkoBlocked::handled).sum();
    }

    private static long handled(ActorRef<ToNoting> noting) {
        CompletableFuture<Long> count = new CompletableFuture<>();
        noting.tell(new Handled(count));
        return count.join();
    }
}
