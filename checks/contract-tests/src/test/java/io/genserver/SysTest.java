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
import io.genserver.test.VirtualTime;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(GenServerExtension.class)
@Timeout(30)
class SysTest {

    record Count() implements Call<Integer> {}

    /// Adds what it is cast, and a hundred for every other message.
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

    /// The next version, which adds twice the amount to the same state.
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
                .isEqualTo(
                        new Sys.Status(
                                counter, Counter.class, true, Processes.self(), 2, List.of(), 0));
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
    @VirtualTime
    void a_request_from_here_does_not_cancel_a_state_timeout() {
        Pid counter = counter();
        GenServer.cast(counter, Duration.ofMillis(300));

        assertThat(Sys.getState(counter)).isEqualTo(0);
        Processes.sleep(Duration.ofSeconds(2));

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

    @Nested
    class debugging {

        @Test
        void a_trace_logs_every_event() {
            Pid counter = counter();
            try (Logs logs = Logs.of(Sys.class)) {
                Sys.trace(counter, true);
                GenServer.cast(counter, 5);
                GenServer.call(counter, new Count());
                Sys.trace(counter, false);
                GenServer.cast(counter, 6);
                GenServer.call(counter, new Count());

                String who = counter + " (" + Counter.class.getName() + ") ";
                List<String> texts = logs.with(who).stream().map(entry -> entry.text()).toList();
                assertThat(texts).startsWith(who + "got cast 5", who + "new state 5").hasSize(4);
                assertThat(texts.get(2)).startsWith(who + "got call Count[] from From[");
                assertThat(texts.get(3))
                        .startsWith(who + "sent 5 to From[")
                        .endsWith("new state 5");
            }
        }

        @Test
        void a_log_keeps_the_last_events() {
            Pid counter = counter();
            assertThat(Sys.getLog(counter)).isEmpty();
            Sys.log(counter, 2);
            GenServer.cast(counter, 1);
            GenServer.cast(counter, 2);

            List<SystemEvent> expected =
                    List.of(new SystemEvent.InCast(2), new SystemEvent.NoReply(3));
            assertThat(Sys.getLog(counter)).isEqualTo(expected);
            assertThat(Sys.getStatus(counter).log()).isEqualTo(expected);
            Sys.noLog(counter);
            assertThat(Sys.getLog(counter)).isEmpty();
            Sys.log(counter);
            for (int i = 0; i < 20; i++) {
                GenServer.cast(counter, i);
            }
            assertThat(Sys.getLog(counter)).hasSize(Sys.DEFAULT_LOG);
            assertThatThrownBy(() -> Sys.log(counter, 0))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("expected a log of 1 event or more, got: 0");
        }

        @Test
        void a_log_file_gets_every_event_until_it_is_closed(@TempDir Path folder) throws Exception {
            Pid counter = counter();
            Path file = folder.resolve("events.log");
            Sys.logToFile(counter, file);
            Processes.send(counter, "x");
            GenServer.cast(counter, 1);
            Sys.noLogToFile(counter);
            GenServer.cast(counter, 2);
            Sys.getState(counter);

            String who = counter + " (" + Counter.class.getName() + ") ";
            assertThat(Files.readAllLines(file))
                    .containsExactly(
                            who + "got x",
                            who + "new state 100",
                            who + "got cast 1",
                            who + "new state 101");
            assertThatThrownBy(() -> Sys.logToFile(counter, folder))
                    .isInstanceOf(Sys.CallbackFailedException.class)
                    .hasRootCauseInstanceOf(java.io.IOException.class);
        }

        @Test
        void statistics_count_what_comes_in_and_what_goes_out() {
            Pid counter = counter();
            assertThat(Sys.getStatistics(counter)).isEmpty();
            Sys.statistics(counter, true);
            GenServer.cast(counter, 1);
            GenServer.call(counter, new Count());
            Processes.send(counter, "x");

            Sys.Statistics counts = Sys.getStatistics(counter).orElseThrow();
            assertThat(counts.messagesIn()).isEqualTo(3);
            assertThat(counts.messagesOut()).isEqualTo(1);
            assertThat(counts.currentTime()).isAfterOrEqualTo(counts.startTime());
            Sys.statistics(counter, false);
            assertThat(Sys.getStatistics(counter)).isEmpty();
        }

        @Test
        void a_function_sees_the_events_until_it_is_done_or_removed() {
            Pid counter = counter();
            Pid me = Processes.self();
            DebugOption.Function<Integer> upToThree =
                    (seen, event, server) -> {
                        Processes.send(me, seen + " " + event);
                        return seen == 3 ? null : seen + 1;
                    };
            Sys.install(counter, "mine", upToThree, 1);
            Sys.install(counter, "mine", upToThree, 100);
            GenServer.cast(counter, 1);
            GenServer.cast(counter, 2);
            Sys.getState(counter);
            assertThat(Processes.flush())
                    .containsExactly("1 got cast 1", "2 new state 1", "3 got cast 2");

            Sys.install(counter, "other", upToThree, 1);
            Sys.remove(counter, "other");
            Sys.remove(counter, "never there");
            GenServer.cast(counter, 3);
            Sys.getState(counter);
            assertThat(Processes.flush()).isEmpty();
        }

        @Test
        void a_function_that_throws_is_removed_and_does_not_hurt_the_server() {
            Pid counter = counter();
            try (Logs logs = Logs.of(Sys.class)) {
                Sys.<Integer>install(
                        counter,
                        "broken",
                        (_, _, _) -> {
                            throw new IllegalStateException("broken");
                        },
                        1);
                GenServer.cast(counter, 1);
                GenServer.cast(counter, 2);

                assertThat(GenServer.call(counter, new Count())).isEqualTo(3);
                assertThat(logs.with(counter.toString())).hasSize(1);
            }
        }

        @Test
        void no_debug_ends_all_of_it() {
            Pid counter = counter();
            Sys.log(counter);
            Sys.statistics(counter, true);
            Sys.noDebug(counter);

            GenServer.cast(counter, 1);
            assertThat(Sys.getLog(counter)).isEmpty();
            assertThat(Sys.getStatistics(counter)).isEmpty();
        }

        @Test
        void can_be_asked_for_at_the_start_and_works_while_suspended() {
            Pid counter =
                    GenServer.startLink(
                                    Counter::new,
                                    Ok.OK,
                                    StartOption.debug(DebugOption.log(5), DebugOption.statistics()))
                            .pid();
            GenServer.cast(counter, 1);
            Sys.suspend(counter);

            assertThat(Sys.getLog(counter)).hasSize(2);
            assertThat(Sys.getStatistics(counter).orElseThrow().messagesIn()).isEqualTo(1);
        }

        @Test
        void every_request_may_have_a_timeout_of_its_own() {
            Pid stuck = GenServer.start(GenServerTest.Doer::new, Ok.OK).pid();
            GenServerTest.Task forEver =
                    _ -> {
                        Processes.sleep(GenServer.INFINITY);
                        return Ok.OK;
                    };
            GenServer.sendRequestUntyped(stuck, forEver);
            Duration little = Duration.ofMillis(10);
            String overdue = ".* timed out after [0-9]{2,4} ms";

            assertThatThrownBy(() -> Sys.getState(stuck, little)).hasMessageMatching(overdue);
            assertThatThrownBy(() -> Sys.suspend(stuck, little)).hasMessageMatching(overdue);
            assertThatThrownBy(() -> Sys.resume(stuck, little)).hasMessageMatching(overdue);
            assertThatThrownBy(() -> Sys.getStatus(stuck, little)).hasMessageMatching(overdue);
            assertThatThrownBy(() -> Sys.replaceState(stuck, state -> state, little))
                    .hasMessageMatching(overdue);
            assertThatThrownBy(() -> Sys.terminate(stuck, ExitReason.NORMAL, little))
                    .hasMessageMatching(overdue);
        }
    }

    @Test
    void an_agent_and_a_supervisor_can_be_watched_as_any_server() {
        Pid agent = Agent.startLink(() -> 1).pid();
        Sys.log(agent);
        Agent.update(agent, (Integer state) -> state + 1);
        assertThat(Sys.getLog(agent)).hasSize(2);

        Pid supervisor =
                Supervisor.startLink(List.of(), SupervisorFlags.of(Strategy.ONE_FOR_ONE)).pid();
        Sys.statistics(supervisor, true);
        Supervisor.whichChildren(supervisor);
        assertThat(Sys.getStatistics(supervisor).orElseThrow().messagesOut()).isEqualTo(1);
    }

    @Test
    void says_which_log_file_cannot_be_opened() {
        Pid server = GenServer.start(GenServerTest.Doer::new, Ok.OK).pid();
        java.nio.file.Path missing = java.nio.file.Path.of("no-such-folder", "events.log");

        assertThatThrownBy(() -> Sys.logToFile(server, missing))
                .isInstanceOf(Sys.CallbackFailedException.class)
                .hasMessage(
                        "expected a file to log the events of "
                                + server
                                + " (io.genserver.GenServerTest$Doer) to, got: "
                                + missing
                                + ", which cannot be opened");
        GenServer.stop(server);
    }
}
