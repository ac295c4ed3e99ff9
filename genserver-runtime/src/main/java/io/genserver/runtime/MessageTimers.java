package io.genserver.runtime;

import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.Pace;
import io.genserver.Pid;
import io.genserver.Ref;
import io.genserver.ServerRef;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/// Starts, cancels and reads the timers that send messages, and sleeps.
final class MessageTimers {

    private MessageTimers() {}

    static Ref start(ServerRef to, Duration delay, Function<Ref, Object> message) {
        long nanos = TimeUnits.nanos("a timer's delay", delay);
        LocalNode node = node();
        return arm(node, TimeUnits.after(now(node), nanos), to, message);
    }

    static Ref startAt(ServerRef to, long time, Function<Ref, Object> message) {
        LocalNode node = node();
        return arm(node, TimeUnits.at(now(node), time), to, message);
    }

    private static LocalNode node() {
        Context context = Context.get();
        context.aliveOrNull();
        return LocalNode.current(context);
    }

    private static long now(LocalNode node) {
        return node.timers.clock().nanoTime();
    }

    private static Ref arm(LocalNode node, long at, ServerRef to, Function<Ref, Object> message) {
        MessageTimer timer = new MessageTimer(wheelNode(node, to), to);
        timer.message = Envelope.of(Objects.requireNonNull(message.apply(timer), "message"));
        timer.arm(at);
        return timer;
    }

    /// Returns the node in whose wheel a timer has to be, so that the end of its receiver finds it
    /// there.
    private static LocalNode wheelNode(LocalNode current, ServerRef to) {
        LocalProcess receiver = to instanceof Pid pid ? LocalNode.anywhere(pid) : null; // checks it
        return receiver == null ? current : receiver.node;
    }

    static Ref startEvery(ServerRef to, Object message, Duration period, Pace pace) {
        Objects.requireNonNull(message, "message");
        Objects.requireNonNull(pace, "pace");
        if (!period.isPositive()) {
            throw new IllegalArgumentException(
                    "expected a timer's period to be more than 0, got: " + period);
        }
        long nanos = TimeUnits.nanos("a timer's period", period);
        Context context = Context.get();
        LocalProcess starter = context.aliveOrNull();
        LocalNode node = wheelNode(LocalNode.current(context), to);
        PeriodicTimer timer =
                new PeriodicTimer(
                        node, to, message, nanos, pace, starter == null ? null : starter.pid);
        timer.start();
        return timer;
    }

    static Optional<Duration> cancel(Ref timer) {
        return left(timer(timer).cancel());
    }

    static Optional<Duration> read(Ref timer) {
        return left(timer(timer).left());
    }

    private static Optional<Duration> left(long nanos) {
        return nanos < 0 ? Optional.empty() : Optional.of(Duration.ofNanos(nanos));
    }

    private static SendingTimer timer(Ref ref) {
        if (ref instanceof SendingTimer timer) {
            return timer;
        }
        throw new IllegalArgumentException("expected a timer, got: " + ref);
    }

    static void sleep(Duration time) {
        long nanos = TimeUnits.nanos("a sleep's time", time);
        Context context = Context.get();
        LocalProcess self = context.aliveOrNull();
        if (self != null) {
            self.receivePendingExit();
        }
        Clock clock = LocalNode.current(context).timers.clock();
        StackRoom.require();
        context.beforeWait();
        long start = clock.nanoTime();
        for (long left = nanos; left > 0; left = nanos - (clock.nanoTime() - start)) {
            if (self != null) {
                self.checkAlive();
            }
            if (Thread.currentThread().isInterrupted() && !context.putOffInterrupt()) {
                throw new ExitException(ExitReason.INTERRUPTED);
            }
            clock.park(MessageTimers.class, left);
        }
        if (self != null) {
            self.checkAlive();
        }
    }
}
