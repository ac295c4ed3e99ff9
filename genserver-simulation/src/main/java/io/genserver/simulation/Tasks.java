package io.genserver.simulation;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The threads of a [Baton], except for the control: which of them can go on, which wait, and until
/// when. Only the thread that has the baton uses it.
final class Tasks {

    private final Map<Thread, Task> all = new HashMap<>();
    private final List<Task> ready = new ArrayList<>(); // in the order of their numbers
    private final List<Task> parked = new ArrayList<>(); // in the order of their waits
    private long now = 1; // 0 would be an unset time for some

    /// Adds a task that can go on. Its number is higher than those of all tasks before.
    void add(Task task) {
        all.put(task.thread(), task);
        ready.add(task);
    }

    /// Removes a task that has ended, or will never go on.
    void end(Task task) {
        task.state = Task.State.ENDED;
        ready.remove(task);
        parked.remove(task);
        all.remove(task.thread());
    }

    boolean isEmpty() {
        return all.isEmpty();
    }

    boolean contains(Thread thread) {
        return all.containsKey(thread);
    }

    /// Returns the tasks that can go on, in the order of their numbers.
    List<Task> ready() {
        return ready;
    }

    /// Returns the tasks that wait, in the order of their waits.
    List<Task> parked() {
        return parked;
    }

    /// Returns the index of the ready task whose turn it is after a task.
    int turnAfter(Task task) {
        int at = 0;
        while (at < ready.size() && ready.get(at).number <= task.number) {
            at++;
        }
        return at % ready.size();
    }

    // Time

    /// Units: ns
    long now() {
        return now;
    }

    /// Makes the next deadline the current time, and makes ready what has waited for it.
    ///
    /// @return false if nothing waits for a time
    boolean passTime() {
        long next = Task.NEVER;
        boolean idle = false;
        for (Task task : parked) {
            boolean isIdle = task.state == Task.State.IDLE;
            if (task.wakeAt < next || (task.wakeAt == next && idle && !isIdle)) {
                next = task.wakeAt;
                idle = isIdle;
            }
        }
        if (next == Task.NEVER) {
            return false;
        }
        now = Math.max(now, next);
        for (int i = 0; i < parked.size(); ) {
            Task task = parked.get(i);
            if (task.wakeAt <= now && (task.state == Task.State.IDLE) == idle) {
                makeReady(task);
            } else {
                i++;
            }
        }
        return true;
    }

    // Waits

    /// Has a task wait.
    ///
    /// @param state [Task.State#PARKED] or [Task.State#IDLE]
    /// @param nanos for how long at most
    void park(Task task, Task.State state, long nanos) {
        task.state = state;
        task.wakeAt = nanos >= Task.NEVER - now ? Task.NEVER : now + nanos;
        ready.remove(task);
        parked.add(task);
    }

    /// Ends the wait of a thread. If the thread does not wait, its next wait ends at once.
    void unpark(Thread thread) {
        Task task = all.get(thread);
        if (task != null && task.state == Task.State.PARKED) {
            makeReady(task);
        } else if (task != null) {
            task.permit = true;
        }
    }

    /// Has the wait of a thread end at a time. If the thread does not wait, its next wait ends at
    /// once.
    void wakeBy(Thread thread, long time) {
        Task task = all.get(thread);
        if (task != null && task.state == Task.State.PARKED) {
            task.wakeAt = Math.min(task.wakeAt, time);
        } else if (task != null) {
            task.permit = true;
        }
    }

    /// Interrupts a thread that does not run, and ends its wait.
    void interrupt(Thread thread) {
        Task task = all.get(thread);
        if (task != null) {
            task.interrupted = true;
            if (task.state == Task.State.PARKED) {
                makeReady(task);
            }
        }
    }

    /// Interrupts a task that does not run, and ends its wait, whatever it waits for.
    void interruptAny(Task task) {
        task.interrupted = true;
        if (task.state != Task.State.READY) {
            makeReady(task);
        }
    }

    void endAllWaits() {
        List.copyOf(parked).forEach(this::makeReady);
    }

    private void makeReady(Task task) {
        parked.remove(task);
        task.state = Task.State.READY;
        task.wakeAt = Task.NEVER;
        int at = ready.size();
        while (at > 0 && ready.get(at - 1).number > task.number) {
            at--;
        }
        ready.add(at, task);
    }
}
