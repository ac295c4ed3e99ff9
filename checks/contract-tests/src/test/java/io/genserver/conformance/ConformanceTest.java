package io.genserver.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.Processes;
import io.genserver.StartOption;
import io.genserver.test.GenServerExtension;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Replays scenarios recorded on the BEAM, step by step, and compares the results.
///
/// `-Dconformance.corpus=DIR` replays all `*.jsonl` files of another folder instead.
@ExtendWith(GenServerExtension.class)
class ConformanceTest {

    private static final int AT_ONCE = 4;
    private static final int SHOWN = 5;

    static Stream<Path> corpora() throws IOException, URISyntaxException {
        String other = System.getProperty("conformance.corpus");
        Path folder =
                other == null
                        ? Path.of(
                                Objects.requireNonNull(
                                                ConformanceTest.class.getResource("/conformance"))
                                        .toURI())
                        : Path.of(other);
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> corpora =
                    files.filter(file -> file.toString().endsWith(".jsonl")).sorted().toList();
            assertThat(corpora).as("corpora in " + folder).isNotEmpty();
            return corpora.stream();
        }
    }

    @ParameterizedTest
    @MethodSource("corpora")
    void does_what_the_beam_did(Path corpus) throws IOException {
        compare(corpus, List.of());
    }

    @ParameterizedTest
    @MethodSource("corpora")
    void does_what_the_beam_did_with_servers_that_do_not_block(Path corpus) throws IOException {
        compare(corpus, List.of(StartOption.nonBlocking()));
    }

    private static void compare(Path corpus, List<StartOption> mode) throws IOException {
        List<Scenario> scenarios = Scenario.readAll(corpus);
        ConcurrentLinkedQueue<String> differences = new ConcurrentLinkedQueue<>();

        int played = playAll(scenarios, mode, differences);

        assertThat(played).isEqualTo(scenarios.size()).isPositive();
        if (!differences.isEmpty()) {
            throw new AssertionError(
                    "%d of %d scenarios of %s differ from the BEAM; the first:%n%s"
                            .formatted(
                                    differences.size(),
                                    played,
                                    corpus.getFileName(),
                                    String.join("\n", differences.stream().limit(SHOWN).toList())));
        }
    }

    /// Plays all scenarios, a few concurrently, each in a process of its own.
    private static int playAll(
            List<Scenario> scenarios,
            List<StartOption> mode,
            ConcurrentLinkedQueue<String> differences) {
        ArrayDeque<Scenario> waiting = new ArrayDeque<>(scenarios);
        List<Down> ended = new ArrayList<>();
        int running = 0;
        while (running > 0 || !waiting.isEmpty()) {
            Scenario next = running < AT_ONCE ? waiting.poll() : null;
            if (next != null) {
                Processes.spawnMonitor(() -> Player.play(next, mode).ifPresent(differences::add));
                running++;
            } else {
                Down down = Processes.receive(Down.class);
                ended.add(down);
                running--;
                if (!down.reason().equals(ExitReason.NORMAL)) {
                    differences.add("the player itself failed: " + down.reason());
                }
            }
        }
        return ended.size();
    }
}
