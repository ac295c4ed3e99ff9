package io.genserver.runtime;

import io.genserver.Match;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jctools.queues.atomic.LinkedQueueAtomicNode;
import org.jctools.queues.atomic.unpadded.MpscLinkedAtomicUnpaddedQueue;
import org.jspecify.annotations.Nullable;

/// The messages that a process has been sent and has not handled, in the order of arrival.
///
/// Any thread offers. New messages lie in the queue, which is JCTools': many producers, one
/// consumer, wait-free for the producers. Older ones lie in a list, ahead of the queue: those that
/// a selective receive has passed over, and those that another thread has moved there to look at
/// them.
///
/// ## The right to consume
///
/// Usually the process's owner (see [Ownership]) consumes. A thread that ends the process or wants
/// to see its messages consumes as well, while the owner may be running the user's code for a long
/// time. So the right to consume is a state of its own, `consuming`. A thread takes it with a
/// compare-and-set and gives it back with a release write, both around a few instructions. No user
/// code runs in between. Whatever one holder of the right wrote plainly, the next one sees.
///
/// A thread that moves messages holds the right for at most [#CHUNK] messages at a time, so the
/// owner never waits longer than some microseconds.
///
/// ## A stack that ends
///
/// A producer exchanges the tail of the queue and then links the old tail to the new one. If its
/// stack ended between the two, the consumer would wait for the link for ever. So the producer
/// first makes the same call on a node that nobody sees yet. If there is stack for that, there is
/// stack for the link, because it is the same method called from the same frame.
final class Mailbox extends MpscLinkedAtomicUnpaddedQueue<Object> {

    /// How many messages are moved before the right to consume is given back.
    private static final int CHUNK = 1_024;

    /// How often a thread that does not own the process tries to take the right to consume.
    private static final int TRIES = 10_000;

    private static final int FREE = 0;
    private static final int TAKEN = 1;

    private static final VarHandle CONSUMING =
            Access.field(MethodHandles.lookup(), "consuming", int.class);

    private static final VarHandle OFFERED =
            Access.field(MethodHandles.lookup(), "offered", int.class);

    /// How many messages were offered. Any thread.
    private volatile int offered;

    /// How many messages were taken. Written by the holder of the right; read by any thread, which
    /// may see an older number.
    private int taken;

    /// Who may consume, see the class. Any thread.
    private volatile int consuming;

    /// The messages ahead of the queue, or null for none. Written by the holder of the right.
    private @Nullable Aside aside;

    /// A list whose elements are removed from any place in constant time. Written by the holder of
    /// the right; read by any thread.
    private static final class Aside {
        private @Nullable Kept first;
        private @Nullable Kept last;

        /// The last message that the receive under way has passed over; null for none. Those behind
        /// it are new to it.
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
            return lastPassed == null ? first : lastPassed.next;
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

    /// One message in the list. A thread that follows `next` while others change the list finds
    /// every message that is not removed.
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
        node.soNext(null); // see the class, "A stack that ends"
        OFFERED.getAndAddRelease(this, 1);
        xchgProducerNode(node).soNext(node);
        return true;
    }

    // Taking: the owner

    /// Takes the oldest message, or returns null. Owner.
    @Nullable Object take() {
        acquire();
        try {
            Object message = takeOldest();
            CONSUMING.setRelease(this, FREE);
            return message;
        } catch (Throwable noStack) {
            consuming = FREE; // no call, because there may be no stack left for one
            throw noStack;
        }
    }

    private @Nullable Object takeOldest() {
        Kept first = aside == null ? null : aside.first;
        if (aside == null || first == null) {
            aside = null;
            Object message = poll();
            if (message != null) {
                taken++;
            }
            return message;
        }
        aside.remove(null, first);
        taken++;
        return first.message;
    }

    /// Takes the first message that matches. Those before it count as passed over. While the match,
    /// which is the user's, looks at a message, that message stays where it is. Owner.
    ///
    /// @param fromTheStart whether to look again at the messages that were passed over before
    <T> @Nullable T take(Match<T> match, boolean fromTheStart) {
        for (Object message = nextNew(fromTheStart, false);
                message != null;
                message = nextNew(false, true)) {
            T result = matchOrdinary(match, message);
            if (result != null) {
                takeNew();
                return result;
            }
        }
        return null;
    }

