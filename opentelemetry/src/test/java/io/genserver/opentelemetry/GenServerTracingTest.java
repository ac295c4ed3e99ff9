package io.genserver.opentelemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.genserver.Action;
import io.genserver.Call;
import io.genserver.CallException;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Response;
import io.genserver.StartOption;
import io.genserver.spi.ClassNames;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.testing.exporter.InMemorySpanExporter;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class GenServerTracingTest {

    private static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");

    /// Asks a server to run a function.
    record Ask(Supplier<@Nullable Object> work) implements Call<@Nullable Object> {}

    /// Tells a server to run a function.
    record Tell(Supplier<@Nullable Object> work) {}

    static final class Worker implements GenServer<String, String, Ask, Tell> {
        @Override
        public Init<String> init(String argument) {
            return Init.ok(argument);
        }

        @Override
        public CallResult<String> handleCall(Ask ask, From from, String state) {
            return CallResult.reply(ask, ask.work.get(), state);
        }

        @Override
        public CastResult<String> handleCast(Tell tell, String state) {
            return tell.work.get() instanceof Action action
                    ? CastResult.noreply(state, action)
                    : CastResult.noreply(state);
        }

        @Override
        public CastResult<String> handleInfo(Object message, String state) {
            Object _ = ((Tell) message).work.get();
            return CastResult.noreply(state);
        }
    }

    private final InMemorySpanExporter exporter = InMemorySpanExporter.create();
    private final OpenTelemetrySdk sdk =
            OpenTelemetrySdk.builder()
                    .setTracerProvider(
                            SdkTracerProvider.builder()
                                    .addSpanProcessor(SimpleSpanProcessor.create(exporter))
                                    .build())
                    .build();
    private final Tracer tracer = sdk.getTracer("test");
    private final Queue<Pid> started = new ConcurrentLinkedQueue<>();
    private GenServerTracing tracing = GenServerTracing.start(sdk);

    @BeforeEach
    void nothingIsCurrent() {
        assertThat(Context.current()).isSameAs(Context.root());
    }

    @AfterEach
    void end() {
        tracing.close();
        started.forEach(pid -> Processes.exit(pid, ExitReason.KILL));
        sdk.close();
        assertThat(Context.current()).isSameAs(Context.root());
    }

    private Pid worker(boolean nonBlocking) {
        StartOption[] options =
                nonBlocking ? new StartOption[] {StartOption.nonBlocking()} : new StartOption[0];
        Pid server = GenServer.start(Worker::new, "", options).pid();
        started.add(server);
        return server;
    }

    /// Runs a function inside a span named `parent`.
    private void inSpan(Runnable body) {
        Span parent = tracer.spanBuilder("parent").startSpan();
        try (Scope _ = parent.makeCurrent()) {
            body.run();
        } finally {
            parent.end();
        }
    }

    private SpanData span(String name) {
        return await().until(
                        () ->
                                exporter.getFinishedSpanItems().stream()
                                        .filter(span -> span.getName().equals(name))
                                        .findFirst()
                                        .orElse(null),
                        found -> found != null);
    }

    private List<String> names() {
        return exporter.getFinishedSpanItems().stream().map(SpanData::getName).toList();
    }

    private static @Nullable String attribute(SpanData span, String key) {
        return span.getAttributes().get(AttributeKey.stringKey(key));
    }

    private static final String ASK = "GenServerTracingTest$Ask";
    private static final String TELL = "GenServerTracingTest$Tell";

    // Calls

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_call_is_a_child_span_in_which_the_turn_runs(boolean nonBlocking) {
        Pid server = worker(nonBlocking);
        inSpan(() ->
                GenServer.call(
                        server,
                        new Ask(() -> {
                            tracer.spanBuilder("inside").startSpan().end();
                            return "";
                        })));

        SpanData parent = span("parent");
        SpanData call = span(ASK);
        SpanData inside = span("inside");
        assertThat(call.getParentSpanId()).isEqualTo(parent.getSpanId());
        assertThat(inside.getParentSpanId()).isEqualTo(call.getSpanId());
        assertThat(inside.getTraceId()).isEqualTo(parent.getTraceId());
        assertThat(call.getKind()).isEqualTo(SpanKind.INTERNAL);
        assertThat(call.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
        assertThat(attribute(call, "rpc.system.name")).isEqualTo("genserver");
        assertThat(attribute(call, "rpc.method"))
                .isEqualTo(Worker.class.getName() + "/" + Ask.class.getName());
        assertThat(call.getAttributes().get(ERROR_TYPE)).isNull();
        assertThat(call.getInstrumentationScopeInfo().getName()).isEqualTo("io.genserver");
    }

    @Test
    void a_call_without_a_parent_begins_a_trace() {
        Pid server = worker(false);
        GenServer.call(server, new Ask(() -> ""));

        assertThat(span(ASK).getParentSpanContext().isValid()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void calls_of_calls_are_nested(boolean nonBlocking) {
        Pid outer = worker(nonBlocking);
        Pid inner = worker(nonBlocking);
        inSpan(() ->
                GenServer.call(outer, new Ask(() -> GenServer.call(inner, new Ask(() -> "")))));

        List<SpanData> spans = exporter.getFinishedSpanItems();
        assertThat(names()).containsExactly(ASK, ASK, "parent");
        assertThat(spans.get(0).getParentSpanId()).isEqualTo(spans.get(1).getSpanId());
        assertThat(spans.get(1).getParentSpanId()).isEqualTo(spans.get(2).getSpanId());
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_call_that_fails_says_why(boolean nonBlocking) {
        Pid crashing = worker(nonBlocking);
        Ask crash =
                new Ask(() -> {
                    throw new UnsupportedOperationException("on purpose");
                });
        assertThatThrownBy(() -> GenServer.call(crashing, crash)).isInstanceOf(CallException.class);
        assertThat(span(ASK).getAttributes().get(ERROR_TYPE))
                .isEqualTo(UnsupportedOperationException.class.getName());
        assertThat(span(ASK).getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);

        exporter.reset();
        assertThatThrownBy(() -> GenServer.call(crashing, new Ask(() -> "")))
                .isInstanceOf(CallException.class);
        assertThat(span(ASK).getAttributes().get(ERROR_TYPE)).isEqualTo("noproc");
        assertThat(attribute(span(ASK), "rpc.method")).isEqualTo(Ask.class.getName());
    }

    @Test
    void a_call_that_times_out_says_so() {
        Pid slow = worker(false);
        Ask sleep =
                new Ask(() -> {
                    Processes.sleep(Duration.ofMillis(300));
                    return "";
                });
        assertThatThrownBy(() -> GenServer.call(slow, sleep, Duration.ofMillis(20)))
                .isInstanceOf(CallException.class);

        assertThat(span(ASK).getAttributes().get(ERROR_TYPE)).isEqualTo("timeout");
        assertThat(attribute(span(ASK), "rpc.method"))
                .isEqualTo(Worker.class.getName() + "/" + Ask.class.getName());
    }

    // Requests whose reply is taken later

    /// The ways to make a request without waiting for its reply at once.
    enum Later {
        CALL_ASYNC {
            @Override
            @Nullable Object ask(Pid server, Ask ask, Duration timeout) {
                return GenServer.callAsync(server, ask, timeout)
                        .exceptionally(_ -> "failed")
                        .join();
            }
        },
        SEND_REQUEST {
            @Override
            @Nullable Object ask(Pid server, Ask ask, Duration timeout) {
                return GenServer.sendRequest(server, ask).receiveResponse(timeout)
                                instanceof Response.Reply(var reply)
                        ? reply
                        : "failed";
            }
        },
        MULTI_CALL {
            @Override
            @Nullable Object ask(Pid server, Ask ask, Duration timeout) {
                return GenServer.multiCall(List.of(server), ask, timeout)
                        .replies()
                        .getOrDefault(server, "failed");
            }
        };

        abstract @Nullable Object ask(Pid server, Ask ask, Duration timeout);
    }

    private static final Duration LONG = Duration.ofSeconds(30);

    private static Ask waitFor(CountDownLatch free) {
        return new Ask(() -> {
            try {
                return free.await(30, TimeUnit.SECONDS);
            } catch (InterruptedException interrupted) {
                throw new IllegalStateException(interrupted);
            }
        });
    }

    @ParameterizedTest
    @EnumSource
    void a_request_is_a_child_span_in_which_the_turn_runs(Later later) {
        Pid server = worker(false);
        inSpan(() -> {
            SpanContext mine = Span.current().getSpanContext();
            Ask inside =
                    new Ask(() -> {
                        tracer.spanBuilder("inside").startSpan().end();
                        return "done";
                    });
            assertThat(later.ask(server, inside, LONG)).isEqualTo("done");
            assertThat(Span.current().getSpanContext()).isEqualTo(mine);
        });

        SpanData parent = span("parent");
        SpanData request = span(ASK);
        assertThat(request.getParentSpanId()).isEqualTo(parent.getSpanId());
        assertThat(span("inside").getParentSpanId()).isEqualTo(request.getSpanId());
        assertThat(request.getKind()).isEqualTo(SpanKind.INTERNAL);
        assertThat(request.getStatus().getStatusCode()).isEqualTo(StatusCode.UNSET);
        assertThat(attribute(request, "rpc.method"))
                .isEqualTo(Worker.class.getName() + "/" + Ask.class.getName());
        assertThat(request.getAttributes().get(ERROR_TYPE)).isNull();
        assertThat(names()).containsExactlyInAnyOrder("inside", ASK, "parent");
    }

    @ParameterizedTest
    @EnumSource
    void a_request_that_fails_says_why(Later later) {
        Pid crashing = worker(false);
        Ask crash =
                new Ask(() -> {
                    throw new UnsupportedOperationException("on purpose");
                });
        assertThat(later.ask(crashing, crash, LONG)).isEqualTo("failed");
        assertThat(span(ASK).getAttributes().get(ERROR_TYPE))
                .isEqualTo(UnsupportedOperationException.class.getName());
        assertThat(span(ASK).getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);

        exporter.reset();
        assertThat(later.ask(crashing, new Ask(() -> ""), LONG)).isEqualTo("failed");
        assertThat(span(ASK).getAttributes().get(ERROR_TYPE)).isEqualTo("noproc");
        assertThat(attribute(span(ASK), "rpc.method")).isEqualTo(Ask.class.getName());
        assertThat(names()).containsExactly(ASK);
    }

    @ParameterizedTest
    @EnumSource
    void a_request_that_takes_too_long_says_so(Later later) {
        Pid slow = worker(false);
        CountDownLatch free = new CountDownLatch(1);
        Ask wait = waitFor(free);
        assertThat(later.ask(slow, wait, Duration.ofMillis(20))).isEqualTo("failed");

        assertThat(span(ASK).getAttributes().get(ERROR_TYPE)).isEqualTo("timeout");
        free.countDown();
        GenServer.call(slow, new Ask(() -> ""));
        assertThat(names()).containsExactly(ASK, ASK);
    }

    @Test
    void a_multi_call_makes_a_span_for_each_server() {
        List<Pid> servers = List.of(worker(false), worker(true), worker(false));
        inSpan(() ->
                assertThat(GenServer.multiCall(servers, new Ask(() -> ""), LONG).replies())
                        .hasSize(3));

        assertThat(names()).containsExactly(ASK, ASK, ASK, "parent");
        assertThat(exporter.getFinishedSpanItems())
                .filteredOn(span -> span.getName().equals(ASK))
                .extracting(SpanData::getParentSpanId)
                .containsOnly(span("parent").getSpanId());
    }

    @Test
    void what_depends_on_the_future_of_a_call_runs_in_the_span_of_its_caller() {
        Pid server = worker(false);
        inSpan(() -> {
            SpanContext mine = Span.current().getSpanContext();
            CompletableFuture<SpanContext> dependent = new CompletableFuture<>();
            CountDownLatch free = new CountDownLatch(1);
            var reply = GenServer.callAsync(server, waitFor(free), LONG);
            var _ = reply.thenRun(() -> dependent.complete(Span.current().getSpanContext()));
            free.countDown();
            assertThat(dependent.join()).isEqualTo(mine);
        });
    }

    @Test
    void a_call_whose_future_is_cancelled_ends_its_span() {
        Pid server = worker(false);
        CountDownLatch free = new CountDownLatch(1);
        var reply = GenServer.callAsync(server, waitFor(free), LONG);
        assertThat(reply.cancel(false)).isTrue();

        assertThat(span(ASK).getAttributes().get(ERROR_TYPE))
                .isEqualTo(CancellationException.class.getName());
        free.countDown();
    }

    // Casts

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void a_cast_begins_a_trace_that_is_linked_to_its_sender(boolean nonBlocking) {
        Pid server = worker(nonBlocking);
        inSpan(() ->
                GenServer.cast(
                        server,
                        new Tell(() -> {
                            tracer.spanBuilder("inside").startSpan().end();
                            return "";
                        })));

        SpanData parent = span("parent");
        SpanData cast = span(TELL);
        assertThat(cast.getTraceId()).isNotEqualTo(parent.getTraceId());
        assertThat(cast.getParentSpanContext().isValid()).isFalse();
        assertThat(cast.getLinks()).hasSize(1);
        assertThat(cast.getLinks().getFirst().getSpanContext().getSpanId())
                .isEqualTo(parent.getSpanId());
        assertThat(span("inside").getParentSpanId()).isEqualTo(cast.getSpanId());
        assertThat(cast.getKind()).isEqualTo(SpanKind.CONSUMER);
        assertThat(attribute(cast, "messaging.system")).isEqualTo("genserver");
        assertThat(attribute(cast, "messaging.operation.name")).isEqualTo("cast");
        assertThat(attribute(cast, "messaging.operation.type")).isEqualTo("process");
        assertThat(attribute(cast, "messaging.destination.name")).isEqualTo(Worker.class.getName());
        assertThat(cast.getAttributes().get(ERROR_TYPE)).isNull();
    }

    @Test
    void a_cast_that_ends_the_server_says_why() {
        Pid server = worker(false);
        inSpan(() ->
                GenServer.cast(
                        server,
                        new Tell(() -> {
                            throw new UnsupportedOperationException("on purpose");
                        })));

        assertThat(span(TELL).getAttributes().get(ERROR_TYPE))
                .isEqualTo(UnsupportedOperationException.class.getName());
        assertThat(span(TELL).getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
    }

    @Test
    void a_cast_of_a_sender_without_a_span_makes_none() {
        Pid server = worker(false);
        GenServer.cast(server, new Tell(() -> ""));
        GenServer.call(server, new Ask(() -> ""));

        assertThat(names()).containsExactly(ASK);
    }

    // Other messages

    @Test
    void other_messages_run_in_the_span_of_their_sender() {
        Pid server = worker(false);
        Supplier<@Nullable Object> look = () -> Span.current().getSpanContext().getSpanId();
        Queue<Object> seen = new ConcurrentLinkedQueue<>();
        inSpan(() -> {
            Object mine = look.get();
            Tell report = new Tell(() -> seen.add(String.valueOf(look.get())));
            Processes.send(server, report);
            Processes.sendAfter(server, report, Duration.ofMillis(5));
            Processes.spawn(() -> Objects.requireNonNull(report.work.get()));
            await().until(() -> seen.size() == 3);
            assertThat(seen).containsOnly(mine);
        });
        assertThat(names()).containsExactly("parent");
    }

    // What does not leak

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @SuppressWarnings("MustBeClosedChecker") // what the test is about
    void a_scope_that_a_turn_leaves_open_is_seen_nowhere_else(boolean nonBlocking) {
        Pid server = worker(nonBlocking);
        ContextKey<String> key = ContextKey.named("left");
        Supplier<@Nullable Object> leave =
                () -> {
                    Scope scope = Context.current().with(key, "behind").makeCurrent();
                    return scope == null ? "" : null;
                };
        Supplier<@Nullable Object> look = () -> Context.current().get(key);

        GenServer.call(server, new Ask(leave));
        assertThat(look.get()).isNull();
        assertThat(GenServer.call(server, new Ask(look))).isNull();
        GenServer.cast(server, new Tell(leave));
        assertThat(GenServer.call(server, new Ask(look))).isNull();
        inSpan(() -> {
            Context mine = Context.current();
            GenServer.call(server, new Ask(leave));
            assertThat(Context.current()).isSameAs(mine);
            GenServer.cast(server, new Tell(leave));
            assertThat(Context.current()).isSameAs(mine);
        });
        assertThat(look.get()).isNull();
        tracing.close();
        GenServer.call(server, new Ask(leave));
        assertThat(look.get()).isNull();
        assertThat(GenServer.call(server, new Ask(look))).isNull();
    }

    @Test
    void after_the_end_there_are_no_spans_but_the_context_still_travels() {
        Pid server = worker(false);
        tracing.close();
        tracing.close();
        inSpan(() ->
                assertThat(
                                GenServer.call(
                                        server,
                                        new Ask(() -> Span.current().getSpanContext().getSpanId())))
                        .isEqualTo(Span.current().getSpanContext().getSpanId()));

        assertThat(names()).containsExactly("parent");
    }

    @Test
    void two_tracings_do_not_disturb_each_other() {
        Pid server = worker(false);
        try (GenServerTracing _ = GenServerTracing.start(sdk)) {
            inSpan(() -> GenServer.call(server, new Ask(() -> "")));
        }
        assertThat(names()).containsExactly(ASK, ASK, "parent");
        List<SpanData> spans = exporter.getFinishedSpanItems();
        assertThat(spans.get(0).getParentSpanId()).isEqualTo(spans.get(1).getSpanId());
    }

    @Test
    void the_name_of_a_lambda_is_the_same_for_each_object() {
        Pid server = worker(false);
        Call<String> request = new Call<>() {};
        assertThatThrownBy(() -> GenServer.callUntyped(server, request))
                .isInstanceOf(CallException.class);
        assertThat(names()).containsExactly("GenServerTracingTest$1");
        Runnable lambda = () -> {};
        assertThat(ClassNames.shortOf(lambda)).isEqualTo("GenServerTracingTest$$Lambda");
    }
}
