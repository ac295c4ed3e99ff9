package io.genserver.runtime;

import io.genserver.Exit;
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
        offerFrom(current(), message);
        return true;
    }

    /// What a process has sent before its end, and its `Exit`, arrive before its `Down`, whichever
    /// thread has ended it.
    @Override
    void offerNews(@Nullable Pid from, Object message) {
        offerFrom(from, message);
    }

    private void offerFrom(@Nullable Pid from, Object message) {
        LocalProcess to = receiver;
        boolean isRequest = message instanceof ReplySlot;
        Object shown = Envelope.subject(message);
        if (to == null
                || shown == null
                || !travels(from, to, shown, isRequest, () -> put(to, message))) {
            super.offer(message);
        }
    }

    /// Returns the process whose code runs; null on a thread that is no process.
    private static @Nullable Pid current() {
        Context context = Context.getOrNull();
        LocalProcess process = context == null ? null : context.process();
        return process == null ? null : process.pid;
    }

    private void put(LocalProcess to, Object message) {
        super.offer(message);
        to.delivered(message);
    }

    /// Lets an exit signal travel that the current process sends.
    ///
    /// @param arrival what happens when it arrives, if that is later
    /// @return false if it arrives at once
    boolean travels(LocalProcess to, Exit signal, Runnable arrival) {
        return travels(current(), to, signal, false, arrival);
    }

    private boolean travels(
            @Nullable Pid from,
            LocalProcess to,
            Object shown,
            boolean isRequest,
            Runnable arrival) {
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
