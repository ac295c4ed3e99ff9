package io.genserver.supervisor;

import io.genserver.ExitReason;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Start;
import io.genserver.supervisor.Restarts.Next;
import io.genserver.supervisor.SupervisorSnapshot.ChildSnapshot;
import io.genserver.supervisor.SupervisorSnapshot.LastEnd;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// The children of one supervisor, known by their ids, in the order of start. Runs in the
/// supervisor.
final class OrderedChildren implements Children {

    /// One child: it runs, waits for a restart, or neither. Written by the supervisor; the volatile
    /// fields are read by any thread.
    private static final class Slot {
        final ChildSpec<?> spec;
        final Restarts.History history = new Restarts.History();
        volatile @Nullable Pid pid; // null: the child does not run
        volatile boolean restarting; // if true, pid is null
        private final AtomicInteger ends = new AtomicInteger(); // without being told to
        private volatile @Nullable LastEnd lastEnd;

        Slot(ChildSpec<?> spec) {
            this.spec = spec;
        }

        void runs(@Nullable Pid newPid) {
            pid = newPid;
            restarting = false;
            history.awaitNothing();
            if (newPid != null) {
                history.started();
            }
        }

        void ended(ExitReason reason) {
            lastEnd = new LastEnd(reason, Instant.now());
            ends.incrementAndGet();
        }

        ChildSnapshot snapshot() {
            return new ChildSnapshot(
                    spec.id(),
                    Optional.ofNullable(pid),
                    restarting,
                    spec.type(),
                    spec.restart(),
                    ends.get(),
                    Optional.ofNullable(lastEnd));
        }

        @Override
        public String toString() {
            String state = restarting ? "restarting" : "not running";
            return spec.name() + " " + (pid == null ? state : pid);
        }

        Next waits(Duration delay, ExitReason reason, boolean decided) {
            pid = null;
            restarting = true;
            return new Next.Retry(history.await(spec.id(), reason, decided), delay);
        }
    }

    private final SupervisorFlags flags;
    private final Restarts restarts;

    /// Written by the supervisor, read by any thread.
    private final List<Slot> slots = new CopyOnWriteArrayList<>();

    OrderedChildren(SupervisorFlags flags) {
        this.flags = flags;
        this.restarts = new Restarts(flags.maxRestarts(), flags.period(), flags.listeners());
    }

    /// Adds a child without starting it.
    ///
    /// @return what is wrong with the child; empty if it was added
    Optional<ExitReason> add(ChildSpec<?> spec) {
        Optional<ExitReason> problem = problemOf(spec);
        if (problem.isEmpty() && find(spec.id()) != null) {
            problem =
                    Optional.of(
                            ExitReason.of(
                                    "expected each child to have an id of its own, got twice: "
                                            + spec.name()));
        }
        if (problem.isEmpty()) {
            slots.add(new Slot(spec));
        }
        return problem;
    }

    private Optional<ExitReason> problemOf(ChildSpec<?> spec) {
        if (!spec.significant()) {
            return Optional.empty();
        }
        if (flags.autoShutdown() == AutoShutdown.NEVER) {
            return Optional.of(
                    ExitReason.of(
                            "expected no significant child under a supervisor whose autoShutdown is"
                                    + " NEVER, got: "
                                    + spec.name()));
        }
        if (spec.restart() == Restart.PERMANENT) {
            return Optional.of(
                    ExitReason.of(
                            "expected a significant child to be transient or temporary, got"
                                    + " permanent: "
                                    + spec.name()));
        }
        return Optional.empty();
    }

    /// Starts all children in order, up to the first that fails.
    Optional<FailedToStartChild> startAll() {
        return startAll(slots);
    }

    private Optional<FailedToStartChild> startAll(List<Slot> which) {
        for (Slot slot : List.copyOf(which)) {
            switch (Starting.start(slot.spec)) {
                case Start.Ok(Pid pid) -> slot.runs(pid);
                case Start.Ignore<?> _ -> {
                    slot.runs(null);
                    forgetIfTemporary(slot);
                }
                case Start.Failed(ExitReason reason) -> {
                    return Optional.of(new FailedToStartChild(slot.spec.id(), reason));
                }
            }
        }
        return Optional.empty();
    }

    @Override
    public void terminateAll() {
        terminateAll(slots);
    }

