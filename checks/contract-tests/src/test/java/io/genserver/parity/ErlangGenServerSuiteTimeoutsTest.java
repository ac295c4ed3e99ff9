package io.genserver.parity;

import static io.genserver.CallResult.replyUntyped;
import static io.genserver.CastResult.noreply;
import static io.genserver.parity.Scripted.ANSWER;
import static io.genserver.parity.Scripted.LONG;
import static io.genserver.parity.Scripted.PING;
import static io.genserver.parity.Scripted.SHORT;
import static io.genserver.parity.Scripted.ask;
import static io.genserver.parity.Scripted.cast;
import static io.genserver.parity.Scripted.say;
import static io.genserver.parity.Scripted.send;
import static io.genserver.parity.Scripted.server;
import static io.genserver.test.MessageAssertions.assertReceive;
import static io.genserver.test.MessageAssertions.refuteReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.genserver.Action;
import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Match;
import io.genserver.Pid;
import io.genserver.ProcessInfo.Status;
import io.genserver.Processes;
import io.genserver.RequestId;
import io.genserver.Response;
import io.genserver.ServerRef;
import io.genserver.StartOption;
import io.genserver.StateTimeout;
import io.genserver.Sys;
import io.genserver.parity.Scripted.Ask;
import io.genserver.parity.Scripted.Tell;
import io.genserver.test.GenServerExtension;
import io.genserver.test.VirtualTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// State timeouts and hibernation.
@Tag("parity")
@ExtendWith(GenServerExtension.class)
@Timeout(60)
class ErlangGenServerSuiteTimeoutsTest {

    private static void awaitStatus(Pid pid, Status status) {
        await().untilAsserted(() ->
                assertThat(Processes.info(pid).orElseThrow().status()).isEqualTo(status));
    }

    /// Returns the ways to arm a state timeout: at once or in a continuation, hibernating or not.
    private static List<Action> timeouts(Duration time, Object message) {
        Tell timeout = state -> noreply(state, Action.timeout(time, message));
        Tell hibernate = state -> noreply(state, Action.hibernate(time, message));
        return List.of(
                Action.timeout(time, message),
                Action.continueWith(timeout),
                Action.hibernate(time, message),
                Action.continueWith(hibernate));
    }

    /// Starts a server for each way of returning an action.
    private static List<Pid> serversThatDo(Action action) {
        List<Pid> servers = new ArrayList<>();
        servers.add(server(() -> Init.ok("state", action)));
        servers.add(server());
        ask(servers.getLast(), (_, state) -> replyUntyped("ok", state, action));
        servers.add(server());
        cast(servers.getLast(), state -> noreply(state, action));
        servers.add(server());
        send(servers.getLast(), state -> noreply(state, action));
        return servers;
    }

    /// Source: `gen_server_SUITE`, start_event_timeout and handle_event_timeout (no interruption).
    @Test
    void a_state_timeout_passes_awake_or_hibernating() {
        Tell fire = say(Processes.self(), "timeout");
        for (Action action : timeouts(Duration.ofMillis(100), fire)) {
            List<Pid> servers = serversThatDo(action);
            servers.forEach(Sys::getStatus);
            servers.forEach(_ -> assertReceive("timeout"));
            servers.forEach(pid -> assertThat(ask(pid, PING)).isEqualTo("pong"));
        }
        assertThat(Processes.flush()).isEmpty();
    }

    /// Source: `gen_server_SUITE`, start_event_timeout and handle_event_timeout (the state of the
    /// server while it waits).
    @Test
    void a_server_hibernates_during_a_state_timeout_if_it_is_to() {
        List<Action> actions = timeouts(Duration.ofMinutes(1), "never");
        for (Pid awake : serversThatDo(actions.get(0))) {
            awaitStatus(awake, Status.WAITING);
        }
        for (Pid awake : serversThatDo(actions.get(1))) {
            awaitStatus(awake, Status.WAITING);
        }
        for (Pid hibernating : serversThatDo(actions.get(2))) {
            awaitStatus(hibernating, Status.HIBERNATING);
        }
        for (Pid hibernating : serversThatDo(actions.get(3))) {
            awaitStatus(hibernating, Status.HIBERNATING);
        }
    }

    /// Source: `gen_server_SUITE`, start_event_timeout and handle_event_timeout (interrupted).
    @Test
    @VirtualTime
    void a_call_cancels_a_state_timeout() {
        Tell fire = say(Processes.self(), "timeout");
        List<Pid> servers = new ArrayList<>();
        for (Action action : timeouts(Duration.ofSeconds(1), fire)) {
            servers.addAll(serversThatDo(action));
        }
        servers.forEach(pid -> assertThat(ask(pid, PING)).isEqualTo("pong"));

        refuteReceive(Match.value("timeout"), Duration.ofMinutes(1));
    }

    /// Source: `gen_server_SUITE`, handle_event_timeout_plain.
    @Test
    @VirtualTime
    void a_plain_timeout_outlasts_a_system_request_and_no_other() {
        Pid me = Processes.self();
        Pid pid = GenServer.startLink(Plain::new, me).pid();
        GenServer.cast(pid, Duration.ofMillis(100));
        Sys.getStatus(pid);
        assertReceive(StateTimeout.TIMEOUT);

        GenServer.cast(pid, Duration.ofMillis(500));
        assertThat(GenServer.call(pid, new Plain.Ping())).isEqualTo("pong");

        refuteReceive(Match.value(StateTimeout.TIMEOUT), Duration.ofMinutes(1));
    }

