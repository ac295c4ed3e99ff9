package io.genserver.runtime;

import io.genserver.ExitReason;
import org.jspecify.annotations.Nullable;

/// The pid of a process on another node of the cluster, or of an earlier incarnation of this one.
/// It is made anew for each message that it comes in, and leads to the process whenever that node
/// is connected.
final class RemotePid extends ProcessPid {

    /// The node of this JVM that knows it.
    private final LocalNode home;

    private final String node;
    private final long incarnation;

    /// What stood for the process last. Races OK: at worst two threads make one each.
    private volatile @Nullable RemoteProcess known;

    RemotePid(LocalNode home, String node, long incarnation, long number) {
        super(number);
        this.home = home;
        this.node = node;
        this.incarnation = incarnation;
    }

    @Override
    @Nullable LocalProcess process() {
        RemoteProcess process = known;
        if (process != null && !process.isDead() && process.peer.isConnected()) {
            return process;
        }
        Remotes remotes = home.remotes();
        RemotePeer peer = remotes == null ? null : remotes.peer(node, incarnation);
        if (peer == null) {
            return null;
        }
        process = peer.process(this);
        known = process;
        return process;
    }

    /// Makes the pid lead to what stands for its process.
    void leadsTo(RemoteProcess process) {
        known = process;
    }

    /// Returns why the pid does not lead to a process.
    ExitReason absence() {
        Remotes remotes = home.remotes();
        return remotes == null ? ExitReason.NOCONNECTION : remotes.absence(node, incarnation);
    }

    @Override
    void forgetProcess() {
        known = null;
    }

    @Override
    public String node() {
        return node;
    }

    @Override
    public long incarnation() {
        return incarnation;
    }

    @Override
    protected long nodeNumber() {
        return LocalNode.numberOf(node);
    }
}
