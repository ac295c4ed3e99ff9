package io.genserver.supervisor;

import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Start;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The children of one supervisor, in the order of start, and what happens to them. Runs in the
/// supervisor.
final class Children {

    /// What the supervisor does after a child has ended.
    sealed interface Next {
        /// Nothing more.
        record GoOn() implements Next {}

        /// A restart failed: try it again between two messages.
        record Retry(Object id) implements Next {}

        /// Stop: too many restarts, or the significant children have ended.
        record GiveUp() implements Next {}

        Next GO_ON = new GoOn();
        Next GIVE_UP = new GiveUp();
    }

    /// One child. Its state is a pid, or a mark.
    private static final class Slot {
        final ChildSpec spec;
        @Nullable Pid pid; // null: does not run
        boolean restarting; // then it does not run

        Slot(ChildSpec spec) {
            this.spec = spec;
        }

        void runs(@Nullable Pid newPid) {
            pid = newPid;
            restarting = false;
        }

        void isRestarting() {
            pid = null;
            restarting = true;
        }
    }

    private final SupervisorFlags flags;
    private final RestartIntensity intensity;
    private List<Slot> slots = new ArrayList<>();

    Children(SupervisorFlags flags) {
        this.flags = flags;
        this.intensity = new RestartIntensity(flags);
    }

    // ---------------------------------------------------------------- starting and stopping all

    /// Adds a child that does not run yet.
    ///
    /// @return what is wrong with it, if anything
    Optional<ExitReason> add(ChildSpec spec) {
        Optional<ExitReason> problem = problemOf(spec);
        if (problem.isEmpty() && find(spec.id()) != null) {
            problem =
                    Optional.of(
                            ExitReason.of(
                                    "expected each child to have an id of its own, got twice: "
                                            + spec.id()));
        }
        if (problem.isEmpty()) {
            slots.add(new Slot(spec));
        }
        return problem;
    }

    private Optional<ExitReason> problemOf(ChildSpec spec) {
        if (!spec.significant()) {
            return Optional.empty();
        }
        if (flags.autoShutdown() == AutoShutdown.NEVER) {
            return Optional.of(
                    ExitReason.of(
                            "expected no significant child under a supervisor whose autoShutdown is"
                                    + " NEVER, got: "
                                    + spec.id()));
        }
        if (spec.restart() == Restart.PERMANENT) {
            return Optional.of(
                    ExitReason.of(
                            "expected a significant child to be transient or temporary, got"
                                    + " permanent: "
                                    + spec.id()));
        }
        return Optional.empty();
    }

    /// Starts all children that do not run, in order, up to the first that fails.
    Optional<FailedToStartChild> startAll() {
        return startAll(slots);
    }

