package io.genserver.runtime;

import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.spi.Machine;
import io.genserver.spi.Machine.Travel;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/// A mailbox on a [Machine] that lets messages and signals travel for a time, arrive twice, or get
/// lost. What ends a process over a link takes no time.
///
/// The machine runs one thread at a time, so nothing here is guarded.
final class TravellingMailbox extends Mailbox {

    private final Machine machine;

    /// What is on its way, by sender. The key of a thread that is no process is the mailbox.
    private final Map<Object, Queue<Runnable>> onTheWay = new HashMap<>();

    /// Set when the process is created.
    private @Nullable LocalProcess receiver;

    TravellingMailbox(Machine machine) {
        this.machine = machine;
    }

    void belongTo(LocalProcess process) {
        receiver = process;
    }

    @Override
    public boolean offer(Object message) {
        LocalProcess to = receiver;
        boolean isRequest = message instanceof ReplySlot;
        Object shown = Envelope.subject(message);
        if (to == null || shown == null || !travels(to, shown, isRequest, () -> put(to, message))) {
            super.offer(message);
        }
        return true;
    }

    private void put(LocalProcess to, Object message) {
        super.offer(message);
        to.delivered(message);
    }

    /// Lets an exit signal travel.
    ///
    /// @param arrival what happens when it arrives, if that is later
    /// @return false if it arrives at once
    boolean travels(LocalProcess to, Exit signal, Runnable arrival) {
        return travels(to, signal, false, arrival);
    }

    private boolean travels(LocalProcess to, Object shown, boolean isRequest, Runnable arrival) {
        Pid from = sender(to, shown);
        if (from != null && from.equals(to.pid)) {
            return false;
        }
        Object key = from == null ? this : from;
        Queue<Runnable> before = onTheWay.get(key);
        Travel travel = machine.travel(from, to.pid, shown, isRequest);
        if (before == null && travel.delay() == 0 && travel.copies() == 1) {
            return false;
        }
        if (travel.copies() > 0) {
            Queue<Runnable> queue = before == null ? new ArrayDeque<>() : before;
            onTheWay.put(key, queue);
            for (int copy = 0; copy < travel.copies(); copy++) {
                queue.add(arrival);
                machine.start(null, "message", () -> arrive(key, travel.delay()));
            }
        }
        return true;
    }

    /// Returns the process that a message or signal comes from. That of an exit signal or of a
    /// [Down] is the process that has ended, whichever thread has ended it.
    ///
    /// @return null for a thread that is no process
    private static @Nullable Pid sender(LocalProcess to, Object shown) {
        Context context = Context.getOrNull();
        LocalProcess current = context == null ? null : context.process();
        boolean isAnswer =
                current == to && shown instanceof Down down && down.reason() == ExitReason.NOPROC;
        if (!isAnswer && shown instanceof Exit exit) {
            return exit.from();
        }
        if (!isAnswer && shown instanceof Down(var _, Pid dead, var _)) {
            return dead;
        }
        return current == null ? null : current.pid;
    }

    /// Waits, and then lets arrive what the sender has sent first.
    private void arrive(Object key, long delay) {
        long end = machine.nanoTime() + delay;
        while (machine.nanoTime() < end) {
            machine.park(end - machine.nanoTime());
        }
        Queue<Runnable> queue = onTheWay.get(key);
        Runnable first = queue == null ? null : queue.poll();
        if (queue != null && queue.isEmpty()) {
            onTheWay.remove(key);
        }
        if (first != null) {
            first.run();
        }
    }
}
