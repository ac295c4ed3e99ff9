package io.genserver.benchmarks;

import static io.genserver.CastResult.noreply;

import io.genserver.CastResult;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;

/// A server that counts. Its requests and its replies are plain messages.
final class ReplyServer implements GenServer<Ok, Long, Object, Object> {

    record Request(Pid from) {}

    record Reply(long value) {}

    @Override
    public Init<Long> init(Ok ok) {
        return Init.ok(0L);
    }

    @Override
    public CastResult<Long> handleInfo(Object message, Long count) {
        if (message instanceof Request(Pid from)) {
            Processes.send(from, new Reply(count + 1));
            return noreply(count + 1);
        }
        throw new IllegalArgumentException("expected a request, got: " + message);
    }
}
