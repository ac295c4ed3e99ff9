package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.ProcessInfo;
import io.genserver.Ref;
import io.genserver.ServerRef;
import io.genserver.spi.distribution.Address;
import io.genserver.spi.distribution.Connection;
import io.genserver.spi.distribution.Peer;
import io.genserver.spi.distribution.Signal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/// Another node while it is connected: what it has told this node, and what this node knows of its
/// processes.
///
/// ## Why a monitor always fires
///
/// A process of the other node that has links or monitors here is in `watched`. The entry is made
/// with the signal that asks the other node to watch. [#disconnected] first takes back `connected`,
/// then ends all entries. A thread that makes an entry does so first and then reads `connected`. So
/// either [#disconnected] finds the entry, or that thread ends it.
final class RemotePeer implements Peer {

    private final Remotes remotes;
    private final String name;
    private final long incarnation;
    final Connection connection;

    private volatile boolean connected = true;

    /// What stands for the processes that this node watches, by number.
    final ConcurrentMap<Long, RemoteProcess> watched = new ConcurrentHashMap<>();

    /// What stands for the processes that this node watches by name, by the number of the watch.
    final ConcurrentMap<Long, RemoteProcess> watchedNames = new ConcurrentHashMap<>();

    /// The watches by name that the other node has set here, by their number.
    final ConcurrentMap<Long, NamedWatch> namedWatches = new ConcurrentHashMap<>();

    /// The requests of the other node that are not answered, by their number.
    final ConcurrentMap<Long, ReplySlot> asked = new ConcurrentHashMap<>();

    RemotePeer(Remotes remotes, String name, long incarnation, Connection connection) {
        this.remotes = remotes;
        this.name = name;
        this.incarnation = incarnation;
        this.connection = connection;
    }

    Remotes remotes() {
        return remotes;
    }

    LocalNode node() {
        return remotes.node;
    }

    String name() {
        return name;
    }

    long incarnation() {
        return incarnation;
    }

    boolean isConnected() {
        return connected;
    }

    RemotePid pid(long number) {
        return new RemotePid(node(), name, incarnation, number);
    }

    // What this node knows of the other

    /// Returns what stands for a process of the other node.
    RemoteProcess process(RemotePid pid) {
        RemoteProcess known = watched.get(pid.number());
        return known == null ? RemoteProcess.of(this, pid) : known;
    }

    /// Returns what stands for a process of the other node if it may have links here; else null.
    @Nullable RemoteProcess watched(Pid pid) {
        return watched.get(((RemotePid) pid).number());
    }

    /// Returns what stands for a process of the other node, which watches it from now on. The
    /// signal is sent before anybody else can use the result, so that it arrives before what they
    /// send.
    RemoteProcess watch(Pid pid) {
        return entered(
                watched.computeIfAbsent(
                        ((RemotePid) pid).number(),
                        number -> {
                            connection.post(new Signal.Watch(pid));
                            return RemoteProcess.of(this, pid(number));
                        }));
    }

    /// Has the other node watch the process that has a name now. Nobody else uses the result.
    RemoteProcess watch(RemoteProcess named, Name wanted) {
        long id = remotes.nextId();
        watchedNames.put(id, named);
        named.watchId = id;
        connection.post(new Signal.WatchName(id, wanted.name()));
        return entered(named);
    }

    private RemoteProcess entered(RemoteProcess process) {
        if (!connected) {
            process.die(ExitReason.NOCONNECTION);
        }
        return process;
    }

    /// Ends a watch by name.
    void unwatch(RemoteProcess named) {
        if (watchedNames.remove(named.watchId) != null) {
            connection.post(new Signal.UnwatchName(named.watchId));
        }
    }

    // What the other node says

    @Override
    public void receive(Signal signal) {
        Threads.runUndisturbed(() -> handle(signal));
    }

