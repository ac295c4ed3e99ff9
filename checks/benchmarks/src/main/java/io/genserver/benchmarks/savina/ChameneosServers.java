package io.genserver.benchmarks.savina;

import io.genserver.CastResult;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.StartOption;
import io.genserver.benchmarks.savina.Chameneos.Color;
import org.jspecify.annotations.Nullable;

/// [Chameneos] with servers.
final class ChameneosServers {

    private sealed interface ToMall {}

    private sealed interface ToChameneo {}

    private record Meet(Color color, Pid chameneo) implements ToMall, ToChameneo {}

    private record Count(int meetings) implements ToMall {}

    private record Change(Color color) implements ToChameneo {}

    private record Stop() implements ToChameneo {}

    private record Birth(Pid mall, Color color) {}

    private ChameneosServers() {}

    static Integer run(StartOption... options) {
        Pid mall = GenServer.startLink(Mall::new, Processes.self(), options).pid();
        for (int i = 0; i < Chameneos.CHAMENEOS; i++) {
            Color color = Color.ALL[i % Color.ALL.length];
            GenServer.startLink(Chameneo::new, new Birth(mall, color), options).pid();
        }
        return Processes.receive(Integer.class);
    }

    private static final class Mall implements GenServer<Pid, Mall.MallState, Object, ToMall> {

        static final class MallState {
            private final Pid starter;
            private int left = Chameneos.MEETINGS;
            private @Nullable Pid waiting;
            private int gone;
            private int sum;

            MallState(Pid starter) {
                this.starter = starter;
            }
        }

        @Override
        public Init<MallState> init(Pid starter) {
            return Init.ok(new MallState(starter));
        }

        @Override
        public CastResult<MallState> handleCast(ToMall message, MallState state) {
            switch (message) {
                case Meet meet -> meet(meet, state);
                case Count(int meetings) -> {
                    state.sum += meetings;
                    if (++state.gone == Chameneos.CHAMENEOS) {
                        Processes.send(state.starter, state.sum);
                        return CastResult.stop(ExitReason.NORMAL, state);
                    }
                }
            }
            return CastResult.noreply(state);
        }

        private static void meet(Meet meet, MallState state) {
            if (state.left == 0) {
                GenServer.cast(meet.chameneo(), new Stop());
            } else if (state.waiting == null) {
                state.waiting = meet.chameneo();
            } else {
                state.left--;
                GenServer.cast(state.waiting, meet);
                state.waiting = null;
            }
        }
    }

    private static final class Chameneo
            implements GenServer<Birth, Chameneo.ChameneoState, Object, ToChameneo> {

        static final class ChameneoState {
            private final Pid self = Processes.self();
            private final Pid mall;
            private Color color;
            private int meetings;

            ChameneoState(Birth birth) {
                mall = birth.mall();
                color = birth.color();
            }

            private void change(Color changed) {
                color = changed;
                meetings++;
            }

            private void goToMall() {
                GenServer.cast(mall, new Meet(color, self));
            }
        }

        @Override
        public Init<ChameneoState> init(Birth birth) {
            ChameneoState state = new ChameneoState(birth);
            state.goToMall();
            return Init.ok(state);
        }

        @Override
        public CastResult<ChameneoState> handleCast(ToChameneo message, ChameneoState state) {
            switch (message) {
                case Meet(Color color, Pid other) -> {
                    state.change(state.color.with(color));
                    GenServer.cast(other, new Change(state.color));
                    state.goToMall();
                }
                case Change(Color color) -> {
                    state.change(color);
                    state.goToMall();
                }
                case Stop() -> {
                    GenServer.cast(state.mall, new Count(state.meetings));
                    return CastResult.stop(ExitReason.NORMAL, state);
                }
            }
            return CastResult.noreply(state);
        }
    }
}
