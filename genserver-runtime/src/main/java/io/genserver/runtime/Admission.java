package io.genserver.runtime;

import io.genserver.DeadLetter.Reason;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.WhenFull;
import java.io.Serial;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// Sends messages to servers with a [BoundedMailbox], and does what the server wants if the mailbox
/// is full. Each message has one outcome: it is in the mailbox, its sender learns that it was
/// refused, or it is a dead letter. A request always fails instead of becoming a dead letter.
final class Admission {

    private Admission() {}

    /// Thrown to the sender of a cast or a message that was refused.
    private static final class Refused extends ExitException {
        @Serial private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message, ExitReason.MAILBOX_FULL, null);
        }
    }

    /// Sends a message. Any thread.
    ///
    /// @param timeout how long the sender waits at most, whatever the server allows; units: ns
    /// @throws ExitException if the message is refused and is no request, or the sender's process
    ///   has died
    static void send(
            Context context,
            LocalProcess to,
            BoundedMailbox mailbox,
            Object message,
            long timeout) {
        StackRoom.require(); // a place that is taken must be used or given back
        switch (mailbox.whenFull) {
            case WhenFull.DropOldest() -> pushIn(to, mailbox, message);
            case WhenFull.Fail() -> {
                if (!tryPut(to, mailbox, message)) {
                    refuse(to, mailbox, message);
                }
            }
            case WhenFull.DropNewest() -> {
                if (!tryPut(to, mailbox, message)) {
                    lose(to, message, Reason.MAILBOX_FULL);
                }
            }
            case WhenFull.Block(Duration limit) -> {
                if (!tryPut(to, mailbox, message)) {
                    long most = TimeUnits.nanos("the time limit of a full mailbox", limit);
                    new Blocked(context, to, mailbox, message).send(most, timeout);
                }
            }
        }
    }

    /// Sends a message of a timer or of another node. No thread waits for room, and nobody can be
    /// told, except for the sender of a request. Any thread.
    static void sendWithoutWaiting(LocalProcess to, Object message) {
        if (!(to.mailbox instanceof BoundedMailbox mailbox)) {
            to.deliver(message);
        } else if (mailbox.whenFull instanceof WhenFull.DropOldest) {
            pushIn(to, mailbox, message);
        } else if (!tryPut(to, mailbox, message)) {
            lose(to, message, Reason.MAILBOX_FULL);
        }
    }

    private static boolean tryPut(LocalProcess to, BoundedMailbox mailbox, Object message) {
        boolean has = mailbox.takePlaceFor(message);
        if (has) {
            put(to, mailbox, message);
        }
        return has;
    }

    /// Puts a message that has a place into the mailbox.
    private static void put(LocalProcess to, BoundedMailbox mailbox, Object message) {
        mailbox.offerToPlace(message);
        to.delivered(message);
        reportIfLong(to, mailbox);
    }

    private static void pushIn(LocalProcess to, BoundedMailbox mailbox, Object message) {
        mailbox.offer(message);
        to.delivered(message);
        for (Object old = mailbox.takeExcess(); old != null; old = mailbox.takeExcess()) {
            lose(to, old, Reason.DROPPED_OLDEST);
        }
        reportIfLong(to, mailbox);
    }

    private static void reportIfLong(LocalProcess to, BoundedMailbox mailbox) {
        if (mailbox.becameLong()) {
            LongMailbox.report(to, mailbox);
        }
    }

    private static void refuse(LocalProcess to, BoundedMailbox mailbox, Object message) {
        if (message instanceof ReplySlot request) {
            request.fail(ExitReason.MAILBOX_FULL);
        } else {
            throw new Refused(
                    (message instanceof Envelope.Cast ? "cast to " : "message to ")
                            + to.describe()
                            + " was refused, because its mailbox is full, with a limit of "
                            + mailbox.limit()
                            + ": "
                            + SafeText.of(Envelope.content(message)));
        }
    }

    private static void lose(LocalProcess to, Object message, Reason reason) {
        if (message instanceof ReplySlot request) {
            request.fail(ExitReason.MAILBOX_FULL);
        } else {
            to.node.deadLetters.noRoom(reason, to.pid, message);
        }
    }

    /// One message whose sender waits for room. The sender's thread.
    private record Blocked(
            Context context, LocalProcess to, BoundedMailbox mailbox, Object message) {

        /// Waits for room and sends the message.
        ///
        /// @param limit how long the server lets a sender wait; units: ns
        /// @param timeout how long the sender wants to wait; units: ns
        void send(long limit, long timeout) {
            LocalProcess self = context.process();
            if (self == null) {
                sendLater(null, limit, timeout);
                return;
            }
            self.receivePendingExit();
            self.checkAlive();
            if (self.waitingFor == message) { // a call, see LocalProcess.ask
                sendLater(self, limit, timeout);
                return;
            }
            ReplySlot wait =
                    message instanceof ReplySlot mine ? mine : new ReplySlot.Request(message, self);
            try {
                // Others see that this process waits for the server, as if it called the server.
                if (CallCycles.beginWait(context, self, to, wait) == null) {
                    sendLater(self, limit, timeout);
                } else {
                    refuse(to, mailbox, message); // the server would wait for itself
                }
            } finally {
                CallCycles.endWait(context, self);
            }
        }

        private void sendLater(@Nullable LocalProcess self, long limit, long timeout) {
            Clock clock = to.node.timers.clock();
            long start = clock.nanoTime();
            if (message instanceof ReplySlot request) {
                request.waitsSince(start);
            }
            StackRoom.require(); // for the way out
            BoundedMailbox.Sender sender = new BoundedMailbox.Sender();
            boolean waited = false;
            boolean interrupted = false;
            try {
                mailbox.enqueue(sender);
                interrupted = awaitPlace(sender, clock, start, Math.min(limit, timeout));
                waited = true;
            } finally {
                if (!waited && mailbox.dequeue(sender)) {
                    mailbox.returnPlace();
                }
            }
            boolean hasPlace = mailbox.dequeue(sender);
            ExitReason died = self == null ? null : self.exitReason(); // read once
            if (hasPlace && !interrupted && died == null) {
                put(to, mailbox, message);
                to.drainDead(); // its owner may never take the message
                return;
            }
            if (hasPlace) {
                mailbox.returnPlace();
            }
            if (died != null) {
                throw new ExitException(died);
            }
            if (interrupted) {
                fail(ExitReason.INTERRUPTED);
            } else if (timeout <= limit) {
                fail(ExitReason.TIMEOUT);
            } else {
                refuse(to, mailbox, message);
            }
        }

        private void fail(ExitReason reason) {
            if (message instanceof ReplySlot request) {
                request.fail(reason);
            } else {
                throw new ExitException(reason);
            }
        }

        /// Waits until there is a place, or the time has passed, or the sender's process is dead.
        ///
        /// @return whether the thread was interrupted and has to give up
        private boolean awaitPlace(
                BoundedMailbox.Sender sender, Clock clock, long start, long most) {
            context.beforeWait();
            while (!sender.hasPlace()) {
                long left = most - (clock.nanoTime() - start);
                if (left <= 0) {
                    return false;
                }
                clock.park(this, left);
                if (Thread.currentThread().isInterrupted()
                        && !sender.hasPlace()
                        && !context.putOffInterrupt()) {
                    return true;
                }
            }
            return false;
        }
    }
}