    private void handle(Signal signal) {
        switch (signal) {
            case Signal.Send send -> deliver(send.to(), send.message(), send.logContext());
            case Signal.SendToAlias(Ref to, Object message) -> deliverThrough(to, message);
            case Signal.Cast cast -> cast(cast);
            case Signal.Request request -> ask(request);
            case Signal.Whereis(long id, String wanted) ->
                    connection.post(new Signal.Reply(id, whereis(wanted)));
            case Signal.ProcessInfoOf(long id, Pid process) ->
                    connection.post(new Signal.Reply(id, info(process)));
            case Signal.Reply(long id, Object reply) -> remotes.calls.replied(this, id, reply);
            case Signal.Failed failed ->
                    remotes.calls.failed(failed.id(), failed.reason(), failed.unhandled());
            case Signal.Abandon(long id) -> abandon(id);
            case Signal.Watch(Pid process) -> watchOwn(process);
            case Signal.WatchName(long id, String wanted) -> watchOwn(id, wanted);
            case Signal.UnwatchName(long id) -> unwatchOwn(id);
            case Signal.Ended(Pid process, ExitReason reason) -> ended(process, reason);
            case Signal.NamedEnded(long id, ExitReason reason) ->
                    end(watchedNames.remove(id), reason);
            case Signal.Link(Pid from, Pid to) -> linkOwn(from, to);
            case Signal.Unlink(long id, Pid from, Pid to) -> unlinkOwn(id, from, to);
            case Signal.UnlinkAck(long id, Pid from, Pid to) -> unlinked(id, from, to);
            case Signal.Exit(Pid from, Pid to, ExitReason reason) -> {
                LocalProcess receiver = remotes.own(to);
                if (receiver != null) {
                    receiver.exitSignal(from, reason);
                }
            }
        }
    }

    private void deliver(ServerRef to, Object message, @Nullable Map<String, String> logContext) {
        LocalProcess receiver = remotes.own(to);
        if (receiver == null) {
            node().deadLetters.noReceiver(to, message);
            return;
        }
        boolean plain = logContext == null && !(message instanceof Envelope);
        Admission.sendWithoutWaiting(
                receiver, plain ? message : new Envelope.UserMessage(message, logContext));
    }

    private void deliverThrough(Ref to, Object message) {
        if (to instanceof Alias alias && alias.isAlias()) {
            LocalProcess receiver = alias.owner.process();
            if (receiver == null || !receiver.deliverThrough(alias, message)) {
                node().deadLetters.inactiveAlias(alias.owner, message);
            }
        }
    }

    private void cast(Signal.Cast cast) {
        LocalProcess receiver = remotes.own(cast.to());
        if (receiver == null) {
            node().deadLetters.noReceiver(cast.to(), cast.request());
            return;
        }
        Admission.sendWithoutWaiting(
                receiver,
                new Envelope.Cast(cast.request(), (ProcessPid) cast.from(), cast.logContext()));
    }

    private void ask(Signal.Request request) {
        RemoteRequest.ReturnPath path =
                new RemoteRequest.ReturnPath(remotes, new Address(name, incarnation, request.id()));
        ProcessPid from = (ProcessPid) request.from();
        ReplySlot slot =
                switch (request) {
                    case Signal.Call call ->
                            new RemoteRequest.OfCall(path, from, call.request(), call.logContext());
                    case Signal.Stop stop -> new RemoteRequest.OfStop(path, from, stop.reason());
                    case Signal.SystemCall system ->
                            new RemoteRequest.OfSystem(path, from, system.request());
                };
        LocalProcess receiver = remotes.own(request.to());
        if (receiver == null) {
            slot.unhandled = true;
            slot.fail(ExitReason.NOPROC);
            return;
        }
        asked.put(request.id(), slot);
        Admission.sendWithoutWaiting(receiver, slot);
    }

    /// Forgets a request of the other node, which has been answered.
    void answered(long id) {
        asked.remove(id);
    }

    private void abandon(long id) {
        ReplySlot slot = asked.remove(id);
        if (slot != null) {
            slot.fail(ExitReason.TIMEOUT); // the server can see that nobody waits
        }
    }

