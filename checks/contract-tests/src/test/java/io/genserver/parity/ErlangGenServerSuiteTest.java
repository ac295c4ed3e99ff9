package io.genserver.parity;

import static io.genserver.CallResult.replyUntyped;
import static io.genserver.CastResult.noreply;
import static io.genserver.parity.Scripted.KEEP;
import static io.genserver.parity.Scripted.LONG;
import static io.genserver.parity.Scripted.PING;
import static io.genserver.parity.Scripted.PLAIN;
import static io.genserver.parity.Scripted.SHORT;
import static io.genserver.parity.Scripted.STOP;
import static io.genserver.parity.Scripted.STOPPED;
import static io.genserver.parity.Scripted.afterTimeout;
import static io.genserver.parity.Scripted.ask;
import static io.genserver.parity.Scripted.assertExit;
import static io.genserver.parity.Scripted.cast;
import static io.genserver.parity.Scripted.exiting;
import static io.genserver.parity.Scripted.failedAsk;
import static io.genserver.parity.Scripted.failure;
import static io.genserver.parity.Scripted.say;
import static io.genserver.parity.Scripted.send;
import static io.genserver.parity.Scripted.server;
import static io.genserver.parity.Scripted.start;
import static io.genserver.parity.Scripted.within;
import static io.genserver.test.MessageAssertions.assertReceive;
import static io.genserver.test.MessageAssertions.refuteReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.genserver.Action;
import io.genserver.CallException;
import io.genserver.CastResult;
import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Logs;
import io.genserver.Match;
import io.genserver.MonitoredStart;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.Sys;
import io.genserver.Via;
import io.genserver.parity.Scripted.Ask;
import io.genserver.parity.Scripted.Begin;
import io.genserver.parity.Scripted.Ending;
import io.genserver.parity.Scripted.Shown;
import io.genserver.parity.Scripted.Tell;
import io.genserver.test.GenServerExtension;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// Start and stop, calls, casts, messages and crashes.
@Tag("parity")
@ExtendWith(GenServerExtension.class)
@Timeout(60)
class ErlangGenServerSuiteTest {

    private final KeyRegistry registry = new KeyRegistry();

    /// A way to start a server.
    interface Starting {
        Start<?> start(Begin begin, StartOption... options);
    }

    private static Start<?> startLink(Begin begin, StartOption... options) {
        return GenServer.startLink(Scripted::new, begin, options);
    }

    private static Start<?> startMonitor(Begin begin, StartOption... options) {
        return GenServer.startMonitor(Scripted::new, begin, options).start();
    }

    private static final List<Starting> STARTS =
            List.of(
                    Scripted::start,
                    ErlangGenServerSuiteTest::startLink,
                    ErlangGenServerSuiteTest::startMonitor);

    private static final Begin TOO_SLOW =
            () -> {
                Processes.sleep(LONG);
                return Init.ok("too late");
            };

    /// Source: `gen_server_SUITE`, start (anonymous).
    @Test
    void start_answers_what_init_decided() {
        Pid pid = start(PLAIN, StartOption.initTimeout(LONG)).pid();
        assertThat(ask(pid, STOP)).isEqualTo("ok");
        await().until(() -> !Processes.isAlive(pid));
        assertThat(failedAsk(pid, PING)).isEqualTo(ExitReason.NOPROC);

        assertThat(start(TOO_SLOW, StartOption.initTimeout(SHORT)))
                .isEqualTo(new Start.Failed<>(ExitReason.TIMEOUT));
        assertThat(start(Init::ignore)).isEqualTo(new Start.Ignore<>());
        assertThat(start(() -> Init.error(ExitReason.of("foobar"))))
                .isEqualTo(new Start.Failed<>(ExitReason.of("foobar")));
        assertThat(start(() -> Init.stop(STOPPED))).isEqualTo(new Start.Failed<>(STOPPED));
        assertThat(Processes.flush()).isEmpty();
    }

    /// Source: `gen_server_SUITE`, start (local, via; without and with a link or a monitor).
    @Test
    void a_name_is_for_one_server_until_that_has_stopped() {
        Processes.trapExits(true);
        Via key = ServerRef.via(registry, "name");
        assertNamed(StartOption.name("parity start"), ServerRef.name("parity start"));
        assertNamed(StartOption.name(key), key);
        refuteReceive(Object.class);
    }

