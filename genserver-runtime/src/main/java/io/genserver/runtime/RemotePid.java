package io.genserver.runtime;

import org.jspecify.annotations.Nullable;

/// The pid of a process on another node of the cluster, or of an earlier incarnation of this one.
/// It is made anew for each message that it comes in, and leads to the process whenever that node
/// is connected.
final class RemotePid extends ProcessPid {

    final Remotes remotes;
    private final String node;
    private final long incarnation;

    /// What stood for the process last. Races OK: at worst two threads make one each.
    private volatile @Nullable RemoteProcess known;

    RemotePid(Remotes remotes, String node, long incarnation, long number) {
        super(number);
        this.remotes = remotes;
        this.node = node;
        this.incarnation = incarnation;
    }

    @Override
    @Nullable LocalProcess process() {
        RemoteProcess process = known;
        if (process != null && !process.isDead() && process.peer.isConnected()) {
            return process;
        }
        RemotePeer peer = remotes.peer(node);
        if (peer == null || peer.incarnation() != incarnation) {
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
        return remotes.numberOf(node);
    }
}
