package io.genserver.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.CallServer;
import io.genserver.GenServer;
import io.genserver.Node;
import io.genserver.Processes;
import io.genserver.Server;
import io.genserver.StartOption;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.KeyedSupervisor;
import io.genserver.supervisor.Supervisor;
import java.time.Duration;
import java.util.concurrent.Callable;
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
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/// An application on Tomcat.
@ExtendWith(OutputCaptureExtension.class)
@Timeout(60)
class WebTest {

    private static ConfigurableApplicationContext shared;

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    @Import(Controller.class)
    static class App {
        @Bean
        ChildSpec<Counter> counter() {
            return Counter.spec(Counter.class, StartOption.name("counter"));
        }

        @Bean
        KeyedSupervisor<String, Counter> customers() {
            return KeyedSupervisor.of("customers", (String _) -> new Counter());
        }
    }

    @RestController
    static class Controller {

        private final Server<Counter> counter;
        private final KeyedSupervisor<String, Counter> customers;
        final CountDownLatch waiting = new CountDownLatch(1);

        Controller(Server<Counter> counter, KeyedSupervisor<String, Counter> customers) {
            this.counter = counter;
            this.customers = customers;
        }

        @GetMapping("/next")
        int next() {
            return Counter.next(counter);
        }

        @GetMapping("/next/{customer}")
        int next(@PathVariable String customer) {
            return Counter.next(customers.server(customer));
        }

        @GetMapping("/node")
        String node() {
            return Node.current().name() + " " + Processes.whereis("counter").isPresent();
        }

        @GetMapping("/node/async")
        Callable<String> asynchronous() {
            return this::node;
        }

        @GetMapping("/wait")
        String await() {
            waiting.countDown();
            return GenServer.call(counter, new Counter.Wait(Duration.ofMillis(500)));
        }

        @GetMapping("/fail")
        String fail() {
            throw new IllegalStateException("expected by the test");
        }
    }

    private static ConfigurableApplicationContext start() {
        return WebApps.start(App.class, WebApplicationType.SERVLET, "web");
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
    void a_controller_calls_servers_like_any_other_bean() {
        assertThat(get("/next")).isEqualTo("1");
        assertThat(get("/next/ann")).isEqualTo("1");
        assertThat(get("/next/ann")).isEqualTo("2");
    }

    @Test
    void the_threads_of_requests_act_on_the_node() {
        assertThat(get("/node")).isEqualTo("web true");
        assertThat(get("/node/async")).isEqualTo("web true");
        assertThat(WebApps.send(shared, "/fail").join().statusCode()).isEqualTo(500);
    }

    @Test
    void the_endpoint_shows_the_tree() {
        assertThat(get("/next/bob")).isNotEmpty();

        assertThat(get("/actuator/genserver"))
                .matches(
                        """
                        {"node":"web","status":"RUNNING","root":\
                        {"id":"ApplicationSupervisor","pid":"#PID<[0-9.]+>","restarting":false,\
                        "ends":0,"mailbox":0,"supervised":{"size":2,"restarts":0,"children":\\[\
                        {"id":"io.genserver.spring.Counter","pid":"#PID<[0-9.]+>",\
                        "restarting":false,"ends":0,"mailbox":0,"supervised":null},\
                        {"id":"customers","pid":"#PID<[0-9.]+>","restarting":false,"ends":0,\
                        "mailbox":0,"supervised":{"size":\\d,"restarts":0,"children":\\[]}}]}}}\
                        """
                                .replace("{", "\\{"));
    }

    @Test
    void the_endpoint_does_not_wait_for_a_busy_supervisor() throws Exception {
        SupervisionTree tree = shared.getBean(SupervisionTree.class);
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        ChildSpec<Counter> slow =
                ChildSpec.worker(
                        "slow",
                        () -> {
                            started.countDown();
                            try {
                                goOn.await();
                            } catch (InterruptedException end) {
                                throw new IllegalStateException(end);
                            }
                            return CallServer.startLink(Counter::new);
                        });
        Thread starter =
                Thread.startVirtualThread(() -> Supervisor.startChild(tree.supervisor(), slow));
        started.await();

        assertThat(get("/actuator/genserver")).contains("\"size\":2,");
        assertThat(get("/actuator/health")).contains("\"running\":2");
        goOn.countDown();
        starter.join();
        assertThat(Supervisor.terminateChild(tree.supervisor(), "slow")).isEmpty();
        assertThat(Supervisor.deleteChild(tree.supervisor(), "slow")).isEmpty();
    }

    @Test
    void health_shows_the_node_and_how_many_children_run() {
        assertThat(get("/actuator/health"))
                .contains(
                        "\"genserver\":{\"details\":{\"running\":2,\"node\":\"web\"},\"status\":\"UP\"}");
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
                .isLessThan(output.getOut().indexOf("stopped the supervision tree on node web-2"));
        assertThat(SupervisionTree.PHASE)
                .isLessThan(WebServerApplicationContext.START_STOP_LIFECYCLE_PHASE);
    }
}
