package io.genserver.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/// Lookups from 8 platform threads among 1,024 names.
final class Lookups {

    static final List<String> KEYS = IntStream.range(0, 1024).mapToObj(i -> "name" + i).toList();

    private static final int THREADS = 8;

    private Lookups() {}

    /// @param lookup returns whether it found the key, which must be true
    static Map<String, Double> measure(Work.Timing timing, Predicate<String> lookup)
            throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
            return Work.each(
                    THREADS * 50_000,
                    timing,
                    count -> {
                        List<Future<Integer>> found = new ArrayList<>();
                        for (int i = 0; i < THREADS; i++) {
                            found.add(threads.submit(some(count / THREADS, lookup)));
                        }
                        int sum = 0;
                        for (Future<Integer> part : found) {
                            sum += part.get();
                        }
                        Work.checkCount(count, sum);
                    });
        }
    }

    private static Callable<Integer> some(int count, Predicate<String> lookup) {
        return () -> {
            int found = 0;
            for (int i = 0; i < count; i++) {
                found += lookup.test(KEYS.get(i & KEYS.size() - 1)) ? 1 : 0;
            }
            return found;
        };
    }
}
