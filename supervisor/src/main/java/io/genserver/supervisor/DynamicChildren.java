package io.genserver.supervisor;

import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.Start;
import io.genserver.supervisor.Restarts.Next;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// The children of one dynamic supervisor, known by their pids. Runs in the supervisor.
final class DynamicChildren implements Children {

    /// One child. A temporary child is never restarted, so its start is not kept.
    private static final class Slot {
        ChildSpec<?> spec;
        final @Nullable Function<? super Object, ChildSpec<?>> again;
        private Restarts.@Nullable History history; // null until the child needs a restart

        Slot(ChildSpec<?> spec, @Nullable Function<? super Object, ChildSpec<?>> again) {
            this.spec = spec;
            this.again = again;
        }

        Restarts.History history() {
            Restarts.History known = history;
            if (known == null) {
                known = new Restarts.History();
                history = known;
            }
            return known;
        }

        void runs() {
            if (history != null) {
                history.awaitNothing();
                history.started();
            }
        }
    }

    private final DynamicSupervisorFlags flags;
    private final Restarts restarts;
    private final Map<Pid, Slot> running = new LinkedHashMap<>();

    /// The children that wait for a restart, by their last pid.
    private final Map<Pid, Slot> restarting = new LinkedHashMap<>();

    private @Nullable ChildSpec<?> lastTemporary;

    DynamicChildren(DynamicSupervisorFlags flags) {
        this.flags = flags;
        this.restarts = new Restarts(flags.maxRestarts(), flags.period(), flags.listeners());
    }

    Start<?> start(Function<? super Object, ChildSpec<?>> child) {
        if (running.size() + restarting.size() >= flags.maxChildren()) {
            return new Start.Failed<>(ExitReason.of(ChildError.MAX_CHILDREN));
        }
        ChildSpec<?> spec;
        try {
            spec = child.apply(flags.extraArgument());
        } catch (Throwable thrown) { // user code must not end the supervisor
            return Starting.failed(thrown);
        }
        Start<?> result = Starting.start(spec);
        if (result instanceof Start.Ok(Pid pid)) {
            running.put(
                    pid,
                    spec.restart() == Restart.TEMPORARY
                            ? new Slot(withoutStart(spec), null)
                            : new Slot(spec, child));
        } else if (result instanceof Start.Failed(ExitReason reason)) {
            Reports.requestedStartFailed(spec.id(), reason);
        }
        return result;
    }

    /// Returns the specification to keep of a temporary child. Equal ones share one object, to save
    /// memory.
    private ChildSpec<?> withoutStart(ChildSpec<?> spec) {
        ChildSpec<?> known = lastTemporary;
        ChildSpec<?> rest = spec.withoutStart();
        if (known != null && known.id() == spec.id() && known.equals(rest)) {
            return known;
        }
        lastTemporary = rest;
        return rest;
    }

    Optional<ChildError> terminate(Pid pid) {
        if (restarting.remove(pid) != null) {
            return Optional.empty();
        }
        Slot slot = running.remove(pid);
        if (slot == null) {
            return Optional.of(ChildError.NOT_FOUND);
        }
        Stopping.stop(slot.spec, pid);
        return Optional.empty();
    }

    @Override
    public List<Child> which() {
        List<Child> all = new ArrayList<>(running.size() + restarting.size());
        running.forEach((pid, slot) -> all.add(child(slot, Optional.of(pid))));
        restarting.values().forEach(slot -> all.add(child(slot, Optional.empty())));
        return all;
    }

    private static Child child(Slot slot, Optional<Pid> pid) {
        return new Child(slot.spec.id(), pid, pid.isEmpty(), slot.spec.type());
    }

    @Override
    public ChildCount count() {
        int specs = running.size() + restarting.size();
        int supervisors = 0;
        for (Slot slot : running.values()) {
            supervisors += slot.spec.type() == ChildSpec.Type.SUPERVISOR ? 1 : 0;
        }
        for (Slot slot : restarting.values()) {
            supervisors += slot.spec.type() == ChildSpec.Type.SUPERVISOR ? 1 : 0;
        }
        return new ChildCount(specs, running.size(), supervisors, specs - supervisors);
    }

    @Override
    public SupervisorSnapshot snapshot() {
        // Races OK: the sizes are for people.
        return new SupervisorSnapshot(
                running.size() + restarting.size(), restarts.total(), List.of());
    }

    @Override
    public Next ended(Pid pid, ExitReason reason) {
        Slot slot = running.remove(pid);
        if (slot == null) {
            return Next.GO_ON;
        }
        restarts.ended(slot.spec, pid, reason);
        return slot.spec.restart().appliesTo(reason) ? restart(pid, slot, reason) : Next.GO_ON;
    }

    @Override
    public Next tryAgain(Restarts.Retrial retrial) {
        if (!(retrial.child instanceof Pid last)) {
            return Next.GO_ON;
        }
        Slot slot = restarting.get(last);
        if (slot == null || !slot.history().isAwaited(retrial)) {
            return Next.GO_ON;
        }
        return retrial.decided ? attempt(last, slot) : restart(last, slot, retrial.reason);
    }

    private Next restart(Pid last, Slot slot, ExitReason reason) {
        Duration delay = restarts.decide(slot.spec, slot.history(), reason);
        if (delay == null) {
            restarting.remove(last);
            return Next.GIVE_UP;
        }
        return delay.isZero() ? attempt(last, slot) : waits(last, slot, delay, reason, true);
    }

    private Next waits(Pid last, Slot slot, Duration delay, ExitReason reason, boolean decided) {
        restarting.put(last, slot);
        return new Next.Retry(slot.history().await(last, reason, decided), delay);
    }

    private Next attempt(Pid last, Slot slot) {
        restarting.remove(last);
        return switch (startAgain(slot)) {
            case Start.Ok(Pid pid) -> {
                running.put(pid, slot);
                slot.runs();
                restarts.restarted(slot.spec, pid);
                yield Next.GO_ON;
            }
            case Start.Ignore<?> _ -> Next.GO_ON; // the child is forgotten
            case Start.Failed(ExitReason failure) -> {
                Reports.startFailed(slot.spec.id(), failure);
                yield slot.spec.backOff() == null
                        ? waits(last, slot, Duration.ZERO, failure, false)
                        : restart(last, slot, failure);
            }
        };
    }

    private Start<?> startAgain(Slot slot) {
        try {
            if (slot.again != null) {
                slot.spec = slot.again.apply(flags.extraArgument());
            }
        } catch (Throwable thrown) { // user code must not end the supervisor
            return Starting.failed(thrown);
        }
        return Starting.start(slot.spec);
    }

    /// Tells all children to stop before it waits for the end of all of them.
    @Override
    public void terminateAll() {
        restarting.clear();
        Stopping stopping = new Stopping();
        running.forEach((pid, slot) -> {
            stopping.begin(slot.spec, pid);
            stopping.letEnd(pid);
        });
        running.clear();
        stopping.await();
    }

    @Override
    public String toString() {
        return running.size()
                + restarting.size()
                + " children, "
                + restarting.size()
                + " of them restarting";
    }
}
