package io.genserver.runtime;

/// A function that somebody waits for and that does nothing twice, such as one that completes a
/// future. It runs on a virtual thread of its own. If memory ends before it has returned, it runs
/// again.
///
/// The thread does not wait for memory. The JVM needs memory to have a virtual thread wait for a
/// time, and loses the thread if there is none. So the thread ends, and the [Healer] starts another
/// one.
final class SureRun extends Healer.Step implements Runnable {

    private final Origin origin;
    private final Runnable function;

    SureRun(Origin origin, Runnable function) {
        this.origin = origin;
        this.function = function;
    }

    /// Starts the thread.
    @Override
    void take() {
        Threads.startVirtual(this);
    }

    @Override
    public void run() {
        try {
            origin.run(function);
        } catch (OutOfMemoryError noMemory) {
            origin.node().healer.again(this, noMemory);
        }
    }
}
