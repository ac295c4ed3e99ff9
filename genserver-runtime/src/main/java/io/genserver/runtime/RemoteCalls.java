package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.spi.distribution.Signal;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// The requests of this node that other nodes may answer. Any thread.
///
/// A caller that waits takes its request out itself. The requests of futures and those whose
/// response is taken later are looked at once a second, because they may have timed out.
final class RemoteCalls implements PeriodicSweep.Member {

    /// @param slot the request
    /// @param peer the node that was asked; null for a request of this node whose
    ///   [io.genserver.From] has gone to another one
    record Waiting(ReplySlot slot, @Nullable RemotePeer peer) {}

    final ConcurrentMap<Long, Waiting> waiting = new ConcurrentHashMap<>();
    private final Remotes remotes;
    private final AtomicBoolean swept = new AtomicBoolean();

    RemoteCalls(Remotes remotes) {
        this.remotes = remotes;
    }

    /// Keeps a request.
    ///
    /// @return the number by which its answer finds it
    long begin(ReplySlot slot, @Nullable RemotePeer peer) {
        long id = remotes.nextId();
        waiting.put(id, new Waiting(slot, peer));
        return id;
    }

    /// Has the requests be looked at once a second as long as there are any.
    void sweepFrom(LocalNode node) {
        if (swept.compareAndSet(false, true)) {
            node.sweep.join(this);
        }
    }

    /// Returns a request that still waits.
    @Nullable ReplySlot find(long id) {
        Waiting found = waiting.get(id);
        return found == null ? null : found.slot();
    }

    void forget(long id) {
        waiting.remove(id);
    }

    /// Ends the wait for a request. The other node is told if it has not answered.
    void end(long id) {
        Waiting ended = waiting.remove(id);
        if (ended != null && ended.peer() != null) {
            ended.peer().connection.post(new Signal.Abandon(id));
        }
    }

    /// Handles a reply. One that comes too late is dropped. If another node was asked, that one
    /// still waits for its server, and is told.
    void replied(RemotePeer from, long id, @Nullable Object reply) {
        Waiting asked = waiting.remove(id);
        if (asked != null) {
            asked.slot().reply(reply);
            if (asked.peer() != null && asked.peer() != from) {
                asked.peer().connection.post(new Signal.Abandon(id));
            }
        }
    }

    /// Handles a failure.
    void failed(long id, ExitReason reason, boolean unhandled) {
        Waiting asked = waiting.remove(id);
        if (asked != null) {
            asked.slot().unhandled = unhandled;
            asked.slot().fail(reason);
        }
    }

    /// Fails the requests that wait for a node.
    void lost(RemotePeer peer) {
        waiting.forEach((id, asked) -> {
            if (asked.peer() == peer) {
                failed(id, new ExitReason.NodeDown(peer.name()), false);
            }
        });
    }

    @Override
    public boolean look() {
        waiting.forEach((id, asked) -> {
            if (asked.slot().isAnswered()) {
                end(id);
            }
        });
        if (!waiting.isEmpty()) {
            return false;
        }
        swept.set(false);
        // Whoever has begun a request in between either saw the mark taken back, or is seen here.
        return waiting.isEmpty() || !swept.compareAndSet(false, true);
    }
}
