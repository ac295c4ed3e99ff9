package io.genserver.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.Attachment;
import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.Processes;
import io.genserver.StartOption;
import io.genserver.simulation.TestTime;
import io.genserver.test.GenServerExtension;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
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
/// All scenarios are played on virtual time. Those in which no call times out are also played on
/// the runtime's own scheduler.
///
/// `-Dconformance.corpus=DIR` replays all `*.jsonl` files of another folder instead.
@ExtendWith(GenServerExtension.class)
class ConformanceTest {

    private static final int AT_ONCE = 32; // most of a scenario is waiting for processes to be idle
    private static final Duration GRACE = Duration.ofSeconds(1);
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
        compare(corpus, withoutWaits(corpus), List.of(), ConformanceTest::playOnThreads);
    }

    @ParameterizedTest
    @MethodSource("corpora")
    void does_what_the_beam_did_with_servers_that_do_not_block(Path corpus) throws IOException {
        compare(
                corpus,
                withoutWaits(corpus),
                List.of(StartOption.nonBlocking()),
                ConformanceTest::playOnThreads);
    }

    @ParameterizedTest
    @MethodSource("corpora")
    void does_what_the_beam_did_on_virtual_time(Path corpus) throws IOException {
        compare(corpus, Scenario.readAll(corpus), List.of(), ConformanceTest::playOnVirtualTime);
    }

    @ParameterizedTest
    @MethodSource("corpora")
    void does_what_the_beam_did_on_virtual_time_with_servers_that_do_not_block(Path corpus)
            throws IOException {
        compare(
                corpus,
                Scenario.readAll(corpus),
                List.of(StartOption.nonBlocking()),
                ConformanceTest::playOnVirtualTime);
    }

    /// A way to play scenarios.
    interface Way {
        int playAll(
                List<Scenario> scenarios,
                List<StartOption> mode,
                ConcurrentLinkedQueue<String> differences);
    }

    static List<Scenario> withoutWaits(Path corpus) throws IOException {
        return Scenario.readAll(corpus).stream().filter(scenario -> !scenario.waits()).toList();
    }

    static void compare(Path corpus, List<Scenario> scenarios, List<StartOption> mode, Way way) {
        ConcurrentLinkedQueue<String> differences = new ConcurrentLinkedQueue<>();

        int played = way.playAll(scenarios, mode, differences);

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

    /// Plays each scenario on a node with a time of its own.
    private static int playOnVirtualTime(
            List<Scenario> scenarios,
            List<StartOption> mode,
            ConcurrentLinkedQueue<String> differences) {
        int played = 0;
        for (Scenario scenario : scenarios) {
            try (TestTime time = TestTime.start()) {
                time.call(
                                () -> {
                                    try (Attachment _ = Processes.attach()) {
                                        return Player.play(
                                                Stage.ONE_NODE, scenario, mode, Duration.ZERO);
                                    }
                                })
                        .ifPresent(differences::add);
            } catch (Exception | AssertionError failed) {
                differences.add(scenario.name() + ": the player itself failed: " + failed);
            }
            played++;
        }
        return played;
    }

    private static int playOnThreads(
            List<Scenario> scenarios,
            List<StartOption> mode,
            ConcurrentLinkedQueue<String> differences) {
        return playOnThreads(Stage.ONE_NODE, scenarios, mode, differences);
    }

    /// Plays all scenarios, a few concurrently, each in a process of its own.
    static int playOnThreads(
            Stage stage,
            List<Scenario> scenarios,
            List<StartOption> mode,
            ConcurrentLinkedQueue<String> differences) {
        ArrayDeque<Scenario> waiting = new ArrayDeque<>(scenarios);
        List<Down> ended = new ArrayList<>();
        int running = 0;
        while (running > 0 || !waiting.isEmpty()) {
            Scenario next = running < AT_ONCE ? waiting.poll() : null;
            if (next != null) {
                Processes.spawnMonitor(
                        () -> Player.play(stage, next, mode, GRACE).ifPresent(differences::add));
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
