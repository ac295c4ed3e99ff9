package kv.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// A store in a JVM of its own whose disk has no room left.
@Timeout(120)
class FullDiskTest {

    @TempDir private Path folder;

    /// The program in its JVM.
    private record Running(Process process, PrintWriter commands, BufferedReader answers)
            implements AutoCloseable {

        static Running start(List<String> command) throws IOException {
            Process process =
                    new ProcessBuilder(command)
                            .redirectError(ProcessBuilder.Redirect.INHERIT)
                            .start();
            return new Running(
                    process,
                    new PrintWriter(process.getOutputStream(), true, StandardCharsets.UTF_8),
                    process.inputReader());
        }

        String answer() throws IOException {
            return Objects.requireNonNull(answers.readLine(), "the program has ended");
        }

        String say(String command) throws IOException {
            commands.println(command);
            return answer();
        }

        /// Lets the program close its store and end.
        void end() throws InterruptedException {
            commands.close();
            assertThat(process.waitFor()).isZero();
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    /// Starts the program with a disk of 160 MB, in a mount namespace of its own.
    private Running startOnSmallDisk(String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                "unshare",
                                "-Urm",
                                "sh",
                                "-c",
                                "mount -t tmpfs -o size=160m none \"$0\" && echo MOUNTED && exec \"$@\"",
                                folder.toString()));
        command.addAll(StoreProgram.command(StoreProgram.class));
        command.add(folder.resolve("data").toString());
        command.addAll(List.of(arguments));
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/unshare")), "unshare is there");
        Running program = Running.start(command);
        assumeTrue(
                "MOUNTED".equals(program.answers().readLine()),
                "this user may mount in a namespace");
        assertThat(program.answer()).isEqualTo("READY");
        return program;
    }

    @Test
    void a_write_is_refused_before_the_disk_is_full() throws Exception {
        try (Running program = startOnSmallDisk()) {
            assertThat(program.say("put a v 1")).isEqualTo("OK");
            assertThat(program.say("fill")).isEqualTo("No space left on device");

            assertThat(program.say("put b v 1")).startsWith("FULL expected 64 MB of room for ");
            assertThat(program.say("keys")).isEqualTo("a");
            assertThat(program.say("empty")).isEqualTo("true");
            assertThat(program.say("put c v 1")).isEqualTo("OK");
            assertThat(program.say("keys")).isEqualTo("a c");
        }
    }

    /// Another program may take the room between the check and the write.
    @Test
    void a_write_that_finds_no_room_fails_and_writes_go_on_when_there_is_room_again()
            throws Exception {
        try (Running program = startOnSmallDisk("0")) {
            assertThat(program.say("put a v 1")).isEqualTo("OK");
            program.say("fill");

            assertThat(program.say("put b v 20000000"))
                    .startsWith("FULL "); // more than RocksDB has set aside
            assertThat(program.say("keys")).isEqualTo("a");
            assertThat(program.say("empty")).isEqualTo("true");
            String answer = program.say("put c v 1");
            while (!answer.equals("OK")) { // the pause between two attempts to open
                answer = program.say("put c v 1");
            }
            assertThat(program.say("keys")).isEqualTo("a c");
        }
    }

    /// A limit of the size of files makes the write of RocksDB fail without any right.
    @Test
    void a_write_that_fails_leaves_nothing_behind_and_later_ones_succeed() throws Exception {
        List<String> command = StoreProgram.command(StoreProgram.class);
        command.add(folder.resolve("data").toString());
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/prlimit")), "prlimit is there");
        try (Running program = Running.start(command)) {
            assertThat(program.answer()).isEqualTo("READY");
            limit(program, "1000000");
            assertThat(program.say("put a v 100000")).isEqualTo("OK");

            assertThat(program.say("put b v 1500000")).startsWith("FAILED cannot write ");
            assertThat(program.say("keys")).isEqualTo("a");
            assertThat(program.say("put c v 100000")).isEqualTo("OK"); // in a new log
            assertThat(program.say("keys")).isEqualTo("a c");

            program.end();
            try (Store store = Store.open(folder.resolve("data"))) {
                assertThat(store.load("bucket")).containsOnlyKeys("a", "c");
            }
        }
    }

    private void limit(Running program, String bytes) throws Exception {
        Process limit =
                new ProcessBuilder(
                                "prlimit",
                                "--pid",
                                "" + program.process().pid(),
                                "--fsize=" + bytes + ":")
                        .inheritIO()
                        .start();
        assertThat(limit.waitFor()).isZero();
    }
}