    /// Source: `gen_server`, a plain timeout of 0 in a callback's result.
    @Test
    void a_plain_timeout_of_no_time_comes_at_once_unless_a_message_is_queued() {
        Pid me = Processes.self();
        Pid pid = GenServer.startLink(Plain::new, me).pid();
        GenServer.cast(pid, Duration.ZERO);
        assertReceive(StateTimeout.TIMEOUT);

        Sys.suspend(pid);
        GenServer.cast(pid, Duration.ZERO);
        Processes.send(pid, "queued");
        Sys.resume(pid);

        assertThat(Processes.receive()).isEqualTo("queued");
        refuteReceive(Object.class);
    }

    /// Returns a plain timeout of the duration that it is cast, and reports every message.
    static final class Plain implements GenServer<Pid, Pid, Plain.Ping, Duration> {
        record Ping() implements Call<String> {}

        @Override
        public Init<Pid> init(Pid report) {
            return Init.ok(report);
        }

        @Override
        public CallResult<Pid> handleCall(Ping ping, From from, Pid report) {
            return CallResult.reply(ping, "pong", report);
        }

        @Override
        public CastResult<Pid> handleCast(Duration time, Pid report) {
            return noreply(report, Action.timeout(time));
        }

        @Override
        public CastResult<Pid> handleInfo(Object message, Pid report) {
            Processes.send(report, message);
            return noreply(report);
        }
    }

    /// Source: `gen_server_SUITE`, hibernate.
    @Test
    void a_server_hibernates_after_whichever_callback_says_so_and_wakes_up() {
        Pid fromInit = server(() -> Init.ok("state", Action.hibernate()));
        awaitStatus(fromInit, Status.HIBERNATING);
        Pid pid = server();
        ask(pid, (_, state) -> replyUntyped("ok", state, Action.hibernate()));
        assertHibernatesAndWakes(pid);
        cast(pid, state -> noreply(state, Action.hibernate()));
        assertHibernatesAndWakes(pid);
        send(pid, state -> noreply(state, Action.hibernate()));
        assertHibernatesAndWakes(pid);
        Tell now = state -> noreply(state, Action.hibernate());
        send(pid, state -> noreply(state, Action.timeout(SHORT, now)));
        assertHibernatesAndWakes(pid);

        RequestId<@Nullable Object> waiting =
                GenServer.sendRequestUntyped(
                        pid, (Ask) (from, _) -> noreply(from, Action.hibernate()));
        awaitStatus(pid, Status.HIBERNATING);
        send(pid, ANSWER);
        assertThat(waiting.receiveResponse(LONG)).isEqualTo(new Response.Reply<>("delayed"));
    }

    private static void assertHibernatesAndWakes(Pid pid) {
        awaitStatus(pid, Status.HIBERNATING);
        assertThat(ask(pid, PING)).isEqualTo("pong");
    }

    /// Source: `gen_server_SUITE`, hibernate (suspend and resume).
    @Test
    void a_server_goes_on_hibernating_while_it_is_suspended_and_after() {
        Pid pid = server();
        ask(pid, (_, state) -> replyUntyped("ok", state, Action.hibernate()));
        awaitStatus(pid, Status.HIBERNATING);
        Sys.suspend(pid);
        awaitStatus(pid, Status.HIBERNATING);
        Sys.resume(pid);
        assertHibernatesAndWakes(pid);
    }

    /// Source: `gen_server_SUITE`, auto_hibernate.
    @Test
    void a_server_hibernates_by_itself_after_its_idle_time() {
        Pid me = Processes.self();
        Pid pid =
                server(
                        StartOption.hibernateAfter(Duration.ofMillis(100)),
                        StartOption.name("parity hibernating"));
        awaitStatus(pid, Status.HIBERNATING);
        assertThat(Sys.getState(ServerRef.name("parity hibernating"))).isEqualTo("state");
        assertHibernatesAndWakes(pid);
        awaitStatus(pid, Status.HIBERNATING);
        cast(pid, say(me, "handled"));
        assertReceive("handled");
        awaitStatus(pid, Status.HIBERNATING);
        send(pid, say(me, "handled"));
        assertReceive("handled");
        awaitStatus(pid, Status.HIBERNATING);
    }

    /// Source: `gen_server_SUITE`, start_event_timeout_zero and handle_event_timeout_zero.
    @Test
    void a_state_timeout_of_no_time_comes_before_what_was_sent_to_oneself() {
        Pid me = Processes.self();
        for (boolean hibernate : new boolean[] {false, true}) {
            Tell zero =
                    state -> {
                        Processes.send(Processes.self(), say(me, "after"));
                        Tell timeout = say(me, "timeout");
                        return noreply(
                                state,
                                hibernate
                                        ? Action.hibernate(Duration.ZERO, timeout)
                                        : Action.timeout(Duration.ZERO, timeout));
                    };
            Pid pid = server();
            cast(pid, zero);
            assertThat(Processes.receive()).isEqualTo("timeout");
            assertThat(Processes.receive()).isEqualTo("after");
        }
    }

    /// Source: `gen_server_SUITE`, handle_event_timeout. A system message does not cancel the
    /// timer.
    @Test
    void a_state_timeout_with_a_message_goes_on_through_system_requests() {
        Pid me = Processes.self();
        Tell wait =
                state -> noreply(state, Action.timeout(Duration.ofMillis(150), say(me, "over")));
        Pid pid = server();
        long start = Processes.monotonicTime();
        cast(pid, wait);
        while (Processes.receive(String.class, Duration.ofMillis(20)).isEmpty()) {
            Sys.getState(pid);
            assertThat(Processes.monotonicTime() - start)
                    .as("the timeout would never expire if each request armed it again")
                    .isLessThan(20_000_000_000L);
        }
    }
}
