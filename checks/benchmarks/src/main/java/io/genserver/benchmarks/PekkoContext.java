package io.genserver.benchmarks;

import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.jspecify.annotations.Nullable;
import org.slf4j.MDC;

/// Pekko typed: asks with a log context. A message does not carry the context. The entry is
/// therefore a field of the request, and `withMdc` puts it into the context.
final class PekkoContext {

    private sealed interface ToServer {
        ActorRef<Long> replyTo();

        String entry();
    }

    private record Increment(ActorRef<Long> replyTo, String entry) implements ToServer {}

    private record Seen(ActorRef<Long> replyTo, String entry) implements ToServer {}

    private static final class Count {
        private long seen;

        Behavior<ToServer> handle(ToServer message) {
            if (message instanceof Increment
                    && ContextServer.VALUE.equals(MDC.get(ContextServer.KEY))) {
                seen++;
            }
            message.replyTo().tell(seen);
            return Behaviors.same();
        }
    }

    private PekkoContext() {}

    static @Nullable Work work(Operation operation) {
        return operation == Operation.CALL_MDC ? PekkoContext::calls : null;
    }

    private static Map<String, Double> calls(Work.Timing timing) throws Exception {
        Map<String, Double> measured = new LinkedHashMap<>();
        calls(server(), timing, 0); // warms up
        measured.put("empty", calls(server(), timing, 0));
        Behavior<ToServer> with =
                Behaviors.withMdc(
                        ToServer.class,
                        message -> Map.of(ContextServer.KEY, message.entry()),
                        server());
        measured.put("one entry", calls(with, timing, 1));
        return measured;
    }

    private static Behavior<ToServer> server() {
        return Behaviors.setup(_ -> Behaviors.receiveMessage(new Count()::handle));
    }

    private static double calls(Behavior<ToServer> behavior, Work.Timing timing, int entries)
            throws Exception {
        ActorRef<ToServer> server = Pekko.World.spawn(behavior);
        ActorRef<Object> loop =
                PekkoLoop.begin(
                        PekkoLoop.Answer.class::isInstance,
                        context ->
                                context.ask(
                                        Long.class,
                                        server,
                                        Pekko.TIMEOUT,
                                        replyTo -> new Increment(replyTo, ContextServer.VALUE),
                                        (value, failed) -> {
                                            if (value == null) {
                                                throw new IllegalStateException(failed);
                                            }
                                            return new PekkoLoop.Answer(value);
                                        }));
        long[] expected = new long[1];
        return Work.mean(
                5_000,
                timing,
                count -> {
                    PekkoLoop.go(loop, count);
                    expected[0] += (long) count * entries;
                    Work.checkCount(expected[0], seen(server));
                });
    }

    private static long seen(ActorRef<ToServer> server) {
        return AskPattern.<ToServer, Long>ask(
                        server,
                        replyTo -> new Seen(replyTo, ""),
                        Pekko.LONG,
                        Pekko.World.SYSTEM.scheduler())
                .toCompletableFuture()
                .join();
    }
}
