package io.genserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.test.GenServerExtension;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// A request that ends its server races with the sender's own look whether the server is alive.
@ExtendWith(GenServerExtension.class)
@Timeout(60)
class StopRaceTest {

    private static final int TIMES = 20_000;

    @Test
    void a_stop_always_finds_the_end_it_asked_for() throws Exception {
        int stopped =
                Outside.run(
                                () -> {
                                    int count = 0;
                                    for (int i = 0; i < TIMES; i++) {
                                        Pid agent = Agent.start(() -> "state").pid();
                                        Agent.stop(agent);
                                        count += Processes.isAlive(agent) ? 0 : 1;
                                    }
                                    return count;
                                })
                        .get();

        assertThat(stopped).isEqualTo(TIMES);
    }
}
