package kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs a script of 200,000 commands made from the JDK's legal files. Each word is stored with its
/// count so far and read back, and deleted every third time, in several buckets. A plain HashMap
/// gives the expected answers.
class RealTextIT {

    private static final int COMMANDS = 200_000;
    private static final int BUCKETS = 7;

    private final StringBuilder script = new StringBuilder();
    private final List<String> expected = new ArrayList<>(COMMANDS);

    /// The expected contents of the buckets, by bucket and key.
    private final Map<String, Map<String, String>> model = new HashMap<>();

    @Test
    void every_answer_is_that_of_a_hash_map(@TempDir Path folder) throws Exception {
        writeScript();

        ProcessBuilder kv = KvProgram.command();
        kv.environment().remove("KV_JAVA_OPTIONS"); // as its users run it
        KvProgram.Run run = KvProgram.run(folder, script.toString(), kv);

        assertThat(expected).hasSize(COMMANDS);
        assertThat(run.output()).isEqualTo(expected);
        assertThat(run.status()).isZero();
        assertThat(run.errors())
                .singleElement()
                .asString()
                .matches(COMMANDS + " commands in [0-9.]+ s \\([0-9]+ per second\\), bad lines: 0");
    }

    private void writeScript() throws IOException {
        for (int i = 0; i < BUCKETS; i++) {
            add("create bucket" + i, "ok");
        }
        Map<String, Integer> counts = new HashMap<>();
        while (expected.size() < COMMANDS) { // repeats the text; counts go on
            for (String word : words()) {
                use(word, counts.merge(word, 1, Integer::sum));
                if (expected.size() == COMMANDS) {
                    return;
                }
            }
        }
    }

    private void use(String word, int count) {
        String bucket = "bucket" + Math.floorMod(word.hashCode(), BUCKETS);
        Map<String, String> entries = model.computeIfAbsent(bucket, _ -> new HashMap<>());
        String place = bucket + " " + word;
        entries.put(word, String.valueOf(count));
        add("put " + place + " " + count, "ok");
        add("get " + place, answer(entries.get(word)));
        if (count % 3 == 0) {
            add("delete " + place, answer(entries.remove(word)));
            add("get " + place, answer(entries.get(word)));
        }
    }

    private void add(String command, String answer) {
        if (expected.size() < COMMANDS) {
            script.append(command).append('\n');
            expected.add(answer);
        }
    }

    private static String answer(@Nullable String value) {
        return value == null ? "nil" : '"' + value + '"';
    }

    private static List<String> words() throws IOException {
        try (Stream<Path> files = Files.walk(Path.of(System.getProperty("java.home"), "legal"))) {
            List<String> words = new ArrayList<>();
            for (Path file : files.filter(Files::isRegularFile).sorted().toList()) {
                String text = Files.readString(file, StandardCharsets.ISO_8859_1);
                words.addAll(List.of(text.strip().split("\\s+")));
            }
            words.removeIf(String::isEmpty);
            assertThat(words).hasSizeGreaterThan(10_000);
            return words;
        }
    }
}
