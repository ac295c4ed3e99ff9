package kv.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// A directory with a table. It belongs to one store at a time.
final class Directory implements Disk {

    /// The room that has to be there for a group of changes. The table needs it to rewrite its
    /// files. Units: bytes
    private static final long RESERVE = 64L << 20;

    /// The directories that stores of this JVM use. A file lock belongs to the whole JVM and ends
    /// when any channel of the file is closed, so the JVM must not open a second channel.
    private static final Set<Path> IN_USE = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final long reserve;
    private final FileChannel lock;

    Directory(Path directory) throws StoreException {
        this(directory, RESERVE);
    }

    /// Takes the directory. Creates it if it does not exist.
    ///
    /// @throws StoreException if it cannot be used or is in use
    Directory(Path directory, long reserve) throws StoreException {
        this.path = create(directory);
        this.reserve = reserve;
        if (!IN_USE.add(path)) {
            throw inUse();
        }
        try {
            this.lock = lock();
        } catch (Throwable e) {
            IN_USE.remove(path);
            throw e;
        }
    }

    private static Path create(Path directory) {
        try {
            return Files.createDirectories(directory).toRealPath();
        } catch (IOException e) {
            throw unusable(directory, e);
        }
    }

    private FileChannel lock() {
        try {
            FileChannel channel =
                    FileChannel.open(
                            path.resolve("kv.lock"),
                            StandardOpenOption.CREATE,
                            StandardOpenOption.WRITE);
            if (channel.tryLock() == null) {
                channel.close();
                throw inUse();
            }
            return channel;
        } catch (IOException e) {
            throw unusable(path, e);
        }
    }

    private static StoreException unusable(Path directory, IOException why) {
        return new StoreException(
                "expected a data directory that can be created and written, got: %s (%s)"
                        .formatted(directory, why),
                why);
    }

    private StoreException inUse() {
        return new StoreException(
                "expected a data directory that no other program uses, got: " + path, null);
    }

    @Override
    public Table open() throws StoreException {
        LogCheck.check(path);
        return RocksTable.open(path);
    }

    @Override
    public void checkRoom() throws StoreException {
        long room;
        try {
            room = Files.getFileStore(path).getUsableSpace();
        } catch (IOException e) {
            throw new StoreException(
                    "cannot tell how much room is left for %s (%s)".formatted(path, e), e);
        }
        if (room < reserve) {
            throw StoreException.diskFull(
                    "expected %d MB of room for %s, got: %d MB"
                            .formatted(reserve >> 20, path, room >> 20),
                    null);
        }
    }

    @Override
    public long bytes() {
        try (Stream<Path> files = Files.list(path)) {
            return files.mapToLong(Directory::size).sum();
        } catch (IOException e) {
            throw new StoreException("cannot list the files of %s (%s)".formatted(path, e), e);
        }
    }

    private static long size(Path file) {
        try {
            return Files.isRegularFile(file) ? Files.size(file) : 0;
        } catch (NoSuchFileException e) {
            return 0; // the table has just deleted it
        } catch (IOException e) {
            throw new StoreException("cannot read the size of %s (%s)".formatted(file, e), e);
        }
    }

    @Override
    public void close() {
        try {
            lock.close();
        } catch (IOException e) {
            throw new StoreException("cannot unlock %s (%s)".formatted(path, e), e);
        } finally {
            IN_USE.remove(path);
        }
    }
}
