package io.genserver;

import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.test.GenServerExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// What a log line shows as the thread.
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class ThreadNamesTest {

    private static String threadOf(StartOption... options) {
        Pid agent = Agent.startLink(() -> 1, options).pid();
        return Agent.get(agent, (Integer _) -> Thread.currentThread().getName());
    }

    @Test
    void of_servers_that_share_threads_are_those_of_the_workers() {
        assertThat(threadOf()).matches("genserver-worker-\\d+");
    }

    @Test
    void of_servers_on_another_node_say_the_node() {
        try (Node node = Node.start("thread-names")) {
            assertThat(
                            node.call(() -> {
                                Pid agent = Agent.start(() -> 1).pid();
                                return Agent.get(
                                        agent, (Integer _) -> Thread.currentThread().getName());
                            }))
                    .matches("genserver-thread-names-worker-\\d+");
        }
    }

    @Test
    void of_a_server_with_a_thread_of_its_own_is_its_pid() {
        for (StartOption own :
                new StartOption[] {StartOption.ownThread(), StartOption.platformThread()}) {
            Pid agent = Agent.startLink(() -> 1, own).pid();

            assertThat(Agent.<Integer, String>get(agent, _ -> Thread.currentThread().getName()))
                    .isEqualTo(agent.toString());
        }
    }

    @Test
    void of_a_spawned_process_is_the_same_for_all() {
        Pid me = Processes.self();
        Processes.spawn(() -> Processes.send(me, Thread.currentThread().getName()));

        assertThat(assertReceive(String.class)).isEqualTo("genserver-process");
    }
}
