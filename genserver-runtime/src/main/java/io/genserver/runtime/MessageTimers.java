package io.genserver.runtime;

import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.Ref;
import io.genserver.ServerRef;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/// Starts, cancels and reads the timers that send a message, and sleeps.
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
        LocalNode owner = node;
        if (to instanceof Pid pid) {
            LocalProcess receiver = LocalNode.local(pid); // checks the pid
            owner = receiver == null ? node : receiver.node; // the wheel in which it is cancelled
        }
        MessageTimer timer = new MessageTimer(owner, to);
        timer.message = Envelope.of(Objects.requireNonNull(message.apply(timer), "message"));
        timer.arm(at);
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

    private static MessageTimer timer(Ref ref) {
        if (ref instanceof MessageTimer timer) {
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
