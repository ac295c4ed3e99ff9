package io.genserver.spring;

import io.genserver.Node;
import org.springframework.beans.factory.config.BeanDefinition;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.SearchStrategy;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Role;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.core.task.TaskDecorator;

/// Runs the application's processes as a supervision tree.
///
/// ```java
/// @Bean
/// ChildSpec<Limiter> limiter() {
///     return ChildSpec.worker(Limiter.class, () -> GenServer.startLink(Limiter::new, 100));
/// }
/// ```
///
/// ## Children
///
/// Each bean of type [io.genserver.supervisor.ChildSpec], [io.genserver.supervisor.KeyedSupervisor]
/// or [io.genserver.supervisor.ProcessRegistry] is a child of one supervisor. The supervisor starts
/// them in the order of `@Order`, and those of the same order as the beans were registered.
/// [SupervisionTree] says when it starts and stops them.
///
/// ## References
///
/// For each `ChildSpec<G>` there is a bean of type [io.genserver.Server], `Server<G>`. It refers to
/// the process that runs as this child, also after a restart, and any thread may use it:
///
/// ```java
/// @RestController
/// class Orders {
///     Orders(Server<Limiter> limiter) { … }
/// }
/// ```
///
/// The reference leads to a process once its start has returned. The `init` of a child does not
/// find the child itself by it; `Processes.self()` does.
///
/// If several children have the same class, the name of the `ChildSpec` bean is the qualifier:
/// `@Qualifier("limiter")`.
///
/// ## Node
///
/// The context has a [Node] of its own, so two contexts in one JVM may use the same names. The
/// threads that serve HTTP requests and those of the application's task executor act on this node.
/// Other threads use the [io.genserver.Server] beans, [io.genserver.Server#on], or the bean of type
/// [Node].
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "genserver.enabled", matchIfMissing = true)
@EnableConfigurationProperties(GenServerProperties.class)
public final class GenServerAutoConfiguration {

    /// Creates the configuration. Spring calls this.
    public GenServerAutoConfiguration() {}

    @Bean
    @Role(BeanDefinition.ROLE_INFRASTRUCTURE)
    static ServerBeans genserverServerBeans() {
        return new ServerBeans();
    }

    @Bean
    @ConditionalOnMissingBean(search = SearchStrategy.CURRENT) // a parent has its own tree
    Node genserverNode(GenServerProperties properties, ConfigurableApplicationContext context) {
        properties.check();
        return Nodes.start(properties, context.getEnvironment());
    }

    @Bean(ServerBeans.CHILDREN)
    Children genserverChildren(Node node, ConfigurableListableBeanFactory beans) {
        return new Children(node, beans);
    }

    @Bean
    SupervisionTree genserverTree(
            Node node,
            Children children,
            GenServerProperties properties,
            ConfigurableApplicationContext context) {
        return new SupervisionTree(node, children, properties, context);
    }

    @Bean
    @Order(Ordered.HIGHEST_PRECEDENCE)
    TaskDecorator genserverTaskDecorator(Node node) {
        return task -> () -> Nodes.run(node, task);
    }
}