    private void terminateAll(List<Slot> which) {
        List<Slot> reversed = new ArrayList<>(which);
        Collections.reverse(reversed);
        for (Slot slot : reversed) {
            terminate(slot);
        }
    }

    private void terminate(Slot slot) {
        if (slot.pid != null) {
            Stopping.stop(slot.spec, slot.pid);
        }
        slot.runs(null);
        forgetIfTemporary(slot);
    }

    private void forgetIfTemporary(Slot slot) {
        if (slot.spec.restart() == Restart.TEMPORARY) {
            slots.remove(slot);
        }
    }

    @Override
    public Next ended(Pid pid, ExitReason reason) {
        for (Slot slot : slots) {
            if (pid.equals(slot.pid)) {
                return ended(slot, pid, reason);
            }
        }
        return Next.GO_ON;
    }

    private Next ended(Slot slot, Pid pid, ExitReason reason) {
        slot.ended(reason);
        restarts.ended(slot.spec, pid, reason);
        if (slot.spec.restart().appliesTo(reason)) {
            return restart(slot, reason);
        }
        slot.runs(null);
        forgetIfTemporary(slot);
        return shutsDownAfter(slot.spec) ? Next.GIVE_UP : Next.GO_ON;
    }

    private boolean shutsDownAfter(ChildSpec<?> ended) {
        if (!ended.significant()) {
            return false;
        }
        return switch (flags.autoShutdown()) {
            case NEVER -> false;
            case ANY_SIGNIFICANT -> true;
            case ALL_SIGNIFICANT ->
                    slots.stream()
                            .noneMatch(slot ->
                                    slot.spec.significant()
                                            && (slot.pid != null || slot.restarting));
        };
    }

    @Override
    public Next tryAgain(Restarts.Retrial retrial) {
        Slot slot = find(retrial.child);
        if (slot == null || !slot.history.isAwaited(retrial)) {
            return Next.GO_ON;
        }
        return retrial.decided ? attempt(slot) : restart(slot, retrial.reason);
    }

    /// Restarts a child that has ended, at once or after its back-off.
    private Next restart(Slot slot, ExitReason reason) {
        Duration delay = restarts.decide(slot.spec, slot.history, reason);
        if (delay == null) {
            slot.runs(null);
            forgetIfTemporary(slot);
            return Next.GIVE_UP;
        }
        if (delay.isZero()) {
            return attempt(slot);
        }
        Next later = slot.waits(delay, reason, true);
        terminateAll(besides(slot));
        return later;
    }

    /// Restarts a child now, together with the children that the strategy adds.
    private Next attempt(Slot slot) {
        return flags.strategy() == Strategy.ONE_FOR_ONE
                ? restartOne(slot)
                : restartFrom(firstWith(slot), slot);
    }

    /// Returns the index of the first child that restarts together with the given one.
    private int firstWith(Slot slot) {
        return switch (flags.strategy()) {
            case ONE_FOR_ONE -> slots.size();
            case ONE_FOR_ALL -> 0;
            case REST_FOR_ONE -> slots.indexOf(slot);
        };
    }

    private List<Slot> besides(Slot slot) {
        return slots.subList(firstWith(slot), slots.size()).stream()
                .filter(other -> other != slot)
                .toList();
    }

    private Next restartOne(Slot slot) {
        switch (Starting.start(slot.spec)) {
            case Start.Ok(Pid pid) -> {
                slot.runs(pid);
                restarts.restarted(slot.spec, pid);
            }
            case Start.Ignore<?> _ -> slot.runs(null);
            case Start.Failed(ExitReason reason) -> {
                return startFailed(slot, reason);
            }
        }
        return Next.GO_ON;
    }

    /// Handles a failed restart. Without a back-off, the supervisor sends itself a message to try
    /// again, so it answers requests and can be stopped in between. That attempt is counted when it
    /// is made.
    private Next startFailed(Slot slot, ExitReason reason) {
        Reports.startFailed(slot.spec.id(), reason);
        return slot.spec.backOff() == null
                ? slot.waits(Duration.ZERO, reason, false)
                : restart(slot, reason);
    }

