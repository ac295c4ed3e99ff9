package io.genserver.benchmarks;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// Shared state as plain Java code keeps it. Virtual threads stand in for processes.
final class Today {

    private Today() {}

    private static void nap() throws InterruptedException {
        Thread.sleep(Duration.ofNanos(Outside.NAP));
    }

    /// State guarded by a lock.
    static final class Lock {

        private Lock() {}

        private static final class Locked implements Counter {
            private final ReentrantLock lock = new ReentrantLock();
            private long count; // guarded by lock

            @Override
            public long increment() {
                lock.lock();
                try {
                    return ++count;
                } finally {
                    lock.unlock();
                }
            }

            @Override
            public void add() {
                increment();
            }

            @Override
            public long value() {
                lock.lock();
                try {
                    return count;
                } finally {
                    lock.unlock();
                }
            }
        }

        private static final class LockedMap implements Cell {
            private final ReentrantLock lock = new ReentrantLock();
            private final Map<String, Long> map =
                    new HashMap<>(Map.of(Cell.KEY, 0L)); // guarded by lock

            @Override
            public long get() {
                lock.lock();
                try {
                    return map.getOrDefault(KEY, 0L);
                } finally {
                    lock.unlock();
                }
            }

            @Override
            public void update() {
                lock.lock();
                try {
                    map.merge(KEY, 1L, Long::sum);
                } finally {
                    lock.unlock();
                }
            }
        }

        static @Nullable Work work(Operation operation) {
            Waiting waiting = new Waiting(Locked::new, Thread::startVirtualThread);
            Outside outside = new Outside(waiting, Today::nap);
            return switch (operation) {
                case CALL_PROCESS -> waiting::callInside;
                case CALL_THREAD -> waiting::callOutside;
                case CALL_8X1 -> waiting.calls(8, 1);
                case CALL_8X8 -> waiting.calls(8, 8);
                case OUTSIDE_2 -> outside.pairs(2);
                case OUTSIDE_8 -> outside.pairs(8);
                case OUTSIDE_64 -> outside.pairs(64);
                case INSIDE_64 -> waiting.calls(64, 64);
                case AGENT_GET ->
                        timing -> waiting.inside(() -> Cell.gets(new LockedMap(), timing));
                case AGENT_UPDATE ->
                        timing -> waiting.inside(() -> Cell.updates(new LockedMap(), timing));
                default -> null;
            };
        }
    }

    /// State confined to the only thread of an executor.
    static final class Executor {

        private Executor() {}

        private static final class Confined implements Counter {
            private final ExecutorService executor = Executors.newSingleThreadExecutor();
            private long count; // accessed only by the executor's thread

            @Override
            public long increment() {
                return CompletableFuture.supplyAsync(() -> ++count, executor).join();
            }

            @Override
            public void add() {
                executor.execute(() -> ++count);
            }

            @Override
            public long value() {
                return CompletableFuture.supplyAsync(() -> count, executor).join();
            }
        }

        private static final class ConfinedMap implements Cell {
            private final ExecutorService executor = Executors.newSingleThreadExecutor();
            private final Map<String, Long> map = new HashMap<>(Map.of(Cell.KEY, 0L));

            @Override
            public long get() {
                return CompletableFuture.supplyAsync(() -> map.getOrDefault(KEY, 0L), executor)
                        .join();
            }

            @Override
            public void update() {
                CompletableFuture.runAsync(() -> map.merge(KEY, 1L, Long::sum), executor).join();
            }
        }

        static @Nullable Work work(Operation operation) {
            Waiting waiting = new Waiting(Confined::new, Thread::startVirtualThread);
            Outside outside = new Outside(waiting, Today::nap);
            return switch (operation) {
                case CALL_PROCESS -> waiting::callInside;
                case CALL_THREAD -> waiting::callOutside;
                case CALL_8X1 -> waiting.calls(8, 1);
                case CALL_8X8 -> waiting.calls(8, 8);
                case CAST_1X1 -> waiting::cast;
                case CAST_4X1 -> waiting.casts(4);
                case OUTSIDE_2 -> outside.pairs(2);
                case OUTSIDE_8 -> outside.pairs(8);
                case OUTSIDE_64 -> outside.pairs(64);
                case INSIDE_64 -> waiting.calls(64, 64);
                case AGENT_GET ->
                        timing -> waiting.inside(() -> Cell.gets(new ConfinedMap(), timing));
                case AGENT_UPDATE ->
                        timing -> waiting.inside(() -> Cell.updates(new ConfinedMap(), timing));
                case SPAWN -> timing -> waiting.inside(() -> spawn(timing));
                default -> null;
            };
        }

        private static Map<String, Double> spawn(Work.Timing timing) throws Exception {
            long[] ended = new long[1];
            return Work.each(
                    1_000,
                    timing,
                    count -> {
                        long before = ended[0];
                        for (int i = 0; i < count; i++) {
                            Thread.startVirtualThread(() -> ended[0]++).join();
                        }
                        Work.checkCount(before + count, ended[0]);
                    });
        }
    }

    /// State in a concurrent map, changed by `compute`.
    static final class SharedMap {

        private SharedMap() {}

        private record Entry(Map<String, Long> map) implements Cell, Counter {
            @Override
            public long get() {
                return map.getOrDefault(KEY, 0L);
            }

            @Override
            public void update() {
                increment();
            }

            @Override
            public long increment() {
                return map.compute(Cell.KEY, (_, old) -> old == null ? 1 : old + 1);
            }

            @Override
            public void add() {
                increment();
            }

            @Override
            public long value() {
                return get();
            }
        }

        private static Entry entry() {
            return new Entry(new ConcurrentHashMap<>(Map.of(Cell.KEY, 0L)));
        }

        static @Nullable Work work(Operation operation) {
            Waiting waiting = new Waiting(SharedMap::entry, Thread::startVirtualThread);
            return switch (operation) {
                case CALL_PROCESS -> waiting::callInside;
                case CALL_THREAD -> waiting::callOutside;
                case CALL_8X1 -> waiting.calls(8, 1);
                case CALL_8X8 -> waiting.calls(8, 8);
                case AGENT_GET -> timing -> waiting.inside(() -> Cell.gets(entry(), timing));
                case AGENT_UPDATE -> timing -> waiting.inside(() -> Cell.updates(entry(), timing));
                case LOOKUP, WHEREIS ->
                        timing -> {
                            Map<String, String> map = new ConcurrentHashMap<>();
                            for (String key : Lookups.KEYS) {
                                map.put(key, key);
                            }
                            return Lookups.measure(timing, key -> map.get(key) != null);
                        };
                default -> null;
            };
        }
    }
}
