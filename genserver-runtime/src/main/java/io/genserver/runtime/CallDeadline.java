package io.genserver.runtime;

import io.genserver.Pid;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// Times out the calls of one thread.
///
/// A timed park for each call would cost half as much as the call. A timer for each call would fill
/// the wheel with timers of calls that were answered long ago. So a thread that makes more than a
/// few calls has one timer for all of them. It is armed for the deadline of the first call. When it
/// fires, it looks at the call that the thread then waits for, if any, and arms itself for the
/// deadline of that call. A thread that calls all the time costs the wheel one timer every few
/// seconds.
///
/// ## Why no deadline is missed
///
/// The caller writes `waiting`, then reads `armedFor`. The timer thread writes `armedFor = NEVER`,
/// then reads `waiting`. All four accesses are volatile, so at least one of the two threads sees
/// what the other wrote, and arms the timer. If both do, the compare-and-set of `armedFor` lets one
/// of them succeed.
final class CallDeadline extends TimerWheel.Entry {

    /// After how many calls a thread shares one timer among its calls. The timer stays in the wheel
    /// when the thread ends, until it fires. This limits what is left there to a few bytes for each
    /// call of the last seconds.
    private static final int OWN_TIMERS = 16;

    private static final long NEVER = Long.MAX_VALUE;
    private static final VarHandle ARMED_FOR =
            Access.field(MethodHandles.lookup(), "armedFor", long.class);
    private static final VarHandle WAITING =
            Access.field(MethodHandles.lookup(), "waiting", ReplySlot.class);

    private final TimerWheel timers;

    /// The request the thread waits for. Written by that thread, read by the timer thread.
    private volatile @Nullable ReplySlot waiting;

    /// The deadline of `waiting`, written before it by the same thread. Units: ns
    private long deadline;

    /// When the timer fires; NEVER if it is not armed. Written by both threads. Units: ns
    private volatile long armedFor = NEVER;

    /// How many calls of the thread had a timer of their own, which is cancelled with the call.
    /// Many threads end after a few calls. They leave nothing behind in the wheel. Only the thread.
    private int ownTimers;

    CallDeadline(TimerWheel timers) {
        this.timers = timers;
    }

    boolean isOf(TimerWheel wheel) {
        return timers == wheel;
    }

    /// Times the request out at a deadline unless [#end] comes first. The caller's thread.
    ///
    /// @return a timer of the request's own, to be cancelled at the end, if this one would fire too
    ///   late; else null
    TimerWheel.@Nullable Entry begin(ReplySlot request, long until) {
        if (ownTimers < OWN_TIMERS) {
            ownTimers++;
            return request.timeOutAt(timers, until);
        }
        deadline = until;
        waiting = request;
        long armed = armedFor;
        if (armed == NEVER) {
            arm(until);
            armed = armedFor;
        }
        return armed == NEVER || armed - until <= 0 ? null : request.timeOutAt(timers, until);
    }

    /// Records that the call has ended. A release write is enough: the timer thread may see it late
    /// and time the call out, but the call then has its answer.
    void end() {
        WAITING.setRelease(this, null);
    }

    private void arm(long until) {
        if (ARMED_FOR.compareAndSet(this, NEVER, until)) {
            try {
                timers.arm(this, until);
            } catch (Throwable noTimer) { // the next call tries again
                armedFor = NEVER;
                throw noTimer;
            }
        }
    }

    @Override
    boolean outlivesNode() {
        return true;
    }

    @Override
    @Nullable String describe() {
        ReplySlot request = waiting;
        return request == null ? null : request.describeTimeout();
    }

    @Override
    @Nullable Pid concerns() {
        ReplySlot request = waiting;
        return request == null ? null : request.callerPid();
    }

    @Override
    void fire() {
        armedFor = NEVER;
        ReplySlot request = waiting;
        if (request == null) {
            return;
        }
        // Races OK: if the thread has moved on to another call, the deadline read here belongs to
        // that call or an older one. The request read here is then answered, or is looked at again.
        long until = deadline;
        if (until - timers.clock().nanoTime() > 0) {
            arm(until);
        } else {
            request.timeOut();
        }
    }
}
