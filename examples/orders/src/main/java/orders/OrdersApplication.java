package orders;

import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.KeyedSupervisor;
import java.time.Duration;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import org.springframework.core.annotation.Order;

/// The application and its supervision tree: the gateway starts first and stops last.
@SpringBootApplication(proxyBeanMethods = false)
class OrdersApplication {

    public static void main(String[] arguments) {
        SpringApplication.run(OrdersApplication.class, arguments);
    }

    @Bean
    @Order(1)
    ChildSpec<GatewayStub> gateway(@Value("${orders.gateway-delay:100ms}") Duration delay) {
        return GatewayStub.childSpec(delay);
    }

    @Bean
    @Order(2)
    KeyedSupervisor<String, OrderProcess> orders(PaymentGateway gateway) {
        return KeyedSupervisor.of("orders", (String id) -> new OrderProcess(id, gateway))
                .withIdleTimeout(Duration.ofMinutes(10));
    }
}
