package io.genserver;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;
import static io.genserver.test.MessageAssertions.assertReceive;
import static io.genserver.test.MessageAssertions.refuteReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.test.GenServerExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
@Timeout(30)
class SentRequestTest {

    private static final Duration SHORT = Duration.ofMillis(20);
    private static final Duration LONG = Duration.ofSeconds(10);

    /// Replies when it is told to, in the order of the requests.
    static final class Later implements GenServer<Ok, Later.Waiting, Object, Object> {
        record Ask(String question) implements Call<String> {}

        record Echo(String text) implements Call<String> {}

        enum Order {
            ANSWER,
            CRASH
        }

        record Waiting(Map<ReplyTo<String>, Ask> asked) {}

        @Override
        public Init<Waiting> init(Ok ok) {
            return Init.ok(new Waiting(new java.util.LinkedHashMap<>()));
        }

        @Override
        public CallResult<Waiting> handleCall(Object request, From from, Waiting waiting) {
            if (request instanceof Echo echo) {
                return reply(echo, echo.text(), waiting);
            }
            waiting.asked().put(from.replyTo((Ask) request), (Ask) request);
            return noreply(waiting);
        }

        @Override
        public CastResult<Waiting> handleCast(Object order, Waiting waiting) {
            if (order == Order.CRASH) {
                throw new IllegalStateException("told to");
            }
            waiting.asked().forEach((caller, ask) -> GenServer.reply(caller, ask.question() + "!"));
            return noreply(new Waiting(new java.util.LinkedHashMap<>()));
        }
    }

    private static Pid later() {
        return GenServer.start(Later::new, Ok.OK).pid();
    }

    @Test
    void goes_on_and_gets_the_reply_later() {
        RequestId<String> request = GenServer.sendRequest(later(), new Later.Echo("hello"));

        Response<String> response = request.receiveResponse(LONG);

        assertThat(response).isEqualTo(new Response.Reply<>("hello"));
        assertThat(response.reply()).isEqualTo("hello");
        assertThat(request.receiveResponse(LONG)).isEqualTo(response);
        refuteReceive(Object.class);
    }

    @Test
    void a_wait_that_times_out_may_be_repeated() {
        Pid later = later();
        RequestId<String> request = GenServer.sendRequest(later, new Later.Ask("well"));

        assertThat(request.waitResponse(SHORT)).isEqualTo(new Response.TimedOut<String>());
        GenServer.cast(later, Later.Order.ANSWER);

        assertThat(request.waitResponse(LONG)).isEqualTo(new Response.Reply<>("well!"));
    }

    @Test
    void a_receive_that_times_out_gives_the_request_up() {
        Pid later = later();
        RequestId<String> request = GenServer.sendRequest(later, new Later.Ask("well"));

        assertThat(request.receiveResponse(SHORT)).isEqualTo(new Response.TimedOut<String>());
        GenServer.cast(later, Later.Order.ANSWER);
        GenServer.call(later, new Later.Echo("answered by now"));

        assertThat(Processes.flush()).isEmpty();
        assertThat(request.receiveResponse(LONG)).isEqualTo(new Response.TimedOut<String>());
        assertThatThrownBy(() -> request.receiveResponse(LONG).reply())
                .isInstanceOf(ExitException.class)
                .hasMessageContaining("timeout");
    }

    @Test
    void the_reply_is_a_message_that_is_recognised() {
        RequestId<String> request = GenServer.sendRequest(later(), new Later.Echo("hello"));
        Object message = Processes.receive();

        assertThat(request.checkResponse("something else")).isEmpty();
        assertThat(request.checkResponse(message))
                .isEqualTo(Optional.of(new Response.Reply<>("hello")));
        assertThat(message).hasToString("Answer[Echo[text=hello]]");
    }

    @Test
    void an_unknown_server_is_a_failure_to_be_received() {
        ServerRef nobody = ServerRef.name("nobody");
        RequestId<String> request = GenServer.sendRequest(nobody, new Later.Echo("hello"));

        Response<String> response = request.receiveResponse(LONG);

        assertThat(response).isEqualTo(new Response.Failed<>(ExitReason.NOPROC, nobody));
        assertThatThrownBy(response::reply)
                .isInstanceOf(ExitException.class)
                .hasMessageContaining("noproc");
    }

    @Test
    void a_server_that_dies_owes_no_one() {
        Pid later = later();
        RequestId<String> first = GenServer.sendRequest(later, new Later.Ask("well"));
        GenServer.cast(later, Later.Order.CRASH);
        RequestId<String> queued = GenServer.sendRequest(later, new Later.Ask("and"));

        assertThat(first.receiveResponse(LONG))
                .isInstanceOfSatisfying(
                        Response.Failed.class,
                        failed -> assertThat(failed.reason()).isInstanceOf(ExitReason.Crash.class));
        assertThat(queued.receiveResponse(LONG)).isInstanceOf(Response.Failed.class);
    }

