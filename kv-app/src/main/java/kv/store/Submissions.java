package kv.store;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// The changes that wait for a commit. Any thread adds, one thread takes all that wait.
final class Submissions {

    /// A change and who is told about it.
    record Submission<C>(Change<C> change, Store.Owner<C> owner) {}

    private final long limit; // units: chars

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition added = lock.newCondition();
    private final Condition taken = lock.newCondition();
    private final Condition done = lock.newCondition();

    // Guarded by the lock.
    private List<Submission<?>> waiting = new ArrayList<>();
    private long size; // of what waits; units: chars
    private boolean closed;
    private long takes; // how often the waiting changes were taken
    private long handled; // how many of these takes have been handled

    Submissions(long limit) {
        this.limit = limit;
    }

    /// Adds a change, after waiting for room.
    ///
    /// @return whether it was added, which it is not after [#close]
    boolean add(Submission<?> submission) {
        lock.lock();
        try {
            awaitRoom();
            if (closed) {
                return false;
            }
            waiting.add(submission);
            size += size(submission.change());
            added.signal();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// An interrupt is the end of the submitting process. It must not wait for a slow disk.
    private void awaitRoom() {
        try {
            while (size >= limit && !closed) {
                taken.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static int size(Change<?> change) {
        return switch (change) {
            case Change.Create<?> create -> create.bucket().length();
            case Change.Put<?> put ->
                    put.bucket().length() + put.key().length() + put.value().length();
            case Change.Delete<?> delete -> delete.bucket().length() + delete.key().length();
        };
    }

    /// Takes all changes that wait. If there is none, waits for one for a limited time.
    ///
    /// @return what was waiting, which is empty if the time is over, or null after [#close] if
    ///   nothing is left
    @Nullable List<Submission<?>> take(long nanos) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long left = nanos;
            while (waiting.isEmpty() && !closed && left > 0) {
                left = added.awaitNanos(left);
            }
            if (waiting.isEmpty() && closed) {
                return null;
            }
            List<Submission<?>> all = waiting;
            waiting = new ArrayList<>();
            size = 0;
            takes++;
            taken.signalAll();
            return all;
        } finally {
            lock.unlock();
        }
    }

    /// Says that what was taken last has been committed, or has failed.
    void handled() {
        lock.lock();
        try {
            handled = takes;
            done.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Waits until all that has been added before has been committed, or has failed.
    void awaitHandled() throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long last = waiting.isEmpty() ? takes : takes + 1;
            while (handled < last) {
                done.await();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Takes no more changes. Those that wait can still be taken.
    void close() {
        lock.lock();
        try {
            closed = true;
            added.signal();
            taken.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
