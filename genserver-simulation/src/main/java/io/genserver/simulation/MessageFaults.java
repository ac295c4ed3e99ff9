package io.genserver.simulation;

import io.genserver.Experimental;
import io.genserver.Pid;
import io.genserver.ProcessRef;
import io.genserver.spi.ProcessRuntime;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What may happen to the messages that one process sends to another: they are late, lost or arrive
/// twice. The rest arrives as it was sent.
///
/// Messages, casts, requests, `Down` and `Exit` messages and exit signals can be late. They arrive
/// in the order in which they were sent, as those of one process to another always do. The sender
/// of a `Down` or of an `Exit` is the process that has ended, no matter who has ended it. Casts and
/// messages can also be lost or arrive twice.
///
/// The following is always on time: replies to calls, exit signals that end their receiver over a
/// link, and what is sent to a server with [io.genserver.StartOption#mailbox] or
/// [io.genserver.StartOption#mailboxWarning].
///
/// ```java
/// run.disturb(MessageFaults.between(client, server).lose(0.1).delay(0.5, Duration.ofSeconds(2)));
/// ```
@Experimental
public final class MessageFaults {

    private final @Nullable ProcessRef from;
    private final @Nullable ProcessRef to;
    private final double lost;
    private final double twice;
    private final double late;
    private final Duration longest;

    private MessageFaults(
            @Nullable ProcessRef from,
            @Nullable ProcessRef to,
            double lost,
            double twice,
            double late,
            Duration longest) {
        this.from = from;
        this.to = to;
        this.lost = lost;
        this.twice = twice;
        this.late = late;
        this.longest = longest;
    }

    /// Returns a rule for the messages from one process to another, which does nothing yet.
    ///
    /// @param from the sender, by pid or name
    /// @param to the receiver, by pid or name
    /// @return the rule
    public static MessageFaults between(ProcessRef from, ProcessRef to) {
        return new MessageFaults(
                Objects.requireNonNull(from, "from"),
                Objects.requireNonNull(to, "to"),
                0,
                0,
                0,
                Duration.ZERO);
    }

    /// Returns a rule for the messages from any process to one, which does nothing yet.
    ///
    /// @param to the receiver, by pid or name
    /// @return the rule
    public static MessageFaults to(ProcessRef to) {
        return new MessageFaults(null, Objects.requireNonNull(to, "to"), 0, 0, 0, Duration.ZERO);
    }

    /// Returns a rule for all messages, which does nothing yet.
    ///
    /// @return the rule
    public static MessageFaults everywhere() {
        return new MessageFaults(null, null, 0, 0, 0, Duration.ZERO);
    }

    /// Returns a rule that also loses casts and messages.
    ///
    /// @param probability how probable it is for each, from 0 to 1
    /// @return the rule
    /// @throws IllegalArgumentException if the probability is not from 0 to 1
    public MessageFaults lose(double probability) {
        return new MessageFaults(from, to, checked(probability), twice, late, longest);
    }

    /// Returns a rule that also delivers casts and messages twice.
    ///
    /// @param probability how probable it is for each, from 0 to 1
    /// @return the rule
    /// @throws IllegalArgumentException if the probability is not from 0 to 1
    public MessageFaults duplicate(double probability) {
        return new MessageFaults(from, to, lost, checked(probability), late, longest);
    }

    /// Returns a rule that also delays.
    ///
    /// @param probability how probable it is for each message, from 0 to 1
    /// @param delay the longest delay, more than 0; each delay is a random part of it
    /// @return the rule
    /// @throws IllegalArgumentException if the probability is not from 0 to 1, or the delay is not
    ///   more than 0
    public MessageFaults delay(double probability, Duration delay) {
        if (!delay.isPositive()) {
            throw new IllegalArgumentException(
                    "expected the longest delay to be more than 0, got: " + delay);
        }
        return new MessageFaults(from, to, lost, twice, checked(probability), delay);
    }

    private static double checked(double probability) {
        if (!(probability >= 0 && probability <= 1)) {
            throw new IllegalArgumentException(
                    "expected a probability from 0 to 1, got: " + probability);
        }
        return probability;
    }

    double lost() {
        return lost;
    }

    double twice() {
        return twice;
    }

    double late() {
        return late;
    }

    long longest() {
        return longest.toNanos();
    }

    boolean isFrom(Pid sender) {
        return from == null || is(from, sender);
    }

    boolean isTo(Pid receiver) {
        return to == null || is(to, receiver);
    }

    /// Returns who has the name of the sender at this moment; empty if the rule names none.
    Optional<Pid> namedSender() {
        return from == null || from.untyped() instanceof Pid
                ? Optional.empty()
                : ProcessRuntime.get().whereis(from.untyped());
    }

    private static boolean is(ProcessRef process, Pid pid) {
        return process.untyped() instanceof Pid mine
                ? mine.equals(pid) // also if it has ended
                : ProcessRuntime.get().whereis(process.untyped()).filter(pid::equals).isPresent();
    }
}
