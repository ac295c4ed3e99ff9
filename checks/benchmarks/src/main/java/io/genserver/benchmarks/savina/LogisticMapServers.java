package io.genserver.benchmarks.savina;

import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.StartOption;
import java.util.ArrayList;
import java.util.List;

/// [LogisticMap] with servers.
final class LogisticMapServers {

    private record Compute(double term) implements Call<Double> {}

    private enum ToComputer {
        STOP
    }

    private enum ToWorker {
        NEXT_TERM,
        GET_TERM,
        STOP
    }

    private LogisticMapServers() {}

    static List<Double> run(StartOption... options) {
        List<Pid> computers = new ArrayList<>();
        List<Pid> workers = new ArrayList<>();
        for (int series = 0; series < LogisticMap.SERIES; series++) {
            Pid computer =
                    GenServer.startLink(Computer::new, LogisticMap.rate(series), options).pid();
            computers.add(computer);
            Place place = new Place(series, computer, Processes.self());
            workers.add(GenServer.startLink(Worker::new, place, options).pid());
        }
        for (int i = 0; i < LogisticMap.TERMS; i++) {
            GenServer.abcast(workers, ToWorker.NEXT_TERM);
        }
        GenServer.abcast(workers, ToWorker.GET_TERM);
        LogisticMap.Collected collected = new LogisticMap.Collected();
        while (!collected.add(Processes.receive(LogisticMap.Last.class))) {}
        GenServer.abcast(computers, ToComputer.STOP);
        GenServer.abcast(workers, ToWorker.STOP);
        return collected.terms();
    }

    private static final class Computer implements GenServer<Double, Double, Compute, ToComputer> {

        @Override
        public Init<Double> init(Double rate) {
            return Init.ok(rate);
        }

        @Override
        public CallResult<Double> handleCall(Compute request, From from, Double rate) {
            return CallResult.reply(request, LogisticMap.next(rate, request.term()), rate);
        }

        @Override
        public CastResult<Double> handleCast(ToComputer stop, Double rate) {
            return CastResult.stop(ExitReason.NORMAL, rate);
        }
    }

    private record Place(int series, Pid computer, Pid starter) {}

    private static final class Worker implements GenServer<Place, Worker.Series, Object, ToWorker> {

        static final class Series {
            private final Place place;
            private double term;

            Series(Place place) {
                this.place = place;
                term = LogisticMap.first(place.series());
            }
        }

        @Override
        public Init<Series> init(Place place) {
            return Init.ok(new Series(place));
        }

        @Override
        public CastResult<Series> handleCast(ToWorker message, Series series) {
            Place place = series.place;
            switch (message) {
                case NEXT_TERM ->
                        series.term = GenServer.call(place.computer(), new Compute(series.term));
                case GET_TERM ->
                        Processes.send(
                                place.starter(), new LogisticMap.Last(place.series(), series.term));
                case STOP -> {
                    return CastResult.stop(ExitReason.NORMAL, series);
                }
            }
            return CastResult.noreply(series);
        }
    }
}
