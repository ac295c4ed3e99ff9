package io.genserver.supervisor;

import io.genserver.CastResult;
import io.genserver.ExitReason;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.spi.Machine;
import io.genserver.spi.ProcessRuntime;
import io.genserver.spi.RuntimeListener;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// Decides whether and when a child is restarted, and tells the log and the listeners. Runs in the
/// supervisor.
final class Restarts {

    /// What the supervisor does after a child has ended.
    sealed interface Next {
        /// Nothing.
        record GoOn() implements Next {}

        /// Restart the child after the delay; without a delay, when the messages before are
        /// handled.
        record Retry(Retrial retrial, Duration delay) implements Next {}

        /// Stop, because there were too many restarts or the significant children have ended.
        record GiveUp() implements Next {}

        Next GO_ON = new GoOn();
        Next GIVE_UP = new GiveUp();
    }

    /// Carries out the decision.
    ///
    /// @return the result of the supervisor's callback
    static <S> CastResult<S> proceed(Next next, S children) {
        return switch (next) {
            case Next.GoOn _ -> CastResult.noreply(children);
            case Next.Retry(Retrial retrial, Duration delay) -> {
                if (delay.isZero()) {
                    Processes.send(Processes.self(), retrial);
                } else {
                    Processes.sendAfter(Processes.self(), retrial, delay);
                }
                yield CastResult.noreply(children);
            }
            case Next.GiveUp _ -> CastResult.stop(ExitReason.SHUTDOWN, children);
        };
    }

    /// A restart that is due: a message that a supervisor sends to itself. Its identity shows
    /// whether it is the restart that the child waits for.
    static final class Retrial {

        /// The child's id, or its last pid under a dynamic supervisor.
        final Object child;

        /// Why the child needs a restart.
        final ExitReason reason;

        /// Whether the restart is already counted and its delay has passed.
        final boolean decided;

        private Retrial(Object child, ExitReason reason, boolean decided) {
            this.child = child;
            this.reason = reason;
            this.decided = decided;
        }

        @Override
        public String toString() {
            return "restart of " + child;
        }
    }

    /// The restarts of one child so far.
    static final class History {
        private int attempts; // restarts in a row; counted only with a back-off
        private boolean ran; // whether the last attempt has started the child
        private long startedAt; // units: ns
        private @Nullable Retrial awaited;

        void started() {
            ran = true;
            startedAt = Processes.monotonicTime();
        }

        boolean isAwaited(Retrial retrial) {
            return awaited == retrial;
        }

        /// Creates the restart that the child waits for.
        Retrial await(Object child, ExitReason reason, boolean decided) {
            Retrial next = new Retrial(child, reason, decided);
            awaited = next;
            return next;
        }

        void awaitNothing() {
            awaited = null;
        }

        private void countAttempt(Duration resetAfter) {
            Duration time = Duration.ofNanos(Processes.monotonicTime() - startedAt);
            boolean healthy = ran && time.compareTo(resetAfter) >= 0;
            attempts = healthy ? 1 : attempts + 1;
            ran = false;
        }
    }

    private final RestartIntensity intensity;
    private final int max;
    private final Duration period;
    private final List<Consumer<SupervisorEvent>> listeners;

    /// How many restarts there have been. Written by the supervisor, read by any thread.
    private final AtomicLong total = new AtomicLong();

    Restarts(int max, Duration period, List<Consumer<SupervisorEvent>> listeners) {
        this.intensity = new RestartIntensity(max, period);
        this.max = max;
        this.period = period;
        this.listeners = listeners;
    }

    /// Reports that a child has ended without being told to.
    void ended(ChildSpec<?> spec, Pid pid, ExitReason reason) {
        if (!reason.isOrderly() || spec.restart() == Restart.PERMANENT) {
            Reports.childEnded(spec, pid, reason);
        }
        tell(new SupervisorEvent.ChildEnded(Processes.self(), spec.id(), pid, reason));
    }

    /// Decides about a child that has ended or whose last restart failed.
    ///
    /// @return how long to wait before the restart; null to give up
    @Nullable Duration decide(ChildSpec<?> spec, History history, ExitReason reason) {
        BackOff backOff = spec.backOff();
        return backOff == null
                ? withinLimit(spec, reason)
                : backingOff(spec, backOff, history, reason);
    }

    private @Nullable Duration withinLimit(ChildSpec<?> spec, ExitReason reason) {
        if (!intensity.allowsOneMore(Processes.monotonicTime())) {
            return giveUp(spec, max + " restarts in " + period, reason);
        }
        int count = intensity.count();
        Reports.restarting(spec, "restart " + count + " of " + max + " in " + period, "now");
        return goOn(spec, reason, count, Duration.ZERO);
    }

    private @Nullable Duration backingOff(
            ChildSpec<?> spec, BackOff backOff, History history, ExitReason reason) {
        history.countAttempt(backOff.resetAfter());
        if (history.attempts > backOff.maxAttempts()) {
            return giveUp(spec, backOff.maxAttempts() + " restarts in a row", reason);
        }
        Duration delay = backOff.delay(history.attempts);
        String limit =
                backOff.maxAttempts() == Integer.MAX_VALUE
                        ? "restart " + history.attempts + " in a row, without limit"
                        : "restart " + history.attempts + " of " + backOff.maxAttempts();
        Reports.restarting(spec, limit, "in " + delay.toMillis() + " ms");
        return goOn(spec, reason, history.attempts, delay);
    }

    private @Nullable Duration giveUp(ChildSpec<?> spec, String limit, ExitReason reason) {
        Reports.limitReached(spec, limit);
        GiveUps.write(new ReachedMaxRestartIntensity(spec.id(), reason));
        tell(new SupervisorEvent.GaveUp(Processes.self(), spec.id(), reason));
        RuntimeListener all = ProcessRuntime.get().listeners();
        if (all != null) {
            all.supervisorGaveUp(Node.current(), Processes.self(), spec.id(), reason);
        }
        return null;
    }

    private Duration goOn(ChildSpec<?> spec, ExitReason reason, int attempt, Duration delay) {
        total.incrementAndGet();
        Machine machine = Machine.current();
        if (machine != null) {
            machine.note(Machine.Event.RESTART, Processes.self(), spec.name());
        }
        tell(new SupervisorEvent.Restarting(Processes.self(), spec.id(), reason, attempt, delay));
        RuntimeListener all = ProcessRuntime.get().listeners();
        if (all != null) {
            all.childRestarting(
                    Node.current(), Processes.self(), spec.id(), reason, attempt, delay);
        }
        return delay;
    }

    /// Reports that a child has been restarted.
    void restarted(ChildSpec<?> spec, Pid pid) {
        tell(new SupervisorEvent.Restarted(Processes.self(), spec.id(), pid));
    }

    /// Returns how many restarts there have been. Any thread.
    long total() {
        return total.get();
    }

    private void tell(SupervisorEvent event) {
        for (Consumer<SupervisorEvent> listener : listeners) {
            try {
                listener.accept(event);
            } catch (Throwable thrown) { // user code must not end the supervisor
                Reports.listenerFailed(event, thrown);
            }
        }
    }
}
