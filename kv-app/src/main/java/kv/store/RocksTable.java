package kv.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Status;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/// A table in RocksDB. A write appends one record to RocksDB's log and syncs it.
///
/// A call after [#close] would end the JVM; [ReopeningTable] sees to that there is none.
final class RocksTable implements Table {

    /// How much RocksDB gathers in memory and in its log before it writes a sorted file. A start
    /// reads that much log again. Units: bytes
    private static final long LOG = 16L << 20;

    /// How many files with messages of RocksDB are kept. Each start begins one.
    private static final int MESSAGES = 4;

    private final Path directory;
    private final Options options;
    private final WriteOptions synced;
    private final RocksDB rocks;

    private RocksTable(Path directory, Options options, WriteOptions synced, RocksDB rocks) {
        this.directory = directory;
        this.options = options;
        this.synced = synced;
        this.rocks = rocks;
    }

    /// Opens the table, and creates it if the directory is empty. Reads all files to compare them
    /// with their checksums.
    static RocksTable open(Path directory) throws StoreException {
        loadLibrary(directory);
        Options options =
                new Options()
                        .setCreateIfMissing(true)
                        .setWriteBufferSize(LOG)
                        .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery) // see LogCheck
                        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                        .setKeepLogFileNum(MESSAGES);
        RocksDB rocks = null;
        try {
            rocks = RocksDB.open(options, directory.toString());
            rocks.verifyChecksum();
            return new RocksTable(directory, options, new WriteOptions().setSync(true), rocks);
        } catch (RocksDBException e) {
            if (rocks != null) {
                rocks.close();
            }
            options.close();
            throw failure("open", directory, e);
        }
    }

    /// Loads RocksDB's native library from the data directory. By itself RocksDB copies it to the
    /// folder of temporary files at each start, and leaves the copy there if the program is killed.
    private static void loadLibrary(Path directory) {
        try {
            Path folder = Files.createDirectories(directory.resolve("native"));
            NativeLibraryLoader.getInstance().loadLibrary(folder.toString());
        } catch (IOException | LinkageError e) {
            throw new StoreException(
                    "cannot load the native library of RocksDB from %s (%s)"
                            .formatted(directory, e),
                    e);
        }
    }

    @Override
    public void write(List<Cell> cells) throws StoreException {
        try (WriteBatch batch = new WriteBatch()) {
            for (Cell cell : cells) {
                if (cell.value() == null) {
                    batch.delete(bytes(cell.key()));
                } else {
                    batch.put(bytes(cell.key()), bytes(cell.value()));
                }
            }
            rocks.write(synced, batch);
        } catch (RocksDBException e) {
            throw failure("write", directory, e);
        }
    }

    @Override
    public @Nullable String get(String key) throws StoreException {
        try {
            byte @Nullable [] value = rocks.get(bytes(key));
            return value == null ? null : string(value);
        } catch (RocksDBException e) {
            throw failure("read", directory, e);
        }
    }

    @Override
    public void scan(String prefix, BiConsumer<String, String> entry) throws StoreException {
        try (RocksIterator iterator = rocks.newIterator()) {
            for (iterator.seek(bytes(prefix)); iterator.isValid(); iterator.next()) {
                String key = string(iterator.key());
                if (!key.startsWith(prefix)) {
                    return;
                }
                entry.accept(key.substring(prefix.length()), string(iterator.value()));
            }
            iterator.status(); // throws if the iterator has stopped because of a failure
        } catch (RocksDBException e) {
            throw failure("read", directory, e);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static String string(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private static StoreException failure(String what, Path directory, RocksDBException e) {
        Status status = e.getStatus();
        if (status != null && status.getSubCode() == Status.SubCode.NoSpace) {
            return StoreException.diskFull(
                    "expected room for %s, got: none".formatted(directory), e);
        }
        if (status != null && status.getCode() == Status.Code.Corruption) {
            return new StoreException(
                    "expected the files in %s to be intact, got: %s; restore them from a backup"
                            .formatted(directory, e.getMessage()),
                    e);
        }
        return new StoreException("cannot %s %s: %s".formatted(what, directory, e.getMessage()), e);
    }

    @Override
    public void close() {
        rocks.close();
        synced.close();
        options.close();
    }
}
