package io.genserver.runtime;

import io.genserver.DeadLetter;
import io.genserver.DeadLetter.Reason;
import io.genserver.DeadLetters;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.ServerRef;
import io.genserver.spi.Machine;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Counts the messages that reached no process, and tells the listeners. Any thread.
///
/// The listeners run on the thread that lost the message. If that is a timer thread, they run on
/// another thread; see [Reports].
final class DeadLetterOffice {

    private static final Logger log = LoggerFactory.getLogger(DeadLetter.class);

    private final Map<Reason, LongAdder> counts =
            new EnumMap<>(Reason.class); // filled once, in the constructor
    private final List<Consumer<DeadLetter>> listeners = new CopyOnWriteArrayList<>();

    private final Reports reports;

    private final Node node;

    DeadLetterOffice(Node node, Reports reports) {
        this.node = node;
        this.reports = reports;
        for (Reason reason : Reason.values()) {
            counts.put(reason, new LongAdder());
        }
    }

    /// Counts a message to a dead pid, or to a name that no process has.
    void noReceiver(ServerRef to, Object message) {
        count(to instanceof Pid ? Reason.DEAD_PROCESS : Reason.UNKNOWN_NAME, to, message);
    }

    /// Counts a message through an alias that is not in force.
    void inactiveAlias(Pid owner, Object message) {
        count(Reason.INACTIVE_ALIAS, owner, message);
    }

    /// Counts a message that was in the mailbox of a process when it died.
    void leftInMailbox(Pid pid, Object message) {
        switch (message) {
            case Envelope.Cast cast -> count(Reason.LEFT_IN_MAILBOX, pid, cast.request);
            case Envelope.UserMessage mine -> {
                mine.taken();
                count(Reason.LEFT_IN_MAILBOX, pid, mine.message);
            }
            case Envelope _ -> {} // the runtime's own
            default -> count(Reason.LEFT_IN_MAILBOX, pid, message);
        }
    }

    /// Counts a reply to a caller that has its answer already, or has given up.
    void lateReply(ReplySlot slot, @Nullable Object reply) {
        count(Reason.LATE_REPLY, slot.pid().orElse(null), reply);
    }

    /// Counts a message that a full mailbox did not take or has dropped.
    void noRoom(Reason reason, Pid pid, Object message) {
        count(reason, pid, Envelope.content(message));
    }

    /// Counts a call whose caller has given up before the server took it.
    void abandonedCall(Pid server, Object request) {
        count(Reason.ABANDONED_CALL, server, request);
    }

    DeadLetters.Subscription listen(Consumer<DeadLetter> listener) {
        listeners.add(listener);
        return () -> listeners.remove(listener);
    }

    Map<Reason, Long> counts() {
        Map<Reason, Long> now = new EnumMap<>(Reason.class);
        counts.forEach((reason, count) -> now.put(reason, count.sum()));
        return now;
    }

    private void count(Reason reason, @Nullable ServerRef to, @Nullable Object message) {
        Objects.requireNonNull(counts.get(reason)).increment();
        boolean quiet = Machine.isQuiet();
        boolean forAll = !quiet && (Listeners.added() != null || EventLog.hasDeadLetters());
        if (forAll || !listeners.isEmpty()) {
            DeadLetter letter = new DeadLetter(reason, to, message);
            reports.run(() -> tell(letter, forAll));
        }
    }

    /// Waits until the listeners have been told of the dead letters so far.
    ///
    /// @param limit how long to wait at most; units: ns
    void awaitTold(long limit) {
        reports.await(limit);
    }

    private void tell(DeadLetter letter, boolean forAll) {
        if (forAll) {
            Listeners.all().deadLetter(node, letter);
        }
        for (Consumer<DeadLetter> listener : listeners) {
            try {
                listener.accept(letter);
            } catch (Throwable thrown) { // must not reach the sender of the message
                log.error("a dead letter listener failed on {}", SafeText.of(letter), thrown);
            }
        }
    }
}
