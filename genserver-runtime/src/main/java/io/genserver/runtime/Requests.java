package io.genserver.runtime;

import io.genserver.CallException;
import io.genserver.Caller;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.MultiCall;
import io.genserver.Pid;
import io.genserver.RemoteName;
import io.genserver.RequestId;
import io.genserver.ServerRef;
import io.genserver.Via;
import io.genserver.runtime.SentRequest.Answer;
import io.genserver.spi.Machine.Event;
import io.genserver.spi.SystemRequest;
import io.genserver.spi.distribution.Signal;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// Sends the requests of clients: calls, casts, stops, system requests, and requests whose response
/// is taken later.
final class Requests {

    /// How long to wait for another node's answer about a process. Units: ns
    private static final long ANSWERED_WITHIN = 5_000_000_000L;

    private Requests() {}

    // Waiting for the answer

    static @Nullable Object call(ServerRef server, Object request, Duration timeout) {
        Objects.requireNonNull(request, "request");
        Context context = Context.get();
        LocalProcess self = context.aliveOrNull();
        long limit = TimeUnits.nanos("a call's timeout", timeout);
        TurnListeners listeners = TurnListeners.active;
        return listeners == null || !listeners.seeCalls
                ? call(context, self, server, request, limit, null)
                : observedCall(listeners, context, self, server, request, limit);
    }

    private static @Nullable Object call(
            Context context,
            @Nullable LocalProcess self,
            ServerRef server,
            Object request,
            long timeout,
            @Nullable Asked asked) {
        return server instanceof Via(var registry, Object _) && registry.startsOnDemand()
                ? callOnDemand(context, self, server, request, timeout, asked)
                : ask(context, self, server, new ReplySlot.Request(request, self), timeout, asked);
    }

    /// Which process a call has reached. The caller's thread.
    private static final class Asked {
        private @Nullable LocalProcess target;

        @Nullable String className() {
            return target == null ? null : target.initialCall();
        }
    }

    /// Calls, and shows that to the listeners.
    private static @Nullable Object observedCall(
            TurnListeners listeners,
            Context context,
            @Nullable LocalProcess self,
            ServerRef server,
            Object request,
            long timeout) {
        LocalNode node = LocalNode.current(context);
        Asked asked = new Asked();
        @Nullable Object[] begun = listeners.callBegins(node, server, request);
        ExitReason failure = null;
        try {
            return call(context, self, server, request, timeout, asked);
        } catch (CallException failed) {
            failure = failed.serverReason();
            throw failed;
        } catch (Throwable thrown) { // the caller has died, or its stack has ended
            failure = Thrown.reason(thrown);
            throw thrown;
        } finally {
            listeners.callEnds(begun, asked.className(), failure);
        }
    }

    /// Calls a server that is started if there is none. If the server ends in good order before it
    /// begins to handle the request, another one gets it.
    private static @Nullable Object callOnDemand(
            Context context,
            @Nullable LocalProcess self,
            ServerRef server,
            Object request,
            long timeout,
            @Nullable Asked asked) {
        LocalNode node = LocalNode.current(context);
        long start = node.timers.clock().nanoTime();
        for (long left = timeout; ; ) {
            ReplySlot.Request slot = new ReplySlot.Request(request, self);
            try {
                return ask(context, self, server, slot, left, asked);
            } catch (CallException failed) {
                left = node.left(timeout, start);
                if (!slot.unhandled || !mayTryAgain(failed.serverReason()) || left == 0) {
                    throw failed;
                }
            }
        }
    }

    /// After a crash another try would most likely crash again, at once. A server of another node
    /// may have ended before the request arrived there.
    private static boolean mayTryAgain(ExitReason reason) {
        return reason.isOrderly() || reason.equals(ExitReason.NOPROC);
    }

    static void stop(ServerRef server, ExitReason reason, Duration timeout) {
        Context context = Context.get();
        LocalProcess self = context.aliveOrNull();
        ReplySlot.Stop slot = new ReplySlot.Stop(reason, self);
        ask(context, self, server, slot, TimeUnits.nanos("a stop's timeout", timeout), null);
    }

    static Object system(ServerRef server, SystemRequest request, Duration timeout) {
        Context context = Context.get();
        LocalProcess self = context.aliveOrNull();
        ReplySlot.SystemCall slot = new ReplySlot.SystemCall(request, self);
        long limit = TimeUnits.nanos("a system request's timeout", timeout);
        Object outcome = ask(context, self, server, slot, limit, null);
        if (outcome instanceof ReplySlot.SystemCall.Refused(RuntimeException problem)) {
            throw problem;
        }
        return Objects.requireNonNull(outcome);
    }

