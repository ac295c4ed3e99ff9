package kv.tutorial;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Checks that the code in the documents is taken from files that are compiled and tested. Above
/// each Java block a comment names the file, and the lines of the block are one piece of that file.
class DocumentsTest {

    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();
    private static final Pattern BLOCK =
            Pattern.compile("(?:<!-- from (\\S+) -->\\n)?```java\\n(.*?)```", Pattern.DOTALL);
    private static final Pattern PUBLISHED =
            Pattern.compile("<artifactId>([^<]+)</artifactId><version>\\$\\{project.version}");
    private static final Pattern LINK = Pattern.compile("]\\((?!https?:|#)([^)#]+)[^)]*\\)");

    static Stream<Path> documents() throws IOException {
        List<Path> documents = new ArrayList<>();
        try (Stream<Path> files = Files.list(ROOT)) {
            files.filter(file -> file.toString().endsWith(".md")).forEach(documents::add);
        }
        for (String folder : List.of("docs", "examples")) {
            try (Stream<Path> files = Files.walk(ROOT.resolve(folder))) {
                files.filter(file -> file.toString().endsWith(".md"))
                        .filter(file -> !file.toString().contains("/target/"))
                        .forEach(documents::add);
            }
        }
        return documents.stream();
    }

    @ParameterizedTest
    @MethodSource("documents")
    void every_java_block_is_a_piece_of_a_tested_file(Path document) throws IOException {
        Matcher block = BLOCK.matcher(Files.readString(document));
        while (block.find()) {
            assertThat(block.group(1)).as("the file of the block:\n" + block.group(2)).isNotNull();
            String source = Files.readString(ROOT.resolve(block.group(1)));

            assertThat(unindented(source)).as(block.group(1)).contains(unindented(block.group(2)));
        }
    }

    @ParameterizedTest
    @MethodSource("documents")
    void every_link_leads_somewhere(Path document) throws IOException {
        Matcher link = LINK.matcher(Files.readString(document));
        while (link.find()) {
            assertThat(document.resolveSibling(link.group(1))).exists();
        }
    }

    @Test
    void the_readme_shows_the_whole_program() throws IOException {
        String readme = Files.readString(ROOT.resolve("README.md"));

        assertThat(readme).contains("kv-app/src/test/java/kv/tutorial/Counter.java");
        assertThat(readme).contains("throw new AssertionError(\"expected 42");
    }

    @ParameterizedTest
    @ValueSource(strings = {"docs/overview.md", "docs/modules.svg", "docs/architecture.md"})
    void every_published_module_is_shown(String document) throws IOException {
        String shown = Files.readString(ROOT.resolve(document));
        List<String> missing =
                PUBLISHED
                        .matcher(Files.readString(ROOT.resolve("genserver-bom/pom.xml")))
                        .results()
                        .map(published -> published.group(1))
                        .filter(artifact -> !shown.contains(artifact))
                        .toList();

        assertThat(missing).isEmpty();
    }

    private static String unindented(String text) {
        return text.lines().map(String::strip).collect(Collectors.joining("\n"));
    }
}
