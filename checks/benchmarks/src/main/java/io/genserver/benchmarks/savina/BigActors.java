package io.genserver.benchmarks.savina;

import io.genserver.benchmarks.savina.Big.Turns;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/// [Big] with actors.
final class BigActors {

    private sealed interface ToSink {}

    private sealed interface ToPinger {}

    private record All(List<ActorRef<ToPinger>> actors) implements ToSink, ToPinger {}

    private record Done(int answers) implements ToSink {}

    private record Go() implements ToPinger {}

    private record Ping(int from) implements ToPinger {}

    private record Pong(int from) implements ToPinger {}

    private record Stop() implements ToPinger {}

    private BigActors() {}

    static Behavior<Long> starter(Consumer<Long> done) {
        return Behaviors.setup(context -> {
            Sink counting = new Sink(context.getSelf());
            ActorRef<ToSink> sink =
                    context.spawnAnonymous(Behaviors.receiveMessage(counting::handle));
            List<ActorRef<ToPinger>> all = new ArrayList<>();
            for (int i = 0; i < Big.COUNT; i++) {
                Pinger pinger = new Pinger(i, sink);
                all.add(context.spawnAnonymous(Behaviors.receiveMessage(pinger::handle)));
            }
            All known = new All(all);
            sink.tell(known);
            all.forEach(pinger -> pinger.tell(known));
            Go go = new Go();
            all.forEach(pinger -> pinger.tell(go));
            return Starter.first(done);
        });
    }

    private static final class Sink {
        private final ActorRef<Long> starter;
        private List<ActorRef<ToPinger>> all = List.of();
        private int done;
        private long sum;

        Sink(ActorRef<Long> starter) {
            this.starter = starter;
        }

        Behavior<ToSink> handle(ToSink message) {
            switch (message) {
                case All(List<ActorRef<ToPinger>> actors) -> all = actors;
                case Done(int answers) -> {
                    sum += answers;
                    if (++done == Big.COUNT) {
                        Stop stop = new Stop();
                        all.forEach(pinger -> pinger.tell(stop));
                        starter.tell(sum);
                        return Behaviors.stopped();
                    }
                }
            }
            return Behaviors.same();
        }
    }

    private static final class Pinger {
        private final Ping ping;
        private final Pong pong;
        private final ActorRef<ToSink> sink;
        private final Turns turns;
        private List<ActorRef<ToPinger>> all = List.of();

        Pinger(int id, ActorRef<ToSink> sink) {
            this.ping = new Ping(id);
            this.pong = new Pong(id);
            this.sink = sink;
            this.turns = new Turns(id);
        }

        Behavior<ToPinger> handle(ToPinger message) {
            switch (message) {
                case All(List<ActorRef<ToPinger>> actors) -> all = actors;
                case Go() -> go();
                case Ping(int from) -> all.get(from).tell(pong);
                case Pong(int from) -> {
                    turns.answered(from);
                    go();
                }
                case Stop() -> {
                    return Behaviors.stopped();
                }
            }
            return Behaviors.same();
        }

        private void go() {
            if (turns.hasNext()) {
                all.get(turns.next()).tell(ping);
            } else {
                sink.tell(new Done(turns.answers()));
            }
        }
    }
}
