package io.genserver.benchmarks.savina;

import io.genserver.benchmarks.savina.PingPong.ToPinger;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/// [PingPong] with actors.
final class PingPongActors {

    private sealed interface ToPonger {}

    private record Ping(ActorRef<ToPinger> from) implements ToPonger {}

    private record Stop() implements ToPonger {}

    private PingPongActors() {}

    static Behavior<Integer> starter(Consumer<Integer> done) {
        return Behaviors.setup(context -> {
            ActorRef<ToPonger> ponger =
                    context.spawnAnonymous(
                            Behaviors.receiveMessage(new Ponger(context.getSelf())::handle));
            ActorRef<ToPinger> pinger =
                    context.spawnAnonymous(
                            Behaviors.setup(self ->
                                    Behaviors.receiveMessage(
                                            new Pinger(self.getSelf(), ponger)::handle)));
            pinger.tell(ToPinger.GO);
            return Starter.first(done);
        });
    }

    private static final class Pinger {
        private final ActorRef<ToPonger> ponger;
        private final Ping ping;
        private int left = PingPong.PINGS;

        Pinger(ActorRef<ToPinger> self, ActorRef<ToPonger> ponger) {
            this.ponger = ponger;
            this.ping = new Ping(self);
        }

        Behavior<ToPinger> handle(ToPinger message) {
            switch (message) {
                case GO -> {
                    ponger.tell(ping);
                    left--;
                }
                case PONG -> {
                    if (left == 0) {
                        ponger.tell(new Stop());
                        return Behaviors.stopped();
                    }
                    ping.from().tell(ToPinger.GO);
                }
            }
            return Behaviors.same();
        }
    }

    private static final class Ponger {
        private final ActorRef<Integer> starter;
        private int answers;

        Ponger(ActorRef<Integer> starter) {
            this.starter = starter;
        }

        Behavior<ToPonger> handle(ToPonger message) {
            return switch (message) {
                case Ping(ActorRef<ToPinger> from) -> {
                    from.tell(ToPinger.PONG);
                    answers++;
                    yield Behaviors.same();
                }
                case Stop() -> {
                    starter.tell(answers);
                    yield Behaviors.stopped();
                }
            };
        }
    }
}
