package io.genserver.runtime;

/// How long a thread looks for what it waits for before it parks.
///
/// To park a virtual thread and to wake it costs several times as much as to hand something over
/// between two threads that are both running; but to look in vain is a waste, and holds up others.
/// So a thread finds out. Once in a while it measures how long it was parked. If that was a moment,
/// it looks the next time before it parks; as long as it finds what it waits for it goes on so, and
/// it soon stops when it does not.
///
/// One thread's, for one kind of wait.
final class Spin {

    /// How long a virtual thread looks: about ten microseconds, for it keeps a carrier from others.
    /// Units: looks
    private static final int SHORT = 256;

    /// How long a platform thread looks: longer than it takes to wake a carrier and be woken
    /// itself. Units: looks
    private static final int LONG = 1024;

    /// How long a look takes, roughly; a wait that was longer is not worth one. Units: ns.
    private static final long LOOK = 40L;

    /// How often to measure at most and at least. Units: waits
    private static final int OFTEN = 16;

    private static final int RARELY = 1024;

    /// How often in a row to look in vain before giving up.
    private static final int PATIENCE = 2;

    /// With one core nobody else can be running.
    private static final boolean OFF = Runtime.getRuntime().availableProcessors() == 1;

    private final int length; // units: looks

    private int patience; // units: looks in vain
    private int pause = OFTEN; // units: waits
    private int untilMeasure = OFTEN; // units: waits

    Spin(Thread thread) {
        length = thread.isVirtual() ? SHORT : LONG;
    }

    /// How often to look this time.
    int looks() {
        return patience == 0 ? 0 : length;
    }

    /// It was there.
    void found() {
        patience = PATIENCE;
        pause = OFTEN;
    }

    /// It was not.
    void inVain() {
        patience--;
        if (patience == 0) {
            rarer();
        }
    }

    private void rarer() {
        pause = Math.min(RARELY, 2 * pause);
        untilMeasure = pause;
    }

    /// Whether to measure how long the thread is parked now.
    boolean measures() {
        return patience == 0 && !OFF && --untilMeasure <= 0;
    }

    /// How long it was.
    void measured(long nanos) {
        if (nanos <= length * LOOK) {
            patience = 1;
        } else {
            rarer();
        }
    }
}
