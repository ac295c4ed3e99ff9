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
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/// Workers read and write data that one process owns. A worker waits for the answer to a request
/// before it makes the next.
///
/// @see ConcurrentDictionary
/// @see SortedList
abstract class OwnedData implements Benchmark<OwnedData.Outcome> {

    private static final int WORKERS = 20;

    /// The result of a run.
    ///
    /// @param written the sum of all values written, taken from the answers to the writers
    /// @param data the summary of the data at the end
    public record Outcome(long written, long data) {}

    enum Kind {
        READ,
        WRITE,
        SIZE
    }

    /// @param <A> the address for the answer: a pid or an actor reference
    sealed interface ToOwner<A> {}

    record Request<A>(A from, Kind kind, int key, int value) implements ToOwner<A> {}

    private record Stop<A>() implements ToOwner<A> {}

    private sealed interface ToWorker {}

    private record Go() implements ToWorker {}

    private record Answer(int value) implements ToWorker {}

    /// The data that the owner holds.
    interface Data {

        /// Returns the value read, the value written, or the size.
        int answer(Kind kind, int key, int value);

        /// Returns a number that does not depend on the order of the requests.
        long summary();
    }

    private final int requests;

    /// @param requests the number of requests of each worker
    OwnedData(int requests) {
        this.requests = requests;
    }

    /// Returns the data at the beginning of a run.
    abstract Data newData();

    /// Returns the next request of a worker.
    abstract <A> Request<A> next(A from, SplittableRandom random);

    /// The requests of one worker, the same in every run.
    private static final class Requests {
        private final OwnedData benchmark;
        private final SplittableRandom random;
        private int left;
        private boolean writing;
        private long written;

        Requests(OwnedData benchmark, int id) {
            this.benchmark = benchmark;
            random = new SplittableRandom(id);
            left = benchmark.requests;
        }

        boolean hasNext() {
            return left > 0;
        }

        <A> Request<A> next(A from) {
            left--;
            Request<A> request = benchmark.next(from, random);
            writing = request.kind() == Kind.WRITE;
            return request;
        }

        void answered(int value) {
            written += writing ? value : 0;
        }
    }

    @Override
    public final Outcome expected() {
        Data data = newData();
        long written = 0;
        for (int id = 0; id < WORKERS; id++) {
            Requests all = new Requests(this, id);
            while (all.hasNext()) {
                Request<Integer> request = all.next(id);
                if (request.kind() == Kind.WRITE) {
                    all.answered(data.answer(Kind.WRITE, request.key(), request.value()));
                }
            }
            written += all.written;
        }
        return new Outcome(written, data.summary());
    }

    @Override
    public final Outcome ours(StartOption... options) {
        Pid starter = Processes.self();
        Pid owner = GenServer.startLink(OwnerServer::new, new Owning(this, starter), options).pid();
        List<Pid> workers = new ArrayList<>();
        for (int id = 0; id < WORKERS; id++) {
            Working working = new Working(new Requests(this, id), owner, starter);
            workers.add(GenServer.startLink(WorkerServer::new, working, options).pid());
        }
        GenServer.abcast(workers, new Go());
        long written = 0;
        for (int id = 0; id < WORKERS; id++) {
            written += Processes.receive(Long.class);
        }
        GenServer.cast(owner, new Stop<Pid>());
        return new Outcome(written, Processes.receive(Long.class));
    }

    @Override
    public final Behavior<Long> pekko(Consumer<Outcome> done) {
        return Behaviors.setup(context -> {
            ActorRef<Long> starter = context.getSelf();
            ActorRef<ToOwner<ActorRef<ToWorker>>> owner =
                    context.spawnAnonymous(
                            Behaviors.setup(_ ->
                                    Behaviors.receiveMessage(
                                            new OwnerActor(newData(), starter)::handle)));
            List<ActorRef<ToWorker>> workers = new ArrayList<>();
            for (int i = 0; i < WORKERS; i++) {
                Requests requests = new Requests(this, i);
                workers.add(
                        context.spawnAnonymous(
                                Behaviors.setup(self ->
                                        Behaviors.receiveMessage(
                                                new WorkerActor(
                                                                self.getSelf(),
                                                                requests,
                                                                owner,
                                                                starter)
                                                        ::handle))));
            }
            workers.forEach(worker -> worker.tell(new Go()));
            return Starter.sumThen(
                    WORKERS,
                    written -> {
                        owner.tell(new Stop<>());
                        return Starter.first(data -> done.accept(new Outcome(written, data)));
                    });
        });
    }

    private record Owning(OwnedData benchmark, Pid starter) {}

    private record Owned(Data data, Pid starter) {}

    private static final class OwnerServer
            implements GenServer<Owning, Owned, Object, ToOwner<Pid>> {

        @Override
        public Init<Owned> init(Owning owning) {
            return Init.ok(new Owned(owning.benchmark().newData(), owning.starter()));
        }

        @Override
        public CastResult<Owned> handleCast(ToOwner<Pid> message, Owned owned) {
            return switch (message) {
                case Request<Pid>(Pid from, Kind kind, int key, int value) -> {
                    GenServer.cast(from, new Answer(owned.data().answer(kind, key, value)));
                    yield CastResult.noreply(owned);
                }
                case Stop<Pid>() -> {
                    Processes.send(owned.starter(), owned.data().summary());
                    yield CastResult.stop(ExitReason.NORMAL, owned);
                }
            };
        }
    }

    private record Working(Requests requests, Pid owner, Pid starter) {}

    private static final class WorkerServer
            implements GenServer<Working, Working, Object, ToWorker> {

        @Override
        public Init<Working> init(Working working) {
            return Init.ok(working);
        }

        @Override
        public CastResult<Working> handleCast(ToWorker message, Working working) {
            Requests requests = working.requests();
            if (message instanceof Answer(int value)) {
                requests.answered(value);
            }
            if (requests.hasNext()) {
                GenServer.cast(working.owner(), requests.next(Processes.self()));
                return CastResult.noreply(working);
            }
            Processes.send(working.starter(), requests.written);
            return CastResult.stop(ExitReason.NORMAL, working);
        }
    }

    private record OwnerActor(Data data, ActorRef<Long> starter) {

        Behavior<ToOwner<ActorRef<ToWorker>>> handle(ToOwner<ActorRef<ToWorker>> message) {
            return switch (message) {
                case Request<ActorRef<ToWorker>>(
                                ActorRef<ToWorker> from,
                                Kind kind,
                                int key,
                                int value) -> {
                    from.tell(new Answer(data.answer(kind, key, value)));
                    yield Behaviors.same();
                }
                case Stop<ActorRef<ToWorker>>() -> {
                    starter.tell(data.summary());
                    yield Behaviors.stopped();
                }
            };
        }
    }

    private record WorkerActor(
            ActorRef<ToWorker> self,
            Requests requests,
            ActorRef<ToOwner<ActorRef<ToWorker>>> owner,
            ActorRef<Long> starter) {

        Behavior<ToWorker> handle(ToWorker message) {
            if (message instanceof Answer(int value)) {
                requests.answered(value);
            }
            if (requests.hasNext()) {
                owner.tell(requests.next(self));
                return Behaviors.same();
            }
            starter.tell(requests.written);
            return Behaviors.stopped();
        }
    }
}
