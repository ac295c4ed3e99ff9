package io.genserver.parity;

import static io.genserver.CastResult.noreply;
import static io.genserver.parity.Scripted.ANSWER;
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
import static io.genserver.parity.Scripted.server;
import static io.genserver.parity.Scripted.start;
import static io.genserver.parity.Scripted.within;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.Action;
import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.MultiCall;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.RequestId;
import io.genserver.RequestIdCollection;
import io.genserver.RequestIdCollection.Answered;
import io.genserver.RequestIdCollection.NoReply;
import io.genserver.RequestIdCollection.NoRequest;
import io.genserver.RequestIdCollection.TimedOut;
import io.genserver.Response;
import io.genserver.ServerRef;
import io.genserver.StartOption;
import io.genserver.Sys;
import io.genserver.Via;
import io.genserver.parity.Scripted.Ask;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// Requests whose reply comes later, and calls to several servers.
@Tag("parity")
@ExtendWith(GenServerExtension.class)
@Timeout(60)
class ErlangGenServerSuiteRequestsTest {

    private final KeyRegistry registry = new KeyRegistry();

    private static RequestId<@Nullable Object> request(ServerRef server, Ask ask) {
        return GenServer.sendRequestUntyped(server, ask);
    }

    private static Response<@Nullable Object> async(ServerRef server, Ask ask) {
        return request(server, ask).waitResponse(GenServer.INFINITY);
    }

    private static Response<@Nullable Object> replied(String text) {
        return new Response.Reply<>(text);
    }

    private static Response<@Nullable Object> failed(ExitReason reason, ServerRef server) {
        return new Response.Failed<>(reason, server);
    }

    /// Source: `gen_server_SUITE`, send_request.
    @Test
    void a_request_gets_its_response_however_it_ends() {
        Processes.trapExits(true);
        ServerRef name = ServerRef.name("parity requested");
        Pid pid = server(StartOption.name("parity requested"));
        assertThat(async(name, PING)).isEqualTo(replied("pong"));
        assertThat(async(pid, afterTimeout(SHORT))).isEqualTo(replied("delayed"));

        RequestId<@Nullable Object> first = request(name, within(LONG));
        RequestId<@Nullable Object> second = request(name, PING);
        assertThat(first.waitResponse(GenServer.INFINITY)).isEqualTo(replied("ok"));
        assertThat(second.waitResponse(GenServer.INFINITY)).isEqualTo(replied("pong"));

        RequestId<@Nullable Object> checked = request(name, PING);
        assertThat(checked.checkResponse("foreign")).isEmpty();
        assertThat(checked.checkResponse(Processes.receive())).contains(replied("pong"));

        RequestId<@Nullable Object> kept = request(name, KEEP);
        assertThat(kept.waitResponse(Duration.ZERO)).isEqualTo(new Response.TimedOut<>());
        cast(pid, ANSWER);
        assertThat(kept.waitResponse(GenServer.INFINITY)).isEqualTo(replied("delayed"));

        ExitReason bad = new ExitReason.BadReturnValue(null);
        assertThat(async(name, (_, _) -> null)).isEqualTo(failed(bad, name));
        assertThat(async(pid, PING)).isEqualTo(failed(ExitReason.NOPROC, pid));
        assertThat(async(name, PING)).isEqualTo(failed(ExitReason.NOPROC, name));
    }

    /// Source: `gen_server_SUITE`, send_request (via, and a shutdown during the request).
    @Test
    void a_request_by_key_fails_with_the_end_of_the_server_and_with_noproc_after_that() {
        Via key = ServerRef.via(registry, "requested");
        start(PLAIN, StartOption.name(key)).pid();

        assertThat(async(key, PING)).isEqualTo(replied("pong"));
        assertThat(async(key, (_, state) -> CastResult.stop(ExitReason.SHUTDOWN, state)))
                .isEqualTo(failed(ExitReason.SHUTDOWN, key));
        assertThat(async(key, PING)).isEqualTo(failed(ExitReason.NOPROC, key));
    }

    /// Three servers that reply only when they are told to, with one request to each in a
    /// collection, and one request outside the collection.
    private static final class Three {
        final Pid one = server();
        final Pid two = server();
        final Pid three = server();
        final RequestId<@Nullable Object> other = request(one, PING);
        final RequestId<@Nullable Object> first = request(one, KEEP);
        final RequestIdCollection<@Nullable Object, String> requests = new RequestIdCollection<>();

        Three(Ask toTwo) {
            if (toTwo != KEEP) {
                Processes.unlink(two); // because it stops
            }
            requests.add(first, "one");
            requests.add(request(two, toTwo), "two");
            requests.add(request(three, KEEP), "three");
            assertThat(requests.size()).isEqualTo(3);
        }

