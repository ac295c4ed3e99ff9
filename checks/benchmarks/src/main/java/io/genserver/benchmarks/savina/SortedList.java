package io.genserver.benchmarks.savina;

import java.util.Arrays;
import java.util.SplittableRandom;

/// A sorted linked list, empty at first. The summary is computed from the length and from all
/// elements in their order.
public final class SortedList extends OwnedData {

    private static final int WRITE_PERCENT = 10;
    private static final int SIZE_PERCENT = 1;
    private static final int VALUES = 65_536; // the range of the suite's random numbers

    /// Creates the benchmark.
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

    /// Walks from the head for every request, even for the size, as the suite's list does. The
    /// nodes are in arrays. As objects they would be scattered between the remains of messages, and
    /// the walk would take several times as long until the garbage collector moved them.
    private static final class Linked implements Data {

        private static final int HEAD = 0; // precedes the first element
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
