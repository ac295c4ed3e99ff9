package io.genserver.spring;

import io.genserver.Node;
import io.genserver.micrometer.GenServerMetrics;
import io.micrometer.core.instrument.MeterRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/// The metrics of the application's node, if the module `genserver-micrometer` and a registry of
/// Micrometer are there. A bean of type [GenServerMetrics] replaces them, for example one that also
/// times calls.
@AutoConfiguration(
        after = GenServerAutoConfiguration.class,
        afterName =
                "org.springframework.boot.micrometer.metrics.autoconfigure"
                        + ".CompositeMeterRegistryAutoConfiguration")
@ConditionalOnClass({MeterRegistry.class, GenServerMetrics.class})
@ConditionalOnBean({MeterRegistry.class, SupervisionTree.class})
public final class GenServerMetricsAutoConfiguration {

    /// Creates the configuration. Spring calls this.
    public GenServerMetricsAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean
    GenServerMetrics genserverMetrics(Node node) {
        return GenServerMetrics.builder().node(node).build();
    }
}
