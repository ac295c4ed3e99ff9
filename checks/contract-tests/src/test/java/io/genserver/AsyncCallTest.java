package io.genserver;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;
import static io.genserver.CastResult.stop;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.genserver.test.GenServerExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.MDC;

/// Calls whose result is a future.
@Timeout(60)
class AsyncCallTest {

    /// Answers what it is told to, when it is told to.
    static final class Desk implements CallServer<List<ReplyTo<Integer>>, Desk.Request> {
        sealed interface Request {}

        record Now(int value) implements Request, Call<Integer> {}

        record Later() implements Request, Call<Integer> {}

        record Crash() implements Request, Call<Integer> {}

        record AnswerAll(int value) implements Request, Call<Integer> {}

        @Override
        public Init<List<ReplyTo<Integer>>> init() {
            return Init.ok(new ArrayList<>());
        }

        @Override
        public CallResult<List<ReplyTo<Integer>>> handleCall(
                Request request, From from, List<ReplyTo<Integer>> waiting) {
            return switch (request) {
                case Now now -> reply(now, now.value(), waiting);
                case Later later -> {
                    waiting.add(from.replyTo(later));
                    yield noreply(waiting);
                }
                case Crash _ -> stop(ExitReason.of("on purpose"), waiting);
                case AnswerAll all -> {
                    long still = waiting.stream().filter(Caller::isAwaited).count();
                    waiting.forEach(caller -> GenServer.reply(caller, all.value()));
                    yield reply(all, (int) still, new ArrayList<>());
                }
            };
        }
    }

    private static final Duration LONG = Duration.ofSeconds(30);

    private final Server<Desk> desk = CallServer.start(Desk::new).server();

    @Test
    void gives_the_reply() throws Exception {
        CompletableFuture<Integer> reply = GenServer.callAsync(desk, new Desk.Now(7), LONG);

        assertThat(reply.get(20, TimeUnit.SECONDS)).isEqualTo(7);
    }

    @Test
    void gives_a_reply_that_comes_later_and_waits_without_a_thread() throws Exception {
        List<CompletableFuture<Integer>> replies = new ArrayList<>();
        for (int i = 0; i < 1_000; i++) {
            replies.add(GenServer.callAsync(desk, new Desk.Later(), GenServer.INFINITY));
        }

        assertThat(GenServer.call(desk, new Desk.AnswerAll(3))).isEqualTo(1_000);

        for (CompletableFuture<Integer> reply : replies) {
            assertThat(reply.get(20, TimeUnit.SECONDS)).isEqualTo(3);
        }
    }

    @Test
    void fails_as_a_call_does() {
        CallException ended = failure(GenServer.callAsync(desk, new Desk.Crash(), LONG));
        CallException nobody = failure(GenServer.callAsync(desk, new Desk.Now(1), LONG));

        assertThat(ended.serverReason()).isEqualTo(ExitReason.of("on purpose"));
        assertThat(ended.request()).isEqualTo(new Desk.Crash());
        assertThat(ended.server()).isEqualTo(desk.untyped());
        assertThat(nobody.serverReason()).isEqualTo(ExitReason.NOPROC);
    }

    @Test
    void fails_when_its_time_has_passed() {
        CallException late =
                failure(GenServer.callAsync(desk, new Desk.Later(), Duration.ofMillis(20)));

        assertThat(late.serverReason()).isEqualTo(ExitReason.TIMEOUT);
        assertThat(late.waited()).isGreaterThanOrEqualTo(Duration.ofMillis(20));
        assertThat(GenServer.call(desk, new Desk.AnswerAll(1))).isZero();
    }

    @Test
    void is_given_up_by_who_cancels_or_completes_it() {
        CompletableFuture<Integer> cancelled =
                GenServer.callAsync(desk, new Desk.Later(), GenServer.INFINITY);
        CompletableFuture<Integer> limited =
                GenServer.callAsync(desk, new Desk.Later(), GenServer.INFINITY)
                        .completeOnTimeout(-1, 1, TimeUnit.MILLISECONDS);
        GenServer.call(desk, new Desk.Now(0)); // both requests have been handled
        long lateBefore = lateReplies();

        cancelled.cancel(true);
        assertThat(limited.join()).isEqualTo(-1);

        assertThat(GenServer.call(desk, new Desk.AnswerAll(1))).isZero();
        assertThat(lateReplies()).isGreaterThanOrEqualTo(lateBefore + 2);
        assertThat(limited.join()).isEqualTo(-1);
    }

