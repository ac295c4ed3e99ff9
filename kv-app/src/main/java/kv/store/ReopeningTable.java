package kv.store;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A table that is opened again after a write has failed.
///
/// A write that has failed is never tried again on the same open table. When a sync fails, the
/// operating system reports it once and then counts the bytes as written. So a second sync would
/// succeed although the bytes are not on disk. Opening the table again reads the log, writes what
/// it contains to a new file, and syncs that file.
///
/// The failed write may be part of that, because its bytes may have reached the log. Its clients
/// were told that it failed, and the buckets do not have it in memory. So its keys are set back to
/// the values that they had before.
///
/// Until the table can be opened again, the failed one stays open, and reads go on.
///
/// One thread prepares and writes. All threads read.
final class ReopeningTable implements AutoCloseable {

    private final Disk disk;
    private final long pause; // between two attempts to open; units: ns

    /// Held for reading while the table is used, and for writing while it is replaced. A call of a
    /// native table that has been closed would end the JVM.
    private final ReadWriteLock guard = new ReentrantReadWriteLock();

    private @Nullable Table table; // guarded by the guard; null if it could not be opened

    // Used by the thread that writes.
    private final List<Table.Cell> undo = new ArrayList<>();
    private long attempted; // when the last attempt to open began, see System.nanoTime

    /// Why the table is to be opened again, or null. Written by the thread that writes.
    private volatile @Nullable StoreException failure;

    ReopeningTable(Disk disk, long pause) throws StoreException {
        this.disk = disk;
        this.pause = pause;
        this.table = disk.open();
    }

    /// Writes all cells or none. Opens the table again first if a write has failed.
    void write(List<Table.Cell> cells) throws StoreException {
        prepare();
        Table open = open();
        try {
            open.write(cells);
        } catch (Throwable e) { // also the end of memory
            StoreException why = StoreException.of(e);
            failure = why;
            attempted = System.nanoTime() - pause; // the first attempt need not wait
            rememberValues(open, cells, why);
            throw why;
        }
    }

    private void rememberValues(Table open, List<Table.Cell> cells, StoreException why) {
        try {
            cells.forEach(cell -> undo.add(new Table.Cell(cell.key(), open.get(cell.key()))));
        } catch (StoreException e) {
            why.addSuppressed(e); // these keys keep what the log contains
        }
    }

    /// Makes sure that there is room, and opens the table again if a write has failed.
    ///
    /// @throws StoreException if there is no room, if the table cannot be opened, or if the last
    ///   attempt to open it was only a moment ago
    void prepare() throws StoreException {
        disk.checkRoom();
        StoreException known = failure;
        if (known == null) {
            return;
        }
        if (System.nanoTime() - attempted < pause) {
            throw known;
        }
        attempted = System.nanoTime();
        try {
            replace();
            open().write(undo);
        } catch (StoreException e) {
            failure = e;
            throw e;
        }
        undo.clear();
        failure = null;
    }

    private void replace() {
        guard.writeLock().lock();
        try {
            closeTable();
            table = disk.open();
        } finally {
            guard.writeLock().unlock();
        }
    }

    private Table open() {
        return Objects.requireNonNull(table, "opened by this thread");
    }

    @Nullable String get(String key) throws StoreException {
        return read(open -> open.get(key));
    }

    void scan(String prefix, BiConsumer<String, String> entry) throws StoreException {
        read(open -> {
            open.scan(prefix, entry);
            return null;
        });
    }

    private <R extends @Nullable Object> R read(Function<Table, R> reading) {
        guard.readLock().lock();
        try {
            if (table == null) {
                StoreException known = failure;
                throw known != null ? known : new StoreException("the store is closed", null);
            }
            return reading.apply(table);
        } finally {
            guard.readLock().unlock();
        }
    }

    private void closeTable() {
        if (table != null) {
            table.close();
            table = null;
        }
    }

    @Override
    public void close() {
        guard.writeLock().lock();
        try {
            closeTable();
        } finally {
            guard.writeLock().unlock();
        }
        disk.close();
    }
}
