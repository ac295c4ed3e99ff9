package io.genserver.spring;

import io.genserver.Node;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import java.util.EnumSet;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.Ordered;

/// Has the threads of a servlet container act on the node of the context, by a filter that comes
/// before all others.
@AutoConfiguration(after = GenServerAutoConfiguration.class)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass(Filter.class)
@ConditionalOnBean(SupervisionTree.class)
public final class GenServerServletAutoConfiguration {

    /// Creates the configuration. Spring calls this.
    public GenServerServletAutoConfiguration() {}

    @Bean
    FilterRegistrationBean<NodeFilter> genserverNodeFilter(Node node) {
        FilterRegistrationBean<NodeFilter> filter =
                new FilterRegistrationBean<>(new NodeFilter(node));
        filter.setOrder(Ordered.HIGHEST_PRECEDENCE);
        filter.setDispatcherTypes(
                EnumSet.of(DispatcherType.REQUEST, DispatcherType.ASYNC, DispatcherType.ERROR));
        return filter;
    }
}
