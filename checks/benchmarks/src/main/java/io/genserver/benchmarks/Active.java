package io.genserver.benchmarks;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;

/// 100,000 servers that 8 processes call and cast to at random.
final class Active {

    static final int SERVERS = 100_000;
    static final int USERS = 8;

    private static final int CALLS = 5_000; // of each user in a batch
    private static final int CASTS = 25_000; // of each user in a batch
    private static final int SAMPLES = 25_000; // of each user

    private Active() {}

    /// The operations of the users, who all run concurrently.
    interface Users {

        /// Makes `each` calls from each user.
        void call(int each) throws Exception;

        /// Makes `each` casts from each user and waits until all have been handled.
        void cast(int each) throws Exception;

        /// Makes `each` calls from each user.
        ///
        /// @return the duration of each call; units: ns
        long[] sample(int each) throws Exception;

        /// Returns how many calls and casts the servers have handled.
        long sum() throws Exception;
    }

    static Map<String, Double> measure(Work.Timing timing, Users users) throws Exception {
        long[] done = new long[1];
        double call =
                Work.mean(
                        USERS * CALLS,
                        timing,
                        count -> {
                            users.call(CALLS);
                            done[0] += count;
                        });
        Work.checkCount(done[0], users.sum());
        double cast =
                Work.mean(
                        USERS * CASTS,
                        timing,
                        count -> {
                            users.cast(CASTS);
                            done[0] += count;
                        });
        Work.checkCount(done[0], users.sum());
        long[] samples = users.sample(SAMPLES);
        Work.checkCount(USERS * SAMPLES, samples.length);
        Work.checkCount(done[0] + samples.length, users.sum());
        Map<String, Double> points = new LinkedHashMap<>();
        points.put("call", call);
        points.put("cast", cast);
        Work.percentiles(samples).forEach((point, value) -> points.put("call " + point, value));
        return points;
    }

    /// Returns a source of random choices for each user, the same in each run.
    static List<SplittableRandom> seeded() {
        return IntStream.range(0, USERS).mapToObj(SplittableRandom::new).toList();
    }

    /// Counts the casts that servers have handled.
    static final class Handled {
        private final LongAdder handled = new LongAdder();
        private long cast; // accessed only by the measuring thread

        void add() {
            handled.increment();
        }

        /// Waits until `more` more casts have been handled.
        void await(int more) {
            cast += more;
            while (handled.sum() < cast) {
                LockSupport.parkNanos(10_000);
            }
            Work.checkCount(cast, handled.sum());
        }
    }

    /// Servers whose callers block until the reply.
    interface Servers {
        void call(int server);

        void cast(int server);

        long value(int server);
    }

    /// Users that block until the reply.
    record Waiters(Waiting waiting, Servers servers, Handled handled, List<SplittableRandom> random)
            implements Users {

        Waiters(Waiting waiting, Servers servers, Handled handled) {
            this(waiting, servers, handled, seeded());
        }

        @Override
        public void call(int each) throws Exception {
            waiting.insideEach(
                    USERS,
                    user -> {
                        for (int i = 0; i < each; i++) {
                            servers.call(random.get(user).nextInt(SERVERS));
                        }
                    });
        }

        @Override
        public long[] sample(int each) throws Exception {
            long[] samples = new long[USERS * each];
            waiting.insideEach(
                    USERS,
                    user -> {
                        for (int i = 0; i < each; i++) {
                            int server = random.get(user).nextInt(SERVERS);
                            long begin = System.nanoTime();
                            servers.call(server);
                            samples[user * each + i] = System.nanoTime() - begin;
                        }
                    });
            return samples;
        }

        @Override
        public void cast(int each) throws Exception {
            waiting.insideEach(
                    USERS,
                    user -> {
                        for (int i = 0; i < each; i++) {
                            servers.cast(random.get(user).nextInt(SERVERS));
                        }
                    });
            handled.await(USERS * each);
        }

        @Override
        public long sum() throws Exception {
            return waiting.inside(() -> {
                long sum = 0;
                for (int i = 0; i < SERVERS; i++) {
                    sum += servers.value(i);
                }
                return sum;
            });
        }
    }
}