    private Next restartFrom(int first, Slot ended) {
        ended.runs(null);
        terminateAll(slots.subList(first, slots.size()).stream().toList());
        List<Slot> affected = slots.subList(Math.min(first, slots.size()), slots.size());
        List<Slot> started = List.copyOf(affected);
        Optional<FailedToStartChild> failed = startAll(affected);
        for (Slot slot : started) {
            if (slot.pid != null) {
                restarts.restarted(slot.spec, slot.pid);
            }
        }
        return failed.map(child -> startFailed(known(child.id()), child.reason()))
                .orElse(Next.GO_ON);
    }

    Start<?> startChild(ChildSpec<?> spec) {
        Slot known = find(spec.id());
        if (known != null) {
            return new Start.Failed<>(
                    known.pid != null
                            ? new ExitReason.AlreadyStarted(known.pid)
                            : ExitReason.of(ChildError.ALREADY_PRESENT));
        }
        Optional<ExitReason> problem = problemOf(spec);
        if (problem.isPresent()) {
            return new Start.Failed<>(problem.get());
        }
        Start<?> result = Starting.start(spec);
        Slot slot = new Slot(spec);
        switch (result) {
            case Start.Ok(Pid pid) -> {
                slot.runs(pid);
                slots.add(slot);
            }
            case Start.Ignore<?> _ -> {
                slots.add(slot);
                forgetIfTemporary(slot);
            }
            case Start.Failed(ExitReason reason) -> Reports.requestedStartFailed(spec.id(), reason);
        }
        return result;
    }

    Optional<ChildError> terminateChild(Object id) {
        Slot slot = find(id);
        if (slot == null) {
            return Optional.of(ChildError.NOT_FOUND);
        }
        terminate(slot);
        return Optional.empty();
    }

    Start<?> restartChild(Object id) {
        Optional<ChildError> obstacle = obstacle(id);
        if (obstacle.isPresent()) {
            return new Start.Failed<>(ExitReason.of(obstacle.get()));
        }
        Slot slot = known(id);
        Start<?> result = Starting.start(slot.spec);
        switch (result) {
            case Start.Ok(Pid pid) -> slot.runs(pid);
            case Start.Ignore<?> _ -> slot.runs(null);
            case Start.Failed(ExitReason reason) -> Reports.requestedStartFailed(id, reason);
        }
        return result;
    }

    Optional<ChildError> deleteChild(Object id) {
        Optional<ChildError> obstacle = obstacle(id);
        if (obstacle.isEmpty()) {
            slots.remove(known(id));
        }
        return obstacle;
    }

    /// Returns why a child can be neither restarted nor deleted; empty if it can.
    private Optional<ChildError> obstacle(Object id) {
        Slot slot = find(id);
        if (slot == null) {
            return Optional.of(ChildError.NOT_FOUND);
        }
        if (slot.restarting) {
            return Optional.of(ChildError.RESTARTING);
        }
        return slot.pid == null ? Optional.empty() : Optional.of(ChildError.RUNNING);
    }

    @Override
    public List<Child> which() {
        return slots.reversed().stream()
                .map(slot ->
                        new Child(
                                slot.spec.id(),
                                Optional.ofNullable(slot.pid),
                                slot.restarting,
                                slot.spec.type()))
                .toList();
    }

    @Override
    public ChildCount count() {
        int supervisors = 0;
        int active = 0;
        for (Slot slot : slots) {
            supervisors += slot.spec.type() == ChildSpec.Type.SUPERVISOR ? 1 : 0;
            active += slot.pid != null && isActive(slot.pid) ? 1 : 0;
        }
        return new ChildCount(slots.size(), active, supervisors, slots.size() - supervisors);
    }

    @Override
    public SupervisorSnapshot snapshot() {
        List<ChildSnapshot> all = slots.stream().map(Slot::snapshot).toList();
        return new SupervisorSnapshot(all.size(), restarts.total(), all);
    }

    /// Tells whether a child is alive. One on another node is, until this node is told that it has
    /// ended.
    private static boolean isActive(Pid pid) {
        return !pid.node().equals(Node.current().name()) || Processes.isAlive(pid);
    }

    private @Nullable Slot find(Object id) {
        for (Slot slot : slots) {
            if (slot.spec.id().equals(id)) {
                return slot;
            }
        }
        return null;
    }

    private Slot known(Object id) {
        Slot slot = find(id);
        if (slot == null) {
            throw new AssertionError("expected a known child, got: " + id);
        }
        return slot;
    }

    @Override
    public String toString() {
        return slots.toString();
    }
}
