package io.genserver.benchmarks;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// Many counters in a concurrent map, changed by `compute`. The users are virtual threads.
final class MapMany {

    private MapMany() {}

    static @Nullable Work work(Operation operation) {
        return switch (operation) {
            case IDLE_CPU -> _ -> idleCpu();
            case ACTIVE_100000 -> MapMany::active;
            default -> null;
        };
    }

    private static Map<Integer, Long> map(int size) {
        Map<Integer, Long> map = new ConcurrentHashMap<>();
        for (int i = 0; i < size; i++) {
            map.put(i, 0L);
        }
        return map;
    }

    private static long increment(Map<Integer, Long> map, int key) {
        return map.compute(key, (_, old) -> old == null ? 1 : old + 1);
    }

    /// Measures a JVM in which nothing runs.
    private static Map<String, Double> idleCpu() throws Exception {
        Map<Integer, Long> map = map(IdleCpu.SERVERS);
        return IdleCpu.measure(i -> increment(map, i));
    }

    private static Map<String, Double> active(Work.Timing timing) throws Exception {
        Map<Integer, Long> map = map(Active.SERVERS);
        Active.Handled handled = new Active.Handled();
        Active.Servers servers =
                new Active.Servers() {
                    @Override
                    public void call(int server) {
                        increment(map, server);
                    }

                    @Override
                    public void cast(int server) {
                        increment(map, server);
                        handled.add();
                    }

                    @Override
                    public long value(int server) {
                        return map.getOrDefault(server, 0L);
                    }
                };
        Waiting waiting =
                new Waiting(
                        () -> {
                            throw new UnsupportedOperationException("there is no single counter");
                        },
                        Thread::startVirtualThread);
        return Active.measure(timing, new Active.Waiters(waiting, servers, handled));
    }
}
