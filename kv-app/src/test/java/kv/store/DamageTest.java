package kv.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Damages the files of a store that is closed.
@Timeout(60)
class DamageTest {

    /// The number of entries, each of which is a record of the log. The log has several blocks.
    private static final int ENTRIES = 100;

    @TempDir private Path folder;

    private Path directory() {
        return folder.resolve("data");
    }

    /// Commits key000 to key099, one after the other, and returns the log.
    private Path fill() throws Exception {
        try (Store store = Store.open(directory())) {
            Writes.create(store, "a").await();
            for (int i = 0; i < ENTRIES; i++) {
                Writes.put(store, "a", "key%03d".formatted(i), value(i)).await();
            }
        }
        return file(".log");
    }

    private static String value(int i) {
        return "value%03d".formatted(i) + ".".repeat(1_000);
    }

    private Path file(String end) throws IOException {
        try (Stream<Path> files = Files.list(directory())) {
            List<Path> found =
                    files.filter(file -> file.toString().endsWith(end))
                            .filter(file -> file.toFile().length() > 0)
                            .toList();
            assertThat(found).hasSize(1);
            return found.getFirst();
        }
    }

    private static void flip(Path file, long at) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(at);
            int old = bytes.read();
            bytes.seek(at);
            bytes.write(old ^ 0x20);
        }
    }

    /// Returns where the text is in the file.
    private static int position(Path file, String text) throws IOException {
        return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1).indexOf(text);
    }

    /// Opens the store and checks that it has exactly the first entries.
    private void assertEntries(int count) throws Exception {
        try (Store store = Store.open(directory())) {
            assertThat(store.load("a").keySet().stream().sorted())
                    .containsExactlyElementsOf(
                            IntStream.range(0, count).mapToObj("key%03d"::formatted).toList());
            Writes.put(store, "a", "after", "v").await();
        }
        try (Store store = Store.open(directory())) {
            assertThat(store.load("a")).hasSize(count + 1).containsEntry("after", "v");
        }
    }

    private String refusal() {
        StoreException refusal =
                catchThrowableOfType(StoreException.class, () -> Store.open(directory()).close());
        assertThat(refusal).as("the store was opened").isNotNull();
        return String.valueOf(refusal.getMessage());
    }

    @Test
    void an_intact_store_is_opened() throws Exception {
        fill();
        assertEntries(ENTRIES);
    }

    @Test
    void a_torn_record_at_the_end_is_cut() throws Exception {
        Path log = fill();
        try (RandomAccessFile bytes = new RandomAccessFile(log.toFile(), "rw")) {
            bytes.setLength(bytes.length() - 1);
        }
        assertEntries(ENTRIES - 1);
    }

    @Test
    void a_damaged_record_at_the_end_is_cut() throws Exception {
        Path log = fill();
        flip(log, Files.size(log) - 10);
        assertEntries(ENTRIES - 1);
    }

    @Test
    void a_damaged_length_at_the_end_is_cut() throws Exception {
        Path log = fill();
        // Before the key are 7 bytes of the piece, 12 of the batch, a type and a length.
        flip(log, position(log, "a key099") - 17);
        assertEntries(ENTRIES - 1);
    }

    @Test
    void zeros_at_the_end_are_cut() throws Exception {
        Path log = fill();
        try (RandomAccessFile bytes = new RandomAccessFile(log.toFile(), "rw")) {
            bytes.setLength(bytes.length() + 100_000);
        }
        assertEntries(ENTRIES);
    }

    @Test
    void damage_before_intact_records_is_refused_and_the_message_tells_the_way_out()
            throws Exception {
        Path log = fill();
        flip(log, position(log, "value050"));

        String refusal = refusal();
        assertThat(refusal)
                .startsWith("expected %s to be intact, got: damage at byte ".formatted(log))
                .doesNotContain("\n");
        assertThat(refusal()).isEqualTo(refusal); // the refusal has changed nothing

        String command = refusal.substring(refusal.indexOf("truncate"));
        assertThat(new ProcessBuilder("sh", "-c", command).inheritIO().start().waitFor()).isZero();
        assertEntries(50);
    }

    @Test
    void a_damaged_length_before_intact_records_is_refused() throws Exception {
        Path log = fill();
        flip(log, position(log, "a key050") - 17);
        assertThat(refusal()).contains("damage at byte ");
    }

    @Test
    void a_page_of_zeros_before_intact_records_is_refused() throws Exception {
        Path log = fill();
        byte[] bytes = Files.readAllBytes(log);
        Arrays.fill(bytes, 40_960, 45_056, (byte) 0);
        Files.write(log, bytes);
        assertThat(refusal()).contains("damage at byte ");
    }

    @Test
    void damage_in_an_earlier_log_is_refused() throws Exception {
        Path log = fill();
        Path later = log.resolveSibling("999999.log");
        Files.copy(log, later);
        flip(log, Files.size(log) - 10);

        assertThat(refusal())
                .startsWith("expected %s to be intact".formatted(log))
                .endsWith(" && rm " + later);
    }

    /// The last record consists of several pieces. If the first one has not been written, the
    /// others may have been.
    @Test
    void a_long_record_at_the_end_is_cut_also_if_only_its_beginning_is_damaged() throws Exception {
        try (Store store = Store.open(directory())) {
            Writes.create(store, "a").await();
            Writes.put(store, "a", "key000", value(0)).await();
            Writes.put(store, "a", "long", "x".repeat(200_000)).await();
        }
        Path log = file(".log");
        flip(log, position(log, "xxx") + 10);
        assertEntries(1);
    }

    @Test
    void damage_in_a_sorted_file_is_refused() throws Exception {
        fill();
        Store.open(directory()).close(); // writes what is in the log to a sorted file
        Path sorted = file(".sst");
        flip(sorted, 100);

        assertThat(refusal())
                .startsWith("expected the files in %s to be intact, got: ".formatted(directory()))
                .contains(sorted.getFileName().toString())
                .endsWith("; restore them from a backup");
    }

    @Test
    void damage_in_the_list_of_files_is_refused() throws Exception {
        fill();
        Store.open(directory()).close();
        Path list;
        try (Stream<Path> files = Files.list(directory())) {
            list = files.filter(f -> f.toString().contains("MANIFEST")).findFirst().orElseThrow();
        }
        flip(list, 20);

        assertThat(refusal()).contains(directory().toString()).contains("backup");
    }
}
