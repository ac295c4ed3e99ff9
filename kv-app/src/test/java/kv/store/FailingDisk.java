package kv.store;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/// A disk in memory that fails as it is told to.
final class FailingDisk implements Disk {

    final StoreException ioError = new StoreException("input/output error", null);

    /// What a write does.
    enum Write {
        SUCCEED,
        /// Fails before a byte has reached the log.
        FAIL,
        /// Fails although all bytes have reached the log, as when a sync fails.
        FAIL_AND_REACH_THE_LOG
    }

    private final TreeMap<String, String> log = new TreeMap<>(); // what an open finds
    private final AtomicInteger opened = new AtomicInteger();

    /// What the next writes do, in their order. The others succeed.
    final Queue<Write> next = new ConcurrentLinkedQueue<>();

    // Written by the test, read by all threads.
    volatile boolean full;
    volatile boolean opens = true;
    volatile CountDownLatch gate = new CountDownLatch(0); // each write waits for it

    private volatile boolean writing; // whether a write waits for the gate

    boolean isWriting() {
        return writing;
    }

    int opened() {
        return opened.get();
    }

    @Override
    public synchronized Table open() {
        if (!opens) {
            throw ioError;
        }
        opened.incrementAndGet();
        return new MemoryTable(new ConcurrentSkipListMap<>(log));
    }

    @Override
    public void checkRoom() {
        if (full) {
            throw StoreException.diskFull("no room", null);
        }
    }

    @Override
    public long bytes() {
        return 0;
    }

    @Override
    public void close() {}

    private synchronized void append(List<Table.Cell> cells) {
        cells.forEach(cell -> set(log, cell));
    }

    private static void set(Map<String, String> map, Table.Cell cell) {
        String value = cell.value();
        if (value == null) {
            map.remove(cell.key());
        } else {
            map.put(cell.key(), value);
        }
    }

    private final class MemoryTable implements Table {
        private final ConcurrentSkipListMap<String, String> cells;
        private volatile boolean failed;
        private volatile boolean closed;

        MemoryTable(ConcurrentSkipListMap<String, String> cells) {
            this.cells = cells;
        }

        @Override
        public void write(List<Cell> changes) {
            awaitGate();
            if (failed || closed) {
                throw new AssertionError("expected no write to a table that has failed");
            }
            switch (Objects.requireNonNullElse(next.poll(), FailingDisk.Write.SUCCEED)) {
                case SUCCEED -> {
                    append(changes);
                    changes.forEach(cell -> set(cells, cell));
                }
                case FAIL -> fail();
                case FAIL_AND_REACH_THE_LOG -> {
                    append(changes);
                    fail();
                }
            }
        }

        private void fail() {
            failed = true;
            throw ioError;
        }

        private void awaitGate() {
            writing = true;
            try {
                gate.await();
            } catch (InterruptedException e) {
                throw new AssertionError("expected no interrupt of the committing thread", e);
            } finally {
                writing = false;
            }
        }

        @Override
        public @Nullable String get(String key) {
            return cells.get(key);
        }

        @Override
        public void scan(String prefix, BiConsumer<String, String> entry) {
            cells.tailMap(prefix)
                    .forEach((key, value) -> {
                        if (key.startsWith(prefix)) {
                            entry.accept(key.substring(prefix.length()), value);
                        }
                    });
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
