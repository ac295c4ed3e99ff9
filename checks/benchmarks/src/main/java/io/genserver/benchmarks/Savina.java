package io.genserver.benchmarks;

import io.genserver.StartOption;
import io.genserver.benchmarks.savina.BankTransaction;
import io.genserver.benchmarks.savina.Benchmark;
import io.genserver.benchmarks.savina.Big;
import io.genserver.benchmarks.savina.BoundedBuffer;
import io.genserver.benchmarks.savina.Chameneos;
import io.genserver.benchmarks.savina.CigaretteSmokers;
import io.genserver.benchmarks.savina.ConcurrentDictionary;
import io.genserver.benchmarks.savina.DiningPhilosophers;
import io.genserver.benchmarks.savina.Fibonacci;
import io.genserver.benchmarks.savina.ForkJoin;
import io.genserver.benchmarks.savina.LogisticMap;
import io.genserver.benchmarks.savina.PingPong;
import io.genserver.benchmarks.savina.Sieve;
import io.genserver.benchmarks.savina.Skynet;
import io.genserver.benchmarks.savina.SleepingBarber;
import io.genserver.benchmarks.savina.SortedList;
import io.genserver.benchmarks.savina.ThreadRing;
import io.genserver.benchmarks.savina.Throughput;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/// Runs the Savina suite. Measures the mean time of a run and checks the result of each run.
final class Savina {

    private Savina() {}

    /// @param options for every server
    static @Nullable Work ours(Operation operation, StartOption... options) {
        Benchmark<?> benchmark = benchmark(operation);
        return benchmark == null ? null : ours(benchmark, options);
    }

    static @Nullable Work pekko(Operation operation) {
        Benchmark<?> benchmark = benchmark(operation);
        return benchmark == null ? null : pekko(benchmark);
    }

    private static @Nullable Benchmark<?> benchmark(Operation operation) {
        return switch (operation) {
            case SAVINA_PING_PONG -> new PingPong();
            case SAVINA_COUNTING -> new Throughput(1, 1_000_000);
            case SAVINA_THROUGHPUT -> new Throughput(60, 10_000);
            case SAVINA_FORK_JOIN -> new ForkJoin();
            case SAVINA_THREAD_RING -> new ThreadRing();
            case SAVINA_CHAMENEOS -> new Chameneos();
            case SAVINA_BIG -> new Big();
            case SAVINA_DICTIONARY -> new ConcurrentDictionary();
            case SAVINA_SORTED_LIST -> new SortedList();
            case SAVINA_BUFFER -> new BoundedBuffer();
            case SAVINA_PHILOSOPHERS -> new DiningPhilosophers();
            case SAVINA_BARBER -> new SleepingBarber();
            case SAVINA_SMOKERS -> new CigaretteSmokers();
            case SAVINA_LOGISTIC_MAP -> new LogisticMap();
            case SAVINA_BANK -> new BankTransaction();
            case SAVINA_SIEVE -> new Sieve();
            case SAVINA_FIBONACCI -> new Fibonacci();
            case SKYNET -> new Skynet();
            default -> null;
        };
    }

    private static <R> Work ours(Benchmark<R> benchmark, StartOption... options) {
        return runs(benchmark, () -> Ours.waiting().inside(() -> benchmark.ours(options)));
    }

    private static <R> Work pekko(Benchmark<R> benchmark) {
        return runs(
                benchmark,
                () -> {
                    CompletableFuture<R> done = new CompletableFuture<>();
                    Pekko.World.spawn(benchmark.pekko(done::complete));
                    return done.get();
                });
    }

    private static <R> Work runs(Benchmark<R> benchmark, Callable<R> run) {
        return timing -> {
            R expected = benchmark.expected();
            return Work.each(
                    1,
                    timing,
                    _ -> {
                        R got = run.call();
                        Work.check(expected.equals(got), expected, got);
                    });
        };
    }
}
