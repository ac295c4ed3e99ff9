package io.genserver.runtime;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/// The death of a process cancels its timers, even if one of them is cancelled by its owner at the
/// same time. See [MessageTimer].
public final class TimersVsDeath {

    private static final TimerWheel WHEEL = BareProcess.NODE.timers;
    private static final long HOUR = 3_600_000_000_000L; // units: ns

    private TimersVsDeath() {}

    @JCStressTest
    @Outcome(id = "none armed", expect = ACCEPTABLE, desc = "Nothing of the dead is left.")
    @Outcome(expect = FORBIDDEN, desc = "A timer of the dead is still in the wheel.")
    @State
    public static class CancelAndDeath {
        private final BareProcess process = new BareProcess();
        private final MessageTimer first = armed(process);
        private final MessageTimer second = armed(process);
        private final MessageTimer third = armed(process);

        private static MessageTimer armed(BareProcess process) {
            MessageTimer timer = new MessageTimer(BareProcess.NODE, process.pid);
            timer.message = "message";
            timer.arm(WHEEL.clock().nanoTime() + HOUR);
            return timer;
        }

        @Actor
        public void owner() {
            third.cancel();
            second.cancel();
        }

        @Actor
        public void killer() {
            process.die(BareProcess.BOOM);
        }

        @Arbiter
        public void look(L_Result result) {
            long left = WHEEL.cancel(first); // otherwise the wheel would grow
            result.r1 = left < 0 ? "none armed" : "still armed";
        }
    }
}
