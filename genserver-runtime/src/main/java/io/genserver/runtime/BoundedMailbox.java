package io.genserver.runtime;

import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.TaggedDown;
import io.genserver.WhenFull;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/// The mailbox of a server that was started with the option `mailbox` or `mailboxWarning`. It
/// counts the calls, casts and messages that wait. [Admission] decides what happens to one that
/// finds no place.
///
/// ## Places
///
/// `waiting` counts the places that are taken. A sender takes a place before it offers its message,
/// and the thread that takes the message out gives the place back afterwards. So there are never
/// more counted messages in the queue than places taken.
///
/// - [#takePlace] takes a place only if one is free, with a compare-and-set. So no more than
///   `limit` places are ever taken, if all senders use it.
/// - [WhenFull.DropOldest] takes a place in any case, with [#takePlaceAnyway]. The sender then
///   drops the oldest message itself, because the owner may be in a long turn. It needs the right
///   to consume, as any thread that takes a message. It looks at `waiting` while it has the right.
///   Each sender that has exceeded the limit does so after its offer, so there are at most as many
///   messages above the limit as there are senders between these two steps.
///
/// The same test, [#isCounted], decides for the same object whether it gets a place and whether it
/// gives one back.
///
/// ## Why no sender waits although there is room
///
/// A sender that finds no place adds itself to `queue`, then tries to take a place for the first
/// sender in it ([#serve]). A thread that gives a place back does so with a read-modify-write, then
/// looks into `queue` and also tries that. All four accesses are volatile. So at least one of the
/// two threads sees the free place and the sender.
///
/// A place is handed to a sender with a compare-and-set of its `state`. A sender that gives up does
/// so with a compare-and-set, too. So a place is never handed to a sender that has gone. If
/// [#serve] has a place and finds no sender, it gives the place back and looks into `queue` again,
/// because a sender that came in between may have found no place. (Race tests: `MailboxRoom`)
///
/// ## Why no sender waits for a dead server
///
/// The owner of a dead server may never take a message again, and a place may belong to a sender
/// that has not yet sent its message. So no thread may be there to give a place back. The dying
/// thread therefore ends the limit, with [#endLimit]: it writes `room`, then looks into `queue` and
/// hands a place to each sender in it. A sender adds itself to `queue`, then reads `room`. All four
/// accesses are volatile, so at least one of the two threads sees what the other has written. The
/// sender's message then has the outcome of any message that reaches the mailbox of a dead process.
/// (`MailboxRoom.WaitAndDie`)
final class BoundedMailbox extends Mailbox {

    private static final VarHandle WAITING =
            Access.field(MethodHandles.lookup(), "waiting", int.class);

    private static final VarHandle LONG =
            Access.field(MethodHandles.lookup(), "isLong", boolean.class);

    /// How many places there are while the server lives.
    private final int limit;

    /// How many places there are: the limit, and no end of them once the server is dead. Written by
    /// the dying thread, read by any thread.
    private volatile int room;

    final WhenFull whenFull;

    /// How many messages are reported as many.
    private final int mark;

    /// How many places are taken. Written and read by any thread.
    private volatile int waiting;

    /// Whether the mailbox has reached its mark and has not fallen below half of it since. Written
    /// by senders with a compare-and-set, and by the holder of the right. Races OK: at worst a
    /// report comes once too often.
    private volatile boolean isLong;

    /// The senders that wait for a place, in the order of their arrival.
    private final Queue<Sender> queue = new ConcurrentLinkedQueue<>();

    /// @param limit how many counted messages may wait, at least 1
    /// @param mark how many of them are reported as many, at least 1
    BoundedMailbox(int limit, WhenFull whenFull, int mark) {
        this.limit = limit;
        this.room = limit;
        this.whenFull = whenFull;
        this.mark = mark;
    }

    /// A thread that waits for a place.
    static final class Sender {

        private static final VarHandle STATE =
                Access.field(MethodHandles.lookup(), "state", int.class);

        private static final int WAITS = 0;
        private static final int HAS_PLACE = 1;
        private static final int GONE = 2;

        private final Thread thread = Thread.currentThread();

        /// WAITS, then one of the others. HAS_PLACE is written by any thread, GONE by its own.
        private volatile int state = WAITS;

        /// Any thread.
        private boolean give() {
            return STATE.compareAndSet(this, WAITS, HAS_PLACE);
        }

        boolean hasPlace() {
            return state == HAS_PLACE;
        }

        /// Gives up. The sender's thread.
        ///
        /// @return false if the sender has just been given a place
        private boolean leave() {
            return STATE.compareAndSet(this, WAITS, GONE);
        }
    }

