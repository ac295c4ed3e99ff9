package io.genserver.runtime;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/// A message that is put into a mailbox is always handled, by the owner or by the next owner, and
/// never by both. See [Ownership].
public final class MailboxWakeUp {

    private static final String MESSAGE = "message";
    private static final String OVERSLEPT = "overslept";
    private static final String GONE = "gone";

    private MailboxWakeUp() {}

    /// Does what an owner does between two messages: waits on its thread until there is one.
    ///
    /// @return the message, or OVERSLEPT if no other thread woke it
    private static Object awaitMessage(BareProcess process) {
        process.takeOver();
        try {
            while (true) {
                Object message = process.mailbox.take();
                if (message != null) {
                    return message;
                }
                Watchdog.Wait wait = Watchdog.begin(process::wake);
                process.park(Ownership.PARKED, null);
                if (Watchdog.end(wait)) {
                    return OVERSLEPT;
                }
            }
        } finally {
            Context.get().own(null);
        }
    }

    /// Describes who has the message after all actors have finished. An owner that goes on may have
    /// taken the process back from a sender that has scheduled it. A worker then drops the entry in
    /// its run queue.
    ///
    /// @param taken what the owner has taken
    private static String holder(BareProcess process, @Nullable Object taken) {
        int schedules = process.schedules.get();
        boolean queued = process.claimQueued();
        boolean waiting = process.mailbox.take() != null;
        if (taken == MESSAGE && !queued && !waiting) {
            return "owner";
        }
        if (taken == GONE && queued && schedules == 1 && waiting) {
            return "next owner";
        }
        return taken
                + ", queued: "
                + queued
                + ", scheduled: "
                + schedules
                + ", still in the mailbox: "
                + waiting;
    }

    @JCStressTest
    @Outcome(id = "owner", expect = ACCEPTABLE, desc = "The owner finds the message.")
    @Outcome(expect = FORBIDDEN, desc = "The owner sleeps although there is a message.")
    @State
    public static class Parking {
        private final BareProcess process = new BareProcess();
        private @Nullable Object taken;

        @Actor
        public void owner() {
            taken = awaitMessage(process);
        }

        @Actor
        public void sender() {
            process.deliver(MESSAGE);
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = holder(process, taken);
        }
    }

    @JCStressTest
    @Outcome(id = "owner", expect = ACCEPTABLE, desc = "The owner finds the message and stays.")
    @Outcome(id = "next owner", expect = ACCEPTABLE, desc = "The sender schedules the process.")
    @Outcome(expect = FORBIDDEN, desc = "The message lies in a cold process, or has two owners.")
    @State
    public static class Hibernating {
        private final BareProcess process = new BareProcess();
        private @Nullable Object taken;

        @Actor
        public void owner() {
            Object message = process.mailbox.take();
            if (message == null) {
                message = process.release() ? process.mailbox.take() : GONE;
            }
            taken = message;
        }

        @Actor
        public void sender() {
            process.deliver(MESSAGE);
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = holder(process, taken);
        }
    }

