package io.genserver.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What the calls of a thread leave in the wheel. A thread may end after any of them, without a
/// word.
class CallDeadlineTest {

    private final TimerWheel wheel =
            new TimerWheel(Clock.SYSTEM, null, "test-timers", Runnable::run);
    private final CallDeadline deadline = new CallDeadline(wheel);
    private final long until = wheel.clock().nanoTime() + Duration.ofHours(1).toNanos();

    @AfterEach
    void close() {
        wheel.close(LocalNode.DEFAULT.timers);
    }

    /// Makes a call that is answered.
    ///
    /// @return whether it leaves a timer behind
    private boolean leavesATimer() {
        TimerWheel.Entry own = deadline.begin(new ReplySlot.Request("request", null), until);
        deadline.end();
        if (own != null) {
            assertThat(wheel.cancel(own)).isPositive();
        }
        return wheel.read(deadline) >= 0;
    }

    @Test
    void the_first_calls_leave_nothing() {
        for (int call = 1; call <= 16; call++) {
            assertThat(leavesATimer()).as("call %d", call).isFalse();
        }
    }

    @Test
    void many_calls_share_one_timer() {
        for (int call = 1; call <= 16; call++) {
            leavesATimer();
        }

        assertThat(deadline.begin(new ReplySlot.Request("request", null), until)).isNull();
        deadline.end();
        long left = wheel.read(deadline);
        assertThat(leavesATimer()).isTrue();

        assertThat(left).isPositive();
    }
}
