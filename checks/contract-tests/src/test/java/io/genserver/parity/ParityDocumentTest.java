package io.genserver.parity;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Checks that each `Class#method` in the parity document is a test, and that each parity test is
/// in it.
class ParityDocumentTest {

    private static final Path DOCUMENT = Path.of("../../docs/parity.md");
    private static final List<Path> TESTS =
            List.of(Path.of("src/test/java"), Path.of("../../cluster/src/test/java"));
    private static final Pattern NAMED = Pattern.compile("(\\w+Test)#(\\w+)");
    private static final Pattern TEST =
            Pattern.compile(
                    "@(?:Test|ParameterizedTest)\\s(?:[^;}]*?(?:}[^;}]*?)?\\s)?void (\\w+)\\(");
    private static final Pattern SOURCE = Pattern.compile("/// Source: ");

    private static Set<String> named() throws IOException {
        return NAMED.matcher(Files.readString(DOCUMENT))
                .results()
                .map(MatchResult::group)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<Path> sources() throws IOException {
        List<Path> all = new ArrayList<>();
        for (Path folder : TESTS) {
            try (Stream<Path> files = Files.walk(folder)) {
                files.filter(file -> file.toString().endsWith("Test.java")).forEach(all::add);
            }
        }
        return all;
    }

    private static Stream<String> testsOf(Path source) {
        String type = source.getFileName().toString().replace(".java", "");
        try {
            return TEST.matcher(Files.readString(source))
                    .results()
                    .map(test -> type + "#" + test.group(1));
        } catch (IOException unreadable) {
            throw new java.io.UncheckedIOException(unreadable);
        }
    }

    @Test
    void every_test_it_names_exists() throws IOException {
        Set<String> tests =
                sources().stream().flatMap(ParityDocumentTest::testsOf).collect(Collectors.toSet());

        assertThat(named()).hasSizeGreaterThan(100).isSubsetOf(tests);
    }

    @Test
    void every_parity_test_is_in_it_and_says_what_it_mirrors() throws IOException {
        for (Path source : sources()) {
            String text = Files.readString(source);
            if (text.contains("\n@Tag(\"parity\")")) {
                List<String> tests = testsOf(source).toList();
                assertThat(named()).containsAll(tests);
                assertThat(SOURCE.matcher(text).results()).as("%s", source).hasSize(tests.size());
            }
        }
    }
}
