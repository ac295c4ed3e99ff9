package io.genserver;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What [GenServer#multiCall] came to.
///
/// @param replies the replies of the servers that replied in time
/// @param failed the others, with [ExitReason#NOPROC], [ExitReason#TIMEOUT] or why they ended
/// @param <R> the type of the replies
public record MultiCall<R extends @Nullable Object>(
        Map<ServerRef, R> replies, Map<ServerRef, ExitReason> failed) {

    static <R extends @Nullable Object> MultiCall<R> await(
            Map<ServerRef, RequestId<R>> requests, Duration timeout) {
        Map<ServerRef, R> replies = new LinkedHashMap<>();
        Map<ServerRef, ExitReason> failed = new LinkedHashMap<>();
        long start = Processes.monotonicTime();
        requests.forEach((server, request) -> {
            switch (request.receiveResponse(left(timeout, start))) {
                case Response.Reply<R>(R reply) -> replies.put(server, reply);
                case Response.Failed<R> no -> failed.put(server, no.reason());
                case Response.TimedOut<R> _ -> failed.put(server, ExitReason.TIMEOUT);
            }
        });
        return new MultiCall<>(replies, failed);
    }

    private static Duration left(Duration timeout, long start) {
        Duration waited = Duration.ofNanos(Processes.monotonicTime() - start);
        return timeout.compareTo(waited) > 0 ? timeout.minus(waited) : Duration.ZERO;
    }
}