    private @Nullable Pid whereis(String wanted) {
        LocalProcess process = node().names.whereis(wanted);
        return process == null ? null : process.pid;
    }

    private @Nullable ProcessInfo info(Pid process) {
        LocalProcess own = remotes.own(process);
        return own == null ? null : own.info().orElse(null);
    }

    // Monitors

    private void watchOwn(Pid process) {
        LocalProcess own = remotes.own(process);
        if (own == null) {
            connection.post(new Signal.Ended(process, ExitReason.NOPROC));
        } else {
            watchOwn(own);
        }
    }

    private void watchOwn(LocalProcess own) {
        if (!remotes.export(own).watchFor(this)) {
            connection.post(new Signal.Ended(own.pid, ExitReason.NOPROC));
        }
    }

    /// A watch by name that the other node has set.
    final class NamedWatch extends ExitListener {

        private final long id;

        private NamedWatch(long id, LocalProcess process) {
            super(RemotePeer.this.node(), process.pid, process.pid);
            this.id = id;
        }

        @Override
        boolean isOfUser() {
            return false;
        }

        @Override
        void exited(ExitReason reason) {
            if (namedWatches.remove(id) != null) {
                connection.post(new Signal.NamedEnded(id, reason));
            }
        }
    }

    private void watchOwn(long id, String wanted) {
        LocalProcess own = node().names.whereis(wanted);
        if (own != null) {
            NamedWatch watch = new NamedWatch(id, own);
            namedWatches.put(id, watch);
            if (own.addWatcher(watch)) {
                return;
            }
            namedWatches.remove(id);
        }
        connection.post(new Signal.NamedEnded(id, ExitReason.NOPROC));
    }

    private void unwatchOwn(long id) {
        NamedWatch watch = namedWatches.remove(id);
        if (watch != null) {
            LifeCycle.forget(watch);
        }
    }

    private void ended(Pid process, ExitReason reason) {
        if (process instanceof RemotePid remote) {
            end(watched.remove(remote.number()), reason);
        }
    }

    private static void end(@Nullable RemoteProcess process, ExitReason reason) {
        if (process != null) {
            process.die(reason);
        }
    }

    // Links

    private void linkOwn(Pid from, Pid to) {
        LocalProcess own = remotes.own(to);
        if (own == null) {
            connection.post(new Signal.Ended(to, ExitReason.NOPROC));
            return;
        }
        watchOwn(own);
        if (from instanceof RemotePid remote) {
            entered(watched.computeIfAbsent(remote.number(), n -> RemoteProcess.of(this, pid(n))))
                    .linkTo(own);
        }
    }

    private void unlinkOwn(long id, Pid from, Pid to) {
        LocalProcess own = remotes.own(to);
        RemoteProcess other =
                from instanceof RemotePid remote ? watched.get(remote.number()) : null;
        if (own != null && other != null) {
            other.unlinkTo(own);
        }
        connection.post(new Signal.UnlinkAck(id, to, from));
    }

    private void unlinked(long id, Pid from, Pid to) {
        RemoteProcess other =
                from instanceof RemotePid remote ? watched.get(remote.number()) : null;
        if (other != null) {
            other.unlinked(((ProcessPid) to).number(), id);
        }
    }

    // The end

    @Override
    public void disconnected() {
        Threads.runUndisturbed(this::lose);
    }

    private void lose() {
        connected = false;
        remotes.lost(this);
        List<RemoteProcess> all = new ArrayList<>(watched.values());
        all.addAll(watchedNames.values());
        all.forEach(process -> process.die(ExitReason.NOCONNECTION));
        remotes.calls.lost(this);
        namedWatches.keySet().forEach(this::unwatchOwn);
        asked.keySet().forEach(this::abandon);
    }

    @Override
    public String toString() {
        return "Peer[" + Objects.requireNonNull(name) + "]";
    }
}
