package io.genserver;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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

    private List<String> errors(String pop, String size, String type) throws IOException {
        Path source =
                Files.writeString(folder.resolve("Stack.java"), SERVER.formatted(pop, size, type));
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
