package kv.nodes;

import io.genserver.Processes;
import io.genserver.cluster.Cluster;
import io.genserver.cluster.engine.Engine;
import io.genserver.cluster.engine.Member;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;
import java.util.function.Supplier;

/// Makes engines, and knows how many other nodes they have found. So a node can wait at its start
/// until it is connected with all of them, and a node that is alone need not wait.
final class Meeting implements Supplier<Engine> {

    private static final Duration AGAIN = Duration.ofMillis(10);

    private final Supplier<? extends Engine> engines;
    private volatile int others; // the engine writes it, the process that waits reads it

    Meeting(Supplier<? extends Engine> engines) {
        this.engines = engines;
    }

    /// Waits until this node is connected with all nodes that its engine has found.
    void await(Duration limit) {
        long start = Processes.monotonicTime();
        while (Cluster.nodes().size() < others
                && Processes.monotonicTime() - start < limit.toNanos()) {
            Processes.sleep(AGAIN);
        }
    }

    @Override
    public Engine get() {
        return new Watched(engines.get());
    }

    private final class Watched implements Engine {
        private final Engine engine;

        Watched(Engine engine) {
            this.engine = engine;
        }

        @Override
        public Member start(Handler handler) throws IOException {
            return engine.start(new Handler() {
                @Override
                public void members(Set<Member> members, Set<Member> merged) {
                    others = members.size();
                    handler.members(members, merged);
                }

                @Override
                public void received(Member from, byte[] frame) {
                    handler.received(from, frame);
                }
            });
        }

        @Override
        public void send(Member to, byte[] frame) throws InterruptedException {
            engine.send(to, frame);
        }

        @Override
        public void close() {
            engine.close();
        }
    }
}
