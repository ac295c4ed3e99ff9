package io.genserver.runtime;

import io.genserver.Match;
import io.genserver.Pid;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jctools.queues.atomic.LinkedQueueAtomicNode;
import org.jctools.queues.atomic.unpadded.MpscLinkedAtomicUnpaddedQueue;
import org.jspecify.annotations.Nullable;

/// The messages that a process has been sent and has not handled, in the order of arrival.
///
/// Any thread offers. New messages are in the queue, which is JCTools': many producers, one
/// consumer, wait-free for the producers. Older messages are in a list ahead of the queue: those
/// that a selective receive has passed over, and those that another thread has moved there to look
/// at them.
///
/// ## The right to consume
///
/// Usually the process's owner (see [Ownership]) consumes. A thread that ends the process or wants
/// to see its messages also consumes, while the owner may be running the user's code for a long
/// time. Therefore `consuming` holds the right to consume, apart from ownership. A thread takes the
/// right with a compare-and-set and gives it back with a release or volatile write. No user code
/// runs in between. What one holder of the right wrote plainly, the next holder sees.
///
/// A thread that moves messages to look at them holds the right for at most [#CHUNK] messages at a
/// time, so the owner waits only some microseconds for it. The owner itself may hold the right for
/// longer, see [#takeUrgent]. Other threads give up after [#TRIES] tries.
///
/// ## A stack that ends
///
/// A producer exchanges the tail of the queue and then links the old tail to the new one. If its
/// stack ended between the two steps, the consumer would wait for the link for ever. So the
/// producer first makes the same call on a node that no other thread sees yet. If there is stack
/// for that call, there is stack for the link, because it is the same method called from the same
/// frame.
class Mailbox extends MpscLinkedAtomicUnpaddedQueue<Object> {

    /// How many messages are moved before the right to consume is given back.
    private static final int CHUNK = 1_024;

    /// How often a thread tries to take the right to consume before it gives up. The owner then
    /// yields and starts over.
    private static final int TRIES = 10_000;

    private static final int FREE = 0;
    private static final int TAKEN = 1;

    private static final VarHandle CONSUMING =
            Access.field(MethodHandles.lookup(), "consuming", int.class);

    private static final VarHandle OFFERED =
            Access.field(MethodHandles.lookup(), "offered", int.class);

    /// How many messages were offered. Written and read by any thread.
    private volatile int offered;

    /// How many messages were taken. Written by the holder of the right. Read by any thread, which
    /// may see an older number.
    private int taken;

    /// Whether a thread holds the right to consume. Written and read by any thread.
    private volatile int consuming;

    /// The messages ahead of the queue; null for none. Written by the holder of the right, read by
    /// any thread.
    private @Nullable Aside aside;

    /// A list from which an element at any place is removed in constant time. Written by the holder
    /// of the right, read by any thread.
    private static final class Aside {
        private @Nullable Kept first;
        private @Nullable Kept last;

        /// The last message that the current receive has passed over; null for none. The messages
        /// behind it are new to the receive.
        private @Nullable Kept lastPassed;

        private void append(Object message) {
            Kept kept = new Kept(message);
            if (last == null) {
                first = kept;
            } else {
                last.next = kept;
            }
            last = kept;
        }

        private @Nullable Kept firstNew() {
            Kept passed = lastPassed; // read once, because other threads may change it
            return passed == null ? first : passed.next;
        }

        /// Removes a message, if it is there. It is usually the first one that is new.
        private boolean remove(Object message) {
            Kept start = lastPassed;
            Kept next = start == null ? first : start.next;
            if (next != null && next.message == message) {
                remove(start, next);
                return true;
            }
            Kept before = null;
            for (Kept kept = first; kept != null; kept = kept.next) {
                if (kept.message == message) {
                    remove(before, kept);
                    return true;
                }
                before = kept;
            }
            return false;
        }

        private Kept lastOf() {
            return Objects.requireNonNull(last);
        }

        private void remove(@Nullable Kept before, Kept kept) {
            if (before == null) {
                first = kept.next;
            } else {
                before.next = kept.next;
            }
            if (last == kept) {
                last = before;
            }
            if (lastPassed == kept) {
                lastPassed = before;
            }
        }
    }

    /// One message in the list. A thread that follows `next` while another thread changes the list
    /// finds every message that is not removed.
    private static final class Kept {
        private final Object message;
        private volatile @Nullable Kept next;

        Kept(Object message) {
            this.message = message;
        }
    }

    /// Adds a message. Any thread.
    @Override
    public boolean offer(Object message) {
        LinkedQueueAtomicNode<Object> node = newNode(message);
        node.soNext(null); // see "A stack that ends" above
        OFFERED.getAndAddRelease(this, 1);
        xchgProducerNode(node).soNext(node);
        return true;
    }

