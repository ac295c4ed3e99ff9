package io.genserver.spring.test;

import static io.genserver.test.MessageAssertions.awaitDown;
import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.ExitReason;
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
    void parts_of_the_test_extension_work_on_the_tree(TestSupervisor test) {
        assertThat(App.next(counter)).isEqualTo(1);

        test.killChild(tree.supervisor(), Counter.class);

        assertThat(App.next(counter)).isEqualTo(1);
    }
}
