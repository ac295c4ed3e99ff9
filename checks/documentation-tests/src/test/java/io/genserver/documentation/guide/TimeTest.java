package io.genserver.documentation.guide;

import static io.genserver.CallResult.reply;
import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.*;
import io.genserver.simulation.MessageFaults;
import io.genserver.simulation.TestTime;
import io.genserver.test.*;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
@VirtualTime
class TimeTest {

    /// Answers whether it has been asked within the last five minutes.
    static final class Session implements CallServer<Boolean, Session.Touch> {
        record Touch() implements Call<Boolean> {}

        static boolean touch(Server<Session> session) {
            return GenServer.call(session, new Touch());
        }

        @Override
        public Init<Boolean> init() {
            return Init.ok(true, Action.timeout(Duration.ofMinutes(5)));
        }

        @Override
        public CallResult<Boolean> handleCall(Touch request, From from, Boolean open) {
            return reply(request, open, true, Action.timeout(Duration.ofMinutes(5)));
        }

        @Override
        public CastResult<Boolean> handleInfo(Object message, Boolean open) {
            return CastResult.noreply(false);
        }
    }

    @Test
    void a_session_ends_after_five_minutes(TestSupervisor test, TestTime time) {
        Server<Session> session = test.startSupervised(() -> CallServer.startLink(Session::new));

        time.advance(Duration.ofMinutes(4));
        assertThat(Session.touch(session)).isTrue();
        time.advance(Duration.ofMinutes(5));
        assertThat(Session.touch(session)).isFalse();
    }

    @Test
    void shows_what_is_armed(TestTime time) {
        Processes.sendAfter(Processes.self(), "tick", Duration.ofMinutes(5));

        assertThat(time.pending()).containsExactly("in PT5M: message tick for " + Processes.self());
    }

    @Test
    void a_late_request_times_out(TestSupervisor test, TestTime time) {
        Server<Session> session = test.startSupervised(() -> CallServer.startLink(Session::new));
        time.disturb(MessageFaults.to(session).delay(0.5, Duration.ofSeconds(20)));

        int timeouts = 0;
        for (int call = 0; call < 10; call++) {
            try {
                Session.touch(session);
            } catch (CallException late) {
                timeouts++;
            }
        }

        assertThat(timeouts).isBetween(1, 9);
    }
}
