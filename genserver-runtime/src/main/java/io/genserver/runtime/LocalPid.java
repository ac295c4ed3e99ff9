package io.genserver.runtime;

import org.jspecify.annotations.Nullable;

/// The pid of a process of this JVM. It forgets the process when the process dies, so a pid that is
/// kept for ever costs only its own few bytes.
final class LocalPid extends ProcessPid {

    /// The [LocalProcess], or its [LocalNode] once it is dead. Written before the pid is shared,
    /// and once more by the thread that ends the process; read by any thread. There is one field
    /// for both, because a second one would cost every process eight bytes.
    private volatile Object processOrNode;

    LocalPid(LocalProcess process, LocalNode node) {
        super(node.nextPid());
        this.processOrNode = process;
    }

    private LocalPid(long number, LocalNode node) {
        super(number);
        this.processOrNode = node;
    }

    /// Returns a pid that no process of the node ever has: `#PID<0.0.0>` on the default node.
    static LocalPid ofNobody(LocalNode node) {
        return new LocalPid(0, node);
    }

    /// Returns the pid of a process of the node that is dead.
    static LocalPid ofDead(long number, LocalNode node) {
        return new LocalPid(number, node);
    }

    @Override
    @Nullable LocalProcess process() {
        return processOrNode instanceof LocalProcess process ? process : null;
    }

    @Override
    void forgetProcess() {
        processOrNode = localNode();
    }

    LocalNode localNode() {
        return processOrNode instanceof LocalProcess process
                ? process.node
                : (LocalNode) processOrNode;
    }

    @Override
    public String node() {
        return localNode().name();
    }

    @Override
    public long incarnation() {
        return localNode().incarnation();
    }

    @Override
    protected long nodeNumber() {
        return localNode().serial();
    }
}
