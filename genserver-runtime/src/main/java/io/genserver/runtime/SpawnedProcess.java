package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.ProcessBody;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A process that runs a function of the user's, from start to end on one virtual thread.
final class SpawnedProcess extends LocalProcess {

    private final @Nullable String initialCall; // null: spawned without knowing where it comes from
    private final ProcessBody body;
    private final @Nullable Map<String, String> logContext = LogContext.carried();

    SpawnedProcess(LocalRuntime runtime, ProcessBody body) {
        super(runtime, null);
        this.initialCall = null;
        this.body = body;
    }

    /// Creates a process that knows where it comes from.
    SpawnedProcess(
            LocalRuntime runtime,
            String initialCall,
            ProcessBody body,
            @Nullable LocalProcess parent) {
        super(runtime, parent == null ? null : parent.ancestryOfChildren());
        this.initialCall = Objects.requireNonNull(initialCall, "initialCall");
        this.body = body;
    }

    @Override
    String initialCall() {
        return initialCall == null ? "spawn" : initialCall;
    }

    /// Whether an exit on purpose that is not orderly is to be reported, too.
    boolean reportsExits() {
        return initialCall != null;
    }

    @Override
    void startThread() {
        Thread.startVirtualThread(this::run);
    }

    private void run() {
        takeOver();
        try {
            // Read after the write of the thread, so either this or the interrupt hits.
            if (!isDead()) {
                LogContext.enter(this, logContext);
                body.run();
                receivePendingExit();
            }
            die(ExitReason.NORMAL);
        } catch (Throwable thrown) { // whatever it is, the process ends with it
            if (!isDead()) {
                CrashReport.ofSpawned(this, thrown);
                die(Thrown.reason(thrown));
            }
        } finally {
            detachThread();
        }
    }
}
