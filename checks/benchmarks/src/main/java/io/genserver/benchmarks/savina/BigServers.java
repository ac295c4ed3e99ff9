package io.genserver.benchmarks.savina;

import io.genserver.CastResult;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.StartOption;
import io.genserver.benchmarks.savina.Big.Turns;
import java.util.ArrayList;
import java.util.List;

/// [Big] with servers.
final class BigServers {

    private sealed interface ToSink {}

    private sealed interface ToPinger {}

    private record All(List<Pid> pids) implements ToSink, ToPinger {}

    private record Done(int answers) implements ToSink {}

    private record Go() implements ToPinger {}

    private record Ping(int from) implements ToPinger {}

    private record Pong(int from) implements ToPinger {}

    private record Stop() implements ToPinger {}

    private record Place(int id, Pid sink) {}

    private BigServers() {}

    static Long run(StartOption... options) {
        Pid sink = GenServer.startLink(Sink::new, Processes.self(), options).pid();
        List<Pid> all = new ArrayList<>();
        for (int i = 0; i < Big.COUNT; i++) {
            all.add(GenServer.startLink(Pinger::new, new Place(i, sink), options).pid());
        }
        All known = new All(all);
        GenServer.cast(sink, known);
        GenServer.abcast(all, known);
        GenServer.abcast(all, new Go());
        return Processes.receive(Long.class);
    }

    private static final class Sink implements GenServer<Pid, Sink.SinkState, Object, ToSink> {

        static final class SinkState {
            private final Pid starter;
            private List<Pid> all = List.of();
            private int done;
            private long sum;

            SinkState(Pid starter) {
                this.starter = starter;
            }
        }

        @Override
        public Init<SinkState> init(Pid starter) {
            return Init.ok(new SinkState(starter));
        }

        @Override
        public CastResult<SinkState> handleCast(ToSink message, SinkState state) {
            switch (message) {
                case All(List<Pid> pids) -> state.all = pids;
                case Done(int answers) -> {
                    state.sum += answers;
                    if (++state.done == Big.COUNT) {
                        GenServer.abcast(state.all, new Stop());
                        Processes.send(state.starter, state.sum);
                        return CastResult.stop(ExitReason.NORMAL, state);
                    }
                }
            }
            return CastResult.noreply(state);
        }
    }

    private static final class Pinger
            implements GenServer<Place, Pinger.PingerState, Object, ToPinger> {

        static final class PingerState {
            private final Ping ping;
            private final Pong pong;
            private final Pid sink;
            private final Turns turns;
            private List<Pid> all = List.of();

            PingerState(Place place) {
                ping = new Ping(place.id());
                pong = new Pong(place.id());
                sink = place.sink();
                turns = new Turns(place.id());
            }

            private void go() {
                if (turns.hasNext()) {
                    GenServer.cast(all.get(turns.next()), ping);
                } else {
                    GenServer.cast(sink, new Done(turns.answers()));
                }
            }
        }

        @Override
        public Init<PingerState> init(Place place) {
            return Init.ok(new PingerState(place));
        }

        @Override
        public CastResult<PingerState> handleCast(ToPinger message, PingerState state) {
            switch (message) {
                case All(List<Pid> pids) -> state.all = pids;
                case Go() -> state.go();
                case Ping(int from) -> GenServer.cast(state.all.get(from), state.pong);
                case Pong(int from) -> {
                    state.turns.answered(from);
                    state.go();
                }
                case Stop() -> {
                    return CastResult.stop(ExitReason.NORMAL, state);
                }
            }
            return CastResult.noreply(state);
        }
    }
}
