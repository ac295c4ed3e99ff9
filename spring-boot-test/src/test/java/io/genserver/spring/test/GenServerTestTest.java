package io.genserver.spring.test;

import static io.genserver.test.MessageAssertions.awaitDown;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.CallException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Node;
import io.genserver.Processes;
import io.genserver.Server;
import io.genserver.spring.SupervisionTree;
import io.genserver.spring.test.App.Counter;
import io.genserver.supervisor.KeyedSupervisor;
import io.genserver.test.TestSupervisor;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

@SpringBootTest(classes = App.class)
@GenServerTest
@Timeout(60)
class GenServerTestTest {

    @Autowired private Server<Counter> counter;
    @Autowired private KeyedSupervisor<String, Counter> customers;
    @Autowired private SupervisionTree tree;
    @Autowired private Node node;

    @RepeatedTest(2)
    void each_test_has_fresh_state() {
        assertThat(App.next(counter)).isEqualTo(1);
        assertThat(App.next(customers.server("ann"))).isEqualTo(1);
    }

    @Test
    void the_test_is_a_process_on_the_node_of_the_context() {
        assertThat(Node.current()).isSameAs(node);
        assertThat(Processes.whereis("counter")).contains(counter.pid());
        assertThat(Processes.info(counter.pid()).orElseThrow().ancestors())
                .contains(Processes.self());
        var monitor = Processes.monitor(counter);
        Processes.exit(counter.pid(), ExitReason.KILL);

        assertThat(awaitDown(monitor)).isEqualTo(ExitReason.KILLED);
    }

    @Test
    void the_server_of_a_key_belongs_to_the_test_whatever_thread_starts_it(TestSupervisor test)
            throws InterruptedException {
        Server<Counter> ann = customers.server("ann").on(node);
        test.expectCrash(IllegalStateException.class);

        Thread request =
                Thread.ofPlatform()
                        .start(() ->
                                assertThatThrownBy(() -> GenServer.call(ann, new Counter.Crash()))
                                        .isInstanceOf(CallException.class));

        request.join();
    }

    @Test
    void parts_of_the_test_extension_work_on_the_tree(TestSupervisor test) {
        assertThat(App.next(counter)).isEqualTo(1);

        test.killChild(tree.supervisor(), Counter.class);

        assertThat(App.next(counter)).isEqualTo(1);
    }
}
