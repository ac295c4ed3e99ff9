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
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Runs the packaged program.
@Timeout(120)
class OrdersIT {

    private static final Pattern PORT = Pattern.compile("Tomcat started on port (\\d+)");

    private final HttpClient http = HttpClient.newHttpClient();
    private final List<String> log = new ArrayList<>();
    private Process program;
    private BufferedReader output;

    private String start(String... arguments) throws Exception {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-jar",
                                System.getProperty("orders.jar"),
                                "--server.port=0"));
        command.addAll(List.of(arguments));
        program = new ProcessBuilder(command).redirectErrorStream(true).start();
        output = program.inputReader(UTF_8);
        Matcher port = PORT.matcher("");
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            log.add(line);
            if (port.reset(line).find()) {
                return "http://localhost:" + port.group(1);
            }
        }
        throw new AssertionError("expected the program to start, got: " + log);
    }

    @AfterEach
    void end() throws Exception {
        program.destroyForcibly().waitFor();
    }

    private CompletableFuture<HttpResponse<String>> pay(String base, String order) {
        URI payment = URI.create(base + "/orders/" + order + "/payment?cents=4200");
        return http.sendAsync(
                HttpRequest.newBuilder(payment).PUT(BodyPublishers.noBody()).build(),
                BodyHandlers.ofString());
    }

    @Test
    void a_payment_in_flight_is_finished_when_the_program_is_told_to_stop() throws Exception {
        String base = start("--orders.gateway-delay=500ms");
        assertThat(pay(base, "ann-1").get().body()).isEqualTo("{\"number\":\"R1\",\"cents\":4200}");
        var payment = pay(base, "ann-2");
        var seen = http.sendAsync(request(base + "/actuator/genserver"), BodyHandlers.ofString());
        assertThat(seen.get().body()).contains("\"specs\":2,\"active\":2");

        program.destroy(); // SIGTERM
        output.lines().forEach(log::add);

        assertThat(payment.get(10, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
        assertThat(program.waitFor()).isEqualTo(143);
        assertThat(log)
                .anyMatch(line -> line.contains("started 2 children on node orders"))
                .noneMatch(line -> line.contains("ERROR"));
        assertThat(log.getLast()).contains("stopped the supervision tree on node orders");
    }

    private static HttpRequest request(String uri) {
        return HttpRequest.newBuilder(URI.create(uri)).build();
    }
}
