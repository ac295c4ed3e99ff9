package io.genserver.cluster.jgroups;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// How much may be on its way to one member, and how much has come from it.
///
/// The sender counts what it has sent. The receiver returns what it has handed over, in portions.
/// If nothing comes back for a second, the sender asks. The question follows all frames, so its
/// answer says that none of them is on its way. That repairs the count after frames or returns were
/// lost with a connection.
///
/// JGroups' own flow control (UFC) is not used because a thread that waits in it cannot be
/// interrupted.
final class Lane {

    /// How many bytes may be on their way.
    static final long WINDOW = 4 << 20;

    /// What a frame costs besides its bytes. It bounds the number of small frames.
    static final int OVERHEAD = 256;

    private static final long PORTION = WINDOW / 4;
    private static final long ASK_MILLIS = 1_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();

    private long sent; // not yet returned; guarded by lock
    private boolean closed; // guarded by lock

    private long
            received; // not yet returned; used by the one thread that delivers from this member

    static long cost(int length) {
        return OVERHEAD + (long) length;
    }

    /// Waits until a frame may be sent, and counts it. A frame larger than the window goes alone.
    ///
    /// @param ask is run when nothing has come back for a second; must not block
    /// @return false if the lane has been closed
    boolean enter(long cost, Runnable ask) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!closed && sent != 0 && sent + cost > WINDOW) {
                if (!changed.await(ASK_MILLIS, TimeUnit.MILLISECONDS)) {
                    ask.run();
                }
            }
            sent += cost;
            return !closed;
        } finally {
            lock.unlock();
        }
    }

    /// The other side has handed over this much.
    void returned(long cost) {
        lock.lock();
        try {
            sent = Math.max(0, sent - cost);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Releases who waits. Nothing enters from now on.
    void close() {
        lock.lock();
        try {
            closed = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Counts a frame that has been handed over.
    ///
    /// @return what to return to the sender, 0 for nothing yet
    long received(long cost) {
        received += cost;
        return received < PORTION ? 0 : forget();
    }

    /// All that was received counts as returned.
    long forget() {
        long all = received;
        received = 0;
        return all;
    }
}
