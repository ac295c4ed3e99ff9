package io.genserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Checks what the compiler refuses, and that it accepts the same code without the mistake.
@SuppressWarnings("InlineFormatString") // a whole program is easier to read in one piece
class TypedCallsTest {

    private static final String SERVER =
            """
            import io.genserver.*;
            import java.util.*;

            final class Stack implements GenServer<Ok, Deque<String>, Stack.Request, String> {
                sealed interface Request {}
                record Pop() implements Request, Call<Optional<String>> {}
                record Size() implements Request, Call<Integer> {}

                public Init<Deque<String>> init(Ok ok) { return Init.ok(new ArrayDeque<>()); }

                public CallResult<Deque<String>> handleCall(
                        Request request, From from, Deque<String> stack) {
                    return switch (request) {
                        case Pop pop -> CallResult.reply(pop, %s, stack);
                        %s
                    };
                }

                static void client(Pid stack) {
                    %s size = GenServer.call(stack, new Size());
                }
            }
            """;

    /// What javac leaves out on the command line.
    private static final Pattern WITHOUT_PACKAGES = Pattern.compile("\\b([a-z]+\\.)+|Stack\\.");

    private static final String POP = "Optional.ofNullable(stack.poll())";
    private static final String SIZE =
            "case Size size -> CallResult.reply(size, stack.size(), stack);";

    @TempDir private Path folder;

    @Test
    void a_server_whose_types_agree_compiles() throws IOException {
        assertThat(errors(POP, SIZE, "int")).isEmpty();
    }

    @Test
    void a_reply_of_another_type_is_refused() throws IOException {
        assertThat(errors("stack.poll()", SIZE, "int")).anyMatch(error -> error.contains("String"));
    }

    @Test
    void a_request_that_is_not_handled_is_refused() throws IOException {
        assertThat(errors(POP, "", "int"))
                .anyMatch(error -> error.contains("does not cover all possible input values"));
    }

    @Test
    void a_result_taken_for_another_type_is_refused() throws IOException {
        assertThat(errors(POP, SIZE, "String")).anyMatch(error -> error.contains("String"));
    }

    /// Each wrong line, and the first line of the compiler's message.
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    GenServer.call(stack, new Foreign());             | no suitable method found for call(Server<Stack>,Foreign)
                    GenServer.call(stack, "pop");                     | no suitable method found for call(Server<Stack>,String)
                    GenServer.call(stack, new Foreign(), d);          | no suitable method found for call(Server<Stack>,Foreign,Duration)
                    GenServer.sendRequest(stack, new Foreign());      | no suitable method found for sendRequest(Server<Stack>,Foreign)
                    GenServer.cast(stack, 1);                         | no suitable method found for cast(Server<Stack>,int)
                    GenServer.cast(agent, "push");                    | no suitable method found for cast(Server<Agent<List<String>>>,String)
                    String s = GenServer.call(stack, new Size());     | incompatible types: inference variable R has incompatible bounds
                    Server<Stack> s = Server.named("s", String.class);| incompatible types: inference variable G has incompatible equality constraints Stack,String
                    int i = Agent.get(agent, list -> list.get(0));    | incompatible types: inference variable R has incompatible bounds
                    Agent.run(agent, list -> list.add(1));            | incompatible types: int cannot be converted to String
                    Agent.get(stack, list -> 1);                      | no suitable method found for get(Server<Stack>,(list)->1)
                    GenServer.reply(from.replyTo(new Size()), "one"); | method reply in interface GenServer<A,S,C,K> cannot be applied to given types;
                    ChildSpec<Stack> c = ChildSpec.worker(1, () -> Agent.start(() -> 1)); | incompatible types: inference variable G has incompatible bounds
                    """)
    void a_wrong_use_of_a_typed_reference_is_refused(String line, String message)
            throws IOException {
        String first = errorsOf(client(line)).getFirst().lines().findFirst().orElseThrow();

        assertThat(WITHOUT_PACKAGES.matcher(first).replaceAll("")).isEqualTo(message);
    }

    @Test
    void right_uses_of_typed_references_compile() throws IOException {
        assertThat(
                        errorsOf(
                                client(
                                        """
                                        int size = GenServer.call(stack, new Size());
                                        GenServer.cast(stack, "push");
                                        String s = Agent.get(agent, list -> list.get(0));
                                        GenServer.reply(from.replyTo(new Size()), 1);
                                        ChildSpec<Stack> c = ChildSpec.worker(1, () -> GenServer.startLink(Stack::new, Ok.OK));
                                        """)))
                .isEmpty();
    }

    private static String client(String line) {
        return SERVER.formatted(POP, SIZE, "int")
                .replace(
                        "import java.util.*;",
                        "import java.util.*; import java.time.*; import io.genserver.supervisor.*;")
                .replace(
                        "static void client(Pid stack) {",
                        """
                        record Foreign() implements Call<String> {}

                        static void typed(Server<Stack> stack, Server<Agent<List<String>>> agent, From from, Duration d) {
                            %s
                        }

                        static void client(Pid stack) {
                        """
                                .formatted(line));
    }

    private List<String> errors(String pop, String size, String type) throws IOException {
        return errorsOf(SERVER.formatted(pop, size, type));
    }

    private List<String> errorsOf(String program) throws IOException {
        Path source = Files.writeString(folder.resolve("Stack.java"), program);
        JavaCompiler compiler = Objects.requireNonNull(ToolProvider.getSystemJavaCompiler());
        DiagnosticCollector<JavaFileObject> found = new DiagnosticCollector<>();
        try (StandardJavaFileManager files =
                compiler.getStandardFileManager(found, Locale.ROOT, null)) {
            compiler.getTask(
                            null,
                            files,
                            found,
                            List.of(
                                    "-proc:none",
                                    "-d",
                                    folder.toString(),
                                    "-cp",
                                    System.getProperty("java.class.path")),
                            null,
                            files.getJavaFileObjects(source))
                    .call();
        }
        return found.getDiagnostics().stream()
                .filter(diagnostic -> diagnostic.getKind() == Diagnostic.Kind.ERROR)
                .map(diagnostic -> diagnostic.getMessage(Locale.ROOT))
                .toList();
    }
}