    /// Adds the news of the end of a process. Any thread.
    ///
    /// @param from the process; null if there never was one
    void offerNews(@Nullable Pid from, Object message) {
        offer(message);
    }

    /// Adds a reply, which a bounded mailbox does not count. Any thread.
    void offerReply(Object message) {
        offer(message);
    }

    /// Adds a message if there is room for it. Any thread.
    ///
    /// @return whether there was; always true unless the mailbox is bounded
    boolean offerIfRoom(Object message) {
        return offer(message);
    }

    /// Ends the limit, because the process is dead. The dying thread.
    void endLimit() {}

    /// Counts a message that was taken. The holder of the right.
    void took(Object message) {
        taken++;
    }

    // Taking: the owner

    /// Takes the oldest message. Owner.
    ///
    /// @return the message, or null if there is none
    @Nullable Object take() {
        // The first message is looked at first, because senders write what hasNothing reads.
        if (relaxedPeek() == null && hasNothing()) {
            return null;
        }
        acquire();
        try {
            Object message = takeOldest();
            CONSUMING.setRelease(this, FREE);
            return message;
        } catch (Throwable noStack) {
            consuming = FREE; // no call, because there may be no stack left for it
            throw noStack;
        }
    }

    private @Nullable Object takeOldest() {
        Kept first = aside == null ? null : aside.first;
        if (aside == null || first == null) {
            aside = null;
            Object message = poll();
            if (message != null) {
                took(message);
            }
            return message;
        }
        aside.remove(null, first);
        took(first.message);
        return first.message;
    }

    /// Takes the first message that matches, and passes over those before it. A message stays where
    /// it is while the user's match looks at it. Owner.
    ///
    /// @param fromTheStart whether to look again at the messages that were passed over before
    <T> @Nullable T take(Match<T> match, boolean fromTheStart) {
        for (Object message = nextNew(fromTheStart, false);
                message != null;
                message = nextNew(false, true)) {
            T result = matchOrdinary(match, message);
            if (result != null) {
                if (message instanceof PeriodicTimer.Tick) {
                    StackRoom.requireForBoth(); // because `taken` arms the timer
                }
                if (!takeLookedAt(message)) {
                    return null;
                }
                if (message instanceof Envelope.UserMessage mine) {
                    mine.taken();
                }
                return result;
            }
        }
        return null;
    }

    /// Applies a match to a message. The runtime's own messages match nothing.
    private static <T> @Nullable T matchOrdinary(Match<T> match, Object message) {
        return switch (message) {
            case Envelope.UserMessage mine -> match.match(mine.message);
            case Envelope _ -> null;
            default -> match.match(message);
        };
    }

    /// Finds the first message that has not been passed over, and leaves it in the mailbox.
    ///
    /// @param rewind whether to first forget what was passed over
    /// @param pass whether to first pass over one message
    private @Nullable Object nextNew(boolean rewind, boolean pass) {
        acquire();
        try {
            if (rewind && aside != null) {
                aside.lastPassed = null;
            }
            if (pass) {
                passOver();
            }
            Kept next = aside == null ? null : aside.firstNew();
            return next == null ? peek() : next.message;
        } finally {
            consuming = FREE;
        }
    }

    private void passOver() {
        Aside kept = madeAside();
        Kept next = kept.firstNew();
        if (next != null) {
            kept.lastPassed = next;
        } else if (moveOne(kept)) {
            kept.lastPassed = kept.last;
        }
    }

    /// Moves the first message of the queue into the list. The message is in the list before it
    /// leaves the queue, because memory may run out in between.
    private boolean moveOne(Aside kept) {
        Object message = peek();
        if (message == null) {
            return false;
        }
        kept.append(message);
        poll();
        return true;
    }

    /// Removes the message that a match has looked at. Usually it is the first new one. A match
    /// that receives messages itself may have passed it over, or taken it. A thread that ends the
    /// process may have taken it as well.
    ///
    /// @return false if it is gone
    private boolean takeLookedAt(Object looked) {
        acquire();
        try {
            Aside kept = aside;
            Kept next = kept == null ? null : kept.firstNew();
            if (next == null && peek() == looked) {
                poll();
            } else if (kept == null || !kept.remove(looked)) {
                return false;
            }
            took(looked);
            return true;
        } finally {
            consuming = FREE;
        }
    }

    private Aside madeAside() {
        Aside kept = aside;
        if (kept == null) {
            kept = new Aside();
            aside = kept;
        }
        return kept;
    }

