package io.genserver.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;

/// Makes a part of the release bundle, and runs the checks that a release needs.
@Timeout(600)
@Isolated("its builds replace jars that the commands run with")
class ReleaseIT {

    private static final Path BOM = Commands.ROOT.resolve("genserver-bom");
    private static final String VERSION = System.getProperty("project.version");

    /// This build has done the skipped steps already.
    private static final String BUILT =
            " -Dmaven.main.skip -Dmaven.test.skip -Dspotless.check.skip";

    @TempDir private Path folder;

    private static Shell.Run run(String command) throws Exception {
        return new Shell().run(command).endsWith(0);
    }

    @Test
    @Tries("./verify -Prelease clean verify")
    void the_bundle_has_all_that_maven_central_asks_for() throws Exception {
        run("rm -rf genserver-bom/target && ./verify -Prelease -pl genserver-api -am" + BUILT);

        Path bundle = BOM.resolve("target/central-publishing/central-bundle.zip");
        String prefix = "io/genserver/genserver-api/" + VERSION + "/genserver-api-" + VERSION;
        try (ZipFile zip = new ZipFile(bundle.toFile())) {
            for (String ending :
                    List.of(
                            ".pom",
                            ".jar",
                            "-sources.jar",
                            "-javadoc.jar",
                            "-cyclonedx.json",
                            "-cyclonedx.xml")) {
                for (String checksum : List.of("", ".md5", ".sha1", ".sha256", ".sha512")) {
                    assertThat(zip.getEntry(prefix + ending + checksum))
                            .as(prefix + ending + checksum)
                            .isNotNull();
                }
            }
            assertThat(entries(zip, prefix + ".jar"))
                    .contains("META-INF/LICENSE", "module-info.class");
            assertThat(entries(zip, prefix + "-sources.jar"))
                    .contains("META-INF/LICENSE", "io/genserver/GenServer.java");
            assertThat(entries(zip, prefix + "-javadoc.jar"))
                    .contains("META-INF/LICENSE", "index.html", "modules.svg");
            for (String artifact : List.of("genserver", "genserver-bom")) {
                String pom = "io/genserver/%s/%s/%1$s-%2$s.pom".formatted(artifact, VERSION);
                assertThat(zip.getEntry(pom)).as(pom).isNotNull();
            }
        }
    }

    private static List<String> entries(ZipFile bundle, String jar) throws IOException {
        byte[] bytes = bundle.getInputStream(bundle.getEntry(jar)).readAllBytes();
        try (ZipInputStream entries = new ZipInputStream(new ByteArrayInputStream(bytes))) {
            List<String> names = new ArrayList<>();
            for (ZipEntry entry = entries.getNextEntry();
                    entry != null;
                    entry = entries.getNextEntry()) {
                names.add(entry.getName());
            }
            return names;
        }
    }

    /// A module is published unless its pom says that it is not deployed.
    @Test
    void the_bom_lists_the_published_modules() throws IOException {
        List<String> published =
                matches("<module>([^<]+)</module>", Commands.ROOT.resolve("pom.xml"))
                        .filter(module -> !module.equals("genserver-bom"))
                        .map(ReleaseIT::pom)
                        .filter(pom -> !pom.contains("<maven.deploy.skip>true"))
                        .map(ReleaseIT::artifact)
                        .toList();

        assertThat(published)
                .contains("genserver-api")
                .containsExactlyInAnyOrderElementsOf(modulesOfTheBom());
    }

    /// Returns the artifact of a pom, which has the same name and a description.
    private static String artifact(String pom) {
        Matcher artifact =
                Pattern.compile(
                                "</parent>\\s*<artifactId>([^<]+)</artifactId>\\s*<name>\\1</name>"
                                        + "\\s*<description>")
                        .matcher(pom);
        assertThat(artifact.find()).as(pom).isTrue();
        return artifact.group(1);
    }

    static List<String> modulesOfTheBom() throws IOException {
        return matches("<artifactId>([^<]+)</artifactId><version>", BOM.resolve("pom.xml"))
                .toList();
    }

    /// Every pom inherits these from the bill of materials.
    @Test
    void the_poms_say_what_maven_central_asks_for() {
        assertThat(pom("genserver-bom"))
                .contains("<name>", "<description>", "<url>", "<license>", "<developer>", "<scm")
                .doesNotContain("<parent>");
        assertThat(pom("."))
                .contains("<artifactId>genserver-bom</artifactId>", "<name>", "<description>");
    }

