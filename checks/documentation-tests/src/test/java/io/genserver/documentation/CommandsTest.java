package io.genserver.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Checks that a test tries each command in the documents. The test names it with [Tries].
class CommandsTest {

    private static final Path DOCUMENT = Path.of("a.md");

    private static Set<String> tried() {
        return Stream.of(CommandsIT.class, InstallIT.class, ReleaseIT.class)
                .flatMap(tests -> Arrays.stream(tests.getDeclaredMethods()))
                .filter(method -> method.isAnnotationPresent(Test.class))
                .map(method -> method.getAnnotation(Tries.class))
                .filter(Objects::nonNull)
                .flatMap(tries -> Arrays.stream(tries.value()))
                .collect(Collectors.toSet());
    }

    private static List<String> found(String text) {
        return Commands.of(DOCUMENT, text).stream().map(Commands.Shown::toString).toList();
    }

    @Test
    void every_command_of_the_documents_is_tried() throws IOException {
        Set<String> tried = tried();

        assertThat(
                        Commands.ofAllDocuments().stream()
                                .filter(shown -> !tried.contains(shown.text())))
                .as("commands that no test names in @Tries")
                .isEmpty();
    }

    @Test
    void only_commands_of_the_documents_are_tried() throws IOException {
        assertThat(Commands.ofAllDocuments().stream().map(Commands.Shown::text))
                .as("commands that a document shows")
                .containsAll(tried());
    }

    @Test
    void each_line_of_a_block_of_commands_is_one() {
        assertThat(
                        found(
                                """
                                ```sh
                                # how to begin
                                ./kv        # runs kv
                                anything at all

                                ```
                                """))
                .containsExactly("a.md:3: ./kv", "a.md:4: anything at all");
    }

    @Test
    void other_blocks_have_those_that_begin_as_one() {
        assertThat(
                        found(
                                """
                                ```
                                a tree
                                mvn test
                                ```

                                    ./races -l   # lists
                                    .withShutdown(…)
                                """))
                .containsExactly("a.md:3: mvn test", "a.md:6: ./races -l");
    }

    @Test
    void a_backslash_goes_on_with_the_next_line() {
        assertThat(found("    ./verify -pl a \\\n        -Dtest=B\n"))
                .containsExactly("a.md:1: ./verify -pl a -Dtest=B");
    }

    @Test
    void code_may_go_on_in_the_next_line() {
        assertThat(found("To install, run\n`./verify\n  install`.\n\nThen `./kv`."))
                .containsExactly("a.md:2: ./verify install", "a.md:5: ./kv");
    }

    @Test
    void code_within_a_line_is_one_if_it_begins_as_one() {
        assertThat(
                        found(
                                "Run `./verify`, or `.ci/run` as in ``printf '`' | ./kv``; see `./` and `mvn`."))
                .containsExactly(
                        "a.md:1: ./verify", "a.md:1: .ci/run", "a.md:1: printf '`' | ./kv");
    }
}
