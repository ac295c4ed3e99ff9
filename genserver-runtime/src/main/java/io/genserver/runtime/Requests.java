package io.genserver.runtime;

import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.MultiCall;
import io.genserver.Pid;
import io.genserver.RequestId;
import io.genserver.ServerRef;
import io.genserver.runtime.SentRequest.Answer;
import io.genserver.spi.SystemRequest;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What a client asks of servers: calls, casts, stops, system requests, and requests that are
/// answered later.
final class Requests {

    private final LocalRuntime runtime;
    private final TimerWheel timers;

    Requests(LocalRuntime runtime) {
        this.runtime = runtime;
        this.timers = runtime.timers;
    }

    // ---------------------------------------------------------------- waiting for the answer

    @Nullable Object call(ServerRef server, Object request, Duration timeout) {
        Objects.requireNonNull(request, "request");
        Context context = Context.get();
        LocalProcess self = context.aliveOrNull();
        ReplySlot.Request slot = new ReplySlot.Request(request, self);
        return ask(context, self, server, slot, TimeUnits.nanos("a call's timeout", timeout));
    }

    void stop(ServerRef server, ExitReason reason, Duration timeout) {
        Context context = Context.get();
        LocalProcess self = context.aliveOrNull();
        ReplySlot.Stop slot = new ReplySlot.Stop(reason, self);
        ask(context, self, server, slot, TimeUnits.nanos("a stop's timeout", timeout));
    }

    Object system(ServerRef server, SystemRequest request, Duration timeout) {
        Context context = Context.get();
        LocalProcess self = context.aliveOrNull();
        ReplySlot.SystemCall slot = new ReplySlot.SystemCall(request, self);
        long limit = TimeUnits.nanos("a system request's timeout", timeout);
        Object outcome = ask(context, self, server, slot, limit);
        if (outcome instanceof ReplySlot.SystemCall.Refused(RuntimeException problem)) {
            throw problem;
        }
        return Objects.requireNonNull(outcome);
    }

    /// Sends a request and waits for its outcome.
    ///
    /// @return the reply; a Failure only if that is what was asked for
    private @Nullable Object ask(
            Context context,
            @Nullable LocalProcess self,
            ServerRef server,
            ReplySlot slot,
            long timeout) {
        LocalProcess target = runtime.resolve(server);
        if (target == null) {
            runtime.fairness.afterFailure(context);
            throw slot.exception(ExitReason.NOPROC, server, server.toString(), timeout, 0);
        }
        if (target == self) {
            throw slot.exception(
                    ExitReason.CALLING_SELF, server, describe(server, target), timeout, 0);
        }
        Object outcome;
        try {
            outcome =
                    target instanceof ServerProcess other
                                    && runsHere(context, other, slot, timeout)
                                    && runtime.callerRuns.ask(context, other, slot, timeout)
                            ? slot.await(context, timers, timeout)
                            : sendAndAwait(context, self, target, slot, timeout);
        } finally {
            if (self != null) {
                CallCycles.endWait(context, self);
            }
        }
        if (outcome instanceof ReplySlot.Failure(ExitReason why)
                && !(slot instanceof ReplySlot.Stop stop && why.equals(stop.reason))) {
            throw slot.exception(
                    why, server, describe(server, target), timeout, slot.waited(timers));
        }
        return outcome;
    }

    /// Whether the caller's own thread may run the turn of a server that is idle.
    private boolean runsHere(Context context, ServerProcess server, ReplySlot slot, long timeout) {
        return server.isNonBlocking()
                || (slot instanceof ReplySlot.Stop
                        && timeout == TimeUnits.FOREVER
                        && runtime.callerRuns.mayRun(context, server));
    }

    /// The server as the caller named it, and what that means.
    private static String describe(ServerRef server, LocalProcess target) {
        return server instanceof Pid ? target.describe() : server + " " + target.describe();
    }

    private @Nullable Object sendAndAwait(
            Context context,
            @Nullable LocalProcess self,
            LocalProcess target,
            ReplySlot slot,
            long timeout) {
        ExitReason cycle = self == null ? null : CallCycles.beginWait(context, self, target, slot);
        if (cycle != null) {
            return new ReplySlot.Failure(cycle);
        }
        target.deliver(slot);
        return slot.await(context, timers, timeout);
    }

