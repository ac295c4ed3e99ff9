package shop;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Checks the numbers in the README against the files.
class ReadmeTest {

    private static final Path SOURCES = Path.of("src/main/java/shop");

    private static Map<String, List<String>> files() throws IOException {
        Map<String, List<String>> files = new TreeMap<>();
        try (Stream<Path> paths = Files.list(SOURCES)) {
            for (Path path : paths.toList()) {
                String name = path.getFileName().toString().replace(".java", "");
                if (!name.equals("package-info")
                        && !name.equals("Rush")) { // it only loads the shop
                    files.put(name, Files.readAllLines(path));
                }
            }
        }
        return files;
    }

    private static boolean isCode(String line) {
        return !line.isBlank() && !line.strip().matches("(//|import |package ).*");
    }

    @Test
    void the_table_has_each_file_with_its_lines() throws IOException {
        Map<String, Integer> table = new TreeMap<>();
        Pattern.compile("\\| \\[(\\w+)]\\(src/main/java/shop/\\1\\.java\\) \\| (\\d+) \\|")
                .matcher(Files.readString(Path.of("README.md")))
                .results()
                .forEach(row -> table.put(row.group(1), Integer.valueOf(row.group(2))));
        Map<String, Integer> lines = new TreeMap<>();
        files().forEach((name, text) -> lines.put(name, text.size()));

        assertThat(table).isEqualTo(lines);
    }

    @Test
    void the_sums_are_right_and_the_code_stays_small() throws IOException {
        List<String> all = files().values().stream().flatMap(List::stream).toList();
        long code = all.stream().filter(ReadmeTest::isCode).count();

        assertThat(Files.readAllLines(Path.of("README.md")))
                .filteredOn(line -> line.startsWith("That is "))
                .singleElement()
                .asString()
                .startsWith("That is " + all.size() + " lines. " + code + " of them are code");
        assertThat(code).isLessThan(600);
    }
}
