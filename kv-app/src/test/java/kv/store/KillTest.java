package kv.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// Kills a program while it writes, again and again, and then looks for each write that the store
/// had acknowledged. `-Dkv.kills=100` sets the number of kills.
class KillTest {

    private static final int KILLS = Integer.getInteger("kv.kills", 6);
    private static final int WRITERS = 8;

    @TempDir private Path folder;

    /// What the writers of one program have said about a key.
    ///
    /// @param submitted the last version that was submitted
    /// @param acknowledged the last version that was acknowledged, or -1
    private record Versions(int submitted, int acknowledged) {}

    @Test
    @Timeout(value = 20, unit = TimeUnit.MINUTES)
    void each_acknowledged_write_is_there_after_a_kill() throws Exception {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Map<String, Map<String, Versions>> journals = new HashMap<>();
        int acknowledged = 0;
        for (int kill = 0; kill < KILLS; kill++) {
            String bucket = "bucket" + kill;
            Map<String, Versions> journal = journal(killed(bucket, random));
            journals.put(bucket, journal);
            acknowledged +=
                    journal.values().stream()
                            .mapToInt(versions -> versions.acknowledged() + 1)
                            .sum();
            try (Store store = Store.open(folder)) {
                check(store, bucket, journal, seed);
            }
        }
        try (Store store = Store.open(folder)) {
            for (Map.Entry<String, Map<String, Versions>> one : journals.entrySet()) {
                check(store, one.getKey(), one.getValue(), seed);
            }
        }
        System.out.printf("%d kills, %d acknowledged writes%n", KILLS, acknowledged);
        assertThat(acknowledged).isGreaterThan(KILLS);
    }

    /// Runs the program, kills it, and returns its output. One of eight programs is killed while it
    /// opens the store.
    private List<String> killed(String bucket, Random random) throws Exception {
        List<String> command = StoreProgram.command(Writers.class);
        command.addAll(List.of(folder.toString(), bucket));
        Process program =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        Thread killer =
                Thread.ofVirtual()
                        .unstarted(() -> {
                            sleep(random.nextInt(400));
                            program.toHandle().destroyForcibly(); // leaves the output open
                        });
        List<String> lines = new ArrayList<>();
        try (var output = program.inputReader(StandardCharsets.ISO_8859_1)) {
            if (random.nextInt(8) == 0) {
                killer.start();
            } else {
                assertThat(output.readLine()).isEqualTo("READY");
                killer.start();
            }
            output.lines().filter(line -> !line.equals("READY")).forEach(lines::add);
        }
        killer.join();
        assertThat(program.waitFor()).isEqualTo(137); // SIGKILL
        return lines;
    }

    private static void sleep(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Map<String, Versions> journal(List<String> lines) {
        Map<String, Versions> journal = new HashMap<>();
        for (String line : lines) {
            String[] words = line.split(" ", 3);
            int version = Integer.parseInt(words[2]);
            Versions known = journal.getOrDefault(words[1], new Versions(-1, -1));
            journal.put(
                    words[1],
                    switch (words[0]) {
                        case "submitted" -> new Versions(version, known.acknowledged());
                        case "acknowledged" -> new Versions(known.submitted(), version);
                        default -> throw new AssertionError(line);
                    });
        }
        return journal;
    }

    private static void check(
            Store store, String bucket, Map<String, Versions> journal, long seed) {
        Map<String, String> entries = store.load(bucket);
        assertThat(journal.keySet()).as("seed %d", seed).containsAll(entries.keySet());
        journal.forEach((key, versions) -> {
            List<String> possible = new ArrayList<>();
            for (int v = versions.acknowledged(); v <= versions.submitted(); v++) {
                possible.add(Writers.stored(v));
            }
            assertThat(entries.getOrDefault(key, Writers.NONE))
                    .as("%s %s, seed %d", bucket, key, seed)
                    .isIn(possible);
        });
    }

    /// The program that is killed. Each writer changes the same keys again and again, one change
    /// after the other, and says on standard output what it submits and what is acknowledged.
    static final class Writers {

        static final String NONE = "none";

        private static final FileOutputStream OUTPUT = new FileOutputStream(FileDescriptor.out);

        private Writers() {}

        /// Returns the value that a version of a key has. Every fifth version deletes the key.
        static String stored(int version) {
            return version % 5 == 4 || version < 0
                    ? NONE
                    : version + "-" + "x".repeat(version * 7 % 2_000);
        }

        public static void main(String[] arguments) throws Exception {
            Store store = Store.open(Path.of(arguments[0]));
            Writes.create(store, arguments[1]).await();
            say("READY");
            for (int i = 0; i < WRITERS; i++) {
                String writer = "writer" + i;
                Thread.ofPlatform().start(() -> write(store, arguments[1], writer));
            }
        }

        private static void write(Store store, String bucket, String writer) {
            try {
                for (int i = 0; ; i++) {
                    String key = writer + "-" + i % 20;
                    int version = i / 20;
                    say("submitted " + key + " " + version);
                    String value = stored(version);
                    (value.equals(NONE)
                                    ? Writes.delete(store, bucket, key)
                                    : Writes.put(store, bucket, key, value))
                            .await();
                    say("acknowledged " + key + " " + version);
                }
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }

        /// Writes one line in one piece, so that a kill does not cut it.
        private static void say(String line) throws IOException {
            OUTPUT.write((line + "\n").getBytes(StandardCharsets.ISO_8859_1));
        }
    }
}
