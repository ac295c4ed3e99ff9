package io.genserver.runtime;

import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.ServerRef;
import io.genserver.spi.distribution.Signal;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Stands for a process of another node. What is put into its mailbox becomes a [Signal] to that
/// node. It dies when the other node says that the process has ended, or when the connection is
/// lost, and its links and monitors then fire as those of any process. So nothing else in the
/// runtime has to know about other nodes.
///
/// It is never in the table of processes and never runs. There may be several for one process, but
/// only one of them has links and monitors: the one that is known to the [RemotePeer], see
/// [#watched].
///
/// ## Links
///
/// Each node has a link between its own process and what stands for the other one. When a process
/// ends, its node tells the other, where what stands for it dies. An unlink takes effect at once
/// here. Until the other node has acknowledged it, a link that it asks for is ignored, because it
/// was sent before the other node knew of the unlink. `unlinking` holds those processes.
final class RemoteProcess extends LocalProcess {

    private static final Logger log = LoggerFactory.getLogger(RemoteProcess.class);

    final RemotePeer peer;

    /// The process, or the name of one, on the other node.
    final ServerRef address;

    /// The number of the watch by name; 0 for none. Written before anybody else uses this process.
    long watchId;

    /// The numbers of this node's processes whose unlink is not acknowledged, with the number of
    /// the last unlink of each. Guarded by itself, as are all links and unlinks of this process.
    final Map<Long, Long> unlinking = new HashMap<>(2);

    private RemoteProcess(RemotePeer peer, RemotePid pid, ServerRef address) {
        super(peer.node(), new Outgoing(), pid);
        this.peer = peer;
        this.address = address;
        ((Outgoing) mailbox).process = this;
        pid.leadsTo(this);
    }

    /// Creates what stands for the process with a pid.
    static RemoteProcess of(RemotePeer peer, RemotePid pid) {
        return new RemoteProcess(peer, pid, pid);
    }

    /// Creates what stands for the process that has a name at the moment at which something arrives
    /// for it.
    static RemoteProcess named(RemotePeer peer, Name name) {
        return new RemoteProcess(peer, peer.pid(0), name);
    }

    /// Takes messages that nobody waits to get rid of, such as those of timers.
    private static final class Outgoing extends Mailbox {

        private @Nullable RemoteProcess process;

        @Override
        public boolean offer(Object message) {
            RemoteProcess to = process;
            if (to != null) {
                to.post(message);
            }
            return true;
        }
    }

    @Override
    String initialCall() {
        return "on " + peer.name();
    }

    @Override
    void startThread() {
        throw new AssertionError(describe() + " runs on another node");
    }

    // Messages

    @Override
    void send(Context context, Object message, long timeout) {
        if (message instanceof ReplySlot request) {
            submit(context, request, timeout);
            peer.remotes().calls.sweepFrom(node);
        } else {
            transmit(context, signal(message), timeout);
            taken(message);
        }
    }

    @Override
    void ask(Context context, ReplySlot request, long timeout) {
        LocalProcess self = context.process();
        if (self != null) {
            CallCycles.beginWait(context, self, this, request);
        }
        TimerWheel timers = LocalNode.current(context).timers;
        long start = timers.clock().nanoTime();
        long id = submit(context, request, timeout);
        try {
            request.waitsSince(start);
            request.await(context, timers, timeout);
        } finally {
            peer.remotes().calls.end(id);
        }
    }

    /// Sends a request and keeps it until it is answered.
    ///
    /// @return the number of the request
    private long submit(Context context, ReplySlot request, long timeout) {
        long id = peer.remotes().calls.begin(request, peer);
        boolean sent = false;
        try {
            sent = transmit(context, signal(id, request), timeout);
            if (!sent) {
                request.fail(ExitReason.TIMEOUT);
            }
        } finally {
            if (!sent) {
                peer.remotes().calls.forget(id);
            }
        }
        // The connection is marked as lost before the requests are failed that wait for it. So
        // either that finds this request, or this thread sees the mark.
        if (!peer.isConnected()) {
            peer.remotes().calls.forget(id);
            request.fail(new ExitReason.NodeDown(peer.name()));
        }
        return id;
    }

