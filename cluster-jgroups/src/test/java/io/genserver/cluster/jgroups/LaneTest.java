package io.genserver.cluster.jgroups;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;

class LaneTest {

    private final Lane lane = new Lane();

    private FutureTask<Boolean> entering(long cost, Runnable ask) {
        FutureTask<Boolean> entering = new FutureTask<>(() -> lane.enter(cost, ask));
        Thread thread = Thread.ofVirtual().start(entering);
        await().atMost(Node.CEILING).until(() -> thread.getState() == Thread.State.TIMED_WAITING);
        return entering;
    }

    private static void unexpected() {
        throw new AssertionError("asked, although something has come back");
    }

    @Test
    void lets_in_what_is_larger_than_the_window_if_nothing_is_on_its_way() throws Exception {
        assertThat(lane.enter(2 * Lane.WINDOW, LaneTest::unexpected)).isTrue();
    }

    @Test
    void lets_wait_until_enough_has_come_back() throws Exception {
        lane.enter(Lane.WINDOW, LaneTest::unexpected);
        FutureTask<Boolean> entering = entering(100, LaneTest::unexpected);
        lane.returned(99);
        lane.returned(1);
        assertThat(entering.get()).isTrue();
    }

    @Test
    void asks_when_nothing_comes_back_and_goes_on_with_the_answer() throws Exception {
        lane.enter(Lane.WINDOW, LaneTest::unexpected);
        assertThat(lane.enter(100, () -> lane.returned(Long.MAX_VALUE))).isTrue();
        assertThat(lane.enter(Lane.WINDOW - 100, LaneTest::unexpected)).isTrue();
    }

    @Test
    void lets_nothing_in_once_it_is_closed() throws Exception {
        lane.enter(Lane.WINDOW, LaneTest::unexpected);
        FutureTask<Boolean> entering = entering(100, LaneTest::unexpected);
        lane.close();
        assertThat(entering.get()).isFalse();
        assertThat(lane.enter(100, LaneTest::unexpected)).isFalse();
    }

    @Test
    void returns_what_was_received_in_portions_without_losing_any() {
        long returned = 0;
        for (int i = 0; i < 100_000; i++) {
            returned += lane.received(Lane.cost(100));
        }
        assertThat(returned + lane.forget()).isEqualTo(100_000 * Lane.cost(100));
        assertThat(lane.forget()).isZero();
    }
}
