package io.genserver.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/// The operations on counters, for contestants whose callers wait for the answer.
///
/// @param counters makes a counter
/// @param fork runs a body in a process, or what the contestant has instead
record Waiting(Supplier<Counter> counters, Consumer<Runnable> fork) {

    /// Runs a body in a process and waits for what it returns.
    <T> T inside(Callable<T> body) throws Exception {
        CompletableFuture<T> result = new CompletableFuture<>();
        fork.accept(() -> {
            try {
                result.complete(body.call());
            } catch (Throwable failed) { // also an error; the waiting thread has to know
                result.completeExceptionally(failed);
            }
        });
        return result.get();
    }

    /// Runs so many bodies in processes of their own and waits for all.
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
                } catch (Throwable failed) { // as above
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

    /// So many callers, which share the servers evenly.
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

    /// One process casts and sees to it that all was handled.
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

    /// So many processes cast to one server, each until all it has cast was handled.
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
