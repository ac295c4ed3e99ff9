package io.genserver.documentation.guide;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Runs the program of docs/guide/application.md in a JVM of its own, and stops it with SIGTERM.
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD) // a read ignores interrupts
class ShopTest {

    private static final int SIGTERM_STATUS = 143;

    @Test
    void serves_and_ends_gracefully() throws IOException, InterruptedException {
        Process shop =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-cp",
                                System.getProperty("java.class.path"),
                                "-Dshop.port=0",
                                Shop.class.getName())
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        try (BufferedReader output = shop.inputReader();
                HttpClient client = HttpClient.newHttpClient()) {
            String port = output.readLine().substring("serving ".length());
            HttpRequest get =
                    HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/ann")).build();
            for (int i = 0; i < 100; i++) {
                assertThat(client.send(get, BodyHandlers.discarding()).statusCode()).isEqualTo(200);
            }
            assertThat(client.send(get, BodyHandlers.discarding()).statusCode()).isEqualTo(429);

            shop.toHandle().destroy(); // unlike shop.destroy(), leaves its output open

            assertThat(output.lines()).containsExactly("closed");
            assertThat(shop.waitFor()).isEqualTo(SIGTERM_STATUS);
        } finally {
            shop.destroyForcibly();
        }
    }
}
