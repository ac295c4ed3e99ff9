package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.Pid;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Finds processes that wait for each other's replies in a cycle. The call that closes the cycle
/// finds it.
///
/// A process that calls writes its request to `waitingFor`. If it runs on a thread that other
/// processes have lent, it also writes to `lentTo` of each of them which process has the thread.
/// Then the caller follows these fields from process to process. All are volatile: of two calls
/// that close a cycle at the same moment, at least one sees the other and fails. If both see each
/// other, both fail.
///
/// A request counts while it is queued or being handled. Once its server has deferred the answer,
/// any process may give the answer, so the request is not part of a cycle.
final class CallCycles {

    /// Longer chains are not followed.
    private static final int LONGEST = 1_000;

    private CallCycles() {}

    /// Records that the caller waits for the answer of the target, and checks whether the caller
    /// would wait for itself.
    ///
    /// @return the reason to fail with, or null
    static ExitReason.@Nullable CallCycle beginWait(
            Context context, LocalProcess caller, LocalProcess target, ReplySlot request) {
        request.target = target;
        caller.waitingFor = request;
        context.showLenders(true);
        return find(caller, target);
    }

    /// Records that the caller has stopped waiting.
    static void endWait(Context context, LocalProcess caller) {
        if (caller.waitingFor != null) {
            caller.waitingFor = null;
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
