package io.genserver.test;

import io.genserver.CrashReport;
import io.genserver.DeadLetter;
import io.genserver.ExitReason;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.spi.RuntimeListener;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Records what happens on the nodes on which tests run. The runtime finds it as a service
/// provider.
public final class TestListener implements RuntimeListener {

    /// Creates the listener. The service loader calls this once.
    public TestListener() {}

    @Override
    public void processStarted(Node node, Pid pid, @Nullable Pid starter) {
        Records records = Records.of(node);
        if (records != null) {
            records.started(pid, starter);
        }
    }

    @Override
    public void processEnded(Node node, Pid pid, String initialCall, ExitReason reason) {
        Records records = Records.of(node);
        if (records != null) {
            records.ended(pid);
        }
    }

    @Override
    public void crashed(Node node, CrashReport report) {
        Records records = Records.of(node);
        if (records != null) {
            records.crashed(report);
        }
    }

    @Override
    public void childOverdue(
            Node node,
            Pid supervisor,
            Object child,
            Pid pid,
            Duration limit,
            List<StackTraceElement> stack) {
        Records records = Records.of(node);
        if (records != null) {
            records.overdue(child, pid, limit, stack);
        }
    }

    @Override
    public void deadLetter(Node node, DeadLetter letter) {
        Records records = Records.of(node);
        if (records != null) {
            records.deadLetter(letter);
        }
    }
}