    /// Sends a request and waits for its outcome.
    ///
    /// @param asked learns which process it is; null if nobody wants to know
    /// @return the reply; for a stop also the [ReplySlot.Failure] with the reason that was asked
    ///   for
    private static @Nullable Object ask(
            Context context,
            @Nullable LocalProcess self,
            ServerRef server,
            ReplySlot slot,
            long timeout,
            @Nullable Asked asked) {
        LocalProcess target =
                server instanceof Via via
                        ? find(context, via, slot, timeout)
                        : LocalNode.find(context, server);
        if (asked != null) {
            asked.target = target;
        }
        if (target == null) {
            LocalNode.current(context).afterFailure(context);
            throw CallFailures.exception(
                    slot, unreachable(server), server, server.toString(), timeout, 0);
        }
        if (target == self) {
            releaseAfterCall(server, slot, target);
            throw CallFailures.exception(
                    slot,
                    ExitReason.CALLING_SELF,
                    server,
                    CallFailures.describe(server, target),
                    timeout,
                    0);
        }
        Object outcome;
        try {
            if (target.node.machine != null) {
                target.node.step(Event.CALL, context, target.pid, slot.request());
            }
            if (TurnListeners.active != null) {
                slot.waitsSince(timers(context).clock().nanoTime());
            }
            target.ask(context, slot, timeout);
            outcome =
                    slot.isAnswered()
                            ? slot.outcome()
                            : slot.await(context, timers(context), timeout);
        } finally {
            if (self != null) {
                CallCycles.endWait(context, self);
            }
            releaseAfterCall(server, slot, target);
        }
        if (outcome instanceof ReplySlot.Failure(ExitReason why)
                && !(slot instanceof ReplySlot.Stop stop && why.equals(stop.reason))) {
            if (slot instanceof ReplySlot.Request call && Listeners.added() != null) {
                CallFailures.tell(call, why, target, slot.waited(timers(context)));
            }
            throw CallFailures.exception(
                    slot,
                    why,
                    server,
                    CallFailures.describe(server, target),
                    timeout,
                    slot.waited(timers(context)));
        }
        return outcome;
    }

    /// Returns why a request fails that has no process to go to.
    private static ExitReason unreachable(ServerRef server) {
        ExitReason absence = LocalNode.absence(server);
        return absence.equals(ExitReason.NOCONNECTION)
                ? new ExitReason.NodeDown(node(server))
                : absence;
    }

    private static String node(ServerRef server) {
        return switch (server) {
            case Pid pid -> pid.node();
            case RemoteName(var _, String node) -> node;
            default -> LocalNode.current().name();
        };
    }

    private static void releaseAfterCall(ServerRef server, ReplySlot slot, LocalProcess target) {
        if (server instanceof Via && slot instanceof ReplySlot.Request) {
            LocalNode.release(server, target);
        }
    }

    /// Asks a registry for the server of a request. A call may have the registry start it.
    ///
    /// @throws io.genserver.CallException if the registry does not run or fails
    private static @Nullable LocalProcess find(
            Context context, Via server, ReplySlot slot, long timeout) {
        try {
            return slot instanceof ReplySlot.Request
                    ? LocalNode.current(context).acquire(server)
                    : LocalNode.find(context, server);
        } catch (RuntimeException thrown) {
            context.aliveOrNull(); // the registry may have noticed the end of this process
            LocalNode.current(context).afterFailure(context);
            throw CallFailures.ofRegistry(slot, thrown, server, timeout);
        }
    }

    private static TimerWheel timers(Context context) {
        return LocalNode.current(context).timers;
    }

