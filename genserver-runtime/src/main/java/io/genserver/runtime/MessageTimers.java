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

/// Messages sent at a later time, and waiting for one.
final class MessageTimers {

    private final LocalRuntime runtime;
    private final TimerWheel wheel;

    MessageTimers(LocalRuntime runtime) {
        this.runtime = runtime;
        this.wheel = runtime.timers;
    }

    Ref start(ServerRef to, Duration delay, Function<Ref, Object> message) {
        long nanos = TimeUnits.nanos("a timer's delay", delay);
        MessageTimer timer = make(to, message);
        if (nanos != TimeUnits.FOREVER) {
            timer.arm(wheel.clock().nanoTime() + nanos);
        }
        return timer;
    }

    Ref startAt(ServerRef to, long time, Function<Ref, Object> message) {
        MessageTimer timer = make(to, message);
        timer.arm(time);
        return timer;
    }

    private MessageTimer make(ServerRef to, Function<Ref, Object> message) {
        Context.selfOrNull();
        if (to instanceof Pid pid) {
            LocalRuntime.local(pid); // checks that it is one of this node
        }
        MessageTimer timer = new MessageTimer(runtime, to);
        timer.message = Envelope.of(Objects.requireNonNull(message.apply(timer), "message"));
        return timer;
    }

    Optional<Duration> cancel(Ref timer) {
        return left(timer(timer).cancel());
    }

    Optional<Duration> read(Ref timer) {
        return left(wheel.read(timer(timer)));
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

    void sleep(Duration time) {
        long nanos = TimeUnits.nanos("a sleep's time", time);
        LocalProcess self = Context.selfOrNull();
        if (self != null) {
            self.receivePendingExit();
        }
        Context.get().beforeWait();
        long start = wheel.clock().nanoTime();
        for (long left = nanos; left > 0; left = nanos - (wheel.clock().nanoTime() - start)) {
            if (self != null) {
                self.checkAlive();
            }
            if (Thread.currentThread().isInterrupted() && !Context.get().putOffInterrupt()) {
                throw new ExitException(ExitReason.INTERRUPTED);
            }
            wheel.clock().park(this, left);
        }
        if (self != null) {
            self.checkAlive();
        }
    }
}
