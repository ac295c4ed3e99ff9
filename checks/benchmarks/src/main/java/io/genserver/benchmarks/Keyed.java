package io.genserver.benchmarks;

import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CallServer;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Processes;
import io.genserver.StartOption;
import io.genserver.supervisor.KeyedSupervisor;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.IntFunction;
import java.util.function.IntToLongFunction;

/// One counter for each of many keys: servers of a [KeyedSupervisor], and objects with a lock in a
/// `ConcurrentHashMap`. Eight virtual threads increment them.
///
/// Prints for each: the bytes of a key, the time of the first call of each key, and the time of a
/// call to 1,000 keys that all threads use, and to all keys at random. Each thread does one call
/// after another. The times are those of all threads together, per call.
final class Keyed {

    private static final String TREE = "Tree";
    private static final int THREADS = 8;
    private static final int HOT = 1_000;

    private final int keys;
    private final int calls;

    private Keyed(int keys) {
        this.keys = keys;
        this.calls = 2 * keys;
    }

    /// Increments a counter and returns its value.
    static final class Counter implements CallServer<long[], Counter.Increment> {
        record Increment() implements Call<Long> {}

        private static final Increment INCREMENT = new Increment();

        @Override
        public Init<long[]> init() {
            return Init.ok(new long[1]);
        }

        @Override
        public CallResult<long[]> handleCall(Increment request, From from, long[] count) {
            return CallResult.reply(request, ++count[0], count);
        }
    }

    private static final class Locked {
        private long count;

        synchronized long increment() {
            return ++count;
        }
    }

    public static void main(String[] arguments) throws Exception {
        Keyed benchmark = new Keyed(Argument.whole(arguments[0], "keys", 1_000));
        System.out.println(
                "one counter for each of " + benchmark.keys + " keys, " + THREADS + " threads");
        System.out.printf(
                "%-28s %10s %12s %12s %12s%n", "", "bytes/key", "first call", "1,000 keys", "all");
        benchmark.measure("map and lock", Keyed::mapAndLock);
        benchmark.measure("keyed, ordinary", _ -> keyed());
        benchmark.measure("keyed, nonBlocking()", _ -> keyed(StartOption.nonBlocking()));
    }

    private static IntToLongFunction mapAndLock(int keys) {
        ConcurrentHashMap<Integer, Locked> map = new ConcurrentHashMap<>(keys);
        return key -> map.computeIfAbsent(key, _ -> new Locked()).increment();
    }

    private static IntToLongFunction keyed(StartOption... options) {
        KeyedSupervisor<Integer, Counter> counters =
                KeyedSupervisor.of("Counters", _ -> new Counter(), options);
        Supervisor.start(
                        List.of(counters.childSpec()),
                        SupervisorFlags.of(Strategy.ONE_FOR_ONE),
                        StartOption.name(TREE))
                .pid();
        return key -> GenServer.call(counters.server(key), Counter.INCREMENT);
    }

    private void measure(String name, IntFunction<IntToLongFunction> make)
            throws InterruptedException {
        IntToLongFunction warm = make.apply(keys);
        run(200_000, random -> random.nextInt(10_000), warm);
        stopAll();
        IntToLongFunction counters = make.apply(keys);
        long before = Work.usedHeap();
        double first = eachKeyOnce(counters);
        double bytes = (double) (Work.usedHeap() - before) / keys;
        double hot = run(calls, random -> random.nextInt(HOT), counters);
        double all = run(calls, random -> random.nextInt(keys), counters);
        System.out.printf(
                "%-28s %10.0f %9.0f ns %9.0f ns %9.0f ns%n", name, bytes, first, hot, all);
        stopAll();
    }

    /// Stops the tree of the last counters, if there is one.
    private static void stopAll() {
        Processes.whereis(TREE).ifPresent(GenServer::stop);
    }

    private double eachKeyOnce(IntToLongFunction counters) throws InterruptedException {
        return inParallel(thread -> {
            for (int key = thread; key < keys; key += THREADS) {
                Work.checkCount(1, counters.applyAsLong(key));
            }
            return keys / THREADS;
        });
    }

    @FunctionalInterface
    private interface Choice {
        int key(SplittableRandom random);
    }

    private static double run(int calls, Choice choice, IntToLongFunction counters)
            throws InterruptedException {
        return inParallel(thread -> {
            SplittableRandom random = new SplittableRandom(thread);
            for (int i = 0; i < calls / THREADS; i++) {
                Work.check(counters.applyAsLong(choice.key(random)) > 0, "a count above 0", i);
            }
            return calls / THREADS;
        });
    }

    /// @param work does the calls of a thread, and returns how many
    /// @return the time per call of all threads together; units: ns
    private static double inParallel(IntToLongFunction work) throws InterruptedException {
        List<Thread> threads = new ArrayList<>();
        CountDownLatch go = new CountDownLatch(1);
        long[] calls = new long[THREADS];
        for (int i = 0; i < THREADS; i++) {
            int number = i;
            threads.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    go.await();
                                } catch (InterruptedException e) {
                                    throw new AssertionError(e);
                                }
                                calls[number] = work.applyAsLong(number);
                            }));
        }
        long begin = System.nanoTime();
        go.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
        double time = System.nanoTime() - begin;
        long sum = 0;
        for (long each : calls) {
            Work.check(each > 0, "a thread that has done its calls", each);
            sum += each;
        }
        return time / sum;
    }
}
