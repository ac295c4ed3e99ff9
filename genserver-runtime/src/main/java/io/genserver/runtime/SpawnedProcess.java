package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.ProcessBody;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A process that runs a user's function from its start to its end on one virtual thread.
final class SpawnedProcess extends LocalProcess {

    private final @Nullable String initialCall; // null: spawned without a name for what it runs
    private final ProcessBody body;
    private final @Nullable Object context = MessageContext.carried();

    SpawnedProcess(LocalNode node, ProcessBody body) {
        super(node, null);
        this.initialCall = null;
        this.body = Objects.requireNonNull(body, "body");
    }

    /// Creates a process that knows what it runs and which process started it.
    SpawnedProcess(
            LocalNode node, String initialCall, ProcessBody body, @Nullable LocalProcess parent) {
        super(node, parent == null ? null : parent.ancestryOfChildren());
        this.initialCall = Objects.requireNonNull(initialCall, "initialCall");
        this.body = Objects.requireNonNull(body, "body");
    }

    @Override
    String initialCall() {
        return initialCall == null ? "spawn" : initialCall;
    }

    /// Returns whether an exit that is not orderly is reported even if the process asked for it
    /// itself.
    boolean reportsExits() {
        return initialCall != null;
    }

    @Override
    void startThread() {
        Threads.startVirtual(pid, this::runBody);
    }

    private void runBody() {
        try {
            takeOver();
            // The exit reason is read after the thread is written, so either this check or the
            // interrupt ends the process.
            if (!isDead()) {
                Threads.useLoaderOf(body);
                @Nullable Object[] entered = MessageContext.enter(context);
                try {
                    body.run();
                } finally {
                    MessageContext.leave(entered);
                }
                receivePendingExit();
                stepToEnd();
            }
            die(ExitReason.NORMAL);
        } catch (Throwable thrown) { // any throwable ends the process
            endBy(thrown);
        } finally {
            detachThread();
            node.healer.check();
        }
    }

    private void endBy(Throwable thrown) {
        try {
            if (!isDead()) {
                CrashLog.ofSpawned(this, thrown);
                stepToEnd();
            }
        } finally { // also if memory ends in the report
            dieOf(thrown);
        }
    }
}
