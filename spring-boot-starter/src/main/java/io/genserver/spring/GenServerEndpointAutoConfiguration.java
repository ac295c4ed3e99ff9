package io.genserver.spring;

import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/// The actuator's endpoint `genserver`, see [GenServerEndpoint].
@AutoConfiguration(after = GenServerAutoConfiguration.class)
@ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
@ConditionalOnBean(SupervisionTree.class)
@ConditionalOnAvailableEndpoint(GenServerEndpoint.class)
public final class GenServerEndpointAutoConfiguration {

    /// Creates the configuration. Spring calls this.
    public GenServerEndpointAutoConfiguration() {}

    @Bean
    @ConditionalOnMissingBean
    GenServerEndpoint genserverEndpoint(SupervisionTree tree) {
        return new GenServerEndpoint(tree);
    }
}
