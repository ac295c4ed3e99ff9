package io.genserver.benchmarks.savina;

import java.util.Arrays;
import java.util.SplittableRandom;

/// A linked list kept in order, empty at first. What the data come to is made from the length and
/// all elements in their order.
public final class SortedList extends OwnedData {

    private static final int WRITE_PERCENT = 10;
    private static final int SIZE_PERCENT = 1;
    private static final int VALUES = 65_536; // of the suite's own random numbers

    /// Prepares it.
    public SortedList() {
        super(8_000);
    }

    @Override
    Data newData() {
        return new Linked();
    }

    @Override
    <A> Request<A> next(A from, SplittableRandom random) {
        int chosen = random.nextInt(100);
        if (chosen < SIZE_PERCENT) {
            return new Request<>(from, Kind.SIZE, 0, 0);
        }
        Kind kind = chosen < SIZE_PERCENT + WRITE_PERCENT ? Kind.WRITE : Kind.READ;
        return new Request<>(from, kind, 0, random.nextInt(VALUES));
    }

    /// Walks from its head for everything, also for the size, as the suite's does. The nodes lie in
    /// arrays: as objects they would lie far apart, between what the messages leave behind, and the
    /// walk would take several times as long, until the garbage collector has moved them.
    private static final class Linked implements Data {

        private static final int HEAD = 0; // before the first
        private static final int END = -1;

        private int[] values = new int[16];
        private int[] nexts = new int[16];
        private int used = 1;

        Linked() {
            nexts[HEAD] = END;
        }

        @Override
        public int answer(Kind kind, int key, int value) {
            return switch (kind) {
                case READ -> contains(value) ? 1 : 0;
                case WRITE -> {
                    add(value);
                    yield value;
                }
                case SIZE -> size();
            };
        }

        private boolean contains(int value) {
            int node = nexts[HEAD];
            while (node != END && values[node] < value) {
                node = nexts[node];
            }
            return node != END && values[node] == value;
        }

        private void add(int value) {
            int before = HEAD;
            int after = nexts[HEAD];
            while (after != END && values[after] <= value) {
                before = after;
                after = nexts[after];
            }
            if (used == values.length) {
                values = Arrays.copyOf(values, 2 * used);
                nexts = Arrays.copyOf(nexts, 2 * used);
            }
            values[used] = value;
            nexts[used] = after;
            nexts[before] = used++;
        }

        private int size() {
            int size = 0;
            for (int node = nexts[HEAD]; node != END; node = nexts[node]) {
                size++;
            }
            return size;
        }

        @Override
        public long summary() {
            long hash = size();
            for (int node = nexts[HEAD]; node != END; node = nexts[node]) {
                hash = 31 * hash + values[node];
            }
            return hash;
        }
    }
}
