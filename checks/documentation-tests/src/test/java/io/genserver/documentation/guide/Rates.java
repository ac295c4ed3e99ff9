package io.genserver.documentation.guide;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;

import io.genserver.*;
import java.time.Duration;
import java.util.function.Supplier;

final class Rates implements GenServer<Duration, Double, Rates.Latest, Object> {

    record Latest() implements Call<Double> {}

    private record Refresh() {}

    private final Supplier<Double> source;

    Rates(Supplier<Double> source) {
        this.source = source;
    }

    @Override
    public Init<Double> init(Duration period) {
        Processes.sendEvery(Processes.self(), new Refresh(), period, Pace.FIXED_DELAY);
        return Init.ok(source.get());
    }

    @Override
    public CallResult<Double> handleCall(Latest request, From from, Double rate) {
        return reply(request, rate, rate);
    }

    @Override
    public CastResult<Double> handleInfo(Object message, Double rate) throws Exception {
        return message instanceof Refresh
                ? noreply(source.get())
                : GenServer.super.handleInfo(message, rate);
    }
}
