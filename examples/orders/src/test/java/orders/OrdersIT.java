package orders;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Runs the packaged program.
@Timeout(120)
class OrdersIT {

    private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

    private final HttpClient http = HttpClient.newHttpClient();

    /// The program while it runs.
    private record Program(Process process, BufferedReader output, List<String> log, String base)
            implements AutoCloseable {

        static Program start(String... arguments) throws Exception {
            List<String> command =
                    new ArrayList<>(
                            List.of(
                                    Path.of(System.getProperty("java.home"), "bin", "java")
                                            .toString(),
                                    "-jar",
                                    System.getProperty("orders.jar"),
                                    "--server.port=0"));
            command.addAll(List.of(arguments));
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            BufferedReader output = process.inputReader(UTF_8);
            List<String> log = new ArrayList<>();
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                log.add(line);
                Matcher port = PORT.matcher(line);
                if (port.find()) {
                    String base = "http://localhost:" + port.group(1);
                    return new Program(process, output, log, base);
                }
            }
            throw new AssertionError("expected the program to start, got: " + log);
        }

        /// Sends SIGTERM and waits. Returns the exit status.
        int stop() throws Exception {
            process.toHandle().destroy(); // Process.destroy would close the output
            output.lines().forEach(log::add);
            return process.waitFor();
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }

    private CompletableFuture<HttpResponse<String>> pay(String base, String order) {
        URI payment = URI.create(base + "/orders/" + order + "/payment?cents=4200");
        return http.sendAsync(
                HttpRequest.newBuilder(payment).PUT(BodyPublishers.noBody()).build(),
                BodyHandlers.ofString());
    }

    @Test
    void a_payment_in_flight_is_finished_when_the_program_is_told_to_stop() throws Exception {
        try (Program program = Program.start("--orders.gateway-delay=500ms")) {
            assertThat(pay(program.base(), "ann-1").get().body())
                    .isEqualTo("{\"number\":\"R1\",\"cents\":4200}");
            var payment = pay(program.base(), "ann-2");
            assertThat(get(program.base() + "/actuator/genserver"))
                    .contains("\"id\":\"orders.GatewayStub\"");

            assertThat(program.stop()).isEqualTo(143);

            assertThat(payment.get().statusCode()).isEqualTo(200);
            assertThat(program.log())
                    .anyMatch(line -> line.contains("started 2 children on node orders"))
                    .noneMatch(line -> line.contains("ERROR"));
            assertThat(program.log().getLast())
                    .contains("stopped the supervision tree on node orders");
        }
    }

    private String get(String uri) throws Exception {
        return http.send(HttpRequest.newBuilder(URI.create(uri)).build(), BodyHandlers.ofString())
                .body();
    }
}
