package io.genserver.benchmarks;

import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.StartOption;
import io.genserver.benchmarks.ContextCosts.Mode;
import io.genserver.micrometer.GenServerMetrics;
import io.genserver.opentelemetry.GenServerTracing;
import io.micrometer.context.ContextRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;

/// Measures one row of [ContextCosts].
final class ContextCost {

    private ContextCost() {}

    /// Prints the row.
    ///
    /// @param arguments the mode, and the number of milliseconds for each value
    public static void main(String[] arguments) throws Exception {
        Mode mode = Mode.valueOf(arguments[0]);
        System.out.println(row(mode, Long.parseLong(arguments[1])));
        Runtime.getRuntime().halt(0);
    }

    private static final List<ThreadLocal<String>> VALUES =
            List.of(new ThreadLocal<>(), new ThreadLocal<>(), new ThreadLocal<>());

    private static String row(Mode mode, long time) throws Exception {
        for (int i = 0; i < VALUES.size(); i++) {
            ContextRegistry.getInstance().registerThreadLocalAccessor("value" + i, VALUES.get(i));
        }
        List<AutoCloseable> on = new ArrayList<>();
        OpenTelemetrySdk sdk = OpenTelemetrySdk.builder().build();
        on.add(sdk);
        switch (mode) {
            case TRACING -> on.add(GenServerTracing.start(sdk));
            case METRICS, METRICS_CALLS -> {
                GenServerMetrics.Builder builder =
                        GenServerMetrics.builder().node(Node.defaultNode());
                GenServerMetrics metrics =
                        mode == Mode.METRICS ? builder.build() : builder.calls().build();
                metrics.bindTo(new SimpleMeterRegistry());
                on.add(metrics);
            }
            default -> {}
        }
        CompletableFuture<String> row = new CompletableFuture<>();
        Processes.spawn(() -> {
            try {
                row.complete(inContext(mode, sdk, () -> measure(time * 1_000_000)));
            } catch (Throwable thrown) {
                row.completeExceptionally(thrown);
            }
        });
        String numbers = row.get();
        for (AutoCloseable each : on) {
            each.close();
        }
        return "| " + mode.text + " |" + numbers;
    }

    private static String inContext(Mode mode, OpenTelemetrySdk sdk, Callable<String> body)
            throws Exception {
        int values = mode == Mode.ONE ? 1 : mode == Mode.THREE ? 3 : 0;
        for (int i = 0; i < values; i++) {
            VALUES.get(i).set("value");
        }
        Context context =
                switch (mode) {
                    case OTEL_ONE -> Context.root().with(ContextKey.named("key"), "value");
                    case TRACING ->
                            Context.root()
                                    .with(sdk.getTracer("bench").spanBuilder("all").startSpan());
                    default -> Context.root();
                };
        try (var _ = context.makeCurrent()) {
            return body.call();
        }
    }

    private static String measure(long time) {
        Pid lent = GenServer.start(Answering::new, 0, StartOption.nonBlocking()).pid();
        Pid own = GenServer.start(Answering::new, 0).pid();
        return String.format(
                Locale.ROOT,
                " %.0f | %.0f | %.0f | %.0f |",
                best(time, 5_000, count -> call(lent, count)),
                best(time, 2_000, count -> call(own, count)),
                best(time, 10_000, count -> cast(own, count)),
                best(time, 10_000, ContextCost::hop));
    }

    private interface Batch {
        void run(int count);
    }

    /// Returns the time of one operation in the fastest batch. Units: ns
    private static double best(long time, int size, Batch batch) {
        double best = Double.MAX_VALUE;
        long end = System.nanoTime() + time;
        do {
            long start = System.nanoTime();
            batch.run(size);
            best = Math.min(best, (double) (System.nanoTime() - start) / size);
        } while (System.nanoTime() < end);
        return best;
    }

    private static void call(Pid server, int count) {
        for (int i = 0; i < count; i++) {
            Object reply = GenServer.callUntyped(server, "");
            Work.check("".equals(reply), "the request", String.valueOf(reply));
        }
    }

    private static void cast(Pid server, int count) {
        for (int i = 0; i < count; i++) {
            GenServer.cast(server, "");
        }
        call(server, 1);
    }

    /// Sends 16 messages to and fro between two servers.
    private static void hop(int count) {
        CompletableFuture<Integer> done = new CompletableFuture<>();
        int each = count / 16;
        Pid first = GenServer.start(() -> new Passing(done, 16), 0).pid();
        Pid second = GenServer.start(() -> new Passing(done, 16), 0).pid();
        for (int i = 0; i < 16; i++) {
            GenServer.cast(first, new Ball(second, first, each));
        }
        Work.checkCount(16, done.join());
        GenServer.stop(first);
        GenServer.stop(second);
    }

    /// Answers calls and drops casts.
    private static final class Answering implements GenServer<Integer, Integer, Object, Object> {
        @Override
        public Init<Integer> init(Integer state) {
            return Init.ok(state);
        }

        @Override
        public CallResult<Integer> handleCall(Object request, From from, Integer state) {
            return CallResult.replyUntyped(request, state);
        }

        @Override
        public CastResult<Integer> handleCast(Object request, Integer state) {
            return CastResult.noreply(state);
        }
    }

    /// A message between two servers.
    private record Ball(Pid to, Pid from, int left) {}

    private static final class Passing implements GenServer<Integer, Integer, Object, Ball> {
        private final CompletableFuture<Integer> done;
        private final int balls;

        Passing(CompletableFuture<Integer> done, int balls) {
            this.done = done;
            this.balls = balls;
        }

        @Override
        public Init<Integer> init(Integer arrived) {
            return Init.ok(arrived);
        }

        @Override
        public CastResult<Integer> handleCast(Ball ball, Integer arrived) {
            if (ball.left > 0) {
                GenServer.cast(ball.to, new Ball(ball.from, ball.to, ball.left - 1));
                return CastResult.noreply(arrived);
            }
            if (arrived + 1 == balls) {
                done.complete(balls);
            }
            return CastResult.noreply(arrived + 1);
        }
    }
}
