package io.genserver.benchmarks;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;

import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Ok;

/// A server that notes how long each cast was under way.
final class NotingServer implements GenServer<Ok, Long, NotingServer.Handled, NotingServer.Sent> {

    /// @param at when it was sent; units: ns
    record Sent(long at, Samples latencies) {}

    /// Asks for the number of casts that have been handled.
    record Handled() implements Call<Long> {}

    @Override
    public Init<Long> init(Ok ok) {
        return Init.ok(0L);
    }

    @Override
    public CastResult<Long> handleCast(Sent sent, Long handled) {
        sent.latencies().add(System.nanoTime() - sent.at());
        return noreply(handled + 1);
    }

    @Override
    public CallResult<Long> handleCall(Handled request, From from, Long handled) {
        return reply(request, handled, handled);
    }
}
