package io.genserver.benchmarks.savina;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;

/// A map that was filled before. Every run begins with a copy of it, made by its owner. What the
/// data come to is the map's size, for the last of several writes of a key differs.
public final class ConcurrentDictionary extends OwnedData {

    private static final int LIMIT = Integer.MAX_VALUE / 4_096;
    private static final int WRITE_PERCENT = 10;

    /// Made by the first run, outside the constructor for those who only ask what there is.
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

    /// Prepares it.
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
