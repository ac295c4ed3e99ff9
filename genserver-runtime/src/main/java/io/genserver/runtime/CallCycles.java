package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.Pid;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finds circles of processes that wait for each other's replies, at the call that closes one.
///
/// Each process that calls writes its request to `waitingFor`, and those that have lent it the
/// thread write to whom to `lentTo`; then it follows these from process to process. All are
/// volatile: of two that close a circle at the same moment at least one sees the other, and fails;
/// if both do, both fail.
///
/// A request counts as long as it is queued or being handled. Once its server has put the answer
/// off anybody may give it, so such a request is no part of a circle.
final class CallCycles {

    /// Longer chains are not followed; they would be a mistake of another kind.
    private static final int LONGEST = 1_000;

    private CallCycles() {}

    /// Says that the caller waits for the answer of the target, and looks whether it would wait for
    /// itself.
    ///
    /// @return the reason to fail with, or null
    static ExitReason.@Nullable CallCycle beginWait(
            Context context, LocalProcess caller, LocalProcess target, ReplySlot request) {
        request.target = target;
        caller.waitingFor = request;
        context.showLenders(true);
        return find(caller, target);
    }

    /// The caller waits no longer.
    static void endWait(Context context, LocalProcess caller) {
        if (caller.waitingFor != null) {
            caller.waitsNoMore();
            context.showLenders(false);
        }
    }

    private static ExitReason.@Nullable CallCycle find(LocalProcess caller, LocalProcess target) {
        LocalProcess next = target;
        for (int length = 1; next != null && length < LONGEST; length++) {
            if (next == caller) {
                return new ExitReason.CallCycle(chain(caller, target));
            }
            next = waitsFor(next);
        }
        return null;
    }

    private static List<Pid> chain(LocalProcess caller, LocalProcess target) {
        List<Pid> chain = new ArrayList<>();
        chain.add(caller.pid);
        LocalProcess next = target;
        while (next != null && next != caller && chain.size() < LONGEST) {
            chain.add(next.pid);
            next = waitsFor(next);
        }
        chain.add(caller.pid);
        return chain;
    }

    private static @Nullable LocalProcess waitsFor(LocalProcess process) {
        ReplySlot request = process.waitingFor;
        if (request == null) {
            return process.lentTo;
        }
        return request.deferred || request.isAnswered() ? null : request.target;
    }
}
