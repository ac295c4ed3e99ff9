package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.ServerRef;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The requests of one multi-call. The caller waits for the group and not for one request after
/// another, so it waits once and has one deadline, however many servers it asks.
///
/// The last request to be answered answers the group. If the group fails first, because its time
/// has passed or the caller was interrupted, the caller fails the requests that have no answer yet.
/// Their replies are then late.
final class CallGroup extends ReplySlot.Request {

    /// One request of the group.
    private final class Member extends WatchedRequest {

        Member(@Nullable RequestWatch watch) {
            super(CallGroup.this.request, CallGroup.this.caller, watch);
        }

        @Override
        boolean isAwaitedHere() {
            return false; // the group has to be told too
        }

        @Override
        boolean tellCaller() {
            countAnswer();
            return true;
        }
    }

    private final @Nullable LocalProcess caller;

    /// The requests by server, in the order in which they are sent. The caller's thread.
    private final Map<ServerRef, ReplySlot.Request> members = new LinkedHashMap<>();

    /// How many requests have no answer yet. The group counts as one more until all are sent. Any
    /// thread.
    private final AtomicInteger unanswered = new AtomicInteger(1);

    CallGroup(Object request, @Nullable LocalProcess caller) {
        super(request, caller);
        this.caller = caller;
    }

    /// Adds a request, which is still to be sent.
    ///
    /// @return the request, or null if the group already has one for this server
    ReplySlot.@Nullable Request add(LocalNode node, ServerRef server) {
        if (members.containsKey(server)) {
            return null;
        }
        ReplySlot.Request member = TurnListeners.request(node, server, request, Member::new);
        members.put(server, member);
        unanswered.incrementAndGet();
        return member;
    }

    private void countAnswer() {
        if (unanswered.decrementAndGet() == 0) {
            reply(null);
        }
    }

    /// Waits until every request has an outcome, or the time has passed. Called once, after all
    /// requests were sent.
    ///
    /// @param timeout units: ns; [TimeUnits#FOREVER] for no limit
    /// @return the requests by server; each has an outcome
    /// @throws io.genserver.ExitException if the caller's own process has died
    Map<ServerRef, ReplySlot.Request> awaitAll(Context context, TimerWheel timers, long timeout) {
        countAnswer(); // the group's own
        try {
            if (await(context, timers, timeout) instanceof Failure(ExitReason reason)) {
                failMembers(reason);
            }
            return members;
        } catch (Throwable died) {
            failMembers(ExitReason.NOPROC);
            throw died;
        }
    }

    /// Fails the requests that have no answer.
    void failMembers(ExitReason reason) {
        members.values().forEach(member -> member.fail(reason));
    }
}
