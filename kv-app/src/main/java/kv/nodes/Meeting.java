package kv.nodes;

import io.genserver.Processes;
import io.genserver.cluster.Cluster;
import io.genserver.cluster.engine.Engine;
import io.genserver.cluster.engine.Member;
import java.io.IOException;
import java.time.Duration;
import java.util.Set;

/// An engine that knows how many other nodes it has found. So a node can wait at its start until it
/// is connected with all of them, and a node that is alone need not wait.
final class Meeting implements Engine {

    private static final Duration AGAIN = Duration.ofMillis(10);

    private final Engine engine;
    private volatile int others; // the engine writes it, the thread that waits reads it

    Meeting(Engine engine) {
        this.engine = engine;
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
    public Member start(Handler handler) throws IOException {
        return engine.start(
                new Handler() {
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
    public void renew(Member member) {
        engine.renew(member);
    }

    @Override
    public void close() {
        engine.close();
    }
}
