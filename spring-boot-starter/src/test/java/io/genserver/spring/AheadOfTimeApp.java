package io.genserver.spring;

import io.genserver.Node;
import io.genserver.Server;
import io.genserver.supervisor.Child;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.KeyedSupervisor;
import io.genserver.supervisor.Supervisor;
import java.util.List;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;

/// The program of [AheadOfTimeTest].
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
class AheadOfTimeApp {
    @Bean
    @Order(3)
    ChildSpec<Counter> third() {
        return Counter.spec("third");
    }

    @Bean
    @Order(1)
    KeyedSupervisor<String, Counter> first() {
        return KeyedSupervisor.of("first", (String _) -> new Counter());
    }

    @Bean
    @Order(2)
    ChildSpec<Counter> second() {
        return Counter.spec("second");
    }

    @Bean
    Client client(
            @Qualifier("second") Server<Counter> one, @Qualifier("third") Server<Counter> two) {
        return new Client(one, two);
    }

    /// Prints the children of the tree, and the replies of two of them.
    public static void main(String[] arguments) {
        try (ConfigurableApplicationContext context =
                SpringApplication.run(AheadOfTimeApp.class, arguments)) {
            SupervisionTree tree = context.getBean(SupervisionTree.class);
            List<Object> ids =
                    Supervisor.whichChildren(tree.supervisor()).reversed().stream()
                            .map(Child::id)
                            .toList();
            Client client = context.getBean(Client.class);
            System.out.println("children: " + ids);
            System.out.println("node: " + context.getBean(Node.class).name());
            Counter.next(client.two());
            System.out.println(
                    "replies: " + Counter.next(client.one()) + " " + Counter.next(client.two()));
            System.out.println("health: " + context.containsBean("genserverHealthIndicator"));
        }
    }

    record Client(Server<Counter> one, Server<Counter> two) {}
}
