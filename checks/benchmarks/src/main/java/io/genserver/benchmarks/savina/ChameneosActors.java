package io.genserver.benchmarks.savina;

import io.genserver.benchmarks.savina.Chameneos.Color;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/// [Chameneos] with actors.
final class ChameneosActors {

    private sealed interface ToMall {}

    private sealed interface ToChameneo {}

    private record Meet(Color color, ActorRef<ToChameneo> chameneo) implements ToMall, ToChameneo {}

    private record Count(int meetings) implements ToMall {}

    private record Change(Color color) implements ToChameneo {}

    private record Stop() implements ToChameneo {}

    private ChameneosActors() {}

    static Behavior<Integer> starter(Consumer<Integer> done) {
        return Behaviors.setup(context -> {
            Mall place = new Mall(context.getSelf());
            ActorRef<ToMall> mall = context.spawnAnonymous(Behaviors.receiveMessage(place::handle));
            for (int i = 0; i < Chameneos.CHAMENEOS; i++) {
                Color color = Color.ALL[i % Color.ALL.length];
                context.spawnAnonymous(
                        Behaviors.<ToChameneo>setup(self ->
                                Behaviors.receiveMessage(
                                        new Chameneo(self.getSelf(), mall, color)::handle)));
            }
            return Starter.first(done);
        });
    }

    private static final class Mall {
        private final ActorRef<Integer> starter;
        private int left = Chameneos.MEETINGS;
        private @Nullable ActorRef<ToChameneo> waiting;
        private int gone;
        private int sum;

        Mall(ActorRef<Integer> starter) {
            this.starter = starter;
        }

        Behavior<ToMall> handle(ToMall message) {
            switch (message) {
                case Meet meet -> meet(meet);
                case Count(int meetings) -> {
                    sum += meetings;
                    if (++gone == Chameneos.CHAMENEOS) {
                        starter.tell(sum);
                        return Behaviors.stopped();
                    }
                }
            }
            return Behaviors.same();
        }

        private void meet(Meet meet) {
            if (left == 0) {
                meet.chameneo().tell(new Stop());
            } else if (waiting == null) {
                waiting = meet.chameneo();
            } else {
                left--;
                waiting.tell(meet);
                waiting = null;
            }
        }
    }

    private static final class Chameneo {
        private final ActorRef<ToChameneo> self;
        private final ActorRef<ToMall> mall;
        private Color color;
        private int meetings;

        Chameneo(ActorRef<ToChameneo> self, ActorRef<ToMall> mall, Color color) {
            this.self = self;
            this.mall = mall;
            this.color = color;
            goToMall();
        }

        Behavior<ToChameneo> handle(ToChameneo message) {
            switch (message) {
                case Meet(Color theirs, ActorRef<ToChameneo> other) -> {
                    change(color.with(theirs));
                    other.tell(new Change(color));
                    goToMall();
                }
                case Change(Color changed) -> {
                    change(changed);
                    goToMall();
                }
                case Stop() -> {
                    mall.tell(new Count(meetings));
                    return Behaviors.stopped();
                }
            }
            return Behaviors.same();
        }

        private void change(Color changed) {
            color = changed;
            meetings++;
        }

        private void goToMall() {
            mall.tell(new Meet(color, self));
        }
    }
}
