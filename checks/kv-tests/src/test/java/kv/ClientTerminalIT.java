package kv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.io.Reader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// The client on a terminal, which `script` of util-linux provides.
@Timeout(60)
@EnabledOnOs(OS.LINUX)
class ClientTerminalIT {

    private static final char CTRL_C = 3;

    @TempDir private Path folder;

    /// A program on a terminal.
    ///
    /// @param seen what it has written since something was typed
    private record Terminal(Process process, OutputStream input, AtomicReference<String> seen)
            implements AutoCloseable {

        static Terminal of(Process process) {
            AtomicReference<String> seen = new AtomicReference<>("");
            Reader output = process.inputReader(StandardCharsets.UTF_8);
            Thread.startVirtualThread(() -> {
                try {
                    for (int next = output.read(); next >= 0; next = output.read()) {
                        String written = Character.toString(next);
                        seen.updateAndGet(before -> before + written);
                    }
                } catch (IOException closed) {
                    seen.updateAndGet(before -> before + closed);
                }
            });
            return new Terminal(process, process.getOutputStream(), seen);
        }

        void type(String text) throws IOException {
            seen.set("");
            input.write(text.getBytes(StandardCharsets.UTF_8));
            input.flush();
        }

        void awaits(String text) {
            await().alias(text)
                    .atMost(Duration.ofSeconds(20))
                    .untilAsserted(() -> assertThat(seen.get()).contains(text));
        }

        @Override
        public void close() {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
    }

    /// Starts a client. Its terminal needs a size, because the editor of lines shows nothing
    /// without one.
    private Terminal client(String address) throws IOException {
        ProcessBuilder command = KvProgram.command("client", address);
        String line = "stty rows 24 cols 100; exec " + String.join(" ", command.command());
        command.command("script", "--quiet", "--return", "--flush", "--command", line, "/dev/null");
        command.environment().put("TERM", "xterm");
        command.environment().put("JAVA_TOOL_OPTIONS", "-Duser.home=" + folder);
        return Terminal.of(command.redirectErrorStream(true).start());
    }

    private static void put(int port) throws IOException {
        try (Socket other = new Socket(InetAddress.getLoopbackAddress(), port)) {
            other.getOutputStream().write("PUT a k value\r\n".getBytes(StandardCharsets.UTF_8));
            assertThat(other.getInputStream().readNBytes(4))
                    .isEqualTo("OK\r\n".getBytes(StandardCharsets.UTF_8));
        }
    }

    @Test
    void ctrl_c_ends_a_subscription_and_then_the_client() throws Exception {
        Process server =
                KvProgram.command("serve", "--port=0")
                        .redirectError(Files.createTempFile(folder, "serve", ".log").toFile())
                        .start();
        try {
            String ready = server.inputReader(StandardCharsets.UTF_8).readLine();
            Matcher address = Pattern.compile("127\\.0\\.0\\.1:(\\d+)").matcher(ready);
            assertThat(address.find()).as(ready).isTrue();
            int port = Integer.parseInt(address.group(1));
            try (Terminal client = client(address.group())) {
                client.awaits("> ");
                client.type("create a\r");
                client.awaits("ok");
                client.awaits("> ");
                client.type("sub\ta\t\r"); // completed
                await().alias("the subscription")
                        .atMost(Duration.ofSeconds(20))
                        .until(() -> {
                            put(port);
                            return client.seen().get().contains("k SET TO value");
                        });

                client.type(String.valueOf(CTRL_C));
                client.awaits("> ");
                client.type("get a k\r");
                client.awaits("\"value\"");
                client.awaits("> ");
                client.type(String.valueOf(CTRL_C));

                assertThat(client.process().waitFor(30, TimeUnit.SECONDS)).isTrue();
                assertThat(client.process().exitValue()).isEqualTo(130);
            }
        } finally {
            server.destroyForcibly().waitFor();
        }
    }
}
