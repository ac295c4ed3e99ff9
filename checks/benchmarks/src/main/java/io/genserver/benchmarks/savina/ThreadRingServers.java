package io.genserver.benchmarks.savina;

import io.genserver.CastResult;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.StartOption;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// [ThreadRing] with servers.
final class ThreadRingServers {

    private sealed interface ToNode {}

    private record Next(Pid next) implements ToNode {}

    private record Token(int left, Pid starter) implements ToNode {}

    private record Stop(int left, int hops, Pid starter) implements ToNode {}

    private ThreadRingServers() {}

    static Integer run(StartOption... options) {
        List<Pid> all = new ArrayList<>();
        for (int i = 0; i < ThreadRing.SIZE; i++) {
            all.add(GenServer.startLink(Node::new, Ok.OK, options).pid());
        }
        for (int i = 0; i < ThreadRing.SIZE; i++) {
            GenServer.cast(all.get(i), new Next(all.get((i + 1) % ThreadRing.SIZE)));
        }
        GenServer.cast(all.getFirst(), new Token(ThreadRing.HOPS, Processes.self()));
        return Processes.receive(Integer.class);
    }

    private static final class Node implements GenServer<Ok, Node.NodeState, Object, ToNode> {

        static final class NodeState {
            private @Nullable Pid next;
            private int hops;

            private void pass(ToNode message) {
                if (next != null) {
                    GenServer.cast(next, message);
                }
            }
        }

        @Override
        public Init<NodeState> init(Ok ok) {
            return Init.ok(new NodeState());
        }

        @Override
        public CastResult<NodeState> handleCast(ToNode message, NodeState state) {
            switch (message) {
                case Next(Pid next) -> state.next = next;
                case Token(int left, Pid starter) -> {
                    if (left > 0) {
                        state.hops++;
                        state.pass(new Token(left - 1, starter));
                    } else {
                        state.pass(new Stop(ThreadRing.SIZE, 0, starter));
                    }
                }
                case Stop(int left, int hops, Pid starter) -> {
                    int sum = hops + state.hops;
                    if (left > 1) {
                        state.pass(new Stop(left - 1, sum, starter));
                    } else {
                        Processes.send(starter, sum);
                    }
                    return CastResult.stop(ExitReason.NORMAL, state);
                }
            }
            return CastResult.noreply(state);
        }
    }
}
