package io.genserver.runtime;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/// A thread outside the scheduler leaves an errand to wake a process. The process is always woken,
/// whether or not another process takes the errand. See [Fairness].
@JCStressTest
@Outcome(id = "awake", expect = ACCEPTABLE, desc = "The process has been woken.")
@Outcome(expect = FORBIDDEN, desc = "The process sleeps on.")
@State
public class Errands {

    private static final Fairness FAIRNESS = BareProcess.NODE.fairness;

    private volatile @Nullable Thread sleeper;

    /// Handles two messages, then waits. It may take the errand itself: the wake-up then ends its
    /// next park.
    @Actor
    public void process(L_Result result) {
        sleeper = Thread.currentThread();
        FAIRNESS.runErrand();
        FAIRNESS.runErrand();
        Watchdog.Wait wait = Watchdog.begin(() -> {});
        LockSupport.park(this);
        result.r1 = Watchdog.end(wait) ? "overslept" : "awake";
    }

    @Actor
    public void outside() {
        Thread process = sleeper;
        while (process == null) {
            Thread.onSpinWait();
            process = sleeper;
        }
        FAIRNESS.unparkInside(process);
    }
}
