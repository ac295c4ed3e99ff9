package kv;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The packaged program with its observer, and `kv top`.
@Timeout(120)
class TopIT {

    @TempDir private Path folder;

    private ProcessBuilder kv(String... arguments) {
        ProcessBuilder command = KvProgram.command(arguments);
        command.environment()
                .put("KV_JAVA_OPTIONS", KvProgram.JVM_OPTIONS + " -Duser.home=" + folder);
        return command;
    }

    @Test
    void top_reads_the_observer_of_a_running_server() throws Exception {
        Path log = folder.resolve("log");
        Process server =
                kv("serve", "--port", "0", "--observer").redirectError(log.toFile()).start();
        try (BufferedReader output = server.inputReader(StandardCharsets.UTF_8)) {
            assertThat(output.readLine()).startsWith("kv is ready");
            assertThat(Files.readString(log)).containsPattern("observer: http://127.0.0.1:\\d+/");

            KvProgram.Run top = KvProgram.run(folder, "", kv("top"));
            assertThat(top.status()).isZero();
            assertThat(top.output()).anyMatch(line -> line.startsWith("PID"));
            KvProgram.Run json =
                    KvProgram.run(
                            folder,
                            "",
                            kv("top", String.valueOf(server.pid()), "--by", "handled", "--json"));
            assertThat(json.output().getFirst()).startsWith("{\"head\":{\"node\":");

            server.destroy();
            assertThat(server.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(folder.resolve(".kv").toFile().list()).isEmpty();
        } finally {
            server.destroyForcibly();
        }
    }

    @Test
    void top_says_that_there_is_no_kv_to_look_at() throws Exception {
        KvProgram.Run top = KvProgram.run(folder, "", kv("top"));

        assertThat(top.status()).isEqualTo(1);
        assertThat(top.errors())
                .containsExactly("kv top: expected a kv that runs with --observer, found none");
    }
}