    private Optional<FailedToStartChild> startAll(List<Slot> which) {
        for (Slot slot : List.copyOf(which)) {
            switch (start(slot.spec)) {
                case Start.Ok(Pid pid) -> slot.runs(pid);
                case Start.Ignore _ -> {
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

    private static Start start(ChildSpec spec) {
        try {
            Start result = spec.start().get();
            return result == null ? new Start.Failed(new ExitReason.BadReturnValue(null)) : result;
        } catch (ExitException exit) {
            return new Start.Failed(exit.reason());
        } catch (RuntimeException | Error thrown) { // a start that throws is a start that failed
            return new Start.Failed(ExitReason.of(thrown));
        }
    }

    /// Stops all children, the last started first.
    void terminateAll() {
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

    // ---------------------------------------------------------------- a child has ended

    /// A process has ended that may be a child.
    Next ended(Pid pid, ExitReason reason) {
        for (Slot slot : slots) {
            if (pid.equals(slot.pid)) {
                return ended(slot, pid, reason);
            }
        }
        return Next.GO_ON;
    }

    private Next ended(Slot slot, Pid pid, ExitReason reason) {
        ChildSpec spec = slot.spec;
        if (!reason.isOrderly() || spec.restart() == Restart.PERMANENT) {
            Reports.childEnded(spec, pid, reason);
        }
        if (spec.restart().appliesTo(reason)) {
            return restart(slot);
        }
        slot.runs(null);
        forgetIfTemporary(slot);
        return shutsDownAfter(spec) ? Next.GIVE_UP : Next.GO_ON;
    }

    private boolean shutsDownAfter(ChildSpec ended) {
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

    /// A restart that failed is due again.
    Next tryAgain(Object id) {
        Slot slot = find(id);
        return slot != null && slot.restarting ? restart(slot) : Next.GO_ON;
    }

    private Next restart(Slot slot) {
        if (!intensity.allowsOneMore(Processes.monotonicTime())) {
            Reports.limitReached(slot.spec, flags);
            slot.runs(null);
            forgetIfTemporary(slot);
            return Next.GIVE_UP;
        }
        return switch (flags.strategy()) {
            case ONE_FOR_ONE -> restartOne(slot);
            case ONE_FOR_ALL -> restartFrom(0, slot);
            case REST_FOR_ONE -> restartFrom(slots.indexOf(slot), slot);
        };
    }

    private Next restartOne(Slot slot) {
        switch (start(slot.spec)) {
            case Start.Ok(Pid pid) -> slot.runs(pid);
            case Start.Ignore _ -> slot.runs(null);
            case Start.Failed(ExitReason reason) -> {
                return startFailed(slot, reason);
            }
        }
        return Next.GO_ON;
    }

    private Next startFailed(Slot slot, ExitReason reason) {
        Reports.startFailed(slot.spec.id(), reason);
        slot.isRestarting();
        return new Next.Retry(slot.spec.id());
    }

    private Next restartFrom(int first, Slot ended) {
        ended.runs(null);
        terminateAll(slots.subList(first, slots.size()).stream().toList());
        return startAll(slots.subList(Math.min(first, slots.size()), slots.size()))
                .map(failed -> startFailed(known(failed.id()), failed.reason()))
                .orElse(Next.GO_ON);
    }

    // ---------------------------------------------------------------- requests

    Start startChild(ChildSpec spec) {
        Slot known = find(spec.id());
        if (known != null) {
            return new Start.Failed(
                    known.pid != null
                            ? new ExitReason.AlreadyStarted(known.pid)
                            : ExitReason.of(ChildError.ALREADY_PRESENT));
        }
        Optional<ExitReason> problem = problemOf(spec);
        if (problem.isPresent()) {
            return new Start.Failed(problem.get());
        }
        Start result = start(spec);
        Slot slot = new Slot(spec);
        switch (result) {
            case Start.Ok(Pid pid) -> {
                slot.runs(pid);
                slots.add(slot);
            }
            case Start.Ignore _ -> {
                slots.add(slot);
                forgetIfTemporary(slot);
            }
            case Start.Failed(ExitReason reason) -> Reports.startFailed(spec.id(), reason);
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

    Start restartChild(Object id) {
        Optional<ChildError> obstacle = obstacle(id);
        if (obstacle.isPresent()) {
            return new Start.Failed(ExitReason.of(obstacle.get()));
        }
        Slot slot = known(id);
        Start result = start(slot.spec);
        switch (result) {
            case Start.Ok(Pid pid) -> slot.runs(pid);
            case Start.Ignore _ -> slot.runs(null);
            case Start.Failed(ExitReason reason) -> Reports.startFailed(id, reason);
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

    /// Why a child can neither be restarted nor deleted, if that is so.
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

    List<Child> which() {
        return slots.reversed().stream()
                .map(slot ->
                        new Child(
                                slot.spec.id(),
                                Optional.ofNullable(slot.pid),
                                slot.restarting,
                                slot.spec.type()))
                .toList();
    }

    ChildCount count() {
        int supervisors = 0;
        int active = 0;
        for (Slot slot : slots) {
            supervisors += slot.spec.type() == ChildSpec.Type.SUPERVISOR ? 1 : 0;
            active += slot.pid != null && Processes.isAlive(slot.pid) ? 1 : 0;
        }
        return new ChildCount(slots.size(), active, supervisors, slots.size() - supervisors);
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
            throw new AssertionError("child " + id + " is known");
        }
        return slot;
    }
}
