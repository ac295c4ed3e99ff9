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
import java.util.Random;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/// An arbiter tells smokers to smoke, one after the other and chosen at random. It tells the next
/// when the last has begun. The result is the number of heads in the coins that they tossed while
/// smoking.
public final class CigaretteSmokers implements Benchmark<Long> {

    private static final int ROUNDS = 1_000;
    private static final int SMOKERS = 200;

    private enum ToArbiter {
        START,
        STARTED_SMOKING
    }

    private sealed interface ToSmoker {}

    private record Smoke(int tosses) implements ToSmoker {}

    private record Stop() implements ToSmoker {}

    /// Chooses who smokes and for how long, the same in every run.
    private static final class Choices {
        private final Random random = new Random(ROUNDS * SMOKERS);
        private int left = ROUNDS;

        boolean hasNext() {
            return left > 0;
        }

        int smoker() {
            left--;
            return random.nextInt(SMOKERS);
        }

        Smoke time() {
            return new Smoke(random.nextInt(1_000) + 10);
        }
    }

    /// The work of one smoker.
    private static final class Lungs {
        private final Random coin;
        private long heads;

        Lungs(int id) {
            coin = new Random(id);
        }

        void smoke(int tosses) {
            heads += Busy.toss(coin, tosses);
        }
    }

    @Override
    public Long expected() {
        List<Lungs> all = new ArrayList<>();
        for (int id = 0; id < SMOKERS; id++) {
            all.add(new Lungs(id));
        }
        Choices choices = new Choices();
        while (choices.hasNext()) {
            all.get(choices.smoker()).smoke(choices.time().tosses());
        }
        return all.stream().mapToLong(lungs -> lungs.heads).sum();
    }

    @Override
    public Long ours(StartOption... options) {
        Pid arbiter =
                GenServer.startLink(() -> new ArbiterServer(options), Processes.self(), options)
                        .pid();
        GenServer.cast(arbiter, ToArbiter.START);
        long sum = 0;
        for (int i = 0; i < SMOKERS; i++) {
            sum += Processes.receive(Long.class);
        }
        return sum;
    }

    @Override
    public Behavior<Long> pekko(Consumer<Long> done) {
        return Behaviors.setup(context -> {
            ActorRef<Long> starter = context.getSelf();
            ActorRef<ToArbiter> arbiter =
                    context.spawnAnonymous(
                            Behaviors.setup(self ->
                                    Behaviors.receiveMessage(
                                            new ArbiterActor(self, starter)::handle)));
            arbiter.tell(ToArbiter.START);
            return Starter.sum(SMOKERS, done);
        });
    }

    private record Arbiting(List<Pid> smokers, Choices choices) {}

    private static final class ArbiterServer
            implements GenServer<Pid, Arbiting, Object, ToArbiter> {
        private final StartOption[] options;

        ArbiterServer(StartOption... options) {
            this.options = options;
        }

        @Override
        public Init<Arbiting> init(Pid starter) {
            List<Pid> smokers = new ArrayList<>();
            for (int id = 0; id < SMOKERS; id++) {
                Smoking smoking = new Smoking(new Lungs(id), Processes.self(), starter);
                smokers.add(GenServer.startLink(SmokerServer::new, smoking, options).pid());
            }
            return Init.ok(new Arbiting(smokers, new Choices()));
        }

        @Override
        public CastResult<Arbiting> handleCast(ToArbiter message, Arbiting state) {
            Choices choices = state.choices();
            if (choices.hasNext()) {
                GenServer.cast(state.smokers().get(choices.smoker()), choices.time());
                return CastResult.noreply(state);
            }
            GenServer.abcast(state.smokers(), new Stop());
            return CastResult.stop(ExitReason.NORMAL, state);
        }
    }

    private record Smoking(Lungs lungs, Pid arbiter, Pid starter) {}

    private static final class SmokerServer
            implements GenServer<Smoking, Smoking, Object, ToSmoker> {

        @Override
        public Init<Smoking> init(Smoking smoking) {
            return Init.ok(smoking);
        }

        @Override
        public CastResult<Smoking> handleCast(ToSmoker message, Smoking smoking) {
            return switch (message) {
                case Smoke(int tosses) -> {
                    GenServer.cast(smoking.arbiter(), ToArbiter.STARTED_SMOKING);
                    smoking.lungs().smoke(tosses);
                    yield CastResult.noreply(smoking);
                }
                case Stop() -> {
                    Processes.send(smoking.starter(), smoking.lungs().heads);
                    yield CastResult.stop(ExitReason.NORMAL, smoking);
                }
            };
        }
    }

    private static final class ArbiterActor {
        private final List<ActorRef<ToSmoker>> smokers = new ArrayList<>();
        private final Choices choices = new Choices();

        ArbiterActor(ActorContext<ToArbiter> context, ActorRef<Long> starter) {
            for (int id = 0; id < SMOKERS; id++) {
                SmokerActor smoker = new SmokerActor(new Lungs(id), context.getSelf(), starter);
                smokers.add(context.spawnAnonymous(Behaviors.receiveMessage(smoker::handle)));
            }
        }

        Behavior<ToArbiter> handle(ToArbiter message) {
            if (choices.hasNext()) {
                smokers.get(choices.smoker()).tell(choices.time());
            } else {
                Stop stop = new Stop();
                smokers.forEach(smoker -> smoker.tell(stop));
            }
            // Stopping would stop the smokers, its children, before they report.
            return Behaviors.same();
        }
    }

    private record SmokerActor(Lungs lungs, ActorRef<ToArbiter> arbiter, ActorRef<Long> starter) {

        Behavior<ToSmoker> handle(ToSmoker message) {
            return switch (message) {
                case Smoke(int tosses) -> {
                    arbiter.tell(ToArbiter.STARTED_SMOKING);
                    lungs.smoke(tosses);
                    yield Behaviors.same();
                }
                case Stop() -> {
                    starter.tell(lungs.heads);
                    yield Behaviors.stopped();
                }
            };
        }
    }
}
