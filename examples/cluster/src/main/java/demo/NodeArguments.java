package demo;

import io.genserver.cluster.jgroups.JGroupsOptions;
import io.genserver.cluster.jgroups.Tls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What a node was started with.
///
/// @param cookies the first one proves who the node is; each is accepted from others
/// @param tickTime how long a connected node may be silent: longer than the engine takes to notice
///   a loss, because it notices most of them
record NodeArguments(
        String name,
        List<String> cookies,
        int expectedNodes,
        Duration tickTime,
        JGroupsOptions engine) {

    static final String USAGE =
            """
            node --name NAME@HOST --listen HOST:PORT --cookie-file FILE [OPTION]...
              --seed HOST:PORT       another node to ask for the others; may be repeated
              --expected N           how many nodes the complete cluster has
              --silence SECONDS      how long a node may be silent; 8 by default, at least 1
              --key-store FILE       a PKCS #12 file, for TLS
              --password-file FILE   a file with its password
            Each line of the cookie file is a cookie. The first one is shown to other nodes.
            """;

    /// How much longer than the time of the engine: for the heartbeat and the last question.
    private static final Duration LONGER = Duration.ofSeconds(2);

    /// Reads the arguments.
    ///
    /// @throws IllegalArgumentException if they are wrong; says what was expected
    /// @throws IOException if the cookie file cannot be read
    static NodeArguments parse(List<String> arguments) throws IOException {
        Values values = new Values(arguments);
        String name = values.required("--name");
        JGroupsOptions engine =
                JGroupsOptions.at(values.required("--listen")).withSeeds(values.all("--seed"));
        Path cookieFile = Path.of(values.required("--cookie-file"));
        int expected = Integer.parseInt(values.one("--expected").orElse("1"));
        Duration silence = Duration.ofSeconds(Long.parseLong(values.one("--silence").orElse("8")));
        engine = engine.withFailureDetection(silence, silence.dividedBy(4));
        Optional<String> keyStore = values.one("--key-store");
        if (keyStore.isPresent()) {
            Path password = Path.of(values.required("--password-file"));
            engine = engine.withTls(Tls.of(Path.of(keyStore.get()), password));
        }
        values.checkAllRead();
        List<String> cookies =
                Files.readAllLines(cookieFile).stream().filter(line -> !line.isBlank()).toList();
        return new NodeArguments(name, cookies, expected, silence.plus(LONGER), engine);
    }

    /// The pairs of an option and its value, until they are read.
    private static final class Values {
        private final List<String> left;

        private Values(List<String> arguments) {
            left = new ArrayList<>(arguments);
        }

        private List<String> all(String option) {
            List<String> found = new ArrayList<>();
            for (int at = left.indexOf(option); at >= 0; at = left.indexOf(option)) {
                left.remove(at);
                if (at == left.size()) {
                    throw new IllegalArgumentException("expected a value after " + option);
                }
                found.add(left.remove(at));
            }
            return found;
        }

        private Optional<String> one(String option) {
            List<String> found = all(option);
            if (found.size() > 1) {
                throw new IllegalArgumentException("expected " + option + " once, got: " + found);
            }
            return found.stream().findFirst();
        }

        private String required(String option) {
            return one(option)
                    .orElseThrow(() -> new IllegalArgumentException("expected " + option));
        }

        private void checkAllRead() {
            if (!left.isEmpty()) {
                throw new IllegalArgumentException("expected options of a node, got: " + left);
            }
        }
    }
}