    /// Applies a match to a message, unless the message is the runtime's own.
    private static <T> @Nullable T matchOrdinary(Match<T> match, Object message) {
        return switch (message) {
            case Envelope.UserMessage mine -> match.match(mine.message);
            case Envelope _ -> null;
            default -> match.match(message);
        };
    }

    /// Finds the first message that has not been passed over, and leaves it.
    ///
    /// @param rewind whether to forget first what was passed over
    /// @param pass whether to pass over one message first
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

    /// Moves the first message of the queue into the list. It is in the list before it leaves the
    /// queue, because memory may run out in between.
    private boolean moveOne(Aside kept) {
        Object message = peek();
        if (message == null) {
            return false;
        }
        kept.append(message);
        poll();
        return true;
    }

    /// Takes the first message that has not been passed over.
    private void takeNew() {
        acquire();
        try {
            Kept next = aside == null ? null : aside.firstNew();
            if (aside == null || next == null) {
                poll();
            } else {
                aside.remove(aside.lastPassed, next);
            }
            taken++;
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

    /// Takes the first message that passes a test of the runtime's. Those before it count as passed
    /// over. Owner.
    @Nullable Object takeUrgent(Predicate<Object> test) {
        acquire();
        try {
            Aside kept = madeAside();
            Kept before = null;
            for (Kept next = kept.first; ; next = next.next) {
                if (next == null) {
                    if (!moveOne(kept)) {
                        kept.lastPassed = kept.last;
                        return null;
                    }
                    next = kept.lastOf();
                }
                if (test.test(next.message)) {
                    kept.remove(before, next);
                    taken++;
                    return next.message;
                }
                before = next;
            }
        } finally {
            consuming = FREE;
        }
    }

    /// Takes all ordinary messages. Owner.
    List<Object> flush() {
        List<Object> all = new ArrayList<>();
        Match<Object> any = message -> message;
        for (Object message = take(any, true); message != null; message = take(any, true)) {
            all.add(message);
        }
        return all;
    }

    // Looking: any thread

    /// Whether there is a message that the owner's last look has not passed over. Any thread. A
    /// sender's offer is a volatile exchange and the queue's emptiness is read volatile, so this
    /// may stand on one side of a pair of a write and a read that must not both miss the other.
    boolean hasNew() {
        if (!isEmpty()) {
            return true;
        }
        // A thread that moves messages writes the list before the queue gets shorter. So if it has
        // emptied the queue, the list is seen here.
        Aside kept = aside;
        return kept != null && kept.firstNew() != null;
    }

    /// Whether there is no message at all, passed over or not. Owner.
    boolean hasNothing() {
        Aside kept = aside; // races OK: what another thread moves at this moment was in the queue
        return (kept == null || kept.first == null) && isEmpty();
    }

    /// How many messages wait. Exact while no thread sends or takes any.
    int length() {
        return Math.max(0, offered - taken);
    }

    /// Shows the messages that wait, oldest first. A message that is sent or taken at this moment
    /// may be missing. Any thread.
    ///
    /// @param visitor runs without the right
    /// @return how many there are
    int visit(Consumer<Object> visitor) {
        moveAll();
        int count = 0;
        Aside kept = aside;
        for (Kept next = kept == null ? null : kept.first; next != null; next = next.next) {
            visitor.accept(next.message);
            count++;
        }
        return count;
    }

    /// Moves the messages of the queue into the list, unless another thread holds the right for
    /// long.
    private void moveAll() {
        for (int left = length(); left > 0 && tryAcquire(); left -= CHUNK) {
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
    /// @return null if there is none, or another thread is taking messages just then and will see
    ///   that the process is dead
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

    /// Takes the right to consume. Owner, which waits for a holder that is at most moving a chunk.
    @SuppressWarnings("ThreadPriorityCheck") // only after many tries; no result depends on it
    private void acquire() {
        if (!CONSUMING.compareAndSet(this, FREE, TAKEN)) {
            while (!tryAcquire()) {
                Thread.yield();
            }
        }
    }

    /// Takes the right to consume unless others hold it for long.
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
