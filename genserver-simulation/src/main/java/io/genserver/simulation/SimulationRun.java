package io.genserver.simulation;

import io.genserver.ProcessRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// One run of a [Simulation], as its body sees it. Only the body and the processes that it has
/// started use it.
public final class SimulationRun {

    private final Baton baton;
    private final List<Check> atTheEnd = new ArrayList<>();

    /// A condition that has to hold in the end.
    record Check(String what, Condition condition) {}

    /// A condition.
    @FunctionalInterface
    public interface Condition {
        /// Returns whether the condition holds.
        ///
        /// @return whether it holds
        /// @throws Exception if that cannot be found out, which counts as "does not hold"
        boolean holds() throws Exception;
    }

    /// Code that checks something with assertions.
    @FunctionalInterface
    public interface Assertion {
        /// Checks something.
        ///
        /// @throws Exception if it does not hold
        void check() throws Exception;
    }

    SimulationRun(Baton baton) {
        this.baton = baton;
    }

    /// Has an invariant checked before each step from now on, on whichever thread goes on then, and
    /// when all wait in the end. The invariant looks at things that the test has kept; it must not
    /// call a server or wait.
    ///
    /// @param invariant fails with an [AssertionError] or another exception if it does not hold
    public void always(Assertion invariant) {
        Objects.requireNonNull(invariant, "invariant");
        baton.always(() -> {
            try {
                invariant.check();
            } catch (Exception broken) {
                throw new AssertionError("expected the invariant to hold, got: " + broken, broken);
            }
        });
    }

    /// Has a condition checked when the body has returned and all processes wait. If the condition
    /// does not hold then, time passes from deadline to deadline, until it holds, nothing is armed,
    /// or 1,000 deadlines have passed. No fault happens any more by then.
    ///
    /// The condition may call servers.
    ///
    /// @param what describes the condition in the message of the failure
    /// @param condition returns whether it holds
    public void eventually(String what, Condition condition) {
        atTheEnd.add(
                new Check(
                        Objects.requireNonNull(what, "what"),
                        Objects.requireNonNull(condition, "condition")));
    }

    /// Allows the simulation to kill a process at any step, up to three times a run in all. A name
    /// stands for whichever process has it at that step.
    ///
    /// @param process the process
    public void mayCrash(ProcessRef process) {
        baton.faults().mayCrash(Objects.requireNonNull(process, "process"));
    }

    /// Has the timers that are armed from now on fire late, half of them, by random times.
    ///
    /// @param longest the longest delay, more than 0
    /// @throws IllegalArgumentException if it is not more than 0
    public void delayTimers(Duration longest) {
        if (!longest.isPositive()) {
            throw new IllegalArgumentException(
                    "expected the longest delay to be more than 0, got: " + longest);
        }
        baton.faults().delayTimers(longest);
    }

    /// Disturbs the messages between processes from now on.
    ///
    /// @param faults what may happen to which messages
    public void disturb(MessageFaults faults) {
        baton.faults().disturb(Objects.requireNonNull(faults, "faults"));
    }

    List<Check> atTheEnd() {
        return List.copyOf(atTheEnd);
    }
}