    private static String pom(String module) {
        try {
            return Files.readString(Commands.ROOT.resolve(module).resolve("pom.xml"));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static Stream<String> matches(String pattern, Path file) throws IOException {
        return Pattern.compile(pattern)
                .matcher(Files.readString(file))
                .results()
                .map(found -> found.group(1));
    }

    @Test
    @Tries("./verify -Prelease,sign -DskipUpload=false clean verify")
    void an_upload_needs_the_address_of_the_project() throws Exception {
        Shell.Run upload =
                new Shell()
                        .run(
                                "./verify -Prelease,sign -DskipUpload=false"
                                        + " -Dhome.url=https://example.org/a -N validate")
                        .endsWith(1);

        assertThat(String.join("\n", upload.output()))
                .contains("expected the address of the project's repository as home.url");
    }

    @Test
    @Tries("./checks/reproducible")
    void two_builds_give_the_same_files() throws Exception {
        assertThat(run("./checks/reproducible genserver-bom").output())
                .containsExactly("3 files are the same in both builds.");
    }

    /// Compares a module with itself, and then with another one in the place of the old version.
    @Test
    void an_incompatible_change_is_found() throws Exception {
        String compare =
                "./verify -Pcompatibility -pl genserver-simulation -am -Dbaseline="
                        + folder
                        + BUILT;

        baseline("genserver-api", "genserver-api");
        baseline("genserver-simulation", "genserver-simulation");
        run(compare);
        baseline("genserver-simulation", "supervisor");
        Shell.Run changed = new Shell().run(compare).endsWith(1);

        assertThat(String.join("\n", changed.output()))
                .contains("io.genserver.supervisor.ChildSpec:CLASS_REMOVED");
    }

    private void baseline(String module, String content) throws IOException {
        Files.copy(
                Commands.ROOT.resolve("%s/target/%1$s-%s.jar".formatted(content, VERSION)),
                folder.resolve(module + ".jar"),
                StandardCopyOption.REPLACE_EXISTING);
    }

    /// Runs the script in a project whose `verify` only notes its arguments and makes jars.
    @Test
    @Tries("./checks/compatibility")
    void the_api_is_compared_with_the_last_release() throws Exception {
        Path project = Files.createDirectories(folder.resolve("project"));
        Files.createDirectories(project.resolve("checks"));
        Files.createDirectories(project.resolve("genserver-bom"));
        Files.copy(
                Commands.ROOT.resolve("checks/compatibility"),
                project.resolve("checks/compatibility"));
        Files.writeString(
                project.resolve("genserver-bom/pom.xml"),
                """
                  <version>0.2.0</version>
                      <dependency><artifactId>some</artifactId></dependency>
                """);
        Path notes = folder.resolve("notes");
        Path verify =
                Files.writeString(
                        project.resolve("verify"),
                        """
                        #!/bin/sh
                        echo "$@" >> %s
                        mkdir -p "$(dirname "$0")/some/target"
                        echo a jar > "$(dirname "$0")/some/target/some-1.jar"
                        """
                                .formatted(notes));
        assertThat(verify.toFile().setExecutable(true)).isTrue();
        String git = "git -c user.name=a -c user.email=a@example.org ";
        String script = "cd %s && ".formatted(project);
        run(script + "git init -q && git add . && " + git + "commit -qm first");

        assertThat(run(script + "git tag v0.2.0 && ./checks/compatibility").output())
                .containsExactly(
                        "The API was not compared: there is no release before 0.2.0 (no tag v… in"
                                + " the history).");
        assertThat(notes).doesNotExist();

        assertThat(run(script + "git tag v0.1.0 && ./checks/compatibility").output())
                .containsExactly("The API is compatible with v0.1.0.");
        assertThat(Files.readAllLines(notes))
                .hasSize(2)
                .satisfiesExactly(
                        baseline -> assertThat(baseline).endsWith("-pl :some -am package"),
                        compared -> assertThat(compared).contains("-Pcompatibility -Dbaseline="));

        Files.writeString(verify, "#!/bin/sh\nexit 1\n");
        assertThat(new Shell().run(script + "./checks/compatibility").endsWith(1).errors())
                .anyMatch(
                        line -> line.startsWith("expected an API that is compatible with v0.1.0"));

        run("git clone -q --depth 1 file://%s %s".formatted(project, folder.resolve("shallow")));
        new Shell().run("cd %s/shallow && ./checks/compatibility".formatted(folder)).endsWith(1);
    }
}