    /// A worker that has found the process in a run queue, and a caller that runs it itself.
    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "One of them is the owner.")
    @Outcome(expect = FORBIDDEN, desc = "The process has no owner, or two.")
    @State
    public static class QueuedAndClaimed {
        private final BareProcess process = new BareProcess();
        private final AtomicInteger owners = new AtomicInteger();

        public QueuedAndClaimed() {
            process.thread = null;
            process.run = Ownership.QUEUED;
            process.scheduleOrHeal();
        }

        @Actor
        public void worker() {
            if (process.claimQueued()) {
                owners.incrementAndGet();
            }
        }

        @Actor
        public void caller() {
            if (process.claim()) {
                owners.incrementAndGet();
            }
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = owners.get();
        }
    }

    /// The owner leaves and a sender schedules the process, while a worker finds an old entry in
    /// its run queue.
    @JCStressTest
    @Outcome(id = "owner", expect = ACCEPTABLE, desc = "The owner finds the message and stays.")
    @Outcome(id = "next owner", expect = ACCEPTABLE, desc = "The sender schedules the process.")
    @Outcome(id = "worker", expect = ACCEPTABLE, desc = "The worker finds the process queued.")
    @Outcome(expect = FORBIDDEN, desc = "The message lies in a cold process, or has two owners.")
    @State
    public static class StaleEntry {
        private final BareProcess process = new BareProcess();
        private @Nullable Object taken;
        private @Nullable Object takenByWorker;

        @Actor
        public void owner() {
            taken = process.release() ? process.mailbox.take() : GONE;
        }

        @Actor
        public void senderAndWorker() {
            process.deliver(MESSAGE);
            if (process.claimQueued()) {
                takenByWorker = process.mailbox.take();
            }
        }

        @Arbiter
        public void look(L_Result result) {
            boolean worker = takenByWorker == MESSAGE && taken == GONE;
            result.r1 = worker ? "worker" : holder(process, taken);
        }
    }

    /// Another thread moves the message while the owner parks. The owner must still find it.
    @JCStressTest
    @Outcome(id = "owner", expect = ACCEPTABLE, desc = "The owner finds the message.")
    @Outcome(expect = FORBIDDEN, desc = "The owner sleeps although there is a message.")
    @State
    public static class ParkingWhileLookedAt {
        private final BareProcess process = new BareProcess();
        private @Nullable Object taken;

        @Actor
        public void owner() {
            taken = awaitMessage(process);
        }

        @Actor
        public void senderAndLooker() {
            process.mailbox.offer(MESSAGE);
            process.mailbox.visit(Integer.MAX_VALUE, _ -> {});
            process.ensureRunning();
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = holder(process, taken);
        }
    }

    @JCStressTest
    @Outcome(id = "1", expect = ACCEPTABLE, desc = "One of the senders schedules it.")
    @Outcome(expect = FORBIDDEN, desc = "Neither, or both.")
    @State
    public static class ColdStart {
        private final BareProcess process = new BareProcess();

        public ColdStart() {
            if (process.release()) {
                throw new AssertionError("there is nothing to do");
            }
        }

        @Actor
        public void sender() {
            process.deliver(MESSAGE);
        }

        @Actor
        public void otherSender() {
            process.deliver(MESSAGE);
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = process.schedules.get();
        }
    }

    @JCStressTest
    @Outcome(id = "awake", expect = ACCEPTABLE, desc = "The alarm ends the wait.")
    @Outcome(expect = FORBIDDEN, desc = "The alarm has fired and the owner sleeps on.")
    @State
    public static class AlarmGoesOff {
        private final BareProcess process = new BareProcess();
        private final Ownership.Alarm alarm = process.new Alarm();

        @Actor
        public void owner(L_Result result) {
            process.takeOver();
            Watchdog.Wait wait = Watchdog.begin(process::wake);
            process.park(Ownership.RECEIVING, alarm);
            boolean overslept = Watchdog.end(wait);
            Context.get().own(null);
            result.r1 = overslept ? OVERSLEPT : "awake";
        }

        @Actor
        public void timer() {
            alarm.fire();
        }
    }

    @JCStressTest
    @Outcome(id = "left", expect = ACCEPTABLE, desc = "The owner wakes and leaves for good.")
    @Outcome(expect = FORBIDDEN, desc = "The owner of a dead process sleeps on, or has not left.")
    @State
    public static class Dying {
        private final BareProcess process = new BareProcess();
        private boolean overslept;

        @Actor
        public void owner() {
            process.takeOver();
            while (!process.isDead()) {
                Watchdog.Wait wait = Watchdog.begin(process::wake);
                process.park(Ownership.PARKED, null);
                overslept |= Watchdog.end(wait);
            }
            process.detachThread();
            Thread.interrupted(); // see AttachedProcess.close
        }

        @Actor
        public void killer() {
            process.die(BareProcess.BOOM);
        }

        @Arbiter
        public void look(L_Result result) {
            boolean left = process.isCold() && process.schedules.get() == 0;
            result.r1 = overslept ? OVERSLEPT : left ? "left" : "not left";
        }
    }
}
