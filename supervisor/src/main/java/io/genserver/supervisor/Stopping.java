package io.genserver.supervisor;

import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Match;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.ProcessInfo;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.Timeout;
import io.genserver.spi.ProcessRuntime;
import io.genserver.spi.RuntimeListener;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Stops one child, or many at the same time. Runs in the supervisor.
///
/// The supervisor monitors a child that it stops, because the child may have unlinked itself. The
/// link stays until the child has ended: if the supervisor is killed before, the link ends the
/// child. So an ending child sends an [Exit] as well as a [Down]. This class takes that [Exit] out
/// of the mailbox. If the child had ended before it was told to stop, the [Down] says `noproc` and
/// only the [Exit] has the real reason.
final class Stopping {

    /// A child that has been told to stop and has not ended yet.
    private static final class Pending {
        final ChildSpec<?> spec;
        final Ref monitor;
        @Nullable ExitReason exited; // null: no Exit has arrived

        Pending(ChildSpec<?> spec, Ref monitor) {
            this.spec = spec;
            this.monitor = monitor;
        }
    }

    private static final long IN_ORDER = 100_000_000L; // units: ns

    private long firstTold; // units: ns; 0: no child has been told
    private final Map<Pid, Pending> pending = new HashMap<>();

    /// One timer for all children with the same limit.
    private final Map<Ref, Duration> limits = new HashMap<>();

    /// Stops a child and waits until it has ended.
    static void stop(ChildSpec<?> spec, Pid pid) {
        Stopping stopping = new Stopping();
        stopping.begin(spec, pid);
        stopping.await();
    }

    /// Tells a child to stop, without waiting.
    void begin(ChildSpec<?> spec, Pid pid) {
        pending.put(pid, new Pending(spec, Processes.monitor(pid)));
        boolean brutal = spec.shutdown() instanceof Shutdown.Brutal;
        Processes.exit(pid, brutal ? ExitReason.KILL : ExitReason.SHUTDOWN);
    }

    /// Waits until a child has ended, for at most [#IN_ORDER] over all calls. So children that end
    /// at once end in the order in which they were told, and children that take longer still stop
    /// at the same time.
    void letEnd(Pid pid) {
        if (firstTold == 0) {
            firstTold = Processes.monotonicTime();
        }
        long left = IN_ORDER - (Processes.monotonicTime() - firstTold);
        while (left > 0 && pending.containsKey(pid)) {
            Processes.receive(this::mine, Duration.ofNanos(left)).ifPresent(this::handle);
            left = IN_ORDER - (Processes.monotonicTime() - firstTold);
        }
    }

    /// Waits until all children that were told have ended, and kills those that exceed their limit.
    void await() {
        if (!handleAll(Duration.ZERO)) { // usually all have ended, so no timer is needed
            armLimits();
            handleAll(GenServer.INFINITY);
            limits.keySet().forEach(Stopping::cancel);
        }
    }

    /// Handles messages until all children have ended.
    ///
    /// @param timeout how long to wait for each message
    /// @return false if no message came in time
    private boolean handleAll(Duration timeout) {
        while (!pending.isEmpty()) {
            Optional<Object> message = Processes.receive(this::mine, timeout);
            if (message.isEmpty()) {
                return false;
            }
            handle(message.get());
        }
        return true;
    }

    private @Nullable Object mine(Object message) {
        return switch (message) {
            case Exit exit when pending.containsKey(exit.from()) -> exit;
            case Down down when down.object() instanceof Pid pid && isOurs(pid, down) -> down;
            case Timeout timeout when limits.containsKey(timeout.ref()) -> timeout;
            default -> null;
        };
    }

    private boolean isOurs(Pid pid, Down down) {
        Pending child = pending.get(pid);
        return child != null && child.monitor.equals(down.ref());
    }

    private void handle(Object message) {
        switch (message) {
            case Exit(Pid pid, ExitReason reason) -> known(pid).exited = reason;
            case Down(var _, Pid pid, ExitReason reason) -> ended(pid, reason);
            case Timeout timeout -> overdue(timeout.ref());
            default -> throw new AssertionError(message);
        }
    }

    private Pending known(Pid pid) {
        Pending child = pending.get(pid);
        if (child == null) {
            throw new AssertionError("the match accepted an unknown child: " + pid);
        }
        return child;
    }

    private void ended(Pid pid, ExitReason reason) {
        Pending child = known(pid);
        pending.remove(pid);
        ExitReason real = child.exited == null ? afterLink(pid, reason) : child.exited;
        if (!isExpected(child.spec, real)) {
            Reports.shutdownFailed(child.spec, pid, real);
        }
    }

    /// Returns the exit reason of a child whose [Exit] has not come before its [Down].
    private static ExitReason afterLink(Pid pid, ExitReason reason) {
        if (!reason.equals(ExitReason.NOPROC)) {
            return reason; // a later Exit is ignored: its sender is not a child
        }
        Processes.unlink(pid);
        Match<Exit> its = Match.type(Exit.class, exit -> exit.from().equals(pid));
        return Processes.receive(its, Duration.ZERO).map(Exit::reason).orElse(reason);
    }

    private void armLimits() {
        Set<Duration> times = new HashSet<>();
        for (Pending child : pending.values()) {
            if (child.spec.shutdown() instanceof Shutdown.Within(Duration time)) {
                times.add(time);
            }
        }
        for (Duration time : times) {
            limits.put(Processes.startTimer(Processes.self(), time, time), time);
        }
    }

    private void overdue(Ref timer) {
        Duration time = limits.remove(timer);
        pending.forEach((pid, child) -> {
            if (child.spec.shutdown() instanceof Shutdown.Within(Duration limit)
                    && limit.equals(time)) {
                tellOverdue(child.spec, pid, limit);
                Processes.exit(pid, ExitReason.KILL);
            }
        });
    }

    private static void tellOverdue(ChildSpec<?> spec, Pid pid, Duration limit) {
        RuntimeListener all = ProcessRuntime.get().listeners();
        if (all != null) {
            all.childOverdue(Node.current(), Processes.self(), spec.id(), pid, limit, stack(pid));
        }
    }

    private static List<StackTraceElement> stack(Pid pid) {
        if (!pid.node().equals(Processes.self().node())) {
            return List.of(); // another node may be silent, and the child has to be killed now
        }
        return Processes.info(pid, 0).map(ProcessInfo::currentStacktrace).orElse(List.of());
    }

    /// Cancels a timer, and removes its message if it has fired.
    private static void cancel(Ref timer) {
        if (Processes.cancelTimer(timer).isEmpty()) {
            Match<Timeout> its = Match.type(Timeout.class, late -> late.ref().equals(timer));
            Processes.receive(its, Duration.ZERO);
        }
    }

    private static boolean isExpected(ChildSpec<?> spec, ExitReason reason) {
        ExitReason wanted =
                spec.shutdown() instanceof Shutdown.Brutal
                        ? ExitReason.KILLED
                        : ExitReason.SHUTDOWN;
        return reason.equals(wanted) || (reason.isOrderly() && spec.restart() != Restart.PERMANENT);
    }
}
