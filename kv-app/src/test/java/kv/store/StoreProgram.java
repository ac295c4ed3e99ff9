package kv.store;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// A program that opens a store, for tests that need a JVM of their own. It reads commands from
/// standard input and answers each with one line.
final class StoreProgram {

    private final Store store;
    private final Path directory;

    private StoreProgram(Store store, Path directory) {
        this.store = store;
        this.directory = directory;
    }

    /// Starts the program in a JVM of its own.
    static Process start(Path directory, String... options) throws IOException {
        List<String> command = command(StoreProgram.class, options);
        command.add(directory.toString());
        return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    }

    /// Returns the command that runs a class of the tests in a JVM of its own.
    static List<String> command(Class<?> main, String... options) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path")));
        command.addAll(List.of(options));
        command.add(main.getName());
        return command;
    }

    /// Runs the program. Prints READY when the store is open, or why it could not be opened.
    ///
    /// @param arguments the directory and, if the program is to use the last byte of the disk, the
    ///   room to leave in bytes
    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        try (Store store =
                arguments.length == 1
                        ? Store.open(directory)
                        : DurableStore.open(
                                new Directory(directory, Long.parseLong(arguments[1])))) {
            System.out.println("READY");
            StoreProgram program = new StoreProgram(store, directory);
            BufferedReader commands =
                    new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = commands.readLine(); line != null; line = commands.readLine()) {
                System.out.println(program.run(line.split(" ", 4)));
            }
        } catch (StoreException e) {
            System.out.println(e.getMessage());
        }
    }

    private String run(String[] words) throws Exception {
        return switch (words[0]) {
            // put KEY VALUE TIMES: a value that is so often as long
            case "put" -> put(words[1], words[2].repeat(Integer.parseInt(words[3])));
            case "keys" ->
                    String.join(" ", store.load("bucket").keySet().stream().sorted().toList());
            case "fill" -> fill();
            case "empty" -> String.valueOf(Files.deleteIfExists(filler()));
            default -> throw new IllegalArgumentException(words[0]);
        };
    }

    private String put(String key, String value) throws Exception {
        Writes.Write write = Writes.put(store, "bucket", key, value);
        if (write.succeeds()) {
            return "OK";
        }
        StoreException why = write.failure();
        return (why.isDiskFull() ? "FULL " : "FAILED ") + why.getMessage();
    }

    /// Fills the disk to its last byte.
    private String fill() throws IOException {
        byte[] zeros = new byte[4096];
        try (RandomAccessFile file = new RandomAccessFile(filler().toFile(), "rw")) {
            file.seek(file.length());
            while (true) {
                file.write(zeros);
            }
        } catch (IOException full) {
            return String.valueOf(full.getMessage());
        }
    }

    private Path filler() {
        return directory.resolve("filler");
    }
}
