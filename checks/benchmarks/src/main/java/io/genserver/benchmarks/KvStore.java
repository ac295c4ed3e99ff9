package io.genserver.benchmarks;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import kv.store.Change;
import kv.store.Store;
import kv.store.StoreException;

/// Measures kv's durable store: how many writes it acknowledges in a second, beside the rate at
/// which the disk appends and syncs, and how long a store with a million entries takes to open.
final class KvStore implements Store.Owner<CompletableFuture<Boolean>> {

    private static final int KEYS = 1_000_000;

    private KvStore() {}

    /// Runs each measurement for the given time in a new folder of temporary files, and prints a
    /// table.
    ///
    /// @param arguments the number of seconds, 1 or more
    public static void main(String[] arguments) throws Exception {
        int seconds = Argument.whole(arguments[0], "seconds", 1);
        Path folder = Files.createTempDirectory("kv-store");
        try {
            System.out.print(Machine.describe());
            measure(folder, seconds);
        } finally {
            delete(folder);
        }
    }

    private static void measure(Path folder, int seconds) throws Exception {
        System.out.printf(
                """
                Values of 16 bytes, %d s each, in %s

                | | acknowledged/s | syncs/s | p50 | p99 |
                |---|---|---|---|---|
                """,
                seconds, folder);
        appendAndSync(folder.resolve("plain"), seconds);
        try (Store store = Store.open(folder.resolve("data"))) {
            KvStore writers = new KvStore();
            writers.run(store, 64, 1); // warms up
            for (int count : new int[] {1, 64, 1024}) {
                print("store, writers: %d".formatted(count), writers.run(store, count, seconds));
            }
        }
        appendAndSync(folder.resolve("plain"), seconds);
        openMany(folder.resolve("many"));
    }

    /// What one run has measured.
    private record Run(long writes, long syncs, double seconds, Map<String, Double> times) {}

    private static void print(String name, Run run) {
        System.out.printf(
                Locale.ROOT,
                "| %s | %,.0f | %,.0f | %.2f ms | %.2f ms |%n",
                name,
                run.writes() / run.seconds(),
                run.syncs() / run.seconds(),
                Objects.requireNonNull(run.times().get("p50")) / 1e6,
                Objects.requireNonNull(run.times().get("p99")) / 1e6);
    }

    /// Appends to a file and syncs it, again and again.
    private static void appendAndSync(Path file, int seconds) throws IOException {
        List<Long> times = new ArrayList<>();
        long begin = System.nanoTime();
        long end = begin + seconds * 1_000_000_000L;
        try (FileChannel channel =
                FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            ByteBuffer bytes = ByteBuffer.allocateDirect(64);
            while (System.nanoTime() < end) {
                long start = System.nanoTime();
                channel.write(bytes.clear());
                channel.force(false);
                times.add(System.nanoTime() - start);
            }
        }
        double took = (System.nanoTime() - begin) / 1e9;
        print(
                "the disk, append and fdatasync",
                new Run(
                        times.size(),
                        times.size(),
                        took,
                        Work.percentiles(times.stream().mapToLong(Long::longValue).toArray())));
    }

    /// Lets writers write for some seconds, each one change after the other.
    private Run run(Store store, int writers, int seconds) throws InterruptedException {
        Store.Statistics before = store.statistics();
        long[][] times = new long[writers][];
        List<Thread> threads = new ArrayList<>();
        long begin = System.nanoTime();
        long end = begin + seconds * 1_000_000_000L;
        for (int i = 0; i < writers; i++) {
            int writer = i;
            threads.add(Thread.ofVirtual().start(() -> times[writer] = write(store, writer, end)));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        double took = (System.nanoTime() - begin) / 1e9;
        Store.Statistics after = store.statistics();
        long[] all = Stream.of(times).flatMapToLong(LongStream::of).toArray();
        Work.checkCount(all.length, after.writes() - before.writes());
        return new Run(all.length, after.syncs() - before.syncs(), took, Work.percentiles(all));
    }

    private long[] write(Store store, int writer, long end) {
        SplittableRandom random = new SplittableRandom(writer);
        long[] times = new long[1024];
        int count = 0;
        while (System.nanoTime() < end) {
            long start = System.nanoTime();
            Work.check(put(store, random.nextInt(KEYS)).join(), "a committed write", "a failure");
            if (count == times.length) {
                times = Arrays.copyOf(times, 2 * count);
            }
            times[count++] = System.nanoTime() - start;
        }
        return Arrays.copyOf(times, count);
    }

    private CompletableFuture<Boolean> put(Store store, int key) {
        CompletableFuture<Boolean> end = new CompletableFuture<>();
        store.submit(new Change.Put<>("bucket", "key" + key, value(key), end), this);
        return end;
    }

    /// Returns 16 digits that look random.
    private static String value(int key) {
        return Long.toHexString(new SplittableRandom(key).nextLong() | Long.MIN_VALUE);
    }

    @Override
    public void committed(List<Change<CompletableFuture<Boolean>>> changes) {
        changes.forEach(change -> change.caller().complete(true));
    }

    @Override
    public void failed(List<Change<CompletableFuture<Boolean>>> changes, StoreException why) {
        changes.forEach(change -> change.caller().completeExceptionally(why));
    }

    private static void openMany(Path directory) throws Exception {
        KvStore writer = new KvStore();
        long begin = System.nanoTime();
        try (Store store = Store.open(directory)) {
            CompletableFuture<Boolean> last = CompletableFuture.completedFuture(true);
            for (int key = 0; key < KEYS; key++) {
                last = writer.put(store, key);
            }
            Work.check(last.join(), "a committed write", "a failure");
        }
        System.out.printf(Locale.ROOT, "%n%d keys: written in %.1f s%n", KEYS, seconds(begin));
        open("first open, which reads the log", directory);
        open("second open", directory);
    }

    private static void open(String name, Path directory) throws StoreException {
        long begin = System.nanoTime();
        try (Store store = Store.open(directory)) {
            double opened = seconds(begin);
            begin = System.nanoTime();
            Work.checkCount(KEYS, store.load("bucket").size());
            System.out.printf(
                    Locale.ROOT,
                    "%s: %.2f s, load of all keys: %.2f s, %.0f MB on disk%n",
                    name,
                    opened,
                    seconds(begin),
                    store.statistics().bytes() / 1e6);
        }
    }

    private static double seconds(long begin) {
        return (System.nanoTime() - begin) / 1e9;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