    @Test
    void a_thread_that_is_no_process_may_do_it_too() throws Exception {
        Pid later = later();

        List<Response<String>> responses =
                Outside.run(
                                () -> {
                                    RequestId<String> asked =
                                            GenServer.sendRequest(later, new Later.Ask("well"));
                                    RequestId<String> echo =
                                            GenServer.sendRequest(later, new Later.Echo("hello"));
                                    return List.of(
                                            echo.receiveResponse(LONG),
                                            asked.waitResponse(SHORT),
                                            asked.receiveResponse(SHORT),
                                            asked.receiveResponse(LONG));
                                })
                        .get(10, TimeUnit.SECONDS);

        assertThat(responses)
                .containsExactly(
                        new Response.Reply<>("hello"),
                        new Response.TimedOut<>(),
                        new Response.TimedOut<>(),
                        new Response.TimedOut<>());
    }

    @Test
    void belongs_to_whoever_sent_it() {
        RequestId<String> mine = GenServer.sendRequest(later(), new Later.Echo("hello"));
        Pid me = Processes.self();
        Processes.spawn(() -> {
            try {
                mine.receiveResponse(LONG);
            } catch (IllegalStateException refused) {
                Processes.send(me, String.valueOf(refused.getMessage()));
            }
        });

        assertThat(assertReceive(String.class))
                .contains(
                        "expected the response to be awaited by the process or thread that sent the"
                                + " request");
    }

    @Nested
    class a_collection {

        @Test
        void gives_the_responses_in_the_order_they_come() {
            Pid later = later();
            RequestIdCollection<String, String> requests = new RequestIdCollection<>();
            requests.add(GenServer.sendRequest(later, new Later.Ask("slow")), "first");
            requests.add(GenServer.sendRequest(later, new Later.Echo("fast")), "second");
            GenServer.cast(later, Later.Order.ANSWER);

            assertThat(requests.receiveResponse(LONG, true))
                    .isEqualTo(
                            new RequestIdCollection.Answered<>(
                                    new Response.Reply<>("fast"), "second"));
            assertThat(requests.size()).isEqualTo(1);
            assertThat(requests.waitResponse(LONG, true))
                    .isEqualTo(
                            new RequestIdCollection.Answered<>(
                                    new Response.Reply<>("slow!"), "first"));
            assertThat(requests.receiveResponse(LONG, true))
                    .isEqualTo(new RequestIdCollection.NoRequest<String, String>());
        }

        @Test
        void gives_up_all_of_them_when_a_receive_times_out_and_none_when_a_wait_does() {
            Pid later = later();
            RequestIdCollection<String, Integer> requests = new RequestIdCollection<>();
            requests.add(GenServer.sendRequest(later, new Later.Ask("one")), 1);
            requests.add(GenServer.sendRequest(later, new Later.Ask("two")), 2);
            RequestId<String> kept = GenServer.sendRequest(later, new Later.Ask("kept"));

            assertThat(requests.waitResponse(SHORT, true))
                    .isInstanceOf(RequestIdCollection.TimedOut.class);
            assertThat(requests.receiveResponse(SHORT, true))
                    .isInstanceOf(RequestIdCollection.TimedOut.class);
            GenServer.cast(later, Later.Order.ANSWER);

            assertThat(kept.receiveResponse(LONG)).isEqualTo(new Response.Reply<>("kept!"));
            assertThat(Processes.flush()).isEmpty();
            assertThat(requests.toList()).hasSize(2);
        }

        @Test
        void tells_which_request_a_message_answers() {
            RequestIdCollection<String, String> requests = new RequestIdCollection<>();
            assertThat(requests.checkResponse("hello", true))
                    .isInstanceOf(RequestIdCollection.NoRequest.class);
            RequestId<String> request = GenServer.sendRequest(later(), new Later.Echo("hello"));
            requests.add(request, "mine");
            assertThatThrownBy(() -> requests.add(request, "again"))
                    .isInstanceOf(IllegalArgumentException.class);
            Object message = Processes.receive();

            assertThat(requests.checkResponse("hello", true))
                    .isInstanceOf(RequestIdCollection.NoReply.class);
            assertThat(requests.checkResponse(message, false))
                    .isEqualTo(
                            new RequestIdCollection.Answered<>(
                                    new Response.Reply<>("hello"), "mine"));
            assertThat(requests.size()).isEqualTo(1);
        }

