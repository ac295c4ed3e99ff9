package io.genserver.spring;

import io.genserver.Node;
import io.genserver.Server;
import io.genserver.StartOption;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import java.util.List;
import java.util.concurrent.Callable;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Bean;

/// What is loaded again for each run.
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
class RestartedApp implements Callable<String> {

    @Bean
    ChildSpec<Counter> counter() {
        return Counter.spec(Counter.class, StartOption.name("counter"));
    }

    @Bean
    Callable<Integer> next(Server<Counter> counter) {
        return () -> Counter.next(counter);
    }

    /// Runs the application once. Returns the name of the node and the first answer.
    @Override
    public String call() throws Exception {
        try (var context =
                new SpringApplicationBuilder(RestartedApp.class)
                        .web(WebApplicationType.NONE)
                        .properties("spring.application.name=restarted")
                        .run()) {
            String node = context.getBean(Node.class).name();
            return node + " " + ((Callable<?>) context.getBean("next")).call();
        }
    }

    /// The same without Spring, which keeps classes in caches.
    static final class WithoutSpring implements Callable<String> {
        @Override
        public String call() {
            try (Node node = Node.start("restarted")) {
                Server<Counter> counter = Server.named("counter");
                return node.call(() -> {
                    Supervisor.start(
                                    List.of(new RestartedApp().counter()),
                                    SupervisorFlags.of(Strategy.ONE_FOR_ONE))
                            .pid();
                    return node.name() + " " + Counter.next(counter);
                });
            }
        }
    }
}