    private static void assertNamed(StartOption option, ServerRef name) {
        Pid unlinked = start(PLAIN, option).pid();
        assertTakenUntilStopped(option, name, unlinked);
        await().until(() -> !Processes.isAlive(unlinked));
        assertThat(failedAsk(unlinked, PING)).isEqualTo(ExitReason.NOPROC);

        Pid linked = startLink(PLAIN, option).pid();
        assertTakenUntilStopped(option, name, linked);
        assertExit(linked, STOPPED);

        MonitoredStart<?> watched = GenServer.startMonitor(Scripted::new, PLAIN, option);
        assertTakenUntilStopped(option, name, watched.pid());
        assertThat(assertReceive(Down.class))
                .isEqualTo(new Down(watched.ref(), watched.pid(), STOPPED));
    }

    private static void assertTakenUntilStopped(StartOption option, ServerRef name, Pid holder) {
        assertThat(ask(name, PING)).isEqualTo("pong");
        for (Starting again : STARTS) {
            assertThat(again.start(PLAIN, option))
                    .isEqualTo(new Start.Failed<>(new ExitReason.AlreadyStarted(holder)));
        }
        assertThat(ask(name, STOP)).isEqualTo("ok");
    }

    /// Source: `gen_server_SUITE`, loop_start_fail.
    @Test
    void every_failed_start_says_why_each_time_and_leaves_nothing_behind() {
        Processes.trapExits(true);
        for (Starting way : STARTS) {
            fiveTimes(
                    way,
                    () -> Init.stop(ExitReason.of("failed")),
                    start ->
                            assertThat(start)
                                    .isEqualTo(new Start.Failed<>(ExitReason.of("failed"))));
            fiveTimes(
                    way, Init::ignore, start -> assertThat(start).isEqualTo(new Start.Ignore<>()));
            fiveTimes(
                    way,
                    nothing(),
                    start ->
                            assertThat(start)
                                    .isEqualTo(
                                            new Start.Failed<>(
                                                    new ExitReason.BadReturnValue(null))));
            fiveTimes(
                    way,
                    failing(new IllegalStateException("bailout")),
                    start ->
                            assertThat(((Start.Failed) start).reason().cause())
                                    .hasMessage("bailout"));
            fiveTimes(
                    way,
                    failing(new ExitException(ExitReason.of("bailout"))),
                    start ->
                            assertThat(start)
                                    .isEqualTo(new Start.Failed<>(ExitReason.of("bailout"))));
            fiveTimes(
                    way,
                    TOO_SLOW,
                    start -> assertThat(start).isEqualTo(new Start.Failed<>(ExitReason.TIMEOUT)));
        }
        assertThat(Processes.flush()).isEmpty();
        assertThat(Processes.info(Processes.self()).orElseThrow().links()).isEmpty();
        assertThat(Processes.info(Processes.self()).orElseThrow().monitors()).isEmpty();
    }

    @SuppressWarnings("NullAway") // null is the bad return value
    private static Begin nothing() {
        return () -> null;
    }

    private static Begin failing(RuntimeException thrown) {
        return () -> {
            throw thrown;
        };
    }

    /// Starts five times. Only the slow init gets a timeout, because the others must not exceed one
    /// on a slow machine.
    private static void fiveTimes(Starting way, Begin begin, Consumer<Start<?>> check) {
        for (int i = 0; i < 5; i++) {
            check.accept(
                    begin == TOO_SLOW
                            ? way.start(begin, StartOption.initTimeout(SHORT))
                            : way.start(begin));
        }
    }

    /// Source: `gen_server_SUITE`, otp_7669.
    @Test
    void a_name_is_free_when_a_failed_start_returns() {
        Processes.trapExits(true);
        Via key = ServerRef.via(registry, "failing");
        for (int i = 0; i < 100; i++) {
            assertFreeAfter(Init::ignore, key);
            assertFreeAfter(() -> Init.stop(STOPPED), key);
        }
    }

    private static void assertFreeAfter(Begin begin, Via key) {
        for (Starting way : STARTS) {
            assertThat(way.start(begin, StartOption.name("parity failing")))
                    .isNotInstanceOf(Start.Ok.class);
            assertThat(Processes.whereis("parity failing")).isEmpty();
            assertThat(way.start(begin, StartOption.name(key))).isNotInstanceOf(Start.Ok.class);
            assertThat(GenServer.whereis(key)).isEmpty();
        }
    }

    /// Source: `gen_server_SUITE`, stop1.
    @Test
    void a_stop_with_reason_normal_ends_the_server() {
        Pid pid = start(PLAIN).pid();

        GenServer.stop(pid);

        assertThat(Processes.isAlive(pid)).isFalse();
        assertThat(failure(() -> GenServer.stop(pid))).isEqualTo(ExitReason.NOPROC);
    }