    /// Returns whether a message needs a place. Exit signals, monitors' messages, replies and the
    /// runtime's own messages need none.
    private static boolean isCounted(Object message) {
        return switch (message) {
            case ReplySlot.Request _, Envelope.Cast _ -> true;
            case PeriodicTimer.Tick _ -> false; // its timer has one at a time
            case Envelope.UserMessage mine -> !mine.isReply;
            case Envelope _, Exit _, Down _, TaggedDown _ -> false;
            default -> true;
        };
    }

    /// Returns whether a message would find a place at this moment. Any thread.
    boolean hasRoom() {
        return waiting < room;
    }

    int limit() {
        return limit;
    }

    // Offering. Any thread

    /// Adds a message whether or not there is room for it.
    @Override
    public boolean offer(Object message) {
        if (isCounted(message)) {
            takePlaceAnyway();
            offerToPlace(message);
        } else {
            super.offer(message);
        }
        return true;
    }

    @Override
    void offerReply(Object message) {
        super.offer(Envelope.UserMessage.reply(message));
    }

    @Override
    boolean offerIfRoom(Object message) {
        if (!isCounted(message)) {
            super.offer(message);
            return true;
        }
        StackRoom.require(); // a place that is taken must be used or given back
        if (!takePlace()) {
            return false;
        }
        offerToPlace(message);
        return true;
    }

    /// Takes a place for a message.
    ///
    /// @return whether the message has a place or needs none
    boolean takePlaceFor(Object message) {
        return !isCounted(message) || takePlace();
    }

    /// Adds a message that has a place, or needs none.
    ///
    /// @throws StackOverflowError if this thread's stack ends; the place is free again then
    void offerToPlace(Object message) {
        boolean offered = false;
        try {
            super.offer(message);
            offered = true;
        } finally {
            if (!offered && isCounted(message)) {
                givePlaceBack();
            }
        }
    }

    private boolean takePlace() {
        for (int seen = waiting; seen < room; seen = waiting) {
            if (WAITING.compareAndSet(this, seen, seen + 1)) {
                return true;
            }
        }
        return false;
    }

    private void takePlaceAnyway() {
        WAITING.getAndAdd(this, 1);
    }

    private void givePlaceBack() {
        WAITING.getAndAdd(this, -1);
        if (!queue.isEmpty()) {
            serve();
        }
    }

    // Taking

    /// Counts a message that was taken, and gives its place to the next sender. The holder of the
    /// right.
    @Override
    void took(Object message) {
        super.took(message);
        if (!isCounted(message)) {
            return;
        }
        try {
            givePlaceBack();
        } catch (StackOverflowError | OutOfMemoryError notHandedOn) {
            // The message must not be lost with this. The place is free, and the next thread that
            // takes a message or finds the mailbox full hands it on.
            Thread.onSpinWait();
        }
        if (isLong && waiting <= (mark - 1) / 2) {
            isLong = false;
        }
    }

    /// Takes the oldest counted message if there are more than the limit. Any thread.
    ///
    /// @return null if there are not
    @Nullable Object takeExcess() {
        return waiting > room ? takeFirst(BoundedMailbox::isCounted, () -> waiting > room) : null;
    }

    // Waiting for a place

    /// Has the current thread wait for a place from now on. It has to call [#dequeue] afterwards,
    /// also if this fails.
    void enqueue(Sender sender) {
        queue.add(sender);
        serve();
    }

    /// Ends the wait of a sender. The sender's thread.
    ///
    /// @return whether it has a place
    boolean dequeue(Sender sender) {
        if (!sender.leave()) {
            return true;
        }
        queue.remove(sender);
        return false;
    }

    /// Gives back the place of a sender that does not use it. The sender's thread.
    void returnPlace() {
        givePlaceBack();
    }

    @Override
    void endLimit() {
        room = Integer.MAX_VALUE;
        serve(); // reads queue after the write of room
    }

    /// Hands free places to the senders that wait. Any thread.
    private void serve() {
        while (!queue.isEmpty()) {
            StackRoom.require(); // for the unpark
            if (!takePlace()) {
                return;
            }
            Sender next = queue.poll();
            while (next != null && !next.give()) {
                next = queue.poll();
            }
            if (next == null) {
                WAITING.getAndAdd(this, -1);
            } else if (next.thread != Thread.currentThread()) {
                Threads.unpark(next.thread);
            }
        }
    }

    // The mark

    /// Returns whether the mailbox has just become long. Returns true once until it has fallen
    /// below half of the mark. Any thread.
    boolean becameLong() {
        return waiting >= mark && !isLong && LONG.compareAndSet(this, false, true);
    }

    int mark() {
        return mark;
    }
}
