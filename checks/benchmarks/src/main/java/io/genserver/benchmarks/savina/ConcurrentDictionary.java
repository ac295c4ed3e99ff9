package io.genserver.benchmarks.savina;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/// A map with entries. The owner makes a copy of it at the beginning of every run. The summary is
/// the map's size, because the order of several writes to one key varies.
public final class ConcurrentDictionary extends OwnedData {

    private static final int LIMIT = Integer.MAX_VALUE / 4_096;
    private static final int WRITE_PERCENT = 10;

    /// The map that is copied, made by the first run. The constructor does not make it, because
    /// listing the operations constructs the benchmarks too.
    private static final class Filled {
        static final Map<Integer, Integer> MAP = fill();

        private static Map<Integer, Integer> fill() {
            Map<Integer, Integer> map = HashMap.newHashMap(LIMIT);
            for (int key = 0; key < LIMIT; key++) {
                map.put(key, key);
            }
            return map;
        }
    }

    /// Creates the benchmark.
    public ConcurrentDictionary() {
        super(10_000);
    }

    @Override
    Data newData() {
        return new Dictionary(new HashMap<>(Filled.MAP));
    }

    @Override
    <A> Request<A> next(A from, SplittableRandom random) {
        return random.nextInt(100) < WRITE_PERCENT
                ? new Request<>(from, Kind.WRITE, random.nextInt(LIMIT), random.nextInt())
                : new Request<>(from, Kind.READ, random.nextInt(LIMIT), 0);
    }

    private record Dictionary(Map<Integer, Integer> map) implements Data {

        @Override
        public int answer(Kind kind, int key, int value) {
            return switch (kind) {
                case READ -> map.getOrDefault(key, 0);
                case WRITE -> {
                    map.put(key, value);
                    yield value;
                }
                case SIZE -> map.size();
            };
        }

        @Override
        public long summary() {
            return map.size();
        }
    }
}
