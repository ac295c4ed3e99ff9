package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.Ref;
import io.genserver.ServerRef;
import io.genserver.spi.NodeBase;
import io.genserver.spi.distribution.Connection;
import io.genserver.spi.distribution.Distribution;
import io.genserver.spi.distribution.Peer;
import io.genserver.spi.distribution.Signal;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Two nodes that are connected without a network. Signals cross in order, on one thread for each
/// direction; pids, references and callers in them are those of the node that gets them. All other
/// values cross as they are.
final class DirectWire implements AutoCloseable {

    private static final AtomicLong INCARNATION = new AtomicLong(1L << 40);

    /// One node.
    static final class End {
        final Node node;
        final Distribution part;
        private final ExecutorService arrivals = Executors.newSingleThreadExecutor();
        private @Nullable Peer peer;
        private volatile @Nullable ExitReason broken;
        private volatile @Nullable AtomicInteger lost;

        /// Makes sending a reason fail, as it does if the reason cannot be encoded.
        void breakOn(ExitReason reason) {
            broken = reason;
        }

        /// Loses all signals that arrive from now on.
        ///
        /// @return how many it has lost
        AtomicInteger loseSignals() {
            AtomicInteger count = new AtomicInteger();
            lost = count;
            return count;
        }

        private End(String name) {
            node = Node.start(name + "-" + INCARNATION.incrementAndGet());
            part = ((NodeBase) node).distribute(node.name(), INCARNATION.incrementAndGet());
        }

        /// Another start of the same node.
        private End(End before) {
            node = before.node;
            part = ((NodeBase) node).distribute(node.name(), INCARNATION.incrementAndGet());
        }

        private void connect(End other, AtomicBoolean up) {
            peer = part.connected(other.node.name(), incarnation(other), new Way(this, other, up));
        }
    }

    private static long incarnation(End end) {
        return ((LocalNode) end.node).incarnation();
    }

    /// The way from one node to the other.
    private static final class Way implements Connection {
        private final End from;
        private final End to;
        private final AtomicBoolean up;

        Way(End from, End to, AtomicBoolean up) {
            this.from = from;
            this.to = to;
            this.up = up;
        }

        @Override
        public boolean send(Signal signal, long limit) {
            post(signal);
            return true;
        }

        @Override
        public void post(Signal signal) {
            if (signal instanceof Signal.Ended(var _, ExitReason reason)
                    && reason.equals(from.broken)) {
                throw new StackOverflowError("on purpose");
            }
            Signal wire = new Crossing(from.part, to.part).of(signal);
            to.arrivals.execute(() -> {
                Peer peer = to.peer;
                AtomicInteger lost = to.lost;
                if (lost != null) {
                    lost.incrementAndGet();
                } else if (up.get() && peer != null) {
                    peer.receive(wire);
                }
            });
        }
    }

    /// Translates what one node says for the other.
    private record Crossing(Distribution from, Distribution to) {

        Pid pid(Pid pid) {
            return to.pid(from.address(pid));
        }

        @Nullable Pid pidOrNull(@Nullable Pid pid) {
            return pid == null ? null : pid(pid);
        }

        ServerRef ref(ServerRef ref) {
            return ref instanceof Pid pid ? pid(pid) : ref;
        }

        @Nullable Object content(@Nullable Object value) {
            return switch (value) {
                case Pid pid -> pid(pid);
                case From caller ->
                        to.from(from.address(caller), pidOrNull(caller.pid().orElse(null)));
                case Ref ref -> to.ref(from.address(ref));
                case List<?> list -> list.stream().map(this::content).toList();
                case null, default -> value;
            };
        }

        Object message(Object value) {
            Object crossed = content(value);
            return crossed == null ? value : crossed;
        }

