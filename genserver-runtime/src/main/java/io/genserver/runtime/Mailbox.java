package io.genserver.runtime;

import io.genserver.Match;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/// What a process has been sent and has not handled yet, in the order of arrival.
///
/// Any thread offers; only the process's owner (see [Ownership]) takes. Messages that a selective
/// receive passed over are kept aside, ahead of the queue.
///
/// ## The queue
///
/// Messages are chained through themselves: requests and casts are [Item]s, others are put into
/// one. A sender pushes its item onto a stack, `newest`, with one compare-and-set. An owner that
/// has nothing left takes the whole stack with another and turns it round; from then on `next` is
/// the oldest. An empty mailbox is two nulls, and nothing keeps what has been taken.
///
/// A thread that ends the process must find every request that waits, see [Signals], while the
/// owner may be taking messages. So what the owner is about to take it first writes to `batch`,
/// then takes it from the stack; whoever looks reads `newest` first and then `batch`, and misses
/// nothing. Both are chained by `older`, which the owner cuts behind each item it takes.
final class Mailbox {

    /// Something that can lie in one mailbox, once.
    abstract static class Item {

        /// What was there before it. Written by the sender before the item is in the stack, and by
        /// the owner when it takes what was there before; read by any thread.
        @Nullable Item older;

        /// What came after it. Owner.
        @Nullable Item newer;
    }

    /// A message that is no item itself.
    private static final class Wrapped extends Item {
        private final Object message;

        Wrapped(Object message) {
            this.message = message;
        }
    }

