package io.genserver.spring.test;

import static io.genserver.CallResult.reply;

import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CallServer;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Server;
import io.genserver.StartOption;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.KeyedSupervisor;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;

/// An application whose tests are tested.
@SpringBootConfiguration(proxyBeanMethods = false)
@EnableAutoConfiguration
class App {

    static final class Counter implements CallServer<Integer, Counter.Request> {

        sealed interface Request {}

        record Next() implements Request, Call<Integer> {}

        record Crash() implements Request, Call<Integer> {}

        @Override
        public Init<Integer> init() {
            return Init.ok(0);
        }

        @Override
        public CallResult<Integer> handleCall(Request request, From from, Integer count) {
            return switch (request) {
                case Next next -> reply(next, count + 1, count + 1);
                case Crash _ -> throw new IllegalStateException("the disk is full");
            };
        }
    }

    static int next(Server<Counter> counter) {
        return GenServer.call(counter, new Counter.Next());
    }

    @Bean
    ChildSpec<Counter> counter() {
        return ChildSpec.worker(
                Counter.class,
                () -> CallServer.startLink(Counter::new, StartOption.name("counter")));
    }

    @Bean
    KeyedSupervisor<String, Counter> customers() {
        return KeyedSupervisor.of("customers", (String _) -> new Counter());
    }
}
