package orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.CallException;
import io.genserver.GenServer;
import io.genserver.Server;
import io.genserver.spring.SupervisionTree;
import io.genserver.spring.test.GenServerTest;
import io.genserver.supervisor.KeyedSupervisor;
import io.genserver.supervisor.Supervisor;
import io.genserver.test.TestSupervisor;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;

@SpringBootTest(webEnvironment = WebEnvironment.NONE, properties = "orders.gateway-delay=5ms")
@GenServerTest
class OrdersTest {

    @Autowired private KeyedSupervisor<String, OrderProcess> orders;
    @Autowired private SupervisionTree tree;

    private Receipt pay(String order) {
        return GenServer.call(orders.server(order), new OrderProcess.Pay(4_200));
    }

    @Test
    void a_payment_is_tried_again_until_the_gateway_takes_it() {
        assertThat(pay("ann-1")).isEqualTo(new Receipt("R1", 4_200));
        assertThat(pay("ann-2")).isEqualTo(new Receipt("R2", 4_200));
    }

    @Test
    void an_order_is_paid_once() {
        assertThat(IntStream.range(0, 8).parallel().mapToObj(_ -> payOnNode("ann-1")))
                .containsOnly(new Receipt("R1", 4_200));
    }

    /// The threads of a parallel stream act on no node.
    private Receipt payOnNode(String order) {
        Server<OrderProcess> server = orders.server(order).on(tree.node());
        return GenServer.call(server, new OrderProcess.Pay(4_200));
    }

    @Test
    void an_order_survives_the_end_of_its_process() {
        Receipt first = pay("ann-1");

        orders.stop("ann-1");

        assertThat(pay("ann-1")).isEqualTo(first);
    }

    @Test
    void an_order_is_paid_when_the_gateway_is_back(TestSupervisor test) {
        test.expectCrash(Throwable.class);
        Supervisor.terminateChild(tree.supervisor(), GatewayStub.class);
        assertThatThrownBy(() -> pay("ann-1")).isInstanceOf(CallException.class);

        Supervisor.restartChild(tree.supervisor(), GatewayStub.class);

        assertThat(pay("ann-1")).isEqualTo(new Receipt("R1", 4_200));
    }
}
