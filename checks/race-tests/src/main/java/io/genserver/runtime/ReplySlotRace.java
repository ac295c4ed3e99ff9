package io.genserver.runtime;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.genserver.ExitReason;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/// A request has exactly one outcome even if other outcomes come too late, and the outcome wakes
/// the caller. See [ReplySlot].
public final class ReplySlotRace {

    private static final String REPLY = "reply";

    private ReplySlotRace() {}

    /// A request whose caller is not the thread that answers it, although the test makes it there.
    private static ReplySlot request() {
        return new ReplySlot.Request("request", null) {
            @Override
            boolean isAwaitedHere() {
                return false;
            }
        };
    }

    /// Returns what the caller gets. A request may get its outcome a moment later, from a timer, so
    /// this waits for up to two seconds.
    static String outcome(ReplySlot slot) {
        for (int i = 0; !slot.isAnswered() && i < 2_000; i++) {
            LockSupport.parkNanos(1_000_000L);
        }
        if (!slot.isAnswered()) {
            return "no outcome";
        }
        Object outcome = slot.await(Context.get(), BareProcess.NODE.timers, TimeUnits.FOREVER);
        return outcome instanceof ReplySlot.Failure(ExitReason reason)
                ? reason.toString()
                : String.valueOf(outcome);
    }

    @JCStressTest
    @Outcome(id = "true, false, reply", expect = ACCEPTABLE, desc = "The reply is first.")
    @Outcome(id = "false, true, timeout", expect = ACCEPTABLE, desc = "The timeout is first.")
    @Outcome(expect = FORBIDDEN, desc = "Both were first, or neither, or the loser's value stays.")
    @State
    public static class ReplyAndTimeout {
        private final ReplySlot slot = request();
        private boolean replied;
        private boolean timedOut;

        @Actor
        public void server() {
            replied = slot.reply(REPLY);
        }

        @Actor
        public void timer() {
            timedOut = slot.fail(ExitReason.TIMEOUT);
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = replied + ", " + timedOut + ", " + outcome(slot);
        }
    }

    /// The caller's own thread runs the turn and replies without a compare-and-set.
    @JCStressTest
    @Outcome(id = "true, false, reply", expect = ACCEPTABLE, desc = "The reply is first.")
    @Outcome(id = "false, true, timeout", expect = ACCEPTABLE, desc = "The failure is first.")
    @Outcome(
            id = "true, true, reply",
            expect = ACCEPTABLE,
            desc = "Both at once: the caller has the reply, and the failure has no effect.")
    @Outcome(expect = FORBIDDEN, desc = "Neither, or the caller has what the server did not give.")
    @State
    public static class ReplyOnTheCallersThread {
        private final ReplySlot slot =
                new ReplySlot.Request("request", null) {
                    @Override
                    boolean isAwaitedHere() {
                        return true;
                    }
                };
        private boolean replied;
        private boolean failed;

        @Actor
        public void caller() {
            replied = slot.reply(REPLY);
        }

        @Actor
        public void killer() {
            failed = slot.fail(ExitReason.TIMEOUT);
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = replied + ", " + failed + ", " + outcome(slot);
        }
    }

    @JCStressTest
    @Outcome(id = "true, reply", expect = ACCEPTABLE, desc = "The reply is first.")
    @Outcome(id = "false, boom", expect = ACCEPTABLE, desc = "The death is first.")
    @Outcome(expect = FORBIDDEN, desc = "The server believes one thing and the caller another.")
    @State
    public static class ReplyAndDeath {
        private final BareProcess server = new BareProcess();
        private final ReplySlot slot = request();
        private boolean replied;

        public ReplyAndDeath() {
            server.begin(slot);
        }

        @Actor
        public void server() {
            replied = slot.reply(REPLY);
        }

        @Actor
        public void killer() {
            server.die(BareProcess.BOOM);
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = replied + ", " + outcome(slot);
        }
    }

    @JCStressTest
    @Outcome(id = "true, timeout", expect = ACCEPTABLE, desc = "The timeout is first.")
    @Outcome(id = "false, boom", expect = ACCEPTABLE, desc = "The death is first.")
    @Outcome(expect = FORBIDDEN, desc = "Both were first, or neither, or the loser's value stays.")
    @State
    public static class TimeoutAndDeath {
        private final BareProcess server = new BareProcess();
        private final ReplySlot slot = request();
        private boolean timedOut;

        public TimeoutAndDeath() {
            server.deliver(slot);
        }

        @Actor
        public void timer() {
            timedOut = slot.fail(ExitReason.TIMEOUT);
        }

        @Actor
        public void killer() {
            server.die(BareProcess.BOOM);
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = timedOut + ", " + outcome(slot);
        }
    }

    @JCStressTest
    @Outcome(id = "reply", expect = ACCEPTABLE, desc = "The caller wakes and has its reply.")
    @Outcome(expect = FORBIDDEN, desc = "The caller sleeps although there is a reply.")
    @State
    public static class CallerWakesUp {
        private final BareProcess server = new BareProcess();

        @Actor
        public void caller(L_Result result) {
            ReplySlot slot = request();
            Watchdog.Wait wait = Watchdog.begin(() -> {});
            server.deliver(slot);
            Object reply = slot.await(Context.get(), BareProcess.NODE.timers, TimeUnits.FOREVER);
            result.r1 = Watchdog.end(wait) ? "overslept" : reply;
        }

        @Actor
        public void server() {
            @Nullable Object slot;
            while ((slot = server.mailbox.take()) == null) {
                Thread.onSpinWait();
            }
            ((ReplySlot) slot).reply(REPLY);
        }
    }
}