    /// Takes the first message that passes a test of the runtime's. If there is none, all messages
    /// count as passed over. Holds the right to consume while it looks at all messages. Owner.
    @Nullable Object takeUrgent(Predicate<Object> test) {
        acquire();
        try {
            Aside kept = madeAside();
            Object found = takeFirst(kept, test);
            if (found == null) {
                kept.lastPassed = kept.last;
            }
            return found;
        } finally {
            consuming = FREE;
        }
    }

    /// Takes the first message that passes a test of the runtime's, if a condition holds once this
    /// thread has the right to consume. Any thread.
    ///
    /// @return null if the condition does not hold, or there is no such message
    final @Nullable Object takeFirst(Predicate<Object> test, BooleanSupplier condition) {
        acquire();
        try {
            if (!condition.getAsBoolean()) {
                return null;
            }
            Object next = aside == null || aside.first == null ? peek() : null;
            return next != null && test.test(next) ? takeOldest() : takeFirst(madeAside(), test);
        } finally {
            consuming = FREE;
        }
    }

    private @Nullable Object takeFirst(Aside kept, Predicate<Object> test) {
        Kept before = null;
        for (Kept next = kept.first; ; next = next.next) {
            if (next == null) {
                if (!moveOne(kept)) {
                    return null;
                }
                next = kept.lastOf();
            }
            if (test.test(next.message)) {
                kept.remove(before, next);
                took(next.message);
                return next.message;
            }
            before = next;
        }
    }

    /// Takes all messages except the runtime's own. Owner.
    List<Object> flush() {
        List<Object> all = new ArrayList<>();
        Match<Object> any = message -> message;
        for (Object message = take(any, true); message != null; message = take(any, true)) {
            all.add(message);
        }
        return all;
    }

    // Looking: any thread

    /// Returns whether there is a message that the owner's last receive has not passed over. Any
    /// thread. An offer is a volatile exchange, and the queue's emptiness is read volatile. So this
    /// may be the read of a thread that writes first and then reads, if another thread offers first
    /// and then reads: the two cannot both miss the other's write.
    boolean hasNew() {
        if (!isEmpty()) {
            return true;
        }
        // A thread that moves messages writes the list before the queue gets shorter. So if it has
        // emptied the queue, the list is seen here.
        Aside kept = aside;
        return kept != null && kept.firstNew() != null;
    }

    /// Returns whether there is no message at all, passed over or not. Exact for the owner; another
    /// thread may see a message that is being taken.
    boolean hasNothing() {
        if (!isEmpty()) {
            return false;
        }
        Aside kept = aside; // after the queue, as in hasNew
        return kept == null || kept.first == null;
    }

    /// Returns how many messages wait. Exact while no thread sends or takes a message. Any thread.
    int length() {
        return Math.max(0, offered - taken);
    }

    /// Shows the messages that wait, oldest first. A message that is sent or taken at this moment
    /// may be missing. Any thread.
    ///
    /// @param most how many to show at most
    /// @param visitor runs without the right
    /// @return how many were shown
    int visit(int most, Consumer<Object> visitor) {
        move(most);
        int count = 0;
        Aside kept = aside;
        Kept next = kept == null ? null : kept.first;
        for (; next != null && count < most; next = next.next) {
            visitor.accept(next.message);
            count++;
        }
        return count;
    }

    /// Moves messages of the queue into the list, unless another thread holds the right for long.
    private void move(int most) {
        for (int left = Math.min(length(), most); left > 0 && tryAcquire(); left -= CHUNK) {
            try {
                Aside kept = madeAside();
                for (int i = Math.min(left, CHUNK); i > 0 && moveOne(kept); i--) {}
            } finally {
                consuming = FREE;
            }
        }
    }

    /// Takes the oldest message of a dead process. Any thread.
    ///
    /// @return null if there is none, or if another thread holds the right to consume
    @Nullable Object takeFromDead() {
        if (!tryAcquire()) {
            return null;
        }
        try {
            return takeOldest();
        } finally {
            consuming = FREE;
        }
    }

    // The right to consume

    /// Takes the right to consume, and waits for the thread that holds it. The owner, and a thread
    /// that drops the oldest message of a full mailbox.
    @SuppressWarnings("ThreadPriorityCheck") // only after many tries; no result depends on it
    private void acquire() {
        if (!CONSUMING.compareAndSet(this, FREE, TAKEN)) {
            while (!tryAcquire()) {
                Thread.yield();
            }
        }
    }

    /// Takes the right to consume unless other threads hold it for long. Any thread.
    ///
    /// @return whether this thread has it
    private boolean tryAcquire() {
        for (int i = 0; i < TRIES; i++) {
            if (consuming == FREE && CONSUMING.compareAndSet(this, FREE, TAKEN)) {
                return true;
            }
            Thread.onSpinWait();
        }
        return false;
    }
}
