package io.genserver.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.parallel.Isolated;

/// Installs the modules as the README says and uses them in a second project.
@Timeout(600)
@Isolated("its builds replace jars that the commands run with")
class InstallIT {

    private static final Path TARGET = Path.of("target").toAbsolutePath();
    private static final Path USED = Path.of(System.getProperty("maven.repository"));

    /// A local repository of links to the folders of this build's own repository. Only what this
    /// project installs is not linked.
    private static final Path REPOSITORY = TARGET.resolve("repository");

    private static final Path INSTALLED = REPOSITORY.resolve("io/genserver");

    private static final String VERSION = System.getProperty("project.version");

    @BeforeAll
    static void install() throws Exception {
        delete(REPOSITORY);
        link(USED, REPOSITORY, Path.of("io"));
        link(USED.resolve("io"), REPOSITORY.resolve("io"), Path.of("genserver"));

        // This build has done the skipped steps already.
        new Shell(REPOSITORY)
                .run(
                        "./verify install -Dmaven.main.skip -Dmaven.test.skip"
                                + " -Dspotless.check.skip")
                .endsWith(0);
    }

    private static void link(Path from, Path to, Path except) throws IOException {
        Files.createDirectories(to);
        if (Files.isDirectory(from)) {
            try (Stream<Path> children = Files.list(from)) {
                for (Path child : children.filter(c -> !c.endsWith(except)).toList()) {
                    Files.createSymbolicLink(to.resolve(child.getFileName()), child);
                }
            }
        }
    }

    /// Deletes a folder. Deletes links but not their targets.
    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file : files.toList().reversed()) {
                    Files.delete(file);
                }
            }
        }
    }

    private static List<Path> installed(String ending) throws IOException {
        try (Stream<Path> files = Files.walk(INSTALLED)) {
            return files.filter(file -> file.toString().endsWith(ending)).sorted().toList();
        }
    }

    private static List<String> names(List<Path> files) {
        return files.stream().map(file -> file.getFileName().toString()).toList();
    }

    private static String versioned(String artifact) {
        return artifact + "-" + VERSION;
    }

    @Test
    @Tries("./verify install")
    void the_modules_are_installed_and_not_what_checks_them() throws IOException {
        List<String> modules = new ArrayList<>(ReleaseIT.modulesOfTheBom());
        modules.add("kv-app");

        assertThat(names(installed(".jar")))
                .containsExactlyInAnyOrderElementsOf(
                        modules.stream().map(module -> versioned(module) + ".jar").toList());
        modules.addAll(List.of("genserver", "genserver-bom"));
        assertThat(names(installed(".pom")))
                .containsExactlyInAnyOrderElementsOf(
                        modules.stream().map(module -> versioned(module) + ".pom").toList());
    }

    @Test
    void each_jar_has_the_licence() throws IOException {
        byte[] licence = Files.readAllBytes(Commands.ROOT.resolve("LICENSE"));
        for (Path file : installed(".jar")) {
            try (JarFile jar = new JarFile(file.toFile())) {
                assertThat(jar.getEntry("META-INF/LICENSE"))
                        .as("META-INF/LICENSE of " + file)
                        .isNotNull();
                assertThat(jar.getInputStream(jar.getEntry("META-INF/LICENSE")).readAllBytes())
                        .isEqualTo(licence);
            }
        }
    }

    @Test
    void a_second_project_is_built_with_them() throws Exception {
        Path project = TARGET.resolve("second-project");
        delete(project);
        String readme = Files.readString(Commands.ROOT.resolve("README.md"));
        write(
                project.resolve("pom.xml"),
                template("pom.xml")
                        .replace(
                                "<!-- the README's dependencies -->",
                                withJUnit(block(readme, "xml"))));
        write(project.resolve("src/main/java/Counter.java"), block(readme, "java"));
        write(
                project.resolve("src/test/java/CounterTest.java"),
                template("src/test/java/CounterTest.java"));

        Shell shell = new Shell(REPOSITORY);
        shell.run("mvn -B -f %s package".formatted(project)).endsWith(0);

        assertThat(project.resolve("target/surefire-reports/TEST-CounterTest.xml"))
                .content()
                .containsPattern(
                        "<testsuite [^>]*tests=\"1\" errors=\"0\" skipped=\"0\" failures=\"0\"");
        try (Stream<Path> libraries = Files.list(project.resolve("target/lib"))) {
            assertThat(libraries.map(file -> file.getFileName().toString()))
                    .filteredOn(name -> !name.matches("(jctools-core|slf4j-api|jspecify)-.*"))
                    .containsExactlyInAnyOrder(
                            versioned("genserver-api") + ".jar",
                            versioned("genserver-runtime") + ".jar",
                            versioned("supervisor") + ".jar");
        }
        Shell.Run counter =
                shell.run(
                                "\"$JAVA_HOME/bin/java\" -cp '%s/target/classes:%s/target/lib/*' Counter"
                                        .formatted(project, project))
                        .endsWith(0);
        assertThat(counter.errors()).allMatch(line -> line.startsWith("SLF4J(W): "));
    }

    private static String withJUnit(String dependencies) {
        return dependencies.replaceFirst(
                "\\s*</dependencies>\\s*$",
                """

                  <dependency>
                    <groupId>org.junit.jupiter</groupId>
                    <artifactId>junit-jupiter</artifactId>
                    <version>%s</version>
                    <scope>test</scope>
                  </dependency>
                </dependencies>
                """
                        .formatted(System.getProperty("junit.version")));
    }

    /// Returns the first code block of a language.
    private static String block(String document, String language) {
        Matcher block =
                Pattern.compile("```" + language + "\\n(.*?)```", Pattern.DOTALL).matcher(document);
        if (!block.find()) {
            throw new AssertionError(
                    "expected a code block marked " + language + " in the README, got: none");
        }
        return block.group(1);
    }

    private static String template(String name) throws IOException {
        return Files.readString(Path.of("src/test/resources/second-project", name));
    }

    private static void write(Path file, String text) throws IOException {
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        Files.writeString(file, text);
    }
}
