package io.genserver;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.genserver.test.GenServerExtension;
import io.genserver.test.VirtualTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@VirtualTime
@ExtendWith(GenServerExtension.class)
class TopWithinWindowTest {

    private static Pid server() {
        return GenServer.startLink(GenServerTest.Doer::new, Ok.OK).pid();
    }

    @Test
    void finds_those_that_are_busy_now() {
        GenServerTest.Task task = _ -> "done";
        Pid old = server();
        for (int i = 0; i < 1_000; i++) {
            GenServer.callUntyped(old, task);
        }
        Pid busy = server();
        Processes.sendEvery(busy, "tick", Duration.ofMillis(10), Pace.FIXED_RATE);

        List<ProcessMeasure.Ranked> top =
                Processes.top(ProcessMeasure.HANDLED, 5, Duration.ofMillis(1_005));

        assertThat(top)
                .extracting(ranked -> ranked.process().pid(), ProcessMeasure.Ranked::value)
                .containsExactly(tuple(busy, 100L));
    }
}