    /// Sends a signal, and waits while the way to the other node is busy.
    ///
    /// @param limit how long to wait at most; units: ns
    /// @return false if the time has passed
    private boolean transmit(Context context, Signal signal, long limit) {
        if (peer.connection.send(signal, 0)) {
            return true;
        }
        Clock clock = node.timers.clock();
        long start = clock.nanoTime();
        context.beforeWait();
        while (true) {
            long left = limit == TimeUnits.FOREVER ? limit : limit - (clock.nanoTime() - start);
            try {
                return peer.connection.send(signal, Math.max(0, left));
            } catch (ExitException interrupted) {
                if (!context.putOffInterrupt()) {
                    context.aliveOrNull(); // a death is the better reason
                    throw interrupted;
                }
            }
        }
    }

    /// Sends a message without waiting. Nobody can be told if it cannot be encoded.
    private void post(Object message) {
        try {
            peer.connection.post(signal(message));
            taken(message);
        } catch (IllegalArgumentException notEncoded) {
            log.error("cannot send to {}", address, notEncoded);
            Object content = Envelope.content(message);
            node.deadLetters.noReceiver(address, content == null ? message : content);
        }
    }

    private static void taken(Object message) {
        if (message instanceof Envelope.UserMessage mine) {
            mine.taken();
        }
    }

    private Signal signal(Object message) {
        return switch (message) {
            case Envelope.Cast cast ->
                    new Signal.Cast(
                            address, cast.sender, cast.request, MessageContext.log(cast.context));
            case Envelope.UserMessage mine ->
                    new Signal.Send(address, mine.message, MessageContext.log(mine.context));
            default -> new Signal.Send(address, message, null);
        };
    }

    private Signal.Request signal(long id, ReplySlot request) {
        Pid from = request.callerPid();
        return switch (request) {
            case ReplySlot.Stop stop -> new Signal.Stop(id, address, from, stop.reason);
            case ReplySlot.SystemCall system ->
                    new Signal.SystemCall(id, address, from, system.request);
            default ->
                    new Signal.Call(
                            id,
                            address,
                            from,
                            request.request(),
                            MessageContext.log(request.context));
        };
    }

    // Signals

    @Override
    void exitSignal(Pid from, ExitReason reason) {
        peer.connection.post(new Signal.Exit(from, pid, reason));
    }

    /// The other node learns of the end of a process because it watches it.
    @Override
    synchronized boolean linkBroken(LifeCycle other, ExitReason reason, List<LifeCycle> receivers) {
        dropLink(other);
        return false;
    }

    @Override
    RemoteProcess watched() {
        return address instanceof Name name ? peer.watch(this, name) : peer.watch(pid);
    }

    @Override
    ExitReason goneReason() {
        return peer.isConnected() ? ExitReason.NOPROC : ExitReason.NOCONNECTION;
    }

    @Override
    synchronized void forgetMonitor(Monitor monitor) {
        super.forgetMonitor(monitor);
        if (address instanceof Name && !isDead()) { // nobody else uses it
            peer.unwatch(this);
        }
    }

    /// Links a process of this node to this one.
    ///
    /// @return false if this one is dead
    boolean linkFrom(LocalProcess self) {
        synchronized (unlinking) {
            if (!link(self, this)) {
                return false;
            }
            // The link first: the news that this process has ended must find it.
            peer.connection.post(new Signal.Link(self.pid, pid));
            if (!peer.remotes().export(self).watchFor(peer)) {
                ExitReason died = self.exitReason();
                peer.connection.post(
                        new Signal.Ended(self.pid, died == null ? ExitReason.NOPROC : died));
            }
            return true;
        }
    }

    /// Does what the other node has done: links this process to one of this node.
    void linkTo(LocalProcess own) {
        synchronized (unlinking) {
            if (!unlinking.containsKey(own.pid.number())) {
                link(own, this);
            }
        }
    }

    /// Removes the link of a process of this node.
    void unlinkFrom(LocalProcess self) {
        RemoteProcess linked = peer.watched(pid);
        if (linked != null) {
            linked.removeLinkFrom(self);
        }
    }

    private void removeLinkFrom(LocalProcess self) {
        synchronized (unlinking) {
            if (unlink(self, this)) {
                long id = peer.remotes().nextId();
                unlinking.put(self.pid.number(), id);
                peer.connection.post(new Signal.Unlink(id, self.pid, pid));
            }
        }
    }

    /// Does what the other node has done: removes the link to a process of this node.
    void unlinkTo(LocalProcess own) {
        synchronized (unlinking) {
            unlink(own, this);
        }
    }

    /// The other node has acknowledged an unlink.
    ///
    /// @param own the number of the process of this node, which may be dead
    void unlinked(long own, long id) {
        synchronized (unlinking) {
            unlinking.remove(own, id);
        }
    }
}
