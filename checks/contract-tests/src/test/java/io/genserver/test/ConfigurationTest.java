package io.genserver.test;

import static io.genserver.test.InnerTests.SEEN;
import static io.genserver.test.MessageAssertions.awaitDown;
import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.Agent;
import io.genserver.Match;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// What the configuration parameters of JUnit say about all tests.
@Timeout(30)
class ConfigurationTest {

    private static final String REFUSED =
            "runs(TestSupervisor): org.junit.jupiter.api.extension.ExtensionConfigurationException:"
                    + " expected the configuration parameter ";

    /// Leaves a process, lets another crash, and looks at the node.
    @ExtendWith(GenServerExtension.class)
    static class Careless {
        @Test
        void runs(TestSupervisor test) {
            Processes.spawn(() -> Processes.receive(Match.value("never comes")));
            Pid agent = test.startSupervised(() -> Agent.startLink(() -> 1)).pid();
            Ref monitor = Processes.monitor(agent);
            Agent.cast(
                    agent,
                    (Integer _) -> {
                        throw new IllegalStateException("boom");
                    });
            awaitDown(monitor);
            SEEN.add("own node: " + !Node.current().equals(Node.defaultNode()));
        }
    }

    private static InnerTests run(String parameter, String value) {
        return InnerTests.run(Careless.class, Map.of(parameter, value));
    }

    private static List<String> problems(InnerTests inner) {
        Throwable first = inner.failure();
        return Stream.concat(Stream.of(first), Arrays.stream(first.getSuppressed()))
                .map(Throwable::getMessage)
                .filter(text -> text.startsWith("expected"))
                .map(text -> text.substring(0, text.indexOf(',')))
                .toList();
    }

    @Test
    void allows_what_the_words_say() {
        assertThat(problems(InnerTests.run(Careless.class)))
                .containsExactly(
                        "expected the test to stop every process that it started",
                        "expected no process to crash");
        assertThat(problems(run("genserver.test.allow", "leaks")))
                .containsExactly("expected no process to crash");
        assertThat(problems(run("genserver.test.allow", "crashes")))
                .containsExactly("expected the test to stop every process that it started");
        assertThat(run("genserver.test.allow", " leaks ,crashes ").failures()).isEmpty();
    }

    @Test
    void refuses_other_words() {
        assertThat(run("genserver.test.allow", "crashes, leak").failures())
                .containsExactly(
                        REFUSED
                                + "genserver.test.allow to be a list of crashes and leaks, got: leak");
        assertThat(SEEN).isEmpty();
    }

    @Test
    void chooses_the_node() {
        String allow = "genserver.test.allow";
        String all = "crashes, leaks";
        String node = "genserver.test.node";

        assertThat(InnerTests.run(Careless.class, Map.of(allow, all, node, " shared ")).failures())
                .isEmpty();
        assertThat(SEEN).containsExactly("own node: false");
        assertThat(InnerTests.run(Careless.class, Map.of(allow, all, node, "own")).failures())
                .isEmpty();
        assertThat(SEEN).containsExactly("own node: true");
        assertThat(InnerTests.run(Careless.class, Map.of(allow, all)).failures()).isEmpty();
        assertThat(SEEN).containsExactly("own node: true");
    }

    @Test
    void refuses_another_node() {
        assertThat(run("genserver.test.node", "none").failures())
                .containsExactly(REFUSED + "genserver.test.node to be own or shared, got: none");
        assertThat(SEEN).isEmpty();
    }
}