        /// Makes a server reply, and returns when it has replied.
        void answer(Pid server) {
            cast(server, ANSWER);
            Sys.getState(server);
        }
    }

    private static RequestIdCollection.Result<@Nullable Object, String> delayed(String label) {
        return new Answered<>(replied("delayed"), label);
    }

    /// Gets a response from a collection, by waiting or from a message.
    private interface Take {
        RequestIdCollection.Result<@Nullable Object, String> from(
                RequestIdCollection<@Nullable Object, String> requests, boolean delete);
    }

    private static void assertInTheOrderOfArrival(Take next) {
        Three all = new Three(KEEP);
        all.answer(all.two);
        assertThat(next.from(all.requests, true)).isEqualTo(delayed("two"));
        assertThat(all.requests.size()).isEqualTo(2);
        all.answer(all.three);
        assertThat(next.from(all.requests, true)).isEqualTo(delayed("three"));
        all.answer(all.one);
        assertThat(next.from(all.requests, true)).isEqualTo(delayed("one"));
        assertThat(all.requests.size()).isZero();
        assertThat(all.requests.waitResponse(LONG, true)).isInstanceOf(NoRequest.class);
        assertThat(all.other.receiveResponse(LONG)).isEqualTo(replied("pong"));
    }

    private static void assertFailuresAmongThem(Take next) {
        Three all = new Three((_, state) -> CastResult.stop(ExitReason.SHUTDOWN, state));
        assertThatThrownBy(() -> all.requests.add(all.first, "again"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThat(next.from(all.requests, true))
                .isEqualTo(new Answered<>(failed(ExitReason.SHUTDOWN, all.two), "two"));
        assertThat(all.requests.size()).isEqualTo(2);
        all.answer(all.three);
        assertThat(next.from(all.requests, false)).isEqualTo(delayed("three"));
        all.answer(all.one);
        assertThat(next.from(all.requests, false)).isEqualTo(delayed("one"));
        assertThat(all.requests.size()).isEqualTo(2);
        assertThat(all.other.receiveResponse(LONG)).isEqualTo(replied("pong"));
    }

    /// Source: `gen_server_SUITE`, send_request_receive_reqid_collection.
    @Test
    void responses_to_several_requests_are_received_as_they_come() {
        Take receive = (requests, delete) -> requests.receiveResponse(LONG, delete);
        assertInTheOrderOfArrival(receive);
        assertFailuresAmongThem(receive);

        Three all = new Three(KEEP);
        all.answer(all.two);
        assertThat(all.requests.receiveResponse(SHORT, true)).isEqualTo(delayed("two"));
        assertThat(all.requests.receiveResponse(SHORT, true)).isInstanceOf(TimedOut.class);
        assertThat(all.requests.toList().stream().map(Map.Entry::getValue))
                .containsExactly("one", "three");
        all.answer(all.one);
        all.answer(all.three);
        assertThat(all.requests.receiveResponse(SHORT, true)).isInstanceOf(TimedOut.class);
        assertThat(all.other.receiveResponse(LONG)).isEqualTo(replied("pong"));
        assertThat(Processes.flush()).isEmpty();
    }

    /// Source: `gen_server_SUITE`, send_request_wait_reqid_collection.
    @Test
    void responses_to_several_requests_can_be_waited_for_again() {
        Take await = (requests, delete) -> requests.waitResponse(LONG, delete);
        assertInTheOrderOfArrival(await);
        assertFailuresAmongThem(await);

        Three all = new Three(KEEP);
        all.answer(all.two);
        assertThat(all.requests.waitResponse(SHORT, true)).isEqualTo(delayed("two"));
        assertThat(all.requests.waitResponse(SHORT, true)).isInstanceOf(TimedOut.class);
        all.answer(all.three);
        assertThat(all.requests.waitResponse(LONG, true)).isEqualTo(delayed("three"));
        all.answer(all.one);
        assertThat(all.requests.waitResponse(LONG, true)).isEqualTo(delayed("one"));
    }

    /// Source: `gen_server_SUITE`, send_request_check_reqid_collection.
    @Test
    void messages_are_told_to_be_responses_to_several_requests_or_not() {
        Take nextMessage =
                (requests, delete) ->
                        requests.checkResponse(
                                Processes.receive(message ->
                                        requests.checkResponse(message, false) instanceof NoReply
                                                ? null
                                                : message),
                                delete);
        assertInTheOrderOfArrival(nextMessage);
        assertFailuresAmongThem(nextMessage);

        Three all = new Three(KEEP);
        Object foreign = Processes.receive();
        assertThat(all.requests.checkResponse(foreign, true)).isInstanceOf(NoReply.class);
        assertThat(all.other.checkResponse(foreign)).contains(replied("pong"));
        assertThat(new RequestIdCollection<Object, String>().checkResponse(foreign, true))
                .isInstanceOf(NoRequest.class);
    }

    /// Source: `gen_server_SUITE`, multicall, with servers in place of nodes.
    @Test
    void a_call_to_several_is_a_call_to_each() {
        Processes.trapExits(true);
        Pid pid = GenServer.startLink(Several::new, Ok.OK).pid();

        assertThat(several(pid, Several.Say.DELAYED)).isEqualTo("delayed");
        assertThat(several(pid, Several.Say.WITHIN)).isEqualTo("ok");
        assertThat(several(pid, Several.Say.WHAT)).isEqualTo("in time");
        assertThat(several(pid, Several.Say.STOP)).isEqualTo("ok");
        assertExit(pid, STOPPED);
    }

    private static @Nullable String several(Pid pid, Several.Say what) {
        MultiCall<String> result =
                GenServer.multiCall(List.of(pid), new Several.Request(what), LONG);
        assertThat(result.failed()).isEmpty();
        return result.replies().get(pid);
    }

    /// Source: `gen_server_SUITE`, multicall_remote, with servers in place of nodes.
    @Test
    void a_call_to_several_knows_the_dead_and_the_silent_and_no_late_reply_comes(
            TestSupervisor test) {
        List<Pid> servers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            servers.add(test.startSupervised(() -> GenServer.startLink(Several::new, Ok.OK)).pid());
        }
        Several.Request never = new Several.Request(Several.Say.NOTHING);
        long begin = Processes.monotonicTime();
        assertThat(GenServer.multiCall(servers, never, Duration.ofMillis(100)).failed())
                .containsOnlyKeys(servers.toArray(ServerRef[]::new))
                .containsValue(ExitReason.TIMEOUT);
        assertThat(Duration.ofNanos(Processes.monotonicTime() - begin))
                .isBetween(Duration.ofMillis(100), Duration.ofSeconds(5));

        Processes.exit(servers.get(1), ExitReason.KILL);
        GenServer.stop(servers.get(2));
        Sys.suspend(servers.get(3));
        MultiCall<String> result =
                GenServer.multiCall(
                        servers, new Several.Request(Several.Say.WHAT), Duration.ofSeconds(1));
        Sys.resume(servers.get(3));
        GenServer.call(servers.get(3), new Several.Request(Several.Say.WHAT));

        assertThat(result)
                .isEqualTo(
                        new MultiCall<>(
                                Map.of(servers.get(0), "nothing"),
                                Map.of(
                                        servers.get(1),
                                        ExitReason.NOPROC,
                                        servers.get(2),
                                        ExitReason.NOPROC,
                                        servers.get(3),
                                        ExitReason.TIMEOUT)));
        assertThat(Processes.flush()).isEmpty();
    }

    /// A server that is called together with others.
    static final class Several implements GenServer<Ok, Object, Several.Request, Object> {
        enum Say {
            DELAYED,
            WITHIN,
            WHAT,
            NOTHING,
            STOP
        }

        record Request(Say what) implements Call<String> {}

        @Override
        public Init<Object> init(Ok ok) {
            return Init.ok("nothing");
        }

        @Override
        public CallResult<Object> handleCall(Request request, From from, Object state) {
            return switch (request.what()) {
                case DELAYED -> noreply(from, Action.timeout(SHORT));
                case WITHIN -> CallResult.reply(request, "ok", "in time", Action.timeout(LONG));
                case WHAT -> CallResult.reply(request, state.toString(), state);
                case NOTHING -> noreply(state);
                case STOP -> CallResult.stop(STOPPED, request, "ok", state);
            };
        }

        @Override
        public CastResult<Object> handleInfo(Object message, Object state) {
            if (state instanceof From from) {
                GenServer.replyUntyped(from, "delayed");
            }
            return noreply("nothing");
        }
    }

    /// Source: `gen_server_SUITE`, multicall_recv_opt_success, with servers in place of nodes. The
    /// test checks the messages in the caller's mailbox, not the time.
    @Test
    void a_call_to_several_leaves_the_mailbox_of_its_caller_alone() {
        List<Pid> servers =
                List.of(
                        GenServer.startLink(Several::new, Ok.OK).pid(),
                        GenServer.startLink(Several::new, Ok.OK).pid());
        for (int i = 0; i < 1_000; i++) {
            Processes.send(Processes.self(), i);
        }

        MultiCall<String> answer =
                GenServer.multiCall(servers, new Several.Request(Several.Say.WHAT), LONG);

        assertThat(answer.replies()).containsOnlyKeys(servers);
        assertThat(Processes.flush()).hasSize(1_000);
    }
}
