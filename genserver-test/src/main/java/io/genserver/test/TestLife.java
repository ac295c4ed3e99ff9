package io.genserver.test;

import io.genserver.Attachment;
import io.genserver.CrashReport;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.Processes;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// One test: its process, which is the test's thread, and its supervisor.
final class TestLife extends Life {

    private final Thread thread = Thread.currentThread();
    private final Attachment attachment;

    private @Nullable Pid supervisor;

    private TestLife(
            Node node,
            boolean ownsNode,
            @Nullable ClassLife tests,
            Settings settings,
            Duration limit) {
        super(node, ownsNode, tests, settings, limit);
        this.attachment = node.<Attachment, RuntimeException>call(Processes::attach);
        values.allow(attachment.pid());
    }

    /// Makes the current thread the process of a test.
    ///
    /// @param tests what the class of the test has started; null if it has started nothing
    /// @param mine the node of the test's own; null if there is none yet, or it has none
    /// @param label describes the test
    static TestLife begin(
            @Nullable ClassLife tests,
            @Nullable Node mine,
            Settings settings,
            String label,
            Duration limit) {
        boolean own = tests == null && !settings.sharedNode();
        Node node =
                mine != null
                        ? mine
                        : own ? Node.start() : tests == null ? Node.defaultNode() : tests.node;
        TestLife life = new TestLife(node, own, tests, settings, limit);
        Processes.setLabel(label);
        return life;
    }

    Pid pid() {
        return attachment.pid();
    }

    @Override
    Set<Pid> roots() {
        return Set.of(attachment.pid());
    }

    @Override
    Pid supervisor() {
        if (supervisor == null) {
            supervisor = startSupervisor();
        }
        return supervisor;
    }

    @Override
    void checkCaller() {
        if (hasEnded()) {
            throw TestSupervisor.outsideOfATest("after its test has ended");
        }
        if (!Processes.isProcess() || !Processes.self().equals(pid())) {
            throw new IllegalStateException(
                    "expected to be called by the test's own process "
                            + pid()
                            + " on the thread "
                            + thread.getName()
                            + ", got: "
                            + caller());
        }
    }

    static String caller() {
        return Processes.isProcess()
                ? Processes.self().toString()
                : "the thread " + Thread.currentThread().getName() + ", which is no process";
    }

    @Override
    List<CrashReport> takeUncovered() {
        return uncovered(records.takeCrashes(this::isMine), expected());
    }

    @Override
    void endProcesses(Problems problems) {
        boolean interrupted = Thread.interrupted();
        AssertionError dead = null;
        if (Thread.currentThread() == thread) {
            dead = whyItIsDead();
            attachment.close(ExitReason.SHUTDOWN); // stops the supervisor, whose parent is the test
        } else { // the test's thread was given up, see TestTime.call
            Processes.exit(pid(), ExitReason.KILL);
        }
        Pid started = supervisor;
        if (started != null) {
            problems.run(() -> CleanUp.await(node, started, stopLimit));
        }
        if (dead != null) {
            problems.add(dead);
        } else if (interrupted) { // otherwise the exit signal interrupted the thread
            Thread.currentThread().interrupt();
        }
    }

    /// Returns why the test's process is dead, or `null` if it lives. Receives, because a signal
    /// that the test's own thread caused takes effect only when the process next waits.
    private static @Nullable AssertionError whyItIsDead() {
        try {
            Processes.receive(_ -> null, Duration.ZERO);
            return null;
        } catch (ExitException dead) {
            return new AssertionError(
                    "expected the test's process to live until the test ends, got: it was ended by"
                            + " the exit signal "
                            + dead.reason()
                            + "; to have a linked process end in a test, call"
                            + " Processes.trapExits(true) first or start it with startSupervised",
                    dead);
        }
    }
}
