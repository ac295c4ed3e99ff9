package io.genserver.conformance;

import io.genserver.Attachment;
import io.genserver.Processes;
import io.genserver.StartOption;
import io.genserver.cluster.engine.Engine;
import io.genserver.cluster.jgroups.JGroupsEngine;
import io.genserver.cluster.jgroups.JGroupsOptions;
import io.genserver.cluster.memory.MemoryNetwork;
import io.genserver.ports.FreePorts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Replays scenarios recorded on the BEAM, in which no call times out, with their processes spread
/// over two nodes. [TwoNodes] says how, and what is different from one node.
///
/// With `-Dconformance.all=true` it plays all scenarios, also over sockets. Without, it plays one
/// scenario in eight over memory.
class ClusterConformanceTest {

    private static final int ONE_IN =
            Boolean.parseBoolean(System.getProperty("conformance.all")) ? 1 : 8;

    @ParameterizedTest
    @MethodSource("io.genserver.conformance.ConformanceTest#corpora")
    void does_what_the_beam_did_over_memory(Path corpus) throws IOException {
        MemoryNetwork network = new MemoryNetwork(17);
        compare(corpus, network.engine("a"), network.engine("b"), List.of());
    }

    @ParameterizedTest
    @MethodSource("io.genserver.conformance.ConformanceTest#corpora")
    void does_what_the_beam_did_over_memory_with_servers_that_do_not_block(Path corpus)
            throws IOException {
        MemoryNetwork network = new MemoryNetwork(17);
        List<StartOption> mode = List.of(StartOption.nonBlocking());
        compare(corpus, network.engine("a"), network.engine("b"), mode);
    }

    @ParameterizedTest
    @MethodSource("io.genserver.conformance.ConformanceTest#corpora")
    @EnabledIfSystemProperty(named = "conformance.all", matches = "true")
    void does_what_the_beam_did_over_sockets(Path corpus) throws IOException {
        String first = FreePorts.nextAddress();
        String second = FreePorts.nextAddress();
        compare(corpus, engine(first, second), engine(second, first), List.of());
    }

    private static Engine engine(String address, String seed) {
        return new JGroupsEngine(JGroupsOptions.at(address).withSeeds(List.of(seed)));
    }

    private static void compare(Path corpus, Engine first, Engine second, List<StartOption> mode)
            throws IOException {
        List<Scenario> all = ConformanceTest.withoutWaits(corpus);
        List<Scenario> some =
                IntStream.range(0, all.size())
                        .filter(number -> number % ONE_IN == 0)
                        .mapToObj(all::get)
                        .toList();
        try (TwoNodes nodes = TwoNodes.start(first, second)) {
            nodes.first()
                    .run(() -> {
                        try (Attachment _ = Processes.attach()) {
                            ConformanceTest.compare(
                                    corpus,
                                    some,
                                    mode,
                                    (scenarios, options, differences) ->
                                            ConformanceTest.playOnThreads(
                                                    nodes, scenarios, options, differences));
                        }
                    });
        }
    }
}
