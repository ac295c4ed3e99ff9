package io.genserver.runtime;

import static org.openjdk.jcstress.annotations.Expect.ACCEPTABLE;
import static org.openjdk.jcstress.annotations.Expect.FORBIDDEN;

import io.genserver.WhenFull;
import java.time.Duration;
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

    /// Waits as [Admission] does, without a time limit.
    ///
    /// @return whether the sender was woken in time
    private static boolean awaitPlace(BoundedMailbox mailbox) {
        BoundedMailbox.Sender sender = mailbox.enqueue();
        boolean inTime = true;
        Watchdog.Wait wait = Watchdog.begin(() -> {});
        while (!sender.hasPlace() && inTime) {
            LockSupport.parkNanos(4_000_000_000L);
            inTime = sender.hasPlace();
        }
        Watchdog.end(wait);
        return mailbox.dequeue(sender) && inTime;
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
        private final BoundedMailbox.Sender sender = mailbox.enqueue();
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

    /// A place that is handed to nobody must reach a sender that comes at the same moment.
    @JCStressTest
    @Outcome(id = "1 waits, 1 place", expect = ACCEPTABLE, desc = "The other sender is served.")
    @Outcome(expect = FORBIDDEN, desc = "The other sender sleeps although there is room.")
    @State
    public static class GiveUpAndWait {
        private final BoundedMailbox mailbox = full();
        private final BoundedMailbox.Sender first = mailbox.enqueue();
        private boolean inTime;

        @Actor
        public void firstSender() {
            if (mailbox.dequeue(first)) {
                mailbox.returnPlace();
            }
        }

        @Actor
        public void otherSender() {
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

    /// Two senders push in while the owner takes. Each message is taken once or dropped once.
    @JCStressTest
    @Outcome(id = "3 messages, at most 1 waits", expect = ACCEPTABLE, desc = "None is lost.")
    @Outcome(expect = FORBIDDEN, desc = "A message is lost, or too many wait.")
    @State
    public static class DropAndTake {
        private final BoundedMailbox mailbox = full();
        private @Nullable Object taken;
        private int droppedByOne;
        private int droppedByOther;

        private int pushIn(Object message) {
            mailbox.offer(message);
            int dropped = 0;
            while (mailbox.takeExcess() != null) {
                dropped++;
            }
            return dropped;
        }

        @Actor
        public void one() {
            droppedByOne = pushIn("second");
        }

        @Actor
        public void other() {
            droppedByOther = pushIn("third");
        }

        @Actor
        public void owner() {
            taken = mailbox.take();
        }

        @Arbiter
        public void look(L_Result result) {
            int waiting = mailbox.length();
            int all = waiting + droppedByOne + droppedByOther + (taken == null ? 0 : 1);
            result.r1 =
                    all
                            + " messages, "
                            + (waiting <= 1 && places(mailbox).endsWith("1 place")
                                    ? "at most 1 waits"
                                    : "too many wait or wrong places");
        }
    }
}
