package io.genserver.benchmarks.savina;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/// [LogisticMap] with actors.
final class LogisticMapActors {

    private sealed interface ToComputer {}

    private sealed interface ToWorker {}

    private record Compute(double term, ActorRef<ToWorker> from) implements ToComputer {}

    private record Result(double term) implements ToWorker {}

    private enum Request implements ToWorker {
        NEXT_TERM,
        GET_TERM
    }

    private record Stop() implements ToComputer, ToWorker {}

    private LogisticMapActors() {}

    static Behavior<LogisticMap.Last> starter(Consumer<List<Double>> done) {
        return Behaviors.setup(context -> {
            ActorRef<LogisticMap.Last> starter = context.getSelf();
            List<ActorRef<ToComputer>> computers = new ArrayList<>();
            List<ActorRef<ToWorker>> workers = new ArrayList<>();
            for (int i = 0; i < LogisticMap.SERIES; i++) {
                int series = i;
                double rate = LogisticMap.rate(series);
                ActorRef<ToComputer> computer =
                        context.spawnAnonymous(
                                Behaviors.receiveMessage(message -> compute(message, rate)));
                computers.add(computer);
                workers.add(
                        context.spawnAnonymous(
                                Behaviors.setup(self ->
                                        Behaviors.receiveMessage(
                                                new Worker(
                                                                self.getSelf(),
                                                                series,
                                                                computer,
                                                                starter)
                                                        ::handle))));
            }
            for (int i = 0; i < LogisticMap.TERMS; i++) {
                workers.forEach(worker -> worker.tell(Request.NEXT_TERM));
            }
            workers.forEach(worker -> worker.tell(Request.GET_TERM));
            LogisticMap.Collected collected = new LogisticMap.Collected();
            return Behaviors.receiveMessage(last -> {
                if (!collected.add(last)) {
                    return Behaviors.same();
                }
                Stop stop = new Stop();
                computers.forEach(computer -> computer.tell(stop));
                workers.forEach(worker -> worker.tell(stop));
                done.accept(collected.terms());
                return Behaviors.stopped();
            });
        });
    }

    private static Behavior<ToComputer> compute(ToComputer message, double rate) {
        return switch (message) {
            case Compute(double term, ActorRef<ToWorker> from) -> {
                from.tell(new Result(LogisticMap.next(rate, term)));
                yield Behaviors.same();
            }
            case Stop() -> Behaviors.stopped();
        };
    }

    /// The stash is a plain queue, from which it takes only what it can handle at once. Unstashing
    /// all, as is usual, would stash nearly all of them again.
    private static final class Worker {
        private final ActorRef<ToWorker> self;
        private final int series;
        private final ActorRef<ToComputer> computer;
        private final ActorRef<LogisticMap.Last> starter;
        private final Deque<Request> stash = new ArrayDeque<>();
        private double term;
        private boolean waiting;

        Worker(
                ActorRef<ToWorker> self,
                int series,
                ActorRef<ToComputer> computer,
                ActorRef<LogisticMap.Last> starter) {
            this.self = self;
            this.series = series;
            this.computer = computer;
            this.starter = starter;
            term = LogisticMap.first(series);
        }

        Behavior<ToWorker> handle(ToWorker message) {
            switch (message) {
                case Result(double computed) -> {
                    term = computed;
                    waiting = false;
                    while (!waiting && !stash.isEmpty()) {
                        take(stash.remove());
                    }
                }
                case Request request -> {
                    if (waiting) {
                        stash.add(request);
                    } else {
                        take(request);
                    }
                }
                case Stop() -> {
                    return Behaviors.stopped();
                }
            }
            return Behaviors.same();
        }

        private void take(Request request) {
            switch (request) {
                case NEXT_TERM -> {
                    computer.tell(new Compute(term, self));
                    waiting = true;
                }
                case GET_TERM -> starter.tell(new LogisticMap.Last(series, term));
            }
        }
    }
}
