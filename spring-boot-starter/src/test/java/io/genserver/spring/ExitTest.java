package io.genserver.spring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.CallException;
import io.genserver.GenServer;
import io.genserver.Server;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;

/// Runs programs that end because their tree ends, or does not start.
@Timeout(60)
class ExitTest {

    /// Crashes its only child, and then waits as a web server would.
    static final class Crashing {
        public static void main(String[] arguments) throws Exception {
            var context =
                    new SpringApplicationBuilder(
                                    GenServerAutoConfigurationTest.One.class, Enabled.class)
                            .web(WebApplicationType.NONE)
                            .properties("genserver.max-restarts=0", "genserver.on-give-up=exit")
                            .run();
            Server<Counter> counter =
                    context.getBean(GenServerAutoConfigurationTest.Client.class).counter();
            assertThatThrownBy(() -> GenServer.call(counter, new Counter.Crash()))
                    .isInstanceOf(CallException.class);
            Thread.currentThread().join();
        }
    }

    @org.springframework.boot.autoconfigure.EnableAutoConfiguration
    static class Enabled {}

    /// Has two children with one name.
    static final class NotStarting {
        public static void main(String[] arguments) {
            new SpringApplicationBuilder(
                            GenServerAutoConfigurationTest.SameName.class, Enabled.class)
                    .web(WebApplicationType.NONE)
                    .run();
        }
    }

    private record Ended(int status, String output) {}

    private static Ended run(Class<?> program) throws Exception {
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                program.getName())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        return new Ended(process.waitFor(), output);
    }

    @Test
    void a_program_exits_with_its_tree() throws Exception {
        Ended ended = run(Crashing.class);

        assertThat(ended.output())
                .contains("genserver.on-give-up = EXIT")
                .contains("crashed on request");
        assertThat(ended.status()).isEqualTo(1);
    }

    @Test
    void a_program_whose_tree_does_not_start_says_why() throws Exception {
        Ended ended = run(NotStarting.class);

        assertThat(ended.output())
                .contains("APPLICATION FAILED TO START")
                .contains("(already_started)")
                .contains("Action:")
                .contains("Start one of the two under another name");
        assertThat(ended.status()).isEqualTo(1);
    }
}
