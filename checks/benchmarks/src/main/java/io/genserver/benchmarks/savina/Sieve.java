package io.genserver.benchmarks.savina;

import io.genserver.CastResult;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.StartOption;
import java.util.BitSet;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;

/// Odd numbers go along a chain of filters. A filter passes on a number that none of its primes
/// divides. The last filter adds such a number to its primes, or starts the next filter if it is
/// full. The result is the number of primes and their sum.
public final class Sieve implements Benchmark<Sieve.Primes> {

    private static final int LIMIT = 100_000;
    private static final int PRIMES_EACH = 1_000;

    /// The result of a run.
    ///
    /// @param count the number of primes
    /// @param sum the sum of the primes
    public record Primes(int count, long sum) {}

    private sealed interface ToFilter {}

    private record Candidate(long number) implements ToFilter {}

    /// @param before the primes of the preceding filters
    private record Stop(Primes before) implements ToFilter {}

    /// The primes of one filter.
    private static final class Known {
        private final long[] primes = new long[PRIMES_EACH];
        private int count = 1;

        Known(long first) {
            primes[0] = first;
        }

        boolean divides(long number) {
            for (int i = 0; i < count; i++) {
                if (number % primes[i] == 0) {
                    return true;
                }
            }
            return false;
        }

        /// Adds a prime and returns whether there was room for it.
        boolean add(long prime) {
            if (count == PRIMES_EACH) {
                return false;
            }
            primes[count++] = prime;
            return true;
        }

        Primes with(Primes before) {
            long sum = before.sum();
            for (int i = 0; i < count; i++) {
                sum += primes[i];
            }
            return new Primes(before.count() + count, sum);
        }
    }

    @Override
    public Primes expected() {
        BitSet composite = new BitSet(LIMIT);
        int count = 0;
        long sum = 0;
        for (int i = 2; i < LIMIT; i = composite.nextClearBit(i + 1)) {
            count++;
            sum += i;
            for (long j = (long) i * i; j < LIMIT; j += i) {
                composite.set((int) j);
            }
        }
        return new Primes(count, sum);
    }

    @Override
    public Primes ours(StartOption... options) {
        Birth birth = new Birth(2, Processes.self());
        Pid first = GenServer.startLink(() -> new FilterServer(options), birth, options).pid();
        for (long number = 3; number < LIMIT; number += 2) {
            GenServer.cast(first, new Candidate(number));
        }
        GenServer.cast(first, new Stop(new Primes(0, 0)));
        return Processes.receive(Primes.class);
    }

    @Override
    public Behavior<Primes> pekko(Consumer<Primes> done) {
        return Behaviors.setup(context -> {
            ActorRef<ToFilter> first = context.spawnAnonymous(filter(2, context.getSelf()));
            for (long number = 3; number < LIMIT; number += 2) {
                first.tell(new Candidate(number));
            }
            first.tell(new Stop(new Primes(0, 0)));
            return Starter.first(done);
        });
    }

    private record Birth(long prime, Pid starter) {}

    private static final class FilterServer
            implements GenServer<Birth, FilterServer.State, Object, ToFilter> {

        static final class State {
            private final Known known;
            private final Pid starter;
            private @Nullable Pid next;

            State(Birth birth) {
                known = new Known(birth.prime());
                starter = birth.starter();
            }
        }

        private final StartOption[] options;

        FilterServer(StartOption... options) {
            this.options = options;
        }

        @Override
        public Init<State> init(Birth birth) {
            return Init.ok(new State(birth));
        }

        @Override
        public CastResult<State> handleCast(ToFilter message, State state) {
            return switch (message) {
                case Candidate candidate -> {
                    filter(candidate, state);
                    yield CastResult.noreply(state);
                }
                case Stop(Primes before) -> {
                    Primes all = state.known.with(before);
                    if (state.next != null) {
                        GenServer.cast(state.next, new Stop(all));
                    } else {
                        Processes.send(state.starter, all);
                    }
                    yield CastResult.stop(ExitReason.NORMAL, state);
                }
            };
        }

        private void filter(Candidate candidate, State state) {
            if (state.known.divides(candidate.number())) {
                return;
            }
            if (state.next != null) {
                GenServer.cast(state.next, candidate);
            } else if (!state.known.add(candidate.number())) {
                Birth birth = new Birth(candidate.number(), state.starter);
                state.next =
                        GenServer.startLink(() -> new FilterServer(options), birth, options).pid();
            }
        }
    }

    private static Behavior<ToFilter> filter(long prime, ActorRef<Primes> starter) {
        return Behaviors.setup(context ->
                Behaviors.receiveMessage(new FilterActor(context, prime, starter)::handle));
    }

    private static final class FilterActor {
        private final ActorContext<ToFilter> context;
        private final Known known;
        private final ActorRef<Primes> starter;
        private @Nullable ActorRef<ToFilter> next;

        FilterActor(ActorContext<ToFilter> context, long prime, ActorRef<Primes> starter) {
            this.context = context;
            this.known = new Known(prime);
            this.starter = starter;
        }

        Behavior<ToFilter> handle(ToFilter message) {
            switch (message) {
                case Candidate candidate -> filter(candidate);
                case Stop(Primes before) -> {
                    Primes all = known.with(before);
                    if (next != null) {
                        next.tell(new Stop(all));
                    } else {
                        starter.tell(all);
                    }
                }
            }
            return Behaviors.same(); // stopping would stop its child, the next filter
        }

        private void filter(Candidate candidate) {
            if (known.divides(candidate.number())) {
                return;
            }
            if (next != null) {
                next.tell(candidate);
            } else if (!known.add(candidate.number())) {
                next = context.spawnAnonymous(Sieve.filter(candidate.number(), starter));
            }
        }
    }
}
