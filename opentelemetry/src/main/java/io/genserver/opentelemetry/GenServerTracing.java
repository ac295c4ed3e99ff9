package io.genserver.opentelemetry;

import io.genserver.ExitReason;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.ServerRef;
import io.genserver.spi.ClassNames;
import io.genserver.spi.RuntimeListener;
import io.genserver.spi.TurnListener;
import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Makes spans of the calls, requests and casts of all nodes of this JVM.
///
/// ```java
/// try (GenServerTracing tracing = GenServerTracing.start(openTelemetry)) {
///     …
/// }
/// ```
///
/// ## Calls
///
/// Each [io.genserver.GenServer#call] is one span of kind `INTERNAL`, a child of the caller's
/// current span. If there is none, it is the first span of a trace. The turn of the server runs
/// with this span as the current one, so what the server calls and logs belongs to it. The span is
/// named by the class of the request.
///
/// So is each [io.genserver.GenServer#callAsync] and [io.genserver.GenServer#sendRequest], and each
/// server of a [io.genserver.GenServer#multiCall]. Such a span ends when the reply is given, not
/// when the caller takes it. A request that the caller gives up ends with `timeout` or
/// `java.util.concurrent.CancellationException`. Code that depends on the future of a `callAsync`
/// runs with the caller's span as the current one.
///
/// | attribute | value |
/// |---|---|
/// | `rpc.system.name` | `genserver` |
/// | `rpc.method` | the class of the server, `/` and the class of the request |
/// | `error.type` | only if the call fails: the class of the exception, or the reason: `timeout`, `noproc`, ... |
///
/// The attributes are those of OpenTelemetry's semantic conventions for remote procedure calls. A
/// call that fails has the status `ERROR`.
///
/// ## Casts
///
/// The turn of a cast is a span of kind `CONSUMER` if the sender had a current span. It begins a
/// trace of its own and has a link to the sender's span, because the sender does not wait for it. A
/// cast of a sender without a span makes none.
///
/// | attribute | value |
/// |---|---|
/// | `messaging.system` | `genserver` |
/// | `messaging.operation.name` | `cast` |
/// | `messaging.operation.type` | `process` |
/// | `messaging.destination.name` | the class of the server |
/// | `error.type` | only if the turn ends the server with a reason that is not orderly |
///
/// ## Everything else
///
/// Other messages make no spans. Their turns run with the sender's span as the current one. That
/// goes for messages, timers, continuations, state timeouts, spawned processes and tasks. It does
/// so also without this class, as soon as the module is there.
///
/// Nothing crosses to nodes of other JVMs.
public final class GenServerTracing implements AutoCloseable {

    private static final String SCOPE = "io.genserver";

    private static final AttributeKey<String> ERROR_TYPE = AttributeKey.stringKey("error.type");
    private static final AttributeKey<String> RPC_SYSTEM =
            AttributeKey.stringKey("rpc.system.name");
    private static final AttributeKey<String> RPC_METHOD = AttributeKey.stringKey("rpc.method");
    private static final AttributeKey<String> MESSAGING_SYSTEM =
            AttributeKey.stringKey("messaging.system");
    private static final AttributeKey<String> OPERATION_NAME =
            AttributeKey.stringKey("messaging.operation.name");
    private static final AttributeKey<String> OPERATION_TYPE =
            AttributeKey.stringKey("messaging.operation.type");
    private static final AttributeKey<String> DESTINATION =
            AttributeKey.stringKey("messaging.destination.name");

    private final RuntimeListener.Subscription subscription;

    private GenServerTracing(RuntimeListener.Subscription subscription) {
        this.subscription = subscription;
    }

    /// Begins to make spans.
    ///
    /// @param openTelemetry makes the spans, in the scope `io.genserver`
    /// @return the tracing, which goes on until it is closed
    public static GenServerTracing start(OpenTelemetry openTelemetry) {
        Tracer tracer = Objects.requireNonNull(openTelemetry, "openTelemetry").getTracer(SCOPE);
        return new GenServerTracing(TurnListener.add(new Spans(tracer)));
    }

    /// Ends the tracing. Calls and turns that have begun still end their spans. Closing twice does
    /// nothing.
    @Override
    public void close() {
        subscription.close();
    }

    private record Open(Span span, String name, Scope scope) {}

    private record Spans(Tracer tracer) implements TurnListener {

        @Override
        public @Nullable Object callBegins(Node node, ServerRef server, Object request) {
            return open(request);
        }

        @SuppressWarnings("MustBeClosedChecker") // callEnds and requestMade close it
        private Open open(Object request) {
            String name = ClassNames.of(request);
            Span span =
                    tracer.spanBuilder(ClassNames.shortOf(request))
                            .setAttribute(RPC_SYSTEM, "genserver")
                            .setAttribute(RPC_METHOD, name)
                            .startSpan();
            return new Open(span, name, span.makeCurrent());
        }

        @Override
        public void callEnds(Object begun, @Nullable String server, @Nullable ExitReason failure) {
            ((Open) begun).scope.close();
            end((Open) begun, server, failure);
        }

        private static void end(Open open, @Nullable String server, @Nullable ExitReason failure) {
            if (server != null) {
                open.span.setAttribute(RPC_METHOD, ClassNames.stable(server) + '/' + open.name);
            }
            end(open.span, failure);
        }

        @Override
        public @Nullable Object requestBegins(Node node, ServerRef server, Object request) {
            return open(request);
        }

        @Override
        public void requestMade(Object begun) {
            ((Open) begun).scope.close();
        }

        @Override
        public void requestEnds(
                Object begun, @Nullable String server, @Nullable ExitReason failure) {
            end((Open) begun, server, failure);
        }

        @Override
        @SuppressWarnings("MustBeClosedChecker") // turnEnds closes it
        public @Nullable Object turnBegins(
                Node node, Pid pid, String server, Kind kind, Object message, long queued) {
            SpanContext sender = kind == Kind.CAST ? Span.current().getSpanContext() : null;
            if (sender == null || !sender.isValid()) {
                return null;
            }
            Span span =
                    tracer.spanBuilder(ClassNames.shortOf(message))
                            .setSpanKind(SpanKind.CONSUMER)
                            .setParent(Context.current().with(Span.getInvalid()))
                            .addLink(sender)
                            .setAttribute(MESSAGING_SYSTEM, "genserver")
                            .setAttribute(OPERATION_NAME, "cast")
                            .setAttribute(OPERATION_TYPE, "process")
                            .setAttribute(DESTINATION, ClassNames.stable(server))
                            .startSpan();
            return new Open(span, "", span.makeCurrent());
        }

        @Override
        public void turnEnds(Object begun, @Nullable ExitReason ended) {
            Open open = (Open) begun;
            open.scope.close();
            end(open.span, ended == null || ended.isOrderly() ? null : ended);
        }

        private static void end(Span span, @Nullable ExitReason failure) {
            if (failure != null) {
                span.setStatus(StatusCode.ERROR);
                span.setAttribute(ERROR_TYPE, ClassNames.of(failure));
            }
            span.end();
        }
    }
}
