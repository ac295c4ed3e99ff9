package io.genserver.benchmarks.savina;

import io.genserver.CastResult;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.StartOption;
import io.genserver.benchmarks.savina.PingPong.ToPinger;

/// [PingPong] with servers.
final class PingPongServers {

    private sealed interface ToPonger {}

    private record Ping(Pid from) implements ToPonger {}

    private record Stop() implements ToPonger {}

    private PingPongServers() {}

    static Integer run(StartOption... options) {
        Pid ponger = GenServer.startLink(Ponger::new, Processes.self(), options).pid();
        Pid pinger = GenServer.startLink(Pinger::new, ponger, options).pid();
        GenServer.cast(pinger, ToPinger.GO);
        return Processes.receive(Integer.class);
    }

    private static final class Pinger implements GenServer<Pid, Pinger.Pings, Object, ToPinger> {

        static final class Pings {
            private final Pid ponger;
            private final Ping ping = new Ping(Processes.self());
            private int left = PingPong.PINGS;

            Pings(Pid ponger) {
                this.ponger = ponger;
            }
        }

        @Override
        public Init<Pings> init(Pid ponger) {
            return Init.ok(new Pings(ponger));
        }

        @Override
        public CastResult<Pings> handleCast(ToPinger message, Pings state) {
            switch (message) {
                case GO -> {
                    GenServer.cast(state.ponger, state.ping);
                    state.left--;
                }
                case PONG -> {
                    if (state.left == 0) {
                        GenServer.cast(state.ponger, new Stop());
                        return CastResult.stop(ExitReason.NORMAL, state);
                    }
                    GenServer.cast(state.ping.from(), ToPinger.GO);
                }
            }
            return CastResult.noreply(state);
        }
    }

    private static final class Ponger implements GenServer<Pid, Ponger.Pongs, Object, ToPonger> {

        static final class Pongs {
            private final Pid starter;
            private int answers;

            Pongs(Pid starter) {
                this.starter = starter;
            }
        }

        @Override
        public Init<Pongs> init(Pid starter) {
            return Init.ok(new Pongs(starter));
        }

        @Override
        public CastResult<Pongs> handleCast(ToPonger message, Pongs state) {
            return switch (message) {
                case Ping(Pid from) -> {
                    GenServer.cast(from, ToPinger.PONG);
                    state.answers++;
                    yield CastResult.noreply(state);
                }
                case Stop() -> {
                    Processes.send(state.starter, state.answers);
                    yield CastResult.stop(ExitReason.NORMAL, state);
                }
            };
        }
    }
}