        Signal of(Signal signal) {
            return switch (signal) {
                case Signal.Send(var receiver, var message, var log) ->
                        new Signal.Send(ref(receiver), message(message), log);
                case Signal.SendToAlias(var alias, var message) ->
                        new Signal.SendToAlias(to.ref(from.address(alias)), message(message));
                case Signal.Cast(var receiver, var sender, var request, var log) ->
                        new Signal.Cast(ref(receiver), pidOrNull(sender), message(request), log);
                case Signal.Call(var id, var server, var caller, var request, var log) ->
                        new Signal.Call(id, ref(server), pidOrNull(caller), message(request), log);
                case Signal.Stop(var id, var server, var caller, var reason) ->
                        new Signal.Stop(id, ref(server), pidOrNull(caller), reason);
                case Signal.SystemCall(var id, var server, var caller, var request) ->
                        new Signal.SystemCall(id, ref(server), pidOrNull(caller), request);
                case Signal.ProcessInfoOf(var id, var process) ->
                        new Signal.ProcessInfoOf(id, pid(process));
                case Signal.Reply(var id, var reply) -> new Signal.Reply(id, content(reply));
                case Signal.Watch(var process) -> new Signal.Watch(pid(process));
                case Signal.Ended(var process, var reason) ->
                        new Signal.Ended(pid(process), reason);
                case Signal.Link(var one, var other) -> new Signal.Link(pid(one), pid(other));
                case Signal.Unlink(var id, var one, var other) ->
                        new Signal.Unlink(id, pid(one), pid(other));
                case Signal.UnlinkAck(var id, var one, var other) ->
                        new Signal.UnlinkAck(id, pid(one), pid(other));
                case Signal.Exit(var one, var other, var reason) ->
                        new Signal.Exit(pid(one), pid(other), reason);
                case Signal.Failed _,
                        Signal.Abandon _,
                        Signal.Whereis _,
                        Signal.WatchName _,
                        Signal.UnwatchName _,
                        Signal.NamedEnded _ ->
                        signal;
            };
        }
    }

    End a;
    End b;
    private AtomicBoolean up = new AtomicBoolean();
    private CountDownLatch gate = new CountDownLatch(0);

    DirectWire() {
        a = new End("a");
        b = new End("b");
    }

    /// Connects the nodes.
    DirectWire connect() {
        up = new AtomicBoolean(true);
        a.connect(b, up);
        b.connect(a, up);
        return this;
    }

    /// Loses the connection. What is on its way is lost. Returns when both nodes know.
    void cut() {
        up.set(false);
        for (End end : List.of(a, b)) {
            join(
                    end,
                    () -> {
                        Peer peer = end.peer;
                        end.peer = null;
                        if (peer != null) {
                            peer.disconnected();
                        }
                    });
        }
    }

    /// Starts the second node once more, under its name. The nodes must not be connected.
    void restartB() {
        b.part.close();
        b = new End(b);
    }

    /// Starts the first node once more, under its name. The nodes must not be connected.
    void restartA() {
        a.part.close();
        a = new End(a);
    }

    /// Holds up what is on its way to the first node.
    void pause() {
        CountDownLatch wait = new CountDownLatch(1);
        gate = wait;
        a.arrivals.execute(() -> {
            try {
                wait.await();
            } catch (InterruptedException closed) {
                Thread.currentThread().interrupt();
            }
        });
    }

    /// Ends a [#pause].
    void resume() {
        gate.countDown();
    }

    /// Waits until what was sent before has arrived.
    void settle() {
        join(a, () -> {});
        join(b, () -> {});
        join(a, () -> {});
    }

    private static void join(End end, Runnable body) {
        try {
            end.arrivals.submit(body).get();
        } catch (Exception failed) {
            throw new AssertionError(failed);
        }
    }

    /// Returns a pid of one node as the other one knows it.
    Pid seenFromA(Pid pidOfB) {
        return a.part.pid(b.part.address(pidOfB));
    }

    @Override
    public void close() {
        resume();
        if (up.get()) {
            cut();
        }
        for (End end : List.of(a, b)) {
            end.part.close();
            end.node.close();
            end.arrivals.close();
        }
    }
}
