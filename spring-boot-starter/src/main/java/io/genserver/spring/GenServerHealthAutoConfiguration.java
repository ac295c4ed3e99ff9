package io.genserver.spring;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/// The health indicator `genserver`. It is down if the root supervisor has given up. The property
/// `management.health.genserver.enabled=false` turns it off.
@AutoConfiguration(after = GenServerAutoConfiguration.class)
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBean(SupervisionTree.class)
@ConditionalOnEnabledHealthIndicator("genserver")
public final class GenServerHealthAutoConfiguration {

    /// Creates the configuration. Spring calls this.
    public GenServerHealthAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean(name = "genserverHealthIndicator")
    HealthIndicator genserverHealthIndicator(SupervisionTree tree) {
        return new TreeHealthIndicator(tree);
    }
}
