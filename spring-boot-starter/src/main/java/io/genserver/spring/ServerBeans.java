package io.genserver.spring;

import io.genserver.Server;
import io.genserver.supervisor.ChildSpec;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.AutowireCandidateQualifier;
import org.springframework.beans.factory.support.BeanDefinitionRegistry;
import org.springframework.beans.factory.support.BeanDefinitionRegistryPostProcessor;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.core.ResolvableType;

/// Registers a bean of type [Server] for each bean of type [ChildSpec].
final class ServerBeans implements BeanDefinitionRegistryPostProcessor {

    /// The name of the bean of type [Children].
    static final String CHILDREN = "genserverChildren";

    @Override
    public void postProcessBeanDefinitionRegistry(BeanDefinitionRegistry registry) {
        if (registry instanceof ConfigurableListableBeanFactory beans) {
            for (String child : beans.getBeanNamesForType(ChildSpec.class, false, false)) {
                String name = child + "Server";
                if (!registry.containsBeanDefinition(name)) {
                    registry.registerBeanDefinition(name, server(child, typeOf(child, beans)));
                }
            }
        }
    }

    private static ResolvableType typeOf(String child, ConfigurableListableBeanFactory beans) {
        return beans.containsBeanDefinition(child)
                ? beans.getMergedBeanDefinition(child)
                        .getResolvableType()
                        .as(ChildSpec.class)
                        .getGeneric(0)
                : ResolvableType.forClass(Object.class); // a singleton without a definition
    }

    private static RootBeanDefinition server(String child, ResolvableType type) {
        RootBeanDefinition server = new RootBeanDefinition();
        server.setTargetType(ResolvableType.forClassWithGenerics(Server.class, type));
        server.setFactoryBeanName(CHILDREN);
        server.setFactoryMethodName("server");
        server.getConstructorArgumentValues().addIndexedArgumentValue(0, child);
        server.addQualifier(new AutowireCandidateQualifier(Qualifier.class, child));
        return server;
    }
}
