package kv.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/// Looks for damage in the middle of RocksDB's log.
///
/// When a machine stops during a write, the last record of the log can be damaged. Nobody was told
/// that its changes are on disk, so it can be dropped. RocksDB does that: it reads a log up to the
/// first damaged record. But it does the same if intact records follow, and these were synced. So
/// this check refuses such a log before RocksDB sees it.
///
/// The log is a sequence of blocks of 32 KB. A block contains pieces of records and, if fewer than
/// seven bytes are left, zeros. A piece is a checksum of four bytes, a length of two, a type of
/// one, and its bytes. The checksum is the CRC-32C of the type and the bytes, masked. A record that
/// does not fit into its block is a first piece, middle pieces, and a last piece. Each file has a
/// number as its name, and files with greater numbers are later.
final class LogCheck {

    private static final int BLOCK = 32_768;
    private static final int HEADER = 7;

    private static final int WHOLE = 1;
    private static final int FIRST = 2;
    private static final int LAST = 4;

    private final ByteBuffer log;

    private LogCheck(ByteBuffer log) {
        this.log = log.order(ByteOrder.LITTLE_ENDIAN);
    }

    /// Checks all log files of a directory.
    ///
    /// @throws StoreException if intact records follow damage. The message says where and what to
    ///   do.
    static void check(Path directory) throws StoreException {
        List<Path> files = files(directory);
        for (int i = 0; i < files.size(); i++) {
            LogCheck log = read(files.get(i));
            int end = log.intact();
            List<Path> later = files.subList(i + 1, files.size());
            if (end < log.log.limit()
                    && (log.hasRecordAfter(end)
                            || later.stream().anyMatch(file -> read(file).intact() > 0))) {
                throw damaged(files.get(i), end, later);
            }
        }
    }

    private static StoreException damaged(Path file, int end, List<Path> later) {
        String remove = later.stream().map(name -> " && rm " + name).collect(Collectors.joining());
        return new StoreException(
                ("expected %s to be intact, got: damage at byte %d with intact changes after it;"
                                + " restore the directory from a backup, or drop all changes from"
                                + " there on with: truncate -s %d %s%s")
                        .formatted(file, end, end, file, remove),
                null);
    }

    private static List<Path> files(Path directory) {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.getFileName().toString().matches("\\d+\\.log"))
                    .sorted(Comparator.comparingLong(LogCheck::number))
                    .toList();
        } catch (IOException e) {
            throw new StoreException("cannot list the files of %s (%s)".formatted(directory, e), e);
        }
    }

    private static long number(Path file) {
        return Long.parseLong(file.getFileName().toString().replace(".log", ""));
    }

    private static LogCheck read(Path file) {
        try {
            return new LogCheck(ByteBuffer.wrap(Files.readAllBytes(file)));
        } catch (IOException e) {
            throw new StoreException("cannot read %s (%s)".formatted(file, e), e);
        }
    }

    /// Returns where the first byte is that does not belong to an intact piece.
    private int intact() {
        int at = 0;
        while (at < log.limit()) {
            int left = BLOCK - at % BLOCK;
            if (left < HEADER) {
                at += left;
            } else if (isPiece(at)) {
                at += HEADER + length(at);
            } else {
                return at;
            }
        }
        return log.limit();
    }

    /// Returns whether an intact piece after a position begins a record. The pieces of the damaged
    /// record itself do not count, because one write may have left some of them intact. Tries every
    /// byte, because the length of a damaged piece may be damaged.
    private boolean hasRecordAfter(int position) {
        for (int at = position + 1; at < log.limit(); at++) {
            if (isPiece(at) && (type(at) == WHOLE || type(at) == FIRST)) {
                return true;
            }
        }
        return false;
    }

    private boolean isPiece(int at) {
        int end = Math.min(log.limit(), at - at % BLOCK + BLOCK);
        return at + HEADER <= end
                && type(at) >= WHOLE
                && type(at) <= LAST
                && at + HEADER + length(at) <= end
                && log.getInt(at) == checksum(at);
    }

    private int type(int at) {
        return log.get(at + 6);
    }

    private int length(int at) {
        return Short.toUnsignedInt(log.getShort(at + 4));
    }

    private int checksum(int at) {
        CRC32C crc = new CRC32C();
        crc.update(log.slice(at + 6, 1 + length(at)));
        int value = (int) crc.getValue();
        return ((value >>> 15) | (value << 17)) + 0xa282ead8;
    }
}