    @Test
    void is_given_up_before_the_code_that_depends_on_it_runs() {
        CompletableFuture<Integer> call =
                GenServer.callAsync(desk, new Desk.Later(), GenServer.INFINITY);
        GenServer.call(desk, new Desk.Now(0)); // the request has been handled
        long lateBefore = lateReplies();
        CompletableFuture<Integer> stillAwaited = new CompletableFuture<>();
        call.whenComplete(
                (_, _) -> stillAwaited.complete(GenServer.call(desk, new Desk.AnswerAll(1))));

        call.cancel(true); // runs that code on this thread

        assertThat(stillAwaited).isCompletedWithValue(0);
        assertThat(lateReplies()).isGreaterThan(lateBefore);
    }

    @Test
    void runs_what_depends_on_it_outside_of_the_server_with_the_callers_log_context()
            throws Exception {
        MDC.put("request", "r-1");
        CompletableFuture<String> seen;
        try {
            seen =
                    GenServer.callAsync(desk, new Desk.Later(), LONG)
                            .thenApply(_ -> Processes.isProcess() + " " + MDC.get("request"));
        } finally {
            MDC.remove("request");
        }

        GenServer.call(desk, new Desk.AnswerAll(1));

        assertThat(seen.get(20, TimeUnit.SECONDS)).isEqualTo("false r-1");
    }

    @Test
    void runs_what_depends_on_it_on_the_callers_node() throws Exception {
        try (Node node = Node.start("async")) {
            CompletableFuture<String> seen =
                    node.call(() ->
                            GenServer.callAsync(desk, new Desk.Later(), LONG)
                                    .thenApply(_ -> Node.current().name()));

            GenServer.call(desk, new Desk.AnswerAll(1));

            assertThat(seen.get(20, TimeUnit.SECONDS)).isEqualTo("async");
        }
    }

    @Test
    void a_dependent_that_never_ends_holds_up_nobody() throws Exception {
        CompletableFuture<Integer> stuck =
                GenServer.callAsync(desk, new Desk.Later(), LONG)
                        .thenApply(value -> {
                            new CompletableFuture<>().join();
                            return value;
                        });
        GenServer.call(desk, new Desk.AnswerAll(1)); // it begins now, on a thread of its own

        for (int i = 0; i < 100; i++) {
            assertThat(GenServer.callAsync(desk, new Desk.Now(i), LONG).get(20, TimeUnit.SECONDS))
                    .isEqualTo(i);
        }
        assertThat(stuck).isNotDone();
    }

    @Test
    void refuses_a_negative_timeout() {
        assertThatThrownBy(() -> GenServer.callAsync(desk, new Desk.Now(1), Duration.ofMillis(-1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    /// Calls from processes.
    @ExtendWith(GenServerExtension.class)
    static class InAProcess {

        @Test
        void a_process_goes_on_while_it_waits() throws Exception {
            Server<Desk> desk = CallServer.start(Desk::new).server();
            Pid self = Processes.self();

            Pid caller =
                    Agent.start(() ->
                                    GenServer.callAsync(desk, new Desk.Now(5), LONG)
                                            .thenAccept(value -> Processes.send(self, value)))
                            .pid();

            assertThat(Processes.receive(Integer.class, LONG)).contains(5);
            GenServer.stop(caller);
        }

        @Test
        void a_request_of_another_thread_says_what_to_use() {
            Server<Desk> desk = CallServer.start(Desk::new).server();
            RequestId<Integer> request = GenServer.sendRequest(desk, new Desk.Now(1));

            ExecutionException refused =
                    catchThrowableOfType(
                            ExecutionException.class,
                            () -> Outside.run(() -> request.receiveResponse(LONG)).get());

            assertThat(refused).hasMessageContaining("GenServer.callAsync");
        }
    }

    private static CallException failure(CompletableFuture<?> future) {
        await().until(future::isDone);
        CompletionException failed = catchThrowableOfType(CompletionException.class, future::join);
        return (CallException) Objects.requireNonNull(failed.getCause());
    }

    private static long lateReplies() {
        return DeadLetters.counts().getOrDefault(DeadLetter.Reason.LATE_REPLY, 0L);
    }
}
