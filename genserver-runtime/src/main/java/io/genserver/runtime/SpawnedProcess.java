package io.genserver.runtime;

import io.genserver.ProcessBody;

/// A process that runs a function of the user's, from start to end on one virtual thread.
final class SpawnedProcess extends LocalProcess {

    private final ProcessBody body;

    SpawnedProcess(LocalRuntime runtime, ProcessBody body) {
        super(runtime);
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
            body.run();
            receivePendingExit();
            die(io.genserver.ExitReason.NORMAL);
        } catch (Throwable thrown) { // whatever it is, the process ends with it
            if (!isDead()) {
                CrashReport.ofSpawned(this, thrown);
                die(Thrown.reason(thrown));
            }
        } finally {
            detachThread();
        }
    }

    @Override
    boolean onInterrupt() {
        return Interruption.whileReceiving(this);
    }
}
