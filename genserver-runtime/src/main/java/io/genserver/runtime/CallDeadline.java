package io.genserver.runtime;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/// Notices that a thread's call has waited too long.
///
/// A timed park for each call would cost half as much as the call, and an entry in the wheel for
/// each call would fill it with calls long answered. So a thread has one entry for all its calls:
/// it is armed for the deadline of the first, and when it fires it looks at the call the thread
/// waits for then, if any, and arms itself for that one's deadline. A thread that calls all the
/// time costs the wheel one entry every few seconds.
///
/// ## Why no deadline is missed
///
/// The caller writes `waiting`, then reads `armedFor`; the timer thread writes `armedFor = NEVER`,
/// then reads `waiting`. All four are volatile, so at least one of the two sees what the other
/// wrote, and arms; if both do, the compare-and-set of `armedFor` lets one.
final class CallDeadline extends TimerWheel.Entry {

    private static final long NEVER = Long.MAX_VALUE;
    private static final VarHandle ARMED_FOR;
    private static final VarHandle WAITING;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            ARMED_FOR = lookup.findVarHandle(CallDeadline.class, "armedFor", long.class);
            WAITING = lookup.findVarHandle(CallDeadline.class, "waiting", ReplySlot.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /// The call the thread waits for. Written by that thread, read by the timer thread.
    private volatile @Nullable ReplySlot waiting;

    /// The deadline of `waiting`, written before it by the same thread. Units: ns.
    private long deadline;

    /// The time the entry fires, NEVER if it is in no wheel. Written by both threads. Units: ns.
    private volatile long armedFor = NEVER;

    private @Nullable TimerWheel wheel; // written before the first arming, by the thread

    /// Whether the thread has waited before. Many threads live for one call; their entry is their
    /// call's own and is cancelled with it, so that they leave nothing behind in the wheel.
    private boolean again;

    /// Has the slot time out at a deadline unless [#end] comes first.
    ///
    /// @return an entry of the slot's own to cancel at the end, if this one would fire too late
    TimerWheel.@Nullable Entry begin(TimerWheel timers, ReplySlot slot, long until) {
        if (!again) {
            again = true;
            return ownEntry(timers, slot, until);
        }
        wheel = timers;
        deadline = until;
        waiting = slot;
        long armed = armedFor;
        if (armed == NEVER) {
            arm(timers, until);
            armed = armedFor;
        }
        return armed == NEVER || armed - until <= 0 ? null : ownEntry(timers, slot, until);
    }

    /// The call has ended. May be seen late: a call that is timed out then has its answer.
    void end() {
        WAITING.setRelease(this, null);
    }

    private void arm(TimerWheel timers, long until) {
        if (ARMED_FOR.compareAndSet(this, NEVER, until)) {
            timers.arm(this, until);
        }
    }

    private static TimerWheel.Entry ownEntry(TimerWheel timers, ReplySlot slot, long until) {
        TimerWheel.Entry own =
                new TimerWheel.Entry() {
                    @Override
                    void fire() {
                        slot.timeOut();
                    }
                };
        timers.arm(own, until);
        return own;
    }

    @Override
    void fire() {
        TimerWheel timers = wheel;
        armedFor = NEVER;
        ReplySlot slot = waiting;
        if (slot == null || timers == null) {
            return;
        }
        // races OK: if the thread has gone on to another call meanwhile, the deadline read is that
        // one's or an older one, and the slot read is either answered already or looked at again.
        long until = deadline;
        if (until - timers.clock().nanoTime() > 0) {
            arm(timers, until);
        } else {
            slot.timeOut();
        }
    }
}
