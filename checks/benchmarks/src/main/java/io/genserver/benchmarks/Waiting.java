package io.genserver.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/// The operations on counters, for contestants whose callers block until the reply.
///
/// @param counters creates a counter
/// @param fork runs a body in a process, or in what the contestant has instead
record Waiting(Supplier<Counter> counters, Consumer<Runnable> fork) {

    /// Runs a body in a process and waits for its result.
    <T> T inside(Callable<T> body) throws Exception {
        CompletableFuture<T> result = new CompletableFuture<>();
        fork.accept(() -> {
            try {
                result.complete(body.call());
            } catch (Throwable failed) { // errors too: the waiting thread must learn of them
                result.completeExceptionally(failed);
            }
        });
        return result.get();
    }

    /// Runs `count` bodies, each in a process of its own, and waits for all.
    void insideEach(int count, IntConsumer body) throws Exception {
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int number = i;
            CompletableFuture<Void> end = new CompletableFuture<>();
            ends.add(end);
            fork.accept(() -> {
                try {
                    body.accept(number);
                    end.complete(null);
                } catch (Throwable failed) { // errors too, as above
                    end.completeExceptionally(failed);
                }
            });
        }
        for (CompletableFuture<Void> end : ends) {
            end.get();
        }
    }

    Map<String, Double> callInside(Work.Timing timing) throws Exception {
        return inside(() -> callOutside(timing));
    }

    Map<String, Double> callOutside(Work.Timing timing) throws Exception {
        Counter counter = counters.get();
        return Work.each(
                5_000,
                timing,
                count -> {
                    long before = counter.value();
                    calls(counter, count);
                    Work.checkCount(before + count, counter.value());
                });
    }

    static void calls(Counter counter, int count) {
        try {
            for (int i = 0; i < count; i++) {
                counter.increment();
            }
        } catch (Exception e) {
            throw new IllegalStateException("a call failed", e);
        }
    }

    /// Calls from `callers` processes, which are spread evenly over the servers.
    Work calls(int callers, int servers) {
        return timing -> {
            List<Counter> all = new ArrayList<>();
            for (int i = 0; i < servers; i++) {
                all.add(counters.get());
            }
            long[] done = new long[1];
            return Work.each(
                    callers * 2_000,
                    timing,
                    count -> {
                        insideEach(callers, i -> calls(all.get(i % servers), count / callers));
                        done[0] += count;
                        long sum = 0;
                        for (Counter counter : all) {
                            sum += counter.value();
                        }
                        Work.checkCount(done[0], sum);
                    });
        };
    }

    /// Casts and calls from `pairs` processes, each with its own server. Each casts `casts` times,
    /// then calls once, and so on.
    Work mixed(int pairs, int casts) {
        return timing -> {
            List<Counter> all = new ArrayList<>();
            for (int i = 0; i < pairs; i++) {
                all.add(counters.get());
            }
            int rounds = 10_000 / (casts + 1);
            return Work.each(
                    pairs * rounds * (casts + 1),
                    timing,
                    _ -> insideEach(pairs, i -> mix(all.get(i), rounds, casts)));
        };
    }

    private static void mix(Counter counter, int rounds, int casts) {
        try {
            long last = counter.value();
            for (int i = 0; i < rounds; i++) {
                for (int j = 0; j < casts; j++) {
                    counter.add();
                }
                long value = counter.increment();
                last += casts + 1;
                Work.checkCount(last, value);
            }
        } catch (Exception e) {
            throw new IllegalStateException("a call failed", e);
        }
    }

    /// Casts from one process and waits until all casts have been handled.
    Map<String, Double> cast(Work.Timing timing) throws Exception {
        return inside(() -> {
            Counter counter = counters.get();
            return Work.each(
                    100_000,
                    timing,
                    count -> {
                        long before = counter.value();
                        for (int i = 0; i < count; i++) {
                            counter.add();
                        }
                        Work.checkCount(before + count, counter.value());
                    });
        });
    }

    /// Casts from `senders` processes to one server and waits until all casts have been handled.
    Work casts(int senders) {
        return timing -> {
            Counter counter = counters.get();
            return Work.each(
                    100_000,
                    timing,
                    count -> {
                        long before = counter.value();
                        insideEach(
                                senders,
                                _ -> {
                                    for (int i = 0; i < count / senders; i++) {
                                        counter.add();
                                    }
                                });
                        Work.checkCount(before + count, counter.value());
                    });
        };
    }
}
