package io.genserver.spring;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.Node;
import io.genserver.Server;
import io.genserver.micrometer.GenServerMetrics;
import io.genserver.supervisor.ChildSpec;
import io.micrometer.core.instrument.MeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Timeout(60)
class MetricsTest {

    private static final ApplicationContextRunner RUNNER =
            new ApplicationContextRunner()
                    .withUserConfiguration(One.class)
                    .withConfiguration(
                            AutoConfigurations.of(
                                    GenServerAutoConfiguration.class,
                                    GenServerMetricsAutoConfiguration.class));

    private static final AutoConfigurations REGISTRY =
            AutoConfigurations.of(
                    MetricsAutoConfiguration.class,
                    CompositeMeterRegistryAutoConfiguration.class,
                    SimpleMetricsExportAutoConfiguration.class);

    @Configuration(proxyBeanMethods = false)
    static class One {
        @Bean
        ChildSpec<Counter> counter() {
            return Counter.spec(Counter.class);
        }

        @Bean
        Client client(Server<Counter> counter) {
            return new Client(counter);
        }
    }

    record Client(Server<Counter> counter) {}

    private static double calls(MeterRegistry registry) {
        return registry.get("genserver.messages.handled")
                .tags("server", Counter.class.getName(), "kind", "call")
                .functionCounter()
                .count();
    }

    @Test
    void the_node_of_the_application_is_measured() {
        RUNNER.withConfiguration(REGISTRY)
                .run(context -> {
                    Counter.next(context.getBean(Client.class).counter());
                    assertThat(calls(context.getBean(MeterRegistry.class))).isEqualTo(1);
                });
    }

    @Configuration(proxyBeanMethods = false)
    static class TimesCalls {
        @Bean
        GenServerMetrics metrics(Node node) {
            return GenServerMetrics.builder().node(node).calls().build();
        }
    }

    @Test
    void a_bean_replaces_the_metrics() {
        RUNNER.withConfiguration(REGISTRY)
                .withUserConfiguration(TimesCalls.class)
                .run(context -> {
                    Node node = context.getBean(Node.class);
                    node.run(() -> Counter.next(context.getBean(Client.class).counter()));
                    assertThat(context).hasSingleBean(GenServerMetrics.class);
                    assertThat(
                                    context.getBean(MeterRegistry.class)
                                            .get("genserver.call")
                                            .timer()
                                            .count())
                            .isEqualTo(1);
                });
    }

    @Test
    void without_a_registry_or_the_module_nothing_is_measured() {
        RUNNER.run(context -> assertThat(context).doesNotHaveBean(GenServerMetrics.class));
        RUNNER.withConfiguration(REGISTRY)
                .withClassLoader(new FilteredClassLoader(GenServerMetrics.class))
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(context).doesNotHaveBean("genserverMetrics");
                });
    }
}
