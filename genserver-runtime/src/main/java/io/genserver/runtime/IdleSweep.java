package io.genserver.runtime;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/// Takes the threads from servers that have had nothing to do for about a second.
///
/// A server is put on the list when it gets a thread. Once a second, as long as the list is not
/// empty, the timer thread looks at each server on it: one that waits and has handled nothing since
/// the last look is retired; one that is cold or dead is taken off the list. With no server on the
/// list the sweep is not armed, so idle servers cost no time at all.
///
/// A server that is in the same turn as at the last look may be reported, see [LongTurn].
///
/// A server that becomes hot while it is taken off is not lost: the owner makes it RUNNING and then
/// reads `swept`; the sweep writes `swept = false` and then reads the run state again.
final class IdleSweep {

    static final long PERIOD = 1_000_000_000L; // units: ns

    private final TimerWheel timers;
    private final ConcurrentLinkedQueue<LocalProcess> joining = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean armed = new AtomicBoolean();
    private final List<LocalProcess> hot = new ArrayList<>(); // the timer thread's

    /// How often it has looked: about once a second while a server is hot. Written by the timer
    /// thread, read by any.
    private volatile int looks;

    IdleSweep(TimerWheel timers) {
        this.timers = timers;
    }

    /// Puts a running server on the list, if it is not on it. Its owner.
    void watch(LocalProcess process) {
        if (!process.swept) {
            process.swept = true;
            joining.add(process);
            arm();
        }
    }

    /// A clock that counts seconds and costs nothing to read. It may stand still while no server is
    /// hot, and seconds of it may be longer, never shorter.
    int seconds() {
        return looks;
    }

    private void arm() {
        if (!armed.get() && armed.compareAndSet(false, true)) {
            timers.arm(new Sweep(), timers.clock().nanoTime() + PERIOD);
        }
    }

    private final class Sweep extends TimerWheel.Entry {
        @Override
        void fire() {
            sweep();
        }
    }

    private void sweep() {
        int before = looks;
        looks = before + 1; // no other thread writes
        for (LocalProcess next = joining.poll(); next != null; next = joining.poll()) {
            next.handledAtSweep = next.handled - 1; // a first look never finds it idle
            hot.add(next);
        }
        hot.removeIf(this::isDone);
        armed.set(false);
        if (!hot.isEmpty() || !joining.isEmpty()) {
            arm();
        }
    }

    private boolean isDone(LocalProcess process) {
        if (process instanceof ServerProcess server && server.endIfBroken()) {
            return true;
        }
        if (process.isDead()) {
            return true;
        }
        int state = process.runState();
        if (state == LocalProcess.COLD) {
            process.swept = false;
            boolean stillCold = process.runState() == LocalProcess.COLD;
            if (!stillCold) {
                watch(process);
            }
            return true;
        }
        int handled = process.handled; // races OK: at worst one sweep too early or too late
        if (handled == process.handledAtSweep) {
            if (state == LocalProcess.PARKED) {
                process.retire();
            } else if (!process.longTurnReported) {
                process.longTurnReported = LongTurn.reportIfLong(process);
            }
        }
        process.handledAtSweep = handled;
        return false;
    }
}
