package io.genserver.runtime;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.genserver.WhenFull;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.openjdk.jcstress.annotations.Actor;
import org.openjdk.jcstress.annotations.Arbiter;
import org.openjdk.jcstress.annotations.JCStressTest;
import org.openjdk.jcstress.annotations.Outcome;
import org.openjdk.jcstress.annotations.State;
import org.openjdk.jcstress.infra.results.L_Result;

/// A sender that waits for room in a full mailbox is woken when there is room, and a place is never
/// lost or given away twice. See [BoundedMailbox].
public final class MailboxRoom {

    private MailboxRoom() {}

    private static BoundedMailbox full() {
        BoundedMailbox mailbox = new BoundedMailbox(1, new WhenFull.Block(Duration.ZERO), 1);
        mailbox.offer("first");
        return mailbox;
    }

    private static BoundedMailbox.Sender waiting(BoundedMailbox mailbox) {
        BoundedMailbox.Sender sender = new BoundedMailbox.Sender();
        mailbox.enqueue(sender);
        return sender;
    }

    /// Waits as [Admission] does, without a time limit.
    ///
    /// @return whether the sender was woken in time
    private static boolean awaitPlace(BoundedMailbox mailbox) {
        BoundedMailbox.Sender sender = waiting(mailbox);
        AtomicBoolean overslept = new AtomicBoolean();
        Watchdog.Wait wait = Watchdog.begin(() -> overslept.setOpaque(true));
        while (!sender.hasPlace() && !overslept.getOpaque()) {
            LockSupport.park();
        }
        boolean bitten = Watchdog.end(wait);
        return mailbox.dequeue(sender) && !bitten;
    }

    /// Describes how many places are taken: as many as messages wait.
    private static String places(BoundedMailbox mailbox) {
        boolean waits = mailbox.take() != null;
        boolean room = mailbox.hasRoom();
        boolean more = mailbox.takePlaceFor("message") && mailbox.hasRoom();
        return (waits ? "1 waits, " : "0 wait, ") + (room && !more ? "1 place" : "wrong places");
    }

    @JCStressTest
    @Outcome(id = "1 waits, 1 place", expect = ACCEPTABLE, desc = "The sender gets the place.")
    @Outcome(expect = FORBIDDEN, desc = "The sender sleeps although there is room.")
    @State
    public static class WaitAndTake {
        private final BoundedMailbox mailbox = full();
        private boolean inTime;

        @Actor
        public void sender() {
            inTime = awaitPlace(mailbox);
            if (inTime) {
                mailbox.offerToPlace("second");
            }
        }

        @Actor
        public void owner() {
            mailbox.take();
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = inTime ? places(mailbox) : "overslept";
        }
    }

    @JCStressTest
    @Outcome(id = "sent, 1 waits, 1 place", expect = ACCEPTABLE, desc = "The place comes first.")
    @Outcome(id = "gone, 0 wait, 1 place", expect = ACCEPTABLE, desc = "The sender gives up first.")
    @Outcome(expect = FORBIDDEN, desc = "A place is lost, or there is one too many.")
    @State
    public static class GiveUpAndTake {
        private final BoundedMailbox mailbox = full();
        private final BoundedMailbox.Sender sender = waiting(mailbox);
        private boolean sent;

        @Actor
        public void sender() {
            sent = mailbox.dequeue(sender);
            if (sent) {
                mailbox.offerToPlace("second");
            }
        }

        @Actor
        public void owner() {
            mailbox.take();
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = (sent ? "sent, " : "gone, ") + places(mailbox);
        }
    }

    /// The owner may find only a sender that has gone. It must then find the one that comes at the
    /// same moment.
    @JCStressTest
    @Outcome(id = "1 waits, 1 place", expect = ACCEPTABLE, desc = "The next sender is served.")
    @Outcome(expect = FORBIDDEN, desc = "The next sender sleeps although there is room.")
    @State
    public static class GiveUpAndWait {
        private final BoundedMailbox mailbox = full();
        private final BoundedMailbox.Sender first = waiting(mailbox);
        private boolean inTime;