    /// Source: `gen_server_SUITE`, stop2.
    @Test
    void a_stop_with_another_reason_ends_the_server() {
        MonitoredStart<?> started = GenServer.startMonitor(Scripted::new, PLAIN);

        GenServer.stop(started.pid(), ExitReason.of("other"), GenServer.INFINITY);

        assertThat(Processes.isAlive(started.pid())).isFalse();
        assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.of("other"));
    }

    /// Source: `gen_server_SUITE`, stop3.
    @Test
    void a_stop_with_a_timeout_that_is_none_leaves_the_server_alive() {
        Pid pid = server();

        assertThatThrownBy(() -> GenServer.stop(pid, ExitReason.of("other"), Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class);

        assertThat(Processes.isAlive(pid)).isTrue();
        GenServer.stop(pid);
        assertThat(Processes.isAlive(pid)).isFalse();
    }

    /// Source: `gen_server_SUITE`, stop4 and stop7.
    @Test
    void a_stop_by_name_ends_the_server() {
        Via key = ServerRef.via(registry, "to stop");
        assertStoppedBy(ServerRef.name("parity to stop"), StartOption.name("parity to stop"));
        assertStoppedBy(key, StartOption.name(key));
    }

    private static void assertStoppedBy(ServerRef name, StartOption option) {
        Pid pid = start(PLAIN, option).pid();

        GenServer.stop(name);

        assertThat(Processes.isAlive(pid)).isFalse();
        assertThat(failure(() -> GenServer.stop(name))).isEqualTo(ExitReason.NOPROC);
    }

    /// Source: `gen_server_SUITE`, spec_init_local_registered_parent.
    @Test
    void terminate_runs_when_a_parent_with_a_name_ends() {
        Pid me = Processes.self();
        Pid parent =
                Processes.spawn(() -> {
                    Processes.register(Processes.self(), "parity parent");
                    Pid pid = server(trappingAndTelling(me));
                    Processes.send(me, pid);
                    Processes.receive(Match.value("end"));
                    throw new ExitException(ExitReason.of("parent's end"));
                });
        Processes.monitor(assertReceive(Pid.class));

        Processes.send(parent, "end");

        assertThat(assertReceive(ExitReason.class)).isEqualTo(ExitReason.of("parent's end"));
        assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.of("parent's end"));
    }

    private static Begin trappingAndTelling(Pid whom) {
        return () -> {
            Processes.trapExits(true);
            return Init.ok((Ending) reason -> Processes.send(whom, reason));
        };
    }

    /// Source: `gen_server_SUITE`, crash.
    @Test
    void a_crash_is_reported_and_a_shutdown_is_not() {
        Processes.trapExits(true);
        ExitReason detailed = ExitReason.shutdown("reason");
        try (Logs logs = Logs.of(GenServer.class)) {
            for (ExitReason orderly : List.of(ExitReason.SHUTDOWN, detailed)) {
                assertThat(logs.with(ended(exiting(orderly), orderly).toString())).isEmpty();
                Ask stopping = (_, state) -> CastResult.stop(orderly, state);
                assertThat(logs.with(ended(stopping, orderly).toString())).isEmpty();
            }

            Pid crashed = ended(exiting(ExitReason.of("crashed")), ExitReason.of("crashed"));

            assertThat(logs.with(crashed.toString())).hasSize(1);
            assertThat(logs.with(crashed.toString()).getFirst().text())
                    .contains("reason: crashed")
                    .contains("state: formatted")
                    .contains("client: " + Processes.self())
                    .contains("a_crash_is_reported_and_a_shutdown_is_not");
        }
    }

    private static Pid ended(Ask end, ExitReason reason) {
        Pid pid = server(Scripted.state((Shown) status -> status.withState("formatted")));
        assertThat(failedAsk(pid, end)).isEqualTo(reason);
        assertExit(pid, reason);
        return pid;
    }

    /// Source: `gen_server_SUITE`, undef_handle_call, undef_handle_cast and undef_handle_continue.
    @Test
    void a_callback_that_is_missing_ends_the_server_when_it_is_needed() {
        Processes.trapExits(true);
        Pid called = bare(Action.NONE);
        assertThatThrownBy(() -> GenServer.callUntyped(called, "call"))
                .isInstanceOf(CallException.class)
                .hasRootCauseInstanceOf(UnsupportedOperationException.class);
        assertMissing(called, "attempted to call");

        Pid told = bare(Action.NONE);
        GenServer.cast(told, "cast");
        assertMissing(told, "attempted to cast");

        assertMissing(bare(Action.continueWith("more")), "was asked to continue with more");
    }

    private static void assertMissing(Pid pid, String what) {
        Exit exit = assertReceive(Exit.class);
        assertThat(exit.from()).isEqualTo(pid);
        assertThat(exit.reason().cause()).hasMessageContaining(what);
    }

    /// Implements only init.
    static final class Bare implements GenServer<Action, Ok, Object, Object> {
        @Override
        public Init<Ok> init(Action then) {
            return Init.ok(Ok.OK, then);
        }
    }

    private static Pid bare(Action then) {
        return GenServer.startLink(Bare::new, then).pid();
    }

    /// Source: `gen_server_SUITE`, undef_handle_info.
    @Test
    void a_message_nobody_handles_is_logged_and_no_more() {
        Pid pid = bare(Action.NONE);
        try (Logs logs = Logs.of(GenServer.class)) {
            Processes.send(pid, "hej");

            assertThat(Sys.getState(pid)).isEqualTo(Ok.OK);
            assertThat(logs.with(pid.toString()).getFirst().text())
                    .contains("unexpected message")
                    .contains("hej");
        }
    }

    /// Source: `gen_server_SUITE`, undef_terminate1 and undef_terminate2.
    @Test
    void a_server_without_a_terminate_ends_with_whatever_reason() {
        for (ExitReason reason : List.of(ExitReason.NORMAL, ExitReason.of("error"))) {
            MonitoredStart<?> started = GenServer.startMonitor(Bare::new, Action.NONE);
            GenServer.stop(started.pid(), reason);
            assertThat(assertReceive(Down.class))
                    .isEqualTo(new Down(started.ref(), started.pid(), reason));
        }
    }

    /// Source: `gen_server_SUITE`, undef_in_terminate.
    @Test
    void what_terminate_throws_is_what_the_one_who_stops_gets() {
        NoSuchMethodError undefined = new NoSuchMethodError("terminate");
        Pid pid =
                start(
                                Scripted.state(
                                        (Ending)
                                                _ -> {
                                                    throw undefined;
                                                }))
                        .pid();

        assertThat(failure(() -> GenServer.stop(pid)).cause()).isSameAs(undefined);
    }

    /// Source: `gen_server_SUITE`, undef_in_handle_info.
    @Test
    void what_handle_info_throws_ends_the_server() {
        NoSuchMethodError undefined = new NoSuchMethodError("handleInfo");
        MonitoredStart<?> started = GenServer.startMonitor(Scripted::new, PLAIN);

        send(
                started.pid(),
                _ -> {
                    throw undefined;
                });

        assertThat(assertReceive(Down.class).reason().cause()).isSameAs(undefined);
    }

    /// Source: `gen_server_SUITE`, call.
    @Test
    void a_call_may_be_answered_at_once_later_too_late_or_wrongly() {
        Processes.trapExits(true);
        Pid pid = server();
        assertThat(ask(pid, PING)).isEqualTo("pong");
        assertThat(ask(pid, afterTimeout(SHORT))).isEqualTo("delayed");

        assertThat(ask(pid, within(LONG))).isEqualTo("ok");
        assertThat(ask(pid, PING)).isEqualTo("pong");
        assertThat(Sys.getState(pid)).isEqualTo("within");
        assertThat(ask(pid, within(SHORT))).isEqualTo("ok");
        await().until(() -> Sys.getState(pid).equals("too late"));

        assertThat(failure(() -> GenServer.callUntyped(pid, KEEP, SHORT)))
                .isEqualTo(ExitReason.TIMEOUT);
        ExitReason bad = new ExitReason.BadReturnValue(null);
        assertThat(failedAsk(pid, (_, _) -> null)).isEqualTo(bad);
        assertExit(pid, bad);
    }

    /// Source: `gen_server_SUITE`, calling_self.
    @Test
    void nobody_calls_himself() {
        Pid me = Processes.self();
        assertThat(failedAsk(me, PING)).isEqualTo(ExitReason.CALLING_SELF);
        assertThat(failure(() -> GenServer.callUntyped(me, PING, GenServer.INFINITY)))
                .isEqualTo(ExitReason.CALLING_SELF);
    }

    /// Source: `gen_server_SUITE`, call_with_huge_message_queue.
    @Test
    void a_call_costs_the_same_however_many_messages_its_caller_has_waiting() {
        Pid pid = server();
        calls(2_000, pid);
        long empty = Long.MAX_VALUE;
        long huge = Long.MAX_VALUE;
        for (int round = 0; round < 8; round++) { // other programs may disturb some of them
            empty = Math.min(empty, calls(200, pid));
            for (int i = 0; i < 200_000; i++) {
                Processes.send(Processes.self(), i);
            }
            huge = Math.min(huge, calls(200, pid));
            assertThat(Processes.flush()).hasSize(200_000);
        }

        assertThat(huge).isLessThan(10 * empty + Duration.ofMillis(20).toNanos());
    }

    private static long calls(int number, Pid pid) {
        long begin = Processes.monotonicTime();
        for (int i = 0; i < number; i++) {
            assertThat(ask(pid, PING)).isEqualTo("pong");
        }
        return Processes.monotonicTime() - begin;
    }

    /// Source: `gen_server_SUITE`, reply_by_alias_with_payload. Any process that has the `From` can
    /// reply, even if the `From` names no process.
    @Test
    void a_from_that_names_no_process_can_be_answered_by_any() throws Exception {
        Pid pid = server();
        CompletableFuture<@Nullable Object> reply = new CompletableFuture<>();
        Thread.ofPlatform().start(() -> reply.complete(ask(pid, KEEP)));
        await().until(() -> Sys.getState(pid) instanceof From);

        From from = (From) Sys.getState(pid);
        assertThat(from.pid()).isEmpty();
        Processes.spawnLink(() -> GenServer.replyUntyped(from, "by another"));

        assertThat(reply.get(10, TimeUnit.SECONDS)).isEqualTo("by another");
    }

    /// Source: `gen_server_SUITE`, cast.
    @Test
    void a_cast_is_handled_may_wait_and_may_stop_the_server() {
        assertHandled(Scripted::cast);
    }

    /// Source: `gen_server_SUITE`, info.
    @Test
    void a_message_is_handled_may_wait_and_may_stop_the_server() {
        assertHandled(Scripted::send);
    }

    /// Source: `gen_server_SUITE`, abcast, with servers in place of nodes.
    @Test
    void a_cast_to_several_is_handled_as_any() {
        assertHandled((server, tell) -> GenServer.abcast(List.of(server), tell));
    }

    /// A way to send a message to a server.
    private interface Telling {
        void tell(ServerRef server, Tell tell);
    }

    private static void assertHandled(Telling way) {
        Pid me = Processes.self();
        ServerRef name = ServerRef.name("parity told");
        Pid pid =
                start(
                                Scripted.state((Ending) reason -> Processes.send(me, reason)),
                                StartOption.name("parity told"))
                        .pid();
        way.tell(name, say(me, "handled"));
        assertReceive("handled");

        way.tell(name, state -> noreply(state, Action.timeout(SHORT, say(me, "delayed"))));
        assertReceive("delayed");

        Processes.monitor(pid);
        way.tell(name, state -> CastResult.stop(STOPPED, state));
        assertThat(Processes.receive()).isEqualTo(STOPPED);
        assertThat(assertReceive(Down.class).reason()).isEqualTo(STOPPED);
    }

    /// Source: `gen_server_SUITE`, continue.
    @Test
    void a_continuation_runs_before_the_next_message() {
        Pid me = Processes.self();
        Pid pid =
                server(() -> {
                    Processes.send(Processes.self(), say(me, "after"));
                    return Init.ok("state", Action.continueWith(say(me, "continue")));
                });
        assertContinuedFirst();

        ask(pid, (_, state) -> replyUntyped("ok", state, continuing(me)));
        assertContinuedFirst();
        ask(
                pid,
                (from, state) -> {
                    Processes.send(Processes.self(), say(me, "after"));
                    return noreply(state, Action.continueWith(answering(from, me)));
                });
        assertContinuedFirst();
        cast(pid, state -> noreply(state, continuing(me)));
        assertContinuedFirst();
        send(pid, state -> noreply(state, continuing(me)));
        assertContinuedFirst();

        Tell again =
                state -> {
                    Processes.send(me, "before");
                    return noreply(state, continuing(me));
                };
        send(pid, state -> noreply(state, Action.continueWith(again)));
        assertThat(Processes.receive()).isEqualTo("before");
        assertContinuedFirst();

        Processes.monitor(pid);
        Tell stop = state -> CastResult.stop(ExitReason.NORMAL, state);
        send(pid, state -> noreply(state, Action.continueWith(stop)));
        assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.NORMAL);
    }

    private static Action continuing(Pid me) {
        Processes.send(Processes.self(), say(me, "after"));
        return Action.continueWith(say(me, "continue"));
    }

    private static Tell answering(From from, Pid me) {
        return state -> {
            Processes.send(me, "continue");
            GenServer.replyUntyped(from, "ok");
            return noreply(state);
        };
    }

    private static void assertContinuedFirst() {
        assertThat(Processes.receive()).isEqualTo("continue");
        assertThat(Processes.receive()).isEqualTo("after");
    }
}
