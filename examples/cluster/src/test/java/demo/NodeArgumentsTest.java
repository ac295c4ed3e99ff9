package demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeArgumentsTest {

    @TempDir private Path folder;

    private NodeArguments parse(String... more) throws IOException {
        Path cookie = Files.writeString(folder.resolve("cookie"), "new\n\nold\n");
        List<String> arguments = new ArrayList<>(List.of("--cookie-file", cookie.toString()));
        arguments.addAll(List.of(more));
        return NodeArguments.parse(arguments);
    }

    @Test
    void each_line_of_the_cookie_file_is_a_cookie() throws IOException {
        NodeArguments arguments =
                parse("--name", "a@x", "--listen", "127.0.0.1:7801", "--expected", "3");

        assertThat(arguments.name()).isEqualTo("a@x");
        assertThat(arguments.cookies()).containsExactly("new", "old");
        assertThat(arguments.expectedNodes()).isEqualTo(3);
    }

    @Test
    void what_is_wrong_is_said() {
        assertThatThrownBy(() -> parse("--name", "a@x")).hasMessage("expected --listen");
        assertThatThrownBy(() -> parse("--name", "a@x", "--listen"))
                .hasMessage("expected a value after --listen");
        assertThatThrownBy(() -> parse("--name", "a@x", "--name", "b@x"))
                .hasMessage("expected --name once, got: [a@x, b@x]");
        assertThatThrownBy(() -> parse("--name", "a@x", "--listen", "127.0.0.1:7801", "--sed", "b"))
                .hasMessage("expected options of a node, got: [--sed, b]");
    }
}
