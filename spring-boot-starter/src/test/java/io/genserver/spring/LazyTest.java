package io.genserver.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.Server;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.KeyedSupervisor;
import io.genserver.supervisor.ProcessRegistry;
import io.genserver.supervisor.Supervisor;
import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;

/// An application with `spring.main.lazy-initialization=true`, in which nothing asks for the beans.
@Timeout(60)
class LazyTest {

    @SpringBootConfiguration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class App {
        @Bean
        ChildSpec<Counter> counter() {
            return Counter.spec(Counter.class);
        }

        @Bean
        KeyedSupervisor<String, Counter> customers() {
            return KeyedSupervisor.of("customers", (String _) -> new Counter());
        }

        @Bean
        ProcessRegistry<String, Integer> names() {
            return ProcessRegistry.unique("names");
        }

        @Bean
        Client client(Server<Counter> counter) {
            return new Client(counter);
        }
    }

    record Client(Server<Counter> counter) {}

    private static ConfigurableApplicationContext start() {
        return new SpringApplicationBuilder(App.class)
                .web(WebApplicationType.NONE)
                .properties("spring.main.lazy-initialization=true", "spring.jmx.enabled=false")
                .run();
    }

    @Test
    void the_tree_starts_with_all_its_children() {
        try (ConfigurableApplicationContext context = start()) {
            assertThat(context.getBeanFactory().containsSingleton("genserverTree")).isTrue();
            SupervisionTree tree = context.getBean(SupervisionTree.class);
            assertThat(tree.isRunning()).isTrue();
            assertThat(Supervisor.countChildren(tree.supervisor()).active()).isEqualTo(3);
            assertThat(Counter.next(context.getBean(Client.class).counter())).isEqualTo(1);
        }
    }

    @Test
    void metrics_begin_when_the_registry_is_there() {
        try (ConfigurableApplicationContext context = start()) {
            MeterRegistry registry = context.getBean(MeterRegistry.class);
            Counter.next(context.getBean(Client.class).counter());
            assertThat(
                            registry.get("genserver.messages.handled")
                                    .tags("server", Counter.class.getName(), "kind", "call")
                                    .functionCounter()
                                    .count())
                    .isEqualTo(1);
        }
    }
}
