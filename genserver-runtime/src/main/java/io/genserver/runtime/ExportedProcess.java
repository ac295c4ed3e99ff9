package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.spi.distribution.Signal;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A process of this node that other nodes may know. It is listed with the [Remotes] until it ends.
final class ExportedProcess extends ExitListener {

    private static final Logger log = LoggerFactory.getLogger(ExportedProcess.class);

    /// Stands for a reason that cannot cross.
    private static final ExitReason NOT_ENCODED = ExitReason.of("a reason that cannot cross");

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

    /// Tells a node when the process ends.
    ///
    /// @return false if it has ended, so that nothing will be told
    synchronized boolean watchFor(RemotePeer peer) {
        if (!ended) {
            watchers.add(peer);
        }
        return !ended;
    }

    /// Forgets a node that was lost.
    synchronized void forgetPeer(RemotePeer peer) {
        watchers.remove(peer);
    }

    /// Tells a node. What is wrong with the reason must not keep others from being told.
    private void tell(RemotePeer peer, ExitReason reason) {
        try {
            peer.connection.post(new Signal.Ended(process, reason));
        } catch (RuntimeException | StackOverflowError notEncoded) {
            log.error("cannot tell {} why {} has ended", peer, process, notEncoded);
            peer.connection.post(new Signal.Ended(process, NOT_ENCODED));
        }
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
        StackRoom.require(); // what fails after this has its cause in the reason
        for (RemotePeer peer : told) {
            tell(peer, reason);
            forgetPeer(peer); // last, because memory may run out before
        }
        remotes.ended(this);
    }
}
