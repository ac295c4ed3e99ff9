package io.genserver.simulation;

import io.genserver.Pid;
import io.genserver.spi.Machine.Event;
import io.genserver.spi.ProcessId;
import org.jspecify.annotations.Nullable;

/// One thread of a [Baton]. Only the thread that has the baton touches it.
final class Task {

    enum State {
        /// It can go on, or it goes on.
        READY,
        /// It waits until it is unparked, or until `wakeAt`.
        PARKED,
        /// It waits until nothing else can go on at `wakeAt`.
        IDLE,
        ENDED
    }

    static final long NEVER = Long.MAX_VALUE;

    /// In the order of creation, from 0.
    final int number;

    /// The process whose code it runs; null for none.
    final @Nullable Pid process;

    final String name;
    private Thread thread = Thread.currentThread();
    boolean started;

    /// Whether it is a thread of the runtime's own, such as the one that fires timers.
    boolean isRuntimes;

    State state = State.READY;

    /// When its wait ends; [#NEVER] for no limit. Units: ns
    long wakeAt = NEVER;

    /// Whether its next wait ends at once.
    boolean permit;

    /// Whether its thread is to be interrupted once it has the baton.
    boolean interrupted;

    /// How often it has waited, or has failed to reach a process, since its last step.
    int pausesInARow;

    /// What it was about to do when it last let others go on.
    @Nullable Event event;

    @Nullable Pid target;

    /// The number of the process that `event` is about; 0 for none.
    long about;

    Task(int number, @Nullable Pid process, String name) {
        this.number = number;
        this.process = process;
        this.name = name;
        this.about = entity();
    }

    void thread(Thread mine) {
        thread = mine;
    }

    Thread thread() {
        return thread;
    }

    /// Returns a number that all threads of one process share.
    long entity() {
        return process == null ? -1L - number : number(process);
    }

    static long number(Pid pid) {
        return ((ProcessId) pid).number();
    }

    @Override
    public String toString() {
        return process == null ? name : process.toString();
    }
}
