package io.genserver.benchmarks.savina;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/// [ThreadRing] with actors.
final class ThreadRingActors {

    private sealed interface ToNode {}

    private record Next(ActorRef<ToNode> next) implements ToNode {}

    private record Token(int left, ActorRef<Integer> starter) implements ToNode {}

    private record Stop(int left, int hops, ActorRef<Integer> starter) implements ToNode {}

    private ThreadRingActors() {}

    static Behavior<Integer> starter(Consumer<Integer> done) {
        return Behaviors.setup(context -> {
            List<ActorRef<ToNode>> all = new ArrayList<>();
            for (int i = 0; i < ThreadRing.SIZE; i++) {
                all.add(context.spawnAnonymous(Behaviors.receiveMessage(new Node()::handle)));
            }
            for (int i = 0; i < ThreadRing.SIZE; i++) {
                all.get(i).tell(new Next(all.get((i + 1) % ThreadRing.SIZE)));
            }
            all.getFirst().tell(new Token(ThreadRing.HOPS, context.getSelf()));
            return Starter.first(done);
        });
    }

    private static final class Node {
        private @Nullable ActorRef<ToNode> next;
        private int hops;

        Behavior<ToNode> handle(ToNode message) {
            switch (message) {
                case Next(ActorRef<ToNode> known) -> next = known;
                case Token(int left, ActorRef<Integer> starter) -> {
                    if (left > 0) {
                        hops++;
                        pass(new Token(left - 1, starter));
                    } else {
                        pass(new Stop(ThreadRing.SIZE, 0, starter));
                    }
                }
                case Stop(int left, int before, ActorRef<Integer> starter) -> {
                    int sum = before + hops;
                    if (left > 1) {
                        pass(new Stop(left - 1, sum, starter));
                    } else {
                        starter.tell(sum);
                    }
                    return Behaviors.stopped();
                }
            }
            return Behaviors.same();
        }

        private void pass(ToNode message) {
            if (next != null) {
                next.tell(message);
            }
        }
    }
}
