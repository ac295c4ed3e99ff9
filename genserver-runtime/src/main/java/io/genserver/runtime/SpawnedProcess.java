package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.ProcessBody;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A process that runs a function of the user's, from start to end on one virtual thread.
final class SpawnedProcess extends LocalProcess {

    private final ProcessBody body;
    private final @Nullable Map<String, String> logContext = LogContext.carried();

    SpawnedProcess(LocalRuntime runtime, ProcessBody body) {
        super(runtime, null);
        this.body = body;
    }

    @Override
    String initialCall() {
        return "spawn";
    }

    @Override
    void startThread() {
        Thread.startVirtualThread(this::run);
    }

    private void run() {
        takeOver();
        try {
            if (!isDead()) { // read after the write of the thread, so either this or the interrupt
                // hits
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
