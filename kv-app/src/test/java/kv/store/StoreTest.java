package kv.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class StoreTest {

    @TempDir private Path folder;

    private Path directory() {
        return folder.resolve("data");
    }

    @Test
    void entries_are_there_after_the_store_is_opened_again() throws Exception {
        try (Store store = Store.open(directory())) {
            Writes.create(store, "shopping");
            Writes.put(store, "shopping", "milk", "1");
            Writes.put(store, "shopping", "eggs", "2");
            Writes.put(store, "shopping", "milk", "3");
            Writes.delete(store, "shopping", "eggs").await();

            assertThat(store.load("shopping")).containsExactly(Map.entry("milk", "3"));
        }
        try (Store store = Store.open(directory())) {
            assertThat(store.contains("shopping")).isTrue();
            assertThat(store.load("shopping")).containsExactly(Map.entry("milk", "3"));
        }
    }

    @Test
    void a_bucket_has_only_its_own_entries() throws Exception {
        try (Store store = Store.open(directory())) {
            Writes.create(store, "a");
            Writes.put(store, "a", "b", "1");
            Writes.create(store, "ab");
            Writes.put(store, "ab", "c", "2");
            Writes.create(store, "empty").await();

            assertThat(store.load("a")).containsExactly(Map.entry("b", "1"));
            assertThat(store.load("ab")).containsExactly(Map.entry("c", "2"));
            assertThat(store.load("empty")).isEmpty();
            assertThat(store.contains("empty")).isTrue();
            assertThat(store.contains("emp")).isFalse();
            assertThat(store.load("none")).isEmpty();
        }
    }

    @Test
    void a_visitor_sees_each_bucket_and_then_its_entries() throws Exception {
        try (Store store = Store.open(directory())) {
            Writes.create(store, "b");
            Writes.put(store, "b", "k", "1");
            Writes.create(store, "ab");
            Writes.create(store, "a");
            Writes.put(store, "a", "l", "2").await();

            List<String> seen = new ArrayList<>();
            store.visit((bucket, key, value) -> seen.add(bucket + "/" + key + "/" + value));
            assertThat(seen).containsExactly("a//", "a/l/2", "ab//", "b//", "b/k/1");
        }
    }

    @Test
    void a_bucket_that_is_created_again_keeps_its_entries() throws Exception {
        try (Store store = Store.open(directory())) {
            Writes.create(store, "a");
            Writes.put(store, "a", "k", "v");
            Writes.create(store, "a").await();

            assertThat(store.load("a")).containsExactly(Map.entry("k", "v"));
        }
    }

    @Test
    void every_byte_survives() throws Exception {
        StringBuilder all = new StringBuilder();
        for (char c = 0; c < 256; c++) {
            if (c != ' ') {
                all.append(c);
            }
        }
        String word = all.toString();
        try (Store store = Store.open(directory())) {
            Writes.create(store, word);
            Writes.put(store, word, word, word).await();
        }
        try (Store store = Store.open(directory())) {
            assertThat(store.load(word)).containsExactly(Map.entry(word, word));
        }
    }

    @Test
    void an_owner_is_told_about_its_own_changes_in_their_order() throws Exception {
        record Told(String owner, List<String> keys) {}
        BlockingQueue<Told> told = new LinkedBlockingQueue<>();
        record Named(String name, BlockingQueue<Told> told) implements Store.Owner<String> {
            @Override
            public void committed(List<Change<String>> changes) {
                told.add(new Told(name, changes.stream().map(Change::caller).toList()));
            }

            @Override
            public void failed(List<Change<String>> changes, StoreException why) {
                told.add(new Told(name, List.of(String.valueOf(why.getMessage()))));
            }
        }
        try (Store store = Store.open(directory())) {
            for (int i = 0; i < 100; i++) {
                for (String name : List.of("a", "b")) {
                    store.submit(
                            new Change.Put<>("bucket", name + i, "v", name + i),
                            new Named(name, told));
                }
            }
        }
        for (String name : List.of("a", "b")) {
            List<String> keys =
                    told.stream()
                            .filter(one -> one.owner().equals(name))
                            .flatMap(one -> one.keys().stream())
                            .toList();
            assertThat(keys).hasSize(100).startsWith(name + 0, name + 1).endsWith(name + 99);
        }
    }

    @Test
    void close_commits_what_was_submitted() throws Exception {
        List<Writes.Write> ends = new ArrayList<>();
        try (Store store = Store.open(directory())) {
            for (int i = 0; i < 10_000; i++) {
                ends.add(Writes.put(store, "a", "k" + i, "v"));
            }
        }
        assertThat(ends).allMatch(Writes.Write::isCommitted);
        try (Store store = Store.open(directory())) {
            assertThat(store.load("a")).hasSize(10_000);
        }
    }

    @Test
    void many_changes_share_a_sync() throws Exception {
        try (Store store = Store.open(directory())) {
            Writes.Write last = Writes.create(store, "a");
            for (int i = 0; i < 10_000; i++) {
                last = Writes.put(store, "a", "k" + i, "v");
            }
            last.await();

            Store.Statistics statistics = store.statistics();
            assertThat(statistics.writes()).isEqualTo(10_001);
            assertThat(statistics.syncs()).isBetween(1L, 5_000L);
            assertThat(statistics.bytes()).isGreaterThan(10_000L);
            assertThat(statistics.failure()).isEmpty();
        }
    }

    @Test
    void a_closed_store_refuses_without_ending_the_jvm() throws Exception {
        Store store = Store.open(directory());
        Writes.create(store, "a").await();
        store.close();
        store.close();

        assertThatThrownBy(() -> store.load("a"))
                .isInstanceOf(StoreException.class)
                .hasMessage("the store is closed");
        assertThatThrownBy(() -> store.contains("a")).hasMessage("the store is closed");
        assertThat(Writes.create(store, "b").failure()).hasMessage("the store is closed");
    }

    @Test
    void a_store_that_is_closed_while_it_is_read_does_not_end_the_jvm() throws Exception {
        Store store = Store.open(directory());
        for (int i = 0; i < 20_000; i++) {
            Writes.put(store, "a", "k" + i, "v");
        }
        Writes.create(store, "a").await();
        List<Thread> readers = new ArrayList<>();
        BlockingQueue<String> ends = new LinkedBlockingQueue<>();
        for (int i = 0; i < 4; i++) {
            readers.add(
                    Thread.ofVirtual()
                            .start(() -> {
                                try {
                                    while (store.load("a").size() == 20_000) {
                                        Thread.onSpinWait();
                                    }
                                    ends.add("entries were missing");
                                } catch (StoreException e) {
                                    ends.add(String.valueOf(e.getMessage()));
                                }
                            }));
        }
        store.load("a");
        store.close();
        for (Thread reader : readers) {
            reader.join();
        }
        assertThat(ends).hasSize(4).containsOnly("the store is closed");
    }

    @Test
    void an_interrupt_does_not_hurt_the_store() throws Exception {
        try (Store store = Store.open(directory())) {
            Writes.create(store, "a").await();
            Thread.currentThread().interrupt();
            Writes.Write end = Writes.put(store, "a", "k", "v");
            boolean known = store.contains("a");
            store.load("a");
            store.statistics();
            assertThat(Thread.interrupted()).isTrue();

            assertThat(known).isTrue();
            end.await();
            assertThat(store.load("a")).containsExactly(Map.entry("k", "v"));
        }
    }

    @Test
    void a_close_is_finished_by_an_interrupted_thread() throws Exception {
        Store store = Store.open(directory());
        Writes.Write end = Writes.create(store, "a");
        Thread.currentThread().interrupt();
        store.close();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(end.isCommitted()).isTrue();
        Store.open(directory()).close();
    }

    @Test
    void a_directory_belongs_to_one_store_of_the_jvm() throws Exception {
        try (Store store = Store.open(directory())) {
            assertThatThrownBy(() -> Store.open(folder.resolve("x/../data")))
                    .isInstanceOf(StoreException.class);
            Files.createSymbolicLink(folder.resolve("link"), directory());
            assertThatThrownBy(() -> Store.open(folder.resolve("link")))
                    .isInstanceOf(StoreException.class)
                    .hasMessage(
                            "expected a data directory that no other program uses, got: "
                                    + directory().toRealPath());

            // The refused store has not given up the lock of the first one.
            assertThat(openInAnotherJvm())
                    .containsExactly(
                            "expected a data directory that no other program uses, got: "
                                    + directory().toRealPath());
            Writes.create(store, "a").await();
        }
        assertThat(openInAnotherJvm()).containsExactly("READY");
    }

    private List<String> openInAnotherJvm() throws IOException, InterruptedException {
        Process child = StoreProgram.start(directory());
        child.getOutputStream().close();
        try (var output = child.inputReader()) {
            List<String> lines = output.readAllLines();
            assertThat(child.waitFor(20, TimeUnit.SECONDS)).isTrue();
            return lines;
        }
    }

    @Test
    void a_directory_that_cannot_be_used_is_refused_in_one_line() throws Exception {
        Path file = Files.writeString(folder.resolve("file"), "");

        for (Path unusable : List.of(file, file.resolve("data"), Path.of("/proc/kv/data"))) {
            StoreException refusal =
                    catchThrowableOfType(StoreException.class, () -> Store.open(unusable));
            assertThat(refusal.getMessage())
                    .startsWith("expected a data directory that can be created and written, got: ")
                    .contains(unusable.toString())
                    .doesNotContain("\n");
        }
    }

    @Test
    void a_directory_that_cannot_be_written_is_refused_in_one_line() {
        Path unwritable = Path.of("/proc/self/task"); // not even by root

        assertThatThrownBy(() -> Store.open(unwritable))
                .isInstanceOf(StoreException.class)
                .hasMessageStartingWith(
                        "expected a data directory that can be created and written, got: ");
    }

    @Test
    void the_native_library_leaves_no_copy_in_the_folder_of_temporary_files() throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        Process child = StoreProgram.start(directory(), "-Djava.io.tmpdir=" + temporary);
        try (var output = child.inputReader()) {
            assertThat(output.readLine()).isEqualTo("READY");
            child.destroyForcibly().waitFor();
        }
        String[] left = new File(temporary.toString()).list();
        assertThat(left).isEmpty();
    }

    @Nested
    class a_bucket_that_is_taken_over {

        @Test
        void has_its_entries() throws Exception {
            try (Store store = Store.open(directory())) {
                Owner before = new Owner();
                store.takeOver("a", before);
                store.submit(new Change.Put<>("a", "k", "1", "first"), before);
                awaitAll(store);

                assertThat(before.told).containsExactly("committed first");
                assertThat(store.takeOver("a", new Owner())).containsExactly(Map.entry("k", "1"));
            }
        }

        /// Waits until all that was submitted has been committed or has failed.
        private static void awaitAll(Store store) {
            store.takeOver("other", new Owner());
        }

        @Test
        void takes_no_more_changes_of_its_owner_before() throws Exception {
            try (Store store = Store.open(directory())) {
                Owner before = new Owner();
                Owner after = new Owner();
                store.takeOver("a", before);
                store.takeOver("a", after);
                store.submit(new Change.Put<>("a", "k", "1", "late"), before);
                store.submit(new Change.Put<>("a", "l", "2", "new"), after);

                awaitAll(store);

                assertThat(store.load("a")).containsExactly(Map.entry("l", "2"));
                assertThat(before.told)
                        .containsExactly("failed late: another process has taken the bucket over");
                assertThat(after.told).containsExactly("committed new");
            }
        }

        /// Owners replace each other while the one before still submits. Each change that was
        /// committed is in the entries of all later owners.
        @Test
        void has_all_that_was_committed_at_any_moment() throws Exception {
            try (Store store = Store.open(directory())) {
                Owner last = new Owner();
                store.takeOver("a", last);
                for (int i = 0; i < 100; i++) {
                    Owner before = last;
                    int round = i;
                    Thread late =
                            Thread.ofPlatform()
                                    .start(() -> {
                                        for (int j = 0; j < 20; j++) {
                                            String key = round + "-" + j;
                                            store.submit(
                                                    new Change.Put<>("a", key, "v", key), before);
                                        }
                                    });
                    last = new Owner();
                    Map<String, String> entries = store.takeOver("a", last);
                    late.join();
                    awaitAll(store);

                    assertThat(before.told).hasSize(20);
                    assertThat(before.told)
                            .filteredOn(told -> told.startsWith("committed "))
                            .allMatch(told ->
                                    entries.containsKey(told.substring("committed ".length())));
                }
            }
        }

        /// Remembers what it is told.
        private static final class Owner implements Store.Owner<String> {

            private final List<String> told = new CopyOnWriteArrayList<>();

            @Override
            public void committed(List<Change<String>> changes) {
                changes.forEach(change -> told.add("committed " + change.caller()));
            }

            @Override
            public void failed(List<Change<String>> changes, StoreException why) {
                changes.forEach(
                        change -> told.add("failed " + change.caller() + ": " + why.getMessage()));
            }
        }
    }
}
