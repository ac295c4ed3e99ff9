package io.genserver.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/// Looks at its members about once a second, on the timer thread. It is armed only while it has
/// members, so an idle node spends no time on it.
final class PeriodicSweep {

    private static final long PERIOD = 1_000_000_000L; // units: ns

    /// A member of the sweep.
    interface Member {
        /// Looks at the member. The timer thread, so this must not block.
        ///
        /// @return whether the member leaves the sweep
        boolean look();
    }

    private final TimerWheel timers;
    private final ConcurrentLinkedQueue<Member> joining = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean armed = new AtomicBoolean();
    private final List<Member> members = new ArrayList<>(); // the timer thread

    PeriodicSweep(TimerWheel timers) {
        this.timers = timers;
    }

    /// Adds a member, which is looked at for the first time within a second. Any thread.
    void join(Member member) {
        joining.add(member);
        arm();
    }

    private void arm() {
        if (!armed.get() && armed.compareAndSet(false, true)) {
            try {
                timers.arm(new Sweep(), timers.clock().nanoTime() + PERIOD);
            } catch (Throwable noMemory) { // the next member arms it
                armed.set(false);
                throw noMemory;
            }
        }
    }

    private final class Sweep extends TimerWheel.Entry {
        @Override
        void fire() {
            try {
                for (Member next = joining.poll(); next != null; next = joining.poll()) {
                    members.add(next);
                }
                members.removeIf(Member::look);
            } finally {
                armed.set(false);
                // A member that joins now either finds the sweep disarmed and arms it, or is seen
                // here.
                if (!members.isEmpty() || !joining.isEmpty()) {
                    arm();
                }
            }
        }
    }
}