    /// Calls several servers at the same time, past the caller's mailbox.
    MultiCall<@Nullable Object> multiCall(
            Collection<? extends ServerRef> servers, Object request, Duration timeout) {
        long limit = TimeUnits.nanos("a call's timeout", timeout);
        Context context = Context.get();
        LocalProcess self = context.aliveOrNull();
        Map<ServerRef, ReplySlot.Request> slots = new LinkedHashMap<>();
        for (ServerRef server : servers) {
            ReplySlot.Request slot = new ReplySlot.Request(request, self);
            if (slots.putIfAbsent(server, slot) == null) {
                sendTo(server, slot, self);
            }
        }
        long start = timers.clock().nanoTime();
        Map<ServerRef, @Nullable Object> replies = new LinkedHashMap<>();
        Map<ServerRef, ExitReason> failed = new LinkedHashMap<>();
        slots.forEach((server, slot) -> {
            long left =
                    limit == TimeUnits.FOREVER
                            ? limit
                            : Math.max(0, limit - (timers.clock().nanoTime() - start));
            Object outcome = slot.await(context, timers, left);
            if (outcome instanceof ReplySlot.Failure(ExitReason reason)) {
                failed.put(server, reason);
            } else {
                replies.put(server, outcome);
            }
        });
        return new MultiCall<>(replies, failed);
    }

    /// Sends a request; one that reaches no one has failed.
    ///
    /// @param waiting the process that will do nothing else until it is answered, or null
    private void sendTo(ServerRef server, ReplySlot.Request slot, @Nullable LocalProcess waiting) {
        LocalProcess target = runtime.resolveForCast(server);
        if (target == null) {
            slot.fail(ExitReason.NOPROC);
        } else if (target == waiting) {
            slot.fail(ExitReason.CALLING_SELF);
        } else {
            slot.target = target;
            target.deliver(slot);
        }
    }

    // ---------------------------------------------------------------- not waiting

    void cast(ServerRef server, Object request) {
        Objects.requireNonNull(request, "request");
        Context context = Context.get();
        LocalProcess sender = context.aliveOrNull();
        LocalProcess target = runtime.resolveForCast(server);
        if (target != null) {
            runtime.callerRuns.tell(
                    context,
                    target,
                    new Envelope.Cast(
                            request, sender == null ? null : sender.pid, LogContext.carried()));
        } else {
            runtime.deadLetters.noReceiver(server, request);
        }
    }

    void reply(From from, @Nullable Object reply) {
        Context.selfOrNull();
        if (!(from instanceof ReplySlot.Request slot)) {
            throw new IllegalArgumentException("expected a From given to handleCall, got: " + from);
        }
        answer(slot, reply);
    }

    /// Gives a caller its reply, or counts it if that came too late. Any thread.
    void answer(ReplySlot slot, @Nullable Object reply) {
        if (!(slot.isOwn() ? slot.replyOwn(reply) : slot.reply(reply))) {
            runtime.deadLetters.lateReply(slot, reply);
        }
    }

    SentRequest send(ServerRef server, Object request) {
        Objects.requireNonNull(request, "request");
        LocalProcess self = Context.selfOrNull();
        SentRequest sent = new SentRequest(this, request, server, self);
        sendTo(server, sent, null);
        return sent;
    }

    // ---------------------------------------------------------------- waiting later

    /// Waits until one of several requests has its response, and takes it.
    <T extends RequestId<?>> Optional<T> awaitAny(Collection<T> requests, Duration timeout) {
        LocalProcess self = Context.selfOrNull();
        requests.forEach(request -> checkMine(request, self));
        long limit = TimeUnits.nanos("a timeout", timeout);
        return self == null ? awaitOnThread(requests, limit) : awaitMail(self, requests, limit);
    }

    private static void checkMine(RequestId<?> request, @Nullable LocalProcess self) {
        SentRequest sent = sent(request);
        boolean mine = self == null ? sent.isOfThisThread() : sent.sender() == self.pid;
        if (!mine) {
            throw new IllegalStateException(
                    "expected the response to be waited for by whoever sent the request, got: "
                            + request
                            + " waited for by "
                            + (self == null ? Thread.currentThread() : self.pid));
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

    /// Marks a request as answered and gives it back in the type the caller knows it by.
    private static <T extends RequestId<?>> Optional<T> take(
            SentRequest answered, Collection<T> requests) {
        answered.received();
        return requests.stream().filter(request -> request == answered).findFirst();
    }

    private <T extends RequestId<?>> Optional<T> awaitOnThread(Collection<T> requests, long limit) {
        long start = timers.clock().nanoTime();
        while (true) {
            for (T request : requests) {
                SentRequest sent = sent(request);
                if (!sent.isReceived() && sent.isAnswered()) {
                    sent.received();
                    return Optional.of(request);
                }
            }
            long left = limit - (timers.clock().nanoTime() - start);
            if (left <= 0) {
                return Optional.empty();
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new ExitException(ExitReason.INTERRUPTED);
            }
            timers.clock().park(this, left);
        }
    }

    /// Gives up a request of the caller's.
    ///
    /// @return false if its response has come meanwhile, and has been taken
    boolean abandon(SentRequest request, @Nullable Alias alias) {
        if (alias != null) {
            Context.self().unalias(alias);
        } else if (request.fail(ExitReason.TIMEOUT)) {
            return true;
        }
        return awaitAny(List.of(request), Duration.ZERO).isEmpty();
    }
}