    /// Calls several servers at the same time. The replies do not pass through the caller's
    /// mailbox.
    static MultiCall<@Nullable Object> multiCall(
            Collection<? extends ServerRef> servers, Object request, Duration timeout) {
        long limit = TimeUnits.nanos("a call's timeout", timeout);
        Context context = Context.get();
        LocalProcess self = context.aliveOrNull();
        LocalNode node = LocalNode.current(context);
        CallGroup group = new CallGroup(request, self);
        long start = node.timers.clock().nanoTime();
        for (ServerRef server : servers) {
            ReplySlot.Request slot = group.add(node, server);
            if (slot != null) {
                try {
                    sendTo(context, node, server, slot, self, node.left(limit, start));
                } catch (Throwable notSent) {
                    group.failMembers(ExitReason.NOPROC);
                    throw notSent;
                }
            }
        }
        Map<ServerRef, @Nullable Object> replies = new LinkedHashMap<>();
        Map<ServerRef, ExitReason> failed = new LinkedHashMap<>();
        group.awaitAll(context, node.timers, limit)
                .forEach((server, slot) -> {
                    Object outcome = slot.outcome();
                    if (outcome instanceof ReplySlot.Failure(ExitReason reason)) {
                        failed.put(server, reason);
                    } else {
                        replies.put(server, outcome);
                    }
                });
        return new MultiCall<>(replies, failed);
    }

    /// Sends a request. A request that reaches no process fails, also if the registry that should
    /// know the process fails.
    ///
    /// @param waiting the process that does nothing until the request is answered, or null
    /// @param timeout how long to wait at most for room in the mailbox; units: ns
    private static void sendTo(
            Context context,
            LocalNode node,
            ServerRef server,
            ReplySlot.Request slot,
            @Nullable LocalProcess waiting,
            long timeout) {
        LocalProcess target;
        try {
            target = node.acquire(server);
        } catch (RuntimeException thrown) { // of the registry
            slot.fail(LocalNode.registryFailure(thrown));
            return;
        }
        try {
            if (target == null) {
                slot.fail(unreachable(server));
            } else if (target == waiting) {
                slot.fail(ExitReason.CALLING_SELF);
            } else {
                slot.target = target;
                target.node.step(Event.CALL, context, target.pid, slot.request);
                target.send(context, slot, timeout);
            }
        } finally {
            LocalNode.release(server, target);
        }
    }

    /// Asks another node about its processes, and waits for the answer for at most five seconds.
    ///
    /// @param question makes the signal from the number of the question
    /// @return the answer; null if the node is not connected, or is lost before it answers
    /// @throws ExitException if the node stays connected and does not answer
    static @Nullable Object question(RemotePeer peer, LongFunction<Signal> question) {
        Context context = Context.get();
        ReplySlot slot = new ReplySlot.Request(peer, context.aliveOrNull());
        RemoteCalls calls = peer.remotes().calls;
        long id = calls.begin(slot, peer);
        Object outcome;
        try {
            peer.connection.post(question.apply(id));
            if (!peer.isConnected()) {
                slot.fail(new ExitReason.NodeDown(peer.name()));
            }
            outcome = slot.await(context, timers(context), ANSWERED_WITHIN);
        } finally {
            calls.end(id);
        }
        if (outcome instanceof ReplySlot.Failure(ExitReason reason)) {
            if (reason instanceof ExitReason.NodeDown) {
                return null;
            }
            throw new ExitException(reason);
        }
        return outcome;
    }

    // Not waiting

    static void cast(ServerRef server, Object request) {
        Objects.requireNonNull(request, "request");
        Context context = Context.get();
        LocalProcess sender = context.aliveOrNull();
        LocalProcess target =
                server instanceof LocalPid pid
                        ? LocalNode.alive(pid.process())
                        : LocalNode.current(context).acquireForCast(server);
        if (target == null) {
            LocalNode.current(context).deadLetters.noReceiver(server, request);
            return;
        }
        ProcessPid from = sender == null ? null : sender.pid;
        try {
            target.node.step(Event.CAST, context, target.pid, request);
            target.send(
                    context,
                    TurnListeners.active == null
                            ? new Envelope.Cast(request, from, MessageContext.carried())
                            : new Envelope.TimedCast(
                                    request,
                                    from,
                                    MessageContext.carried(),
                                    target.node.timers.clock().nanoTime()),
                    TimeUnits.FOREVER);
        } finally {
            LocalNode.release(server, target);
        }
    }

    static void reply(Caller caller, @Nullable Object reply) {
        Context context = Context.get();
        context.aliveOrNull();
        if (!(caller instanceof ReplySlot.Request slot)) {
            throw new IllegalArgumentException(
                    "expected a From given to handleCall, or the result of its replyTo, got: "
                            + caller);
        }
        LocalNode.current(context).step(Event.REPLY, context, slot.callerPid(), reply);
        StackRoom.require(); // the answer may have to wake the caller
        slot.answer(reply, LocalNode.current(context).deadLetters);
    }

