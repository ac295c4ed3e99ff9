package io.genserver.simulation;

import io.genserver.Attachment;
import io.genserver.Node;
import io.genserver.Processes;
import io.genserver.spi.ProcessRuntime;
import org.jspecify.annotations.Nullable;

/// Runs a body once, on a node of its own, and ends everything that it has started.
final class Execution {

    /// How often time passes while a condition does not hold in the end.
    private static final int MOST_DEADLINES = 1_000;

    private final Simulation.Body body;
    private final Baton baton;
    private final Recording recording;
    private volatile boolean returned; // written by the body, read by the control

    /// How a run ended.
    ///
    /// @param failure why it failed; null if it did not
    /// @param recording what happened
    record Outcome(@Nullable Throwable failure, int steps, long time, Recording recording) {}

    Execution(Simulation.Body body, Policy policy, Baton.Limits limits, boolean withText) {
        this.body = body;
        this.recording = new Recording(withText);
        this.baton = new Baton(policy, limits, recording);
    }

    /// Returns the thread that goes on at this moment. Any thread.
    Thread thread() {
        return baton.holderThread();
    }

    /// Returns a number that grows while the run makes progress. Any thread.
    int progress() {
        return baton.progress();
    }

    /// Ends the run at its next step. Any thread.
    void stop(Throwable why) {
        baton.stop(why);
    }

    /// Ends the run although its thread does nothing. The watching thread.
    void abandon(Throwable why) {
        baton.abandon(why);
    }

    /// Runs the body. The control.
    Outcome execute() {
        Node node = ProcessRuntime.get().startNode(null, baton);
        SimulationRun run = new SimulationRun(baton);
        baton.startOn(node, "body", () -> runBody(run));
        baton.run(true);
        if (baton.failure() == null && !returned) {
            return end(
                    node,
                    new AssertionError(
                            "expected the body to return, got: a deadlock, because all wait and no"
                                    + " timer is armed: "
                                    + baton.deadlock()));
        }
        checkInvariants(node);
        @Nullable Throwable failure = baton.failure();
        baton.faults().stop();
        for (SimulationRun.Check check : run.atTheEnd()) {
            if (failure == null) {
                failure = check(node, check);
            }
        }
        if (failure == null && !run.atTheEnd().isEmpty()) {
            checkInvariants(node);
            failure = baton.failure();
        }
        return end(node, failure);
    }

    /// Checks the invariants when all wait, because nothing has checked them after the last step.
    private void checkInvariants(Node node) {
        if (baton.failure() == null && baton.hasInvariants()) {
            baton.startOn(node, "invariants", baton::checkInvariants);
            baton.run(false);
        }
    }

    private void runBody(SimulationRun run) {
        Attachment self = Processes.attach();
        try {
            body.run(run);
            returned = true;
            baton.waitForEnd();
        } catch (RuntimeException | Error failed) {
            baton.noteFailure(self.pid(), failed);
            throw failed;
        } catch (Exception failed) {
            baton.noteFailure(self.pid(), failed);
            throw new AssertionError("expected the body to return, got: " + failed, failed);
        } finally {
            self.close();
        }
    }

    /// One attempt to find out whether a condition holds.
    private static final class Attempt implements Runnable {
        private final SimulationRun.Check check;
        private boolean ended;
        private boolean holds;
        private @Nullable Throwable problem;

        Attempt(SimulationRun.Check check) {
            this.check = check;
        }

        @Override
        public void run() {
            try {
                holds = check.condition().holds();
            } catch (Exception | AssertionError failed) {
                problem = failed;
            }
            ended = true;
        }

        /// @param when after how much time; empty if no time can pass
        /// @param waits who waits for whom
        AssertionError failure(String when, String waits) {
            String got =
                    problem != null
                            ? problem.toString()
                            : ended
                                    ? "that it does not hold"
                                    : "that the check waits for ever: " + waits;
            return new AssertionError(
                    "expected in the end: " + check.what() + ", got: " + got + when, problem);
        }
    }

    /// Checks a condition again and again, until it holds or no time can pass.
    private @Nullable Throwable check(Node node, SimulationRun.Check check) {
        for (int left = MOST_DEADLINES; ; ) {
            Attempt attempt = new Attempt(check);
            baton.startOn(node, "check", attempt);
            baton.run(false);
            while (!attempt.ended && baton.failure() == null && baton.passTime()) {
                baton.run(false);
            }
            if (attempt.holds || baton.failure() != null) {
                return baton.failure();
            }
            if (left == 0) {
                return attempt.failure(" after " + MOST_DEADLINES + " deadlines", "");
            }
            if (!attempt.ended || !baton.passTime()) {
                return attempt.failure("", baton.deadlock());
            }
            int before = baton.steps();
            baton.run(false);
            if (baton.steps() != before) { // else only the runtime has woken up
                left--;
            }
        }
    }

    private Outcome end(Node node, @Nullable Throwable failure) {
        int steps = baton.steps();
        long time = baton.nanoTime();
        baton.end(node);
        return new Outcome(failure, steps, time, recording);
    }
}
