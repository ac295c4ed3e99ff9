package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.spi.distribution.Signal;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// A process of this node that other nodes may know. It is listed with the [Remotes] until it ends.
final class ExportedProcess extends ExitListener {

    private final Remotes remotes;
    private final ProcessPid process;

    /// The nodes that watch it. Guarded.
    private final Set<RemotePeer> watchers = new HashSet<>(2);

    /// Guarded.
    private boolean ended;

    ExportedProcess(Remotes remotes, ProcessPid process) {
        super(remotes.node, process, process);
        this.remotes = remotes;
        this.process = process;
    }

    ProcessPid pid() {
        return process;
    }

    /// Tells a node when the process ends. If it has ended, tells that at once.
    void watchFor(RemotePeer peer) {
        synchronized (this) {
            if (!ended) {
                watchers.add(peer);
                return;
            }
        }
        peer.connection.post(new Signal.Ended(process, ExitReason.NOPROC));
    }

    /// Forgets a node that was lost.
    synchronized void forgetPeer(RemotePeer peer) {
        watchers.remove(peer);
    }

    @Override
    boolean isOfUser() {
        return false;
    }

    @Override
    void exited(ExitReason reason) {
        List<RemotePeer> told;
        synchronized (this) {
            ended = true;
            told = List.copyOf(watchers);
        }
        for (RemotePeer peer : told) {
            peer.connection.post(new Signal.Ended(process, reason));
            forgetPeer(peer); // last, because memory may run out before
        }
        remotes.ended(this);
    }
}
