package io.genserver.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;

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

    private final SharedTimer timer;
    private final ConcurrentLinkedQueue<Member> joining = new ConcurrentLinkedQueue<>();
    private final List<Member> members = new ArrayList<>(); // the timer thread

    PeriodicSweep(TimerWheel timers) {
        this.timer =
                new SharedTimer(timers) {
                    @Override
                    void due() {
                        sweep();
                    }
                };
    }

    /// Adds a member, which is looked at for the first time within a second. Any thread.
    void join(Member member) {
        joining.add(member);
        timer.armUnlessArmed(PERIOD);
    }

    private void sweep() {
        try {
            for (Member next = joining.poll(); next != null; next = joining.poll()) {
                members.add(next);
            }
            members.removeIf(Member::look);
        } finally {
            if (!members.isEmpty() || !joining.isEmpty()) {
                timer.armUnlessArmed(PERIOD);
            }
        }
    }
}