        @Test
        void works_on_a_thread_that_is_no_process() throws Exception {
            Pid later = later();
            Object label =
                    Outside.run(
                                    () -> {
                                        RequestIdCollection<String, String> requests =
                                                new RequestIdCollection<>();
                                        requests.add(
                                                GenServer.sendRequest(later, new Later.Ask("a")),
                                                "asked");
                                        requests.add(
                                                GenServer.sendRequest(later, new Later.Echo("e")),
                                                "echoed");
                                        return requests.receiveResponse(LONG, true);
                                    })
                            .get(10, TimeUnit.SECONDS);

            assertThat(label)
                    .isEqualTo(
                            new RequestIdCollection.Answered<>(
                                    new Response.Reply<>("e"), "echoed"));
        }
    }

    @Nested
    class a_multi_call {

        /// A deadline for each server would add up, because each passes a tick of the timers later.
        @Test
        void to_many_silent_servers_has_one_deadline() {
            List<Pid> silent = new ArrayList<>();
            for (int i = 0; i < 10_000; i++) {
                Pid server = later();
                Sys.suspend(server);
                silent.add(server);
            }
            long start = System.nanoTime();

            MultiCall<String> result =
                    GenServer.multiCall(silent, new Later.Echo("hello"), Duration.ofMillis(100));

            assertThat(Duration.ofNanos(System.nanoTime() - start))
                    .isBetween(Duration.ofMillis(100), Duration.ofSeconds(5));
            assertThat(result.replies()).isEmpty();
            assertThat(result.failed()).hasSize(10_000).containsValue(ExitReason.TIMEOUT);
        }

        @Test
        void counts_each_late_reply_as_a_dead_letter() {
            List<Object> late = new CopyOnWriteArrayList<>();
            Pid good = later();
            Pid silent = later();
            Sys.suspend(silent);
            try (DeadLetters.Subscription _ =
                    DeadLetters.listen(letter -> {
                        if (letter.reason() == DeadLetter.Reason.LATE_REPLY
                                && letter.message() instanceof String text
                                && text.equals("late")) {
                            late.add(text);
                        }
                    })) {
                MultiCall<String> result =
                        GenServer.multiCall(
                                List.of(good, silent),
                                new Later.Echo("late"),
                                Duration.ofMillis(500));
                Sys.resume(silent);
                Sys.getState(silent);

                assertThat(result)
                        .isEqualTo(
                                new MultiCall<>(
                                        Map.of(good, "late"), Map.of(silent, ExitReason.TIMEOUT)));
                assertThat(late).containsExactly("late");
            }
        }

        @Test
        void without_a_limit_ends_with_the_last_reply() {
            List<Pid> servers = new ArrayList<>();
            for (int i = 0; i < 100; i++) {
                servers.add(later());
            }
            for (int round = 0; round < 50; round++) {
                MultiCall<String> result =
                        GenServer.multiCall(
                                servers, new Later.Echo("round " + round), GenServer.INFINITY);

                assertThat(result.replies()).hasSize(100).containsValue("round " + round);
                assertThat(result.failed()).isEmpty();
            }
        }

        @Test
        void of_nobody_returns_at_once() {
            assertThat(GenServer.multiCall(List.<Pid>of(), new Later.Echo("x"), GenServer.INFINITY))
                    .isEqualTo(new MultiCall<>(Map.of(), Map.of()));
        }

        @Test
        void collects_replies_and_failures() {
            Pid good = later();
            Pid silent = later();
            Sys.suspend(silent);
            ServerRef nobody = ServerRef.name("nobody");

            MultiCall<String> result =
                    GenServer.multiCall(
                            List.of(good, silent, nobody),
                            new Later.Echo("hello"),
                            Duration.ofSeconds(1));
            Sys.resume(silent);
            GenServer.call(silent, new Later.Echo("has answered late by now"));

            assertThat(result)
                    .isEqualTo(
                            new MultiCall<>(
                                    Map.of(good, "hello"),
                                    Map.of(silent, ExitReason.TIMEOUT, nobody, ExitReason.NOPROC)));
            assertThat(Processes.flush()).isEmpty();
        }

        @Test
        void a_cast_to_several_reaches_those_that_are_there() {
            Pid first = later();
            Pid second = later();
            RequestId<String> one = GenServer.sendRequest(first, new Later.Ask("one"));
            RequestId<String> two = GenServer.sendRequest(second, new Later.Ask("two"));

            GenServer.abcast(List.of(first, ServerRef.name("nobody"), second), Later.Order.ANSWER);

            assertThat(one.receiveResponse(LONG).reply()).isEqualTo("one!");
            assertThat(two.receiveResponse(LONG).reply()).isEqualTo("two!");
        }
    }
}
