package io.genserver.spring;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplicationAotProcessor;

/// Builds an application as `process-aot` does: its beans are defined by code that is generated.
/// Then runs it with `spring.aot.enabled=true`.
@Timeout(120)
class AheadOfTimeTest {

    private static final String JAVA =
            Path.of(System.getProperty("java.home"), "bin", "java").toString();
    private static final String CLASS_PATH = System.getProperty("java.class.path");
    private static final List<String> SETTINGS =
            List.of(
                    "--spring.main.web-application-type=none",
                    "--spring.jmx.enabled=false",
                    "--genserver.node-name=aot");

    @TempDir private Path work;

    private String run(String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of(JAVA, "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of(options));
        command.addAll(SETTINGS);
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
        return output;
    }

    private void compile(Path sources, Path classes) throws IOException {
        List<String> options =
                new ArrayList<>(
                        List.of(
                                "-proc:none",
                                "-nowarn",
                                "-cp",
                                CLASS_PATH,
                                "-d",
                                classes.toString()));
        try (Stream<Path> files = Files.walk(sources)) {
            files.filter(file -> file.toString().endsWith(".java"))
                    .forEach(file -> options.add(file.toString()));
        }
        assertThat(
                        ToolProvider.getSystemJavaCompiler()
                                .run(null, null, null, options.toArray(String[]::new)))
                .isZero();
    }

    @Test
    void the_tree_runs_from_generated_definitions() throws Exception {
        Path sources = work.resolve("sources");
        Path resources = work.resolve("resources");
        Path classes = work.resolve("classes");
        String _ =
                run(
                        "-cp",
                        CLASS_PATH,
                        SpringApplicationAotProcessor.class.getName(),
                        AheadOfTimeApp.class.getName(),
                        sources.toString(),
                        resources.toString(),
                        classes.toString(),
                        "io.genserver.test",
                        "aot");
        compile(sources, classes);

        String output =
                run(
                        "-Dspring.aot.enabled=true",
                        "-cp",
                        String.join(
                                File.pathSeparator,
                                classes.toString(),
                                resources.toString(),
                                CLASS_PATH),
                        AheadOfTimeApp.class.getName());

        assertThat(output)
                .contains("Starting AOT-processed")
                .contains("children: [first, second, third]")
                .contains("node: aot")
                .contains("replies: 1 2")
                .contains("health: true");
    }
}
