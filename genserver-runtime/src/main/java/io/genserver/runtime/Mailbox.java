package io.genserver.runtime;

import io.genserver.Match;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jctools.queues.atomic.unpadded.MpscGrowableAtomicUnpaddedArrayQueue;
import org.jspecify.annotations.Nullable;

/// What a process has been sent and has not handled yet, in the order of arrival.
///
/// Any thread offers; only the process's owner (see [LocalProcess]) takes. Messages that a
/// selective receive passed over are kept aside, ahead of the queue.
///
/// The queue starts with room for [#FIRST_CHUNK] messages, some hundred bytes, and doubles as often
/// as it must.
final class Mailbox {

    private static final int FIRST_CHUNK = 8;
    private static final int NO_LIMIT = 1 << 30;

    private final MpscGrowableAtomicUnpaddedArrayQueue<Object> queue =
            new MpscGrowableAtomicUnpaddedArrayQueue<>(FIRST_CHUNK, NO_LIMIT);

    /// Written by the owner; read by any thread. What is in it is written by the owner, guarded by
    /// itself; read by the owner, and, guarded, by others.
    private volatile @Nullable ArrayDeque<Object> passedOver;

    void offer(Object message) {
        if (!queue.offer(message)) {
            throw new IllegalStateException(
                    "expected a mailbox of fewer than " + NO_LIMIT + " messages");
        }
    }

    /// Whether nothing has arrived since the last poll. A full volatile read of what producers
    /// write with a volatile compare-and-set, so it may stand on one side of a store-load pair.
    boolean nothingNew() {
        return queue.isEmpty();
    }

    /// Whether no message was passed over and kept. Owner only.
    boolean nothingPassedOver() {
        ArrayDeque<Object> aside = passedOver;
        return aside == null || aside.isEmpty();
    }

    /// The oldest message, or null. Owner only.
    @Nullable Object poll() {
        ArrayDeque<Object> aside = passedOver;
        return aside == null ? queue.poll() : pollAside(aside);
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
        return queue.poll();
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
        for (Object message = queue.poll(); message != null; message = queue.poll()) {
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
        for (Object message = queue.poll(); message != null; message = queue.poll()) {
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
        return queue.size() + passedOver().size();
    }

    /// The messages that wait, oldest first, for any thread. One that the owner is taking or a
    /// sender is adding at this moment may be missing.
    List<Object> snapshot() {
        List<Object> all = passedOver();
        peek(all::add);
        return all;
    }

    private List<Object> passedOver() {
        ArrayDeque<Object> aside = passedOver;
        if (aside == null) {
            return new ArrayList<>();
        }
        synchronized (aside) {
            return new ArrayList<>(aside);
        }
    }

    /// Shows the messages in the queue, without taking them, to any thread. It may miss messages
    /// the owner is taking or a sender is adding at this moment, and does not show those passed
    /// over.
    void peek(Consumer<Object> visitor) {
        queue.iterator().forEachRemaining(visitor);
    }
}