        @Actor
        public void senders() {
            if (mailbox.dequeue(first)) {
                mailbox.returnPlace();
            }
            inTime = awaitPlace(mailbox);
            if (inTime) {
                mailbox.offerToPlace("second");
            }
        }

        @Actor
        public void owner() {
            mailbox.take();
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = inTime ? places(mailbox) : "overslept";
        }
    }

    /// The server dies. Its only place is taken by a sender that has not yet sent its message, so
    /// no thread gives a place back.
    @JCStressTest
    @Outcome(id = "boom", expect = ACCEPTABLE, desc = "The sender learns of the death.")
    @Outcome(expect = FORBIDDEN, desc = "The sender sleeps although the server is dead.")
    @State
    public static class WaitAndDie {
        private final BoundedMailbox mailbox =
                new BoundedMailbox(1, new WhenFull.Block(Duration.ZERO), 1);
        private final BareProcess server = new BareProcess(mailbox);
        private final ReplySlot slot = new ReplySlot.Request("request", null);
        private boolean inTime;

        public WaitAndDie() {
            mailbox.takePlaceFor("first");
        }

        @Actor
        public void sender() {
            inTime = awaitPlace(mailbox);
            if (inTime) {
                mailbox.offerToPlace(slot);
                server.delivered(slot);
            }
        }

        @Actor
        public void killer() {
            server.die(BareProcess.BOOM);
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = inTime ? ReplySlotRace.outcome(slot) : "overslept";
        }
    }

    private static int pushIn(BoundedMailbox mailbox, Object message) {
        mailbox.offer(message);
        int dropped = 0;
        while (mailbox.takeExcess() != null) {
            dropped++;
        }
        return dropped;
    }

    /// Describes what became of all messages.
    ///
    /// @param gone how many were taken or dropped
    private static String account(BoundedMailbox mailbox, int gone) {
        int waiting = mailbox.length();
        return (waiting + gone)
                + " messages, "
                + (waiting <= 1 && places(mailbox).endsWith("1 place")
                        ? "at most 1 waits"
                        : "too many wait, or wrong places");
    }

    @JCStressTest
    @Outcome(
            id = "2 messages, at most 1 waits, dropped null",
            expect = ACCEPTABLE,
            desc = "The owner makes room in time.")
    @Outcome(
            id = "2 messages, at most 1 waits, dropped first",
            expect = ACCEPTABLE,
            desc = "The sender makes room.")
    @Outcome(expect = FORBIDDEN, desc = "A message is lost, or dropped although there is room.")
    @State
    public static class DropAndTake {
        private final BoundedMailbox mailbox = full();
        private @Nullable Object taken;
        private @Nullable Object dropped;

        @Actor
        public void sender() {
            mailbox.offer("second");
            dropped = mailbox.takeExcess();
        }

        @Actor
        public void owner() {
            taken = mailbox.take();
        }

        @Arbiter
        public void look(L_Result result) {
            int gone = (taken == null ? 0 : 1) + (dropped == null ? 0 : 1);
            result.r1 = account(mailbox, gone) + ", dropped " + dropped;
        }
    }

    @JCStressTest
    @Outcome(id = "3 messages, at most 1 waits", expect = ACCEPTABLE, desc = "None is lost.")
    @Outcome(expect = FORBIDDEN, desc = "A message is lost, or too many wait.")
    @State
    public static class DropAndDrop {
        private final BoundedMailbox mailbox = full();
        private int droppedByOne;
        private int droppedByOther;

        @Actor
        public void one() {
            droppedByOne = pushIn(mailbox, "second");
        }

        @Actor
        public void other() {
            droppedByOther = pushIn(mailbox, "third");
        }

        @Arbiter
        public void look(L_Result result) {
            result.r1 = account(mailbox, droppedByOne + droppedByOther);
        }
    }
}
