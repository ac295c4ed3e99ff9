package io.genserver;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;
import static io.genserver.test.MessageAssertions.assertReceive;
import static io.genserver.test.MessageAssertions.refuteReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import io.genserver.test.GenServerExtension;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
@Timeout(30)
class SysTest {

    record Count() implements Call<Integer> {}

    /// Counts what it is cast, and a hundred for every other message.
    static class Counter implements GenServer<Ok, Integer, Count, Object> {
        @Override
        public Init<Integer> init(Ok ok) {
            return Init.ok(0);
        }

        @Override
        public CallResult<Integer> handleCall(Count request, From from, Integer count) {
            return reply(request, count, count);
        }

        @Override
        public CastResult<Integer> handleCast(Object amount, Integer count) {
            return amount instanceof Duration wait
                    ? noreply(count, Action.timeout(wait))
                    : noreply(count + (Integer) amount);
        }

        @Override
        public CastResult<Integer> handleInfo(Object message, Integer count) {
            return noreply(count + 100);
        }
    }

    /// The next version: counts double, keeps the state as it was.
    static final class DoubleCounter extends Counter {
        @Override
        public CastResult<Integer> handleCast(Object amount, Integer count) {
            return noreply(count + 2 * (Integer) amount);
        }

        @Override
        public Integer codeChange(Object oldVersion, Integer count, Object extra) {
            if (extra.equals("fail")) {
                throw new IllegalStateException("no way from " + oldVersion);
            }
            return count + (Integer) extra;
        }
    }

    private static Pid counter() {
        return GenServer.startLink(Counter::new, Ok.OK).pid();
    }

    @Test
    void the_state_can_be_read_and_replaced() {
        Pid counter = counter();
        GenServer.cast(counter, 5);

        assertThat(Sys.getState(counter)).isEqualTo(5);
        assertThat(Sys.replaceState(counter, (Integer count) -> count * 2)).isEqualTo(10);
        assertThat(GenServer.call(counter, new Count())).isEqualTo(10);
    }

    @Test
    void a_function_that_throws_does_not_hurt_the_server() {
        Pid counter = counter();

        assertThatThrownBy(() ->
                        Sys.replaceState(
                                counter,
                                (Integer _) -> {
                                    throw new IllegalStateException("bad function");
                                }))
                .isInstanceOf(Sys.CallbackFailedException.class)
                .hasRootCauseMessage("bad function");
        assertThat(GenServer.call(counter, new Count())).isZero();
    }

    @Test
    void a_suspended_server_keeps_everything_for_later_in_order() {
        Pid counter = counter();
        Sys.suspend(counter);
        Sys.suspend(counter);
        GenServer.cast(counter, 1);

        assertThatThrownBy(() -> GenServer.call(counter, new Count(), Duration.ofMillis(30)))
                .isInstanceOf(CallException.class)
                .hasMessageContaining("timed out");
        assertThat(Sys.getState(counter)).isEqualTo(0);
        assertThat(Sys.getStatus(counter))
                .isEqualTo(new Sys.Status(counter, Counter.class, true, Processes.self(), 2, 0));
        Sys.resume(counter);

        assertThat(GenServer.call(counter, new Count())).isEqualTo(1);
        assertThat(Sys.getStatus(counter).suspended()).isFalse();
    }

    @Test
    void a_suspended_server_can_be_stopped_and_whoever_waits_hears_of_it() {
        Pid counter = counter();
        Sys.suspend(counter);
        Pid me = Processes.self();
        Processes.spawn(() -> {
            try {
                GenServer.call(counter, new Count());
            } catch (CallException failed) {
                Processes.send(me, failed.serverReason());
            }
        });
        while (Sys.getStatus(counter).messageQueueLength() == 0) {
            Processes.receive(_ -> null, Duration.ofMillis(1));
        }

        Processes.trapExits(true);
        Sys.terminate(counter, ExitReason.of("enough"));

        assertThat(assertReceive(ExitReason.class)).isEqualTo(ExitReason.of("enough"));
        assertThat(Processes.isAlive(counter)).isFalse();
    }

    @Test
    void a_request_from_here_does_not_cancel_a_state_timeout() {
        Pid counter = counter();
        GenServer.cast(counter, Duration.ofMillis(300));

        Sys.getState(counter);
        Processes.receive(_ -> null, Duration.ofSeconds(2));

        assertThat(Sys.getState(counter)).isEqualTo(100);
    }

    @Test
    void code_is_changed_while_suspended_only() {
        Pid counter = counter();

        assertThatThrownBy(() -> Sys.changeCode(counter, DoubleCounter::new, 1, 1_000))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("to be suspended before its code is changed");
        Sys.suspend(counter);
        assertThatThrownBy(() -> Sys.changeCode(counter, DoubleCounter::new, 1, "fail"))
                .isInstanceOf(Sys.CallbackFailedException.class)
                .hasRootCauseMessage("no way from 1");
        GenServer.cast(counter, 1);
        Sys.changeCode(counter, DoubleCounter::new, 1, 1_000);
        Sys.resume(counter);

        assertThat(GenServer.call(counter, new Count())).isEqualTo(1_002);
        refuteReceive(Exit.class);
    }

    @Test
    void agents_and_supervisors_answer_too() {
        Pid agent = Agent.startLink(() -> "state").pid();
        Pid supervisor =
                Supervisor.startLink(List.of(), SupervisorFlags.of(Strategy.ONE_FOR_ONE)).pid();

        assertThat(Sys.getState(agent)).isEqualTo("state");
        assertThat(Sys.getStatus(agent).module()).isEqualTo(Agent.class);
        assertThat(Sys.getStatus(supervisor).module()).isEqualTo(Supervisor.class);
    }

    @Test
    void a_process_that_is_no_server_does_not_answer() {
        Pid plain = Processes.spawn(Processes::receive);
        Processes.exit(plain, ExitReason.KILL);

        assertThatThrownBy(() -> Sys.getState(plain))
                .isInstanceOf(CallException.class)
                .hasMessageContaining("there is no such process");
    }
}
