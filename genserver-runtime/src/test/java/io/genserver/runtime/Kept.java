package io.genserver.runtime;

import io.genserver.spi.distribution.Distribution;

/// What a node keeps for others. It has to go when it is over, because it would never go otherwise.
final class Kept {

    private Kept() {}

    /// Returns how much is kept of processes of both sides and of requests.
    static int all(Distribution part) {
        Remotes remotes = (Remotes) part;
        return remotes.exported.size()
                + remotes.calls.waiting.size()
                + remotes.peers.values().stream().mapToInt(Kept::of).sum();
    }

    private static int of(RemotePeer peer) {
        return peer.watched.size()
                + peer.watchedNames.size()
                + peer.namedWatches.size()
                + peer.asked.size();
    }

    /// Returns how many references are kept.
    static int refs(Distribution part) {
        return ((Remotes) part).refs.size();
    }

    /// Returns how many requests of other nodes are not answered.
    static int requests(Distribution part) {
        return ((Remotes) part).peers.values().stream().mapToInt(peer -> peer.asked.size()).sum();
    }

    /// Returns how many unlinks of a process are not acknowledged.
    static int unlinks(RemoteProcess process) {
        synchronized (process.unlinking) {
            return process.unlinking.size();
        }
    }
}
