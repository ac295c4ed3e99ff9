package io.genserver.documentation;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Runs a command as a reader of the documents does, in the project's root folder. Standard input
/// is empty. The JDK and the local repository are those of this build.
final class Shell {

    private static final int LIMIT = 300; // units: s

    private final Map<String, String> environment = new LinkedHashMap<>();

    /// Creates a shell whose builds use the local repository of this build.
    Shell() {
        this(Path.of(System.getProperty("maven.repository")));
    }

    /// Creates a shell whose builds use a given local repository.
    Shell(Path repository) {
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("MAVEN_OPTS", properties() + " -Dmaven.repo.local=" + repository);
    }

    /// Returns the properties in `MAVEN_OPTS`, such as those of a proxy. The other options there
    /// may fit only the JDK that runs this build.
    private static String properties() {
        return Pattern.compile("(?<!\\S)-D\\S+")
                .matcher(Objects.requireNonNullElse(System.getenv("MAVEN_OPTS"), ""))
                .results()
                .map(MatchResult::group)
                .collect(Collectors.joining(" "));
    }

    /// The exit status and the output of a command.
    record Run(String command, int status, List<String> output, List<String> errors) {

        Run endsWith(int expected) {
            if (status != expected) {
                throw new AssertionError(
                        "expected `%s` to end with %d, got: %d%n%s%n%s"
                                .formatted(
                                        command,
                                        expected,
                                        status,
                                        String.join("\n", output),
                                        String.join("\n", errors)));
            }
            return this;
        }
    }

    /// Lets the JVMs of the commands do without the second compiler, because they end before it
    /// pays off.
    Shell forShortRuns() {
        String options = Objects.requireNonNullElse(System.getenv("JDK_JAVA_OPTIONS"), "");
        return with("JDK_JAVA_OPTIONS", options + " -XX:TieredStopAtLevel=1");
    }

    /// Sets an environment variable for the commands.
    Shell with(String variable, String value) {
        environment.put(variable, value);
        return this;
    }

    Run run(String command) throws IOException, InterruptedException {
        Path out = Files.createTempFile("out", ".txt");
        Path err = Files.createTempFile("err", ".txt");
        try {
            Process process = start(command, out, err);
            if (!process.waitFor(LIMIT, TimeUnit.SECONDS)) {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly().waitFor();
                throw new AssertionError(
                        "expected `%s` to end within %d s, got:%n%s%n%s"
                                .formatted(
                                        command,
                                        LIMIT,
                                        Files.readString(out),
                                        Files.readString(err)));
            }
            return new Run(
                    command, process.exitValue(), Files.readAllLines(out), Files.readAllLines(err));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    private Process start(String command, Path out, Path err) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder("sh", "-c", command)
                        .directory(Commands.ROOT.toFile())
                        .redirectInput(new File("/dev/null"))
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }
}