    static SentRequest send(ServerRef server, Object request) {
        Objects.requireNonNull(request, "request");
        Context context = Context.get();
        LocalProcess self = context.aliveOrNull();
        LocalNode node = LocalNode.current(context);
        SentRequest sent =
                TurnListeners.request(
                        node,
                        server,
                        request,
                        watch -> new SentRequest(request, server, self, watch));
        try {
            sendTo(context, node, server, sent, null, TimeUnits.FOREVER);
        } catch (Throwable notSent) {
            if (sent.watch != null) {
                sent.watch.end(sent.target, Thrown.reason(notSent));
            }
            throw notSent;
        }
        return sent;
    }

    static CompletableFuture<@Nullable Object> callAsync(
            ServerRef server, Object request, Duration timeout) {
        Objects.requireNonNull(request, "request");
        Context context = Context.get();
        LocalProcess self = context.aliveOrNull();
        LocalNode node = LocalNode.current(context);
        long limit = TimeUnits.nanos("a call's timeout", timeout);
        Origin origin = Origin.here();
        FutureCall call =
                TurnListeners.request(
                        node,
                        server,
                        request,
                        watch -> new FutureCall(origin, server, request, self, limit, watch));
        CompletableFuture<@Nullable Object> future = call.begin();
        try {
            sendTo(context, node, server, call, null, limit);
        } catch (Throwable notSent) {
            future.cancel(false); // takes the deadline back
            throw notSent;
        }
        return future;
    }

    // Waiting later

    /// Waits until one of several requests has its response, and takes it.
    static <T extends RequestId<?>> Optional<T> awaitAny(Collection<T> requests, Duration timeout) {
        Context context = Context.get();
        LocalProcess self = context.aliveOrNull();
        requests.forEach(request -> checkMine(request, self));
        long limit = TimeUnits.nanos("a timeout", timeout);
        return self == null
                ? awaitOnThread(LocalNode.current(context).timers.clock(), requests, limit)
                : awaitMail(self, requests, limit);
    }

    private static void checkMine(RequestId<?> request, @Nullable LocalProcess self) {
        SentRequest sent = sent(request);
        boolean mine = self == null ? sent.isOfThisThread() : sent.sender() == self.pid;
        if (!mine) {
            throw new IllegalStateException(
                    "expected the response to be awaited by the process or thread that sent the"
                            + " request, got: "
                            + request
                            + " awaited by "
                            + (self == null ? Thread.currentThread() : self.pid)
                            + "; GenServer.callAsync gives a future that any thread may wait for");
        }
    }

    private static SentRequest sent(RequestId<?> request) {
        if (request instanceof SentRequest sent) {
            return sent;
        }
        throw new IllegalArgumentException(
                "expected a request made by sendRequest, got: " + request);
    }

    private static <T extends RequestId<?>> Optional<T> awaitMail(
            LocalProcess self, Collection<T> requests, long limit) {
        Set<Object> wanted = new HashSet<>(requests);
        return self.receive(
                        message ->
                                message instanceof Answer(var request) && wanted.contains(request)
                                        ? request
                                        : null,
                        limit)
                .flatMap(request -> take(request, requests));
    }

    /// Marks a request as answered and returns it in the type by which the caller knows it.
    private static <T extends RequestId<?>> Optional<T> take(
            SentRequest answered, Collection<T> requests) {
        answered.received();
        return requests.stream().filter(request -> request == answered).findFirst();
    }

    private static <T extends RequestId<?>> Optional<T> awaitOnThread(
            Clock clock, Collection<T> requests, long limit) {
        long start = clock.nanoTime();
        while (true) {
            for (T request : requests) {
                SentRequest sent = sent(request);
                if (!sent.isReceived() && sent.isAnswered()) {
                    sent.received();
                    return Optional.of(request);
                }
            }
            long left = limit - (clock.nanoTime() - start);
            if (left <= 0) {
                return Optional.empty();
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new ExitException(ExitReason.INTERRUPTED);
            }
            clock.park(Requests.class, left);
        }
    }

    /// Gives up a request of the caller's.
    ///
    /// @return false if its response has arrived just before; the response has then been taken
    static boolean abandon(SentRequest request, @Nullable Alias alias) {
        if (alias != null) {
            Context.self().unalias(alias);
            request.fail(ExitReason.TIMEOUT); // the server can see that nobody waits for it
        } else if (request.fail(ExitReason.TIMEOUT)) {
            return true;
        }
        return awaitAny(List.of(request), Duration.ZERO).isEmpty();
    }
}
