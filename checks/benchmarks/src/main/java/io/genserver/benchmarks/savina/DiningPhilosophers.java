package io.genserver.benchmarks.savina;

import io.genserver.CastResult;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.StartOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/// Philosophers ask an arbitrator for both their forks until they get them. How often they are
/// denied varies from run to run. The result is the number of meals after which both forks were put
/// back.
public final class DiningPhilosophers implements Benchmark<Integer> {

    private static final int PHILOSOPHERS = 20;
    private static final int ROUNDS = 10_000;

    private enum ToPhilosopher {
        START,
        EAT,
        DENIED
    }

    /// @param <A> a pid or an actor's reference
    private sealed interface ToArbitrator<A> {}

    private record Hungry<A>(A philosopher, int id) implements ToArbitrator<A> {}

    private record Done<A>(int id) implements ToArbitrator<A> {}

    private record Leaving<A>() implements ToArbitrator<A> {}

    /// The state of the arbitrator.
    private static final class Table {
        private final boolean[] taken = new boolean[PHILOSOPHERS];
        private int meals;
        private int left = PHILOSOPHERS;

        ToPhilosopher take(int id) {
            int other = (id + 1) % PHILOSOPHERS;
            if (taken[id] || taken[other]) {
                return ToPhilosopher.DENIED;
            }
            taken[id] = true;
            taken[other] = true;
            return ToPhilosopher.EAT;
        }

        void putBack(int id) {
            int other = (id + 1) % PHILOSOPHERS;
            meals += taken[id] && taken[other] ? 1 : 0;
            taken[id] = false;
            taken[other] = false;
        }

        /// Returns whether this was the last philosopher.
        boolean leave() {
            return --left == 0;
        }
    }

    @Override
    public Integer expected() {
        return PHILOSOPHERS * ROUNDS;
    }

    @Override
    public Integer ours(StartOption... options) {
        Pid arbitrator =
                GenServer.startLink(ArbitratorServer::new, Processes.self(), options).pid();
        List<Pid> all = new ArrayList<>();
        for (int id = 0; id < PHILOSOPHERS; id++) {
            Seat seat = new Seat(id, arbitrator);
            all.add(GenServer.startLink(PhilosopherServer::new, seat, options).pid());
        }
        GenServer.abcast(all, ToPhilosopher.START);
        return Processes.receive(Integer.class);
    }

    @Override
    public Behavior<Integer> pekko(Consumer<Integer> done) {
        return Behaviors.setup(context -> {
            ArbitratorActor first = new ArbitratorActor(context.getSelf());
            ActorRef<ToArbitrator<ActorRef<ToPhilosopher>>> arbitrator =
                    context.spawnAnonymous(Behaviors.receiveMessage(first::handle));
            List<ActorRef<ToPhilosopher>> all = new ArrayList<>();
            for (int i = 0; i < PHILOSOPHERS; i++) {
                int id = i;
                all.add(
                        context.spawnAnonymous(
                                Behaviors.setup(self ->
                                        Behaviors.receiveMessage(
                                                new PhilosopherActor(self.getSelf(), id, arbitrator)
                                                        ::handle))));
            }
            all.forEach(philosopher -> philosopher.tell(ToPhilosopher.START));
            return Starter.first(done);
        });
    }

    private record Arbitration(Table table, Pid starter) {}

    private static final class ArbitratorServer
            implements GenServer<Pid, Arbitration, Object, ToArbitrator<Pid>> {

        @Override
        public Init<Arbitration> init(Pid starter) {
            return Init.ok(new Arbitration(new Table(), starter));
        }

        @Override
        public CastResult<Arbitration> handleCast(ToArbitrator<Pid> message, Arbitration state) {
            Table table = state.table();
            switch (message) {
                case Hungry<Pid>(Pid philosopher, int id) ->
                        GenServer.cast(philosopher, table.take(id));
                case Done<Pid>(int id) -> table.putBack(id);
                case Leaving<Pid>() -> {
                    if (table.leave()) {
                        Processes.send(state.starter(), table.meals);
                        return CastResult.stop(ExitReason.NORMAL, state);
                    }
                }
            }
            return CastResult.noreply(state);
        }
    }

    private record Seat(int id, Pid arbitrator) {}

    private static final class PhilosopherServer
            implements GenServer<Seat, PhilosopherServer.Life, Object, ToPhilosopher> {

        static final class Life {
            private final Pid self = Processes.self();
            private final Pid arbitrator;
            private final Hungry<Pid> hungry;
            private final Done<Pid> done;
            private int left = ROUNDS;

            Life(Seat seat) {
                arbitrator = seat.arbitrator();
                hungry = new Hungry<>(self, seat.id());
                done = new Done<>(seat.id());
            }
        }

        @Override
        public Init<Life> init(Seat seat) {
            return Init.ok(new Life(seat));
        }

        @Override
        public CastResult<Life> handleCast(ToPhilosopher message, Life life) {
            switch (message) {
                case START, DENIED -> GenServer.cast(life.arbitrator, life.hungry);
                case EAT -> {
                    GenServer.cast(life.arbitrator, life.done);
                    if (--life.left == 0) {
                        GenServer.cast(life.arbitrator, new Leaving<Pid>());
                        return CastResult.stop(ExitReason.NORMAL, life);
                    }
                    GenServer.cast(life.self, ToPhilosopher.START);
                }
            }
            return CastResult.noreply(life);
        }
    }

    private static final class ArbitratorActor {
        private final Table table = new Table();
        private final ActorRef<Integer> starter;

        ArbitratorActor(ActorRef<Integer> starter) {
            this.starter = starter;
        }

        Behavior<ToArbitrator<ActorRef<ToPhilosopher>>> handle(
                ToArbitrator<ActorRef<ToPhilosopher>> message) {
            switch (message) {
                case Hungry<ActorRef<ToPhilosopher>>(ActorRef<ToPhilosopher> philosopher, int id) ->
                        philosopher.tell(table.take(id));
                case Done<ActorRef<ToPhilosopher>>(int id) -> table.putBack(id);
                case Leaving<ActorRef<ToPhilosopher>>() -> {
                    if (table.leave()) {
                        starter.tell(table.meals);
                        return Behaviors.stopped();
                    }
                }
            }
            return Behaviors.same();
        }
    }

    private static final class PhilosopherActor {
        private final ActorRef<ToPhilosopher> self;
        private final ActorRef<ToArbitrator<ActorRef<ToPhilosopher>>> arbitrator;
        private final Hungry<ActorRef<ToPhilosopher>> hungry;
        private final Done<ActorRef<ToPhilosopher>> done;
        private int left = ROUNDS;

        PhilosopherActor(
                ActorRef<ToPhilosopher> self,
                int id,
                ActorRef<ToArbitrator<ActorRef<ToPhilosopher>>> arbitrator) {
            this.self = self;
            this.arbitrator = arbitrator;
            hungry = new Hungry<>(self, id);
            done = new Done<>(id);
        }

        Behavior<ToPhilosopher> handle(ToPhilosopher message) {
            switch (message) {
                case START, DENIED -> arbitrator.tell(hungry);
                case EAT -> {
                    arbitrator.tell(done);
                    if (--left == 0) {
                        arbitrator.tell(new Leaving<>());
                        return Behaviors.stopped();
                    }
                    self.tell(ToPhilosopher.START);
                }
            }
            return Behaviors.same();
        }
    }
}