    private static final VarHandle NEWEST;
    private static final VarHandle BATCH;
    private static final VarHandle OLDER;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            NEWEST = lookup.findVarHandle(Mailbox.class, "newest", Item.class);
            BATCH = lookup.findVarHandle(Mailbox.class, "batch", Item.class);
            OLDER = lookup.findVarHandle(Item.class, "older", Item.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /// The item offered last, of those the owner has not taken from the stack.
    private volatile @Nullable Item newest;

    /// The newest of those it has taken from the stack, if there were several. Written by the
    /// owner.
    private volatile @Nullable Item batch;

    /// The oldest of those. Owner; others may read it if the process is cold.
    private @Nullable Item next;

    /// Written by the owner; read by any thread. What is in it is written by the owner, guarded by
    /// itself; read by the owner, and, guarded, by others.
    private volatile @Nullable ArrayDeque<Object> passedOver;

    void offer(Object message) {
        Item item = message instanceof Item itself ? itself : new Wrapped(message);
        Item before;
        do {
            before = newest;
            item.older = before;
        } while (!NEWEST.compareAndSet(this, before, item));
    }

    private static Object message(Item item) {
        return item instanceof Wrapped wrapped ? wrapped.message : item;
    }

    /// Whether nothing has arrived since the last poll. A volatile read of what senders write with
    /// a volatile compare-and-set, so it may stand on one side of a store-load pair.
    boolean nothingNew() {
        return newest == null && next == null;
    }

    /// The oldest message of the queue, or null. Owner only.
    private @Nullable Object take() {
        Item first = next == null ? takeStack() : next;
        if (first == null) {
            return null;
        }
        Item after = first.newer;
        if (after != null) {
            first.newer = null; // an old object must not keep a young one
            OLDER.setRelease(after, null);
            next = after;
        } else if (batch != null) {
            next = null;
            BATCH.setRelease(this, null);
        }
        return message(first);
    }

    /// Takes all there is in the stack, and turns it round.
    ///
    /// @return the oldest
    private @Nullable Item takeStack() {
        Item last;
        do {
            last = newest;
            if (last == null) {
                return null;
            }
            if (last.older != null) {
                BATCH.setRelease(this, last); // before the compare-and-set, which is the fence
            }
        } while (!NEWEST.compareAndSet(this, last, null));
        Item first = last;
        for (Item older = first.older; older != null; older = first.older) {
            older.newer = first;
            first = older;
        }
        return first;
    }

    /// Whether no message was passed over and kept. Owner only.
    boolean nothingPassedOver() {
        ArrayDeque<Object> aside = passedOver;
        return aside == null || aside.isEmpty();
    }

    /// The oldest message, or null. Owner only.
    @Nullable Object poll() {
        ArrayDeque<Object> aside = passedOver;
        return aside == null ? take() : pollAside(aside);
    }

    private @Nullable Object pollAside(ArrayDeque<Object> aside) {
        Object first;
        synchronized (aside) {
            first = aside.poll();
        }
        if (first != null) {
            return first;
        }
        passedOver = null;
        return take();
    }

    /// Takes the first message that matches out of those passed over before. Owner only.
    <T> @Nullable T takePassedOver(Match<T> match) {
        ArrayDeque<Object> aside = passedOver;
        if (aside == null) {
            return null;
        }
        for (Iterator<Object> messages = aside.iterator(); messages.hasNext(); ) {
            T result = LocalProcess.matchOrdinary(match, messages.next());
            if (result != null) {
                remove(messages, aside);
                return result;
            }
        }
        return null;
    }

    private static void remove(Iterator<Object> messages, ArrayDeque<Object> aside) {
        synchronized (aside) {
            messages.remove();
        }
    }

    /// Takes the first message that matches out of those that are new; the ones before it count as
    /// passed over from then on. Owner only.
    ///
    /// @param onPass is told of each message passed over
    <T> @Nullable T takeNew(Match<T> match, Consumer<Object> onPass) {
        for (Object message = take(); message != null; message = take()) {
            T result;
            try {
                result = LocalProcess.matchOrdinary(match, message);
            } catch (Throwable thrown) {
                pass(message, onPass); // a match that throws loses no message
                throw thrown;
            }
            if (result != null) {
                return result;
            }
            pass(message, onPass);
        }
        return null;
    }

    /// Takes the first message, the framework's own among them, that passes a test; the ones before
    /// it count as passed over. Owner only.
    @Nullable Object takeRaw(Predicate<Object> test, Consumer<Object> onPass) {
        ArrayDeque<Object> aside = passedOver;
        if (aside != null) {
            for (Iterator<Object> messages = aside.iterator(); messages.hasNext(); ) {
                Object message = messages.next();
                if (test.test(message)) {
                    remove(messages, aside);
                    return message;
                }
            }
        }
        for (Object message = take(); message != null; message = take()) {
            if (test.test(message)) {
                return message;
            }
            pass(message, onPass);
        }
        return null;
    }

    private void pass(Object message, Consumer<Object> onPass) {
        ArrayDeque<Object> aside = passedOver;
        if (aside == null) {
            aside = new ArrayDeque<>();
            passedOver = aside;
        }
        synchronized (aside) {
            aside.add(message);
        }
        onPass.accept(message);
    }

    /// Takes all ordinary messages. Owner only.
    List<Object> flush(Consumer<Object> onPass) {
        List<Object> all = new ArrayList<>();
        Match<Object> any = message -> message;
        for (Object message = takePassedOver(any); message != null; message = takePassedOver(any)) {
            all.add(message);
        }
        for (Object message = takeNew(any, onPass);
                message != null;
                message = takeNew(any, onPass)) {
            all.add(message);
        }
        return all;
    }

    /// How many messages wait. Exact for the owner, close for others.
    int size() {
        int[] count = new int[1];
        walk(message -> count[0]++);
        ArrayDeque<Object> aside = passedOver;
        if (aside != null) {
            synchronized (aside) {
                count[0] += aside.size();
            }
        }
        return count[0];
    }

    /// The messages that wait, oldest first, for any thread. One that the owner is taking or a
    /// sender is adding at this moment may be missing.
    List<Object> snapshot() {
        ArrayDeque<Object> all = queued();
        ArrayDeque<Object> aside = passedOver;
        if (aside != null) {
            synchronized (aside) {
                aside.descendingIterator().forEachRemaining(all::addFirst);
            }
        }
        return new ArrayList<>(all);
    }

    /// Shows the messages in the queue, oldest first, without taking them, to any thread. It may
    /// show some that the owner takes meanwhile, and does not show those passed over.
    void peek(Consumer<Object> visitor) {
        queued().forEach(visitor);
    }

    private ArrayDeque<Object> queued() {
        ArrayDeque<Object> found = new ArrayDeque<>(0);
        walk(found::addFirst);
        return found;
    }

    /// Visits the messages in the queue from the newest on.
    private void walk(Consumer<Object> visitor) {
        Item last = newest; // in this order, see the class
        Item taken = batch;
        boolean both = false;
        for (Item item = last; item != null; item = older(item)) {
            visitor.accept(message(item));
            both |= item == taken;
        }
        for (Item item = both ? null : taken; item != null && item != last; item = older(item)) {
            visitor.accept(message(item));
        }
    }

    private static @Nullable Item older(Item item) {
        return (@Nullable Item) OLDER.getAcquire(item);
    }
}
