package io.genserver.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.Call;
import io.genserver.GenServer;
import io.genserver.Node;
import io.genserver.Server;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.KeyedSupervisor;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Mono;

/// An application on WebFlux and Netty.
@ExtendWith(OutputCaptureExtension.class)
@Timeout(60)
class ReactiveWebTest {

    private static ConfigurableApplicationContext shared;

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration(
            excludeName =
                    "org.springframework.boot.tomcat.autoconfigure.reactive"
                            + ".TomcatReactiveWebServerAutoConfiguration")
    @Import(Controller.class)
    static class App {
        @Bean
        ChildSpec<Counter> counter() {
            return Counter.spec(Counter.class);
        }

        @Bean
        KeyedSupervisor<String, Counter> customers() {
            return KeyedSupervisor.of("customers", (String _) -> new Counter());
        }
    }

    @RestController
    static class Controller {

        private static final Duration LIMIT = Duration.ofSeconds(5);

        private final Server<Counter> counter;
        private final KeyedSupervisor<String, Counter> customers;
        private final Node node;
        final CountDownLatch waiting = new CountDownLatch(1);

        Controller(Server<Counter> counter, KeyedSupervisor<String, Counter> customers, Node node) {
            this.counter = counter;
            this.customers = customers;
            this.node = node;
        }

        @GetMapping("/next")
        Mono<Integer> next() {
            return ask(counter, new Counter.Next());
        }

        @GetMapping("/next/{customer}")
        Mono<Integer> next(@PathVariable String customer) {
            Server<Counter> server = customers.server(customer).on(node);
            return Mono.fromFuture(() -> GenServer.callAsync(server, new Counter.Next(), LIMIT));
        }

        @GetMapping("/wait")
        Mono<String> await() {
            return ask(counter, new Counter.Wait(Duration.ofMillis(500)))
                    .doOnSubscribe(_ -> waiting.countDown());
        }

        @GetMapping("/crash")
        Mono<String> crash() {
            return ask(counter, new Counter.Crash()).onErrorReturn("ask later");
        }

        @GetMapping("/thread")
        Mono<String> thread() {
            return Mono.just(Thread.currentThread().getName());
        }

        private static <R, Q extends Call<R> & Counter.Request> Mono<R> ask(
                Server<Counter> server, Q request) {
            return Mono.fromFuture(() -> GenServer.callAsync(server, request, LIMIT));
        }
    }

    private static ConfigurableApplicationContext start() {
        return WebApps.start(App.class, WebApplicationType.REACTIVE, "reactive");
    }

    @BeforeAll
    static void startShared() {
        shared = start();
    }

    @AfterAll
    static void closeShared() {
        shared.close();
    }

    private static String get(String path) {
        return WebApps.send(shared, path).join().body();
    }

    @Test
    void a_controller_asks_servers_without_blocking_its_event_loop() {
        assertThat(get("/thread")).startsWith("reactor-http-");
        assertThat(get("/next/ann")).isEqualTo("1");
        assertThat(get("/next/ann")).isEqualTo("2");
        assertThat(get("/next")).isNotEmpty();
        assertThat(get("/crash")).isEqualTo("ask later");
    }

    @Test
    void health_and_endpoint_are_there() {
        assertThat(get("/actuator/health")).contains("\"genserver\":{\"details\":");
        assertThat(get("/actuator/genserver")).contains("\"status\":\"RUNNING\"");
    }

    @Test
    void a_request_in_flight_is_answered_before_the_tree_stops(CapturedOutput output)
            throws Exception {
        ConfigurableApplicationContext context = start();
        var response = WebApps.send(context, "/wait");
        context.getBean(Controller.class).waiting.await();

        context.close();

        assertThat(response.join().statusCode()).isEqualTo(200);
        assertThat(response.join().body()).isEqualTo("waited");
        assertThat(output.getOut().indexOf("Graceful shutdown complete"))
                .isPositive()
                .isLessThan(output.getOut().indexOf("stopped the supervision tree on node"));
    }
}
