package io.genserver.runtime;

import io.genserver.Pace;
import io.genserver.ServerRef;
import io.genserver.Via;
import org.jspecify.annotations.Nullable;

/// A timer that sends a message again and again, and never has more than one in a mailbox.
///
/// Such a message is a [Tick]. Either the timer is armed, or a tick is on its way to the mailbox or
/// in it. The thread that takes the tick out of the mailbox arms the timer for the next one. So a
/// timer whose receiver is slow costs nothing while it waits.
///
/// ## Who may touch what
///
/// Everything that changes is guarded by the timer's own monitor: the timer thread fires, the
/// receiver's owner or a dying thread takes, and any thread cancels. The tick is sent under the
/// monitor too. Therefore nothing arrives after [#cancel] has returned, and a receiver that takes
/// the tick at once waits until the timer knows which tick that is.
///
/// The monitor is taken before the wheel's, and never while a process's monitor is held: a process
/// that ends first takes its timers out of its list, and then ends them without a lock.
final class PeriodicTimer extends SendingTimer {

    /// A message of the timer's.
    static final class Tick extends Envelope.UserMessage {
        private final PeriodicTimer timer;

        private Tick(PeriodicTimer timer) {
            super(timer.message, timer.context);
            this.timer = timer;
        }

        @Override
        void taken() {
            timer.taken(this);
        }
    }

    private final LocalNode node;
    private final Object message;
    private final @Nullable Object context = MessageContext.carried();
    private final long period; // units: ns
    private final Pace pace;

    /// The process that started the timer; null for a thread that is no process.
    private final @Nullable ProcessPid starter;

    /// When the last tick was due, or the next one is. Guarded. Units: ns of the node's clock
    private long due;

    /// The tick in the mailbox; null for none. Guarded.
    private @Nullable Tick waiting;

    /// Guarded.
    private boolean ended;

    PeriodicTimer(
            LocalNode node,
            ServerRef to,
            Object message,
            long period,
            Pace pace,
            @Nullable ProcessPid starter) {
        super(to);
        this.node = node;
        this.message = message;
        this.period = period;
        this.pace = pace;
        this.starter = starter;
    }

    /// Starts the timer. If the receiver is dead, the first message is a dead letter at once, and
    /// there are no others.
    void start() {
        if (to instanceof ProcessPid pid && !isKnownBy(pid)) {
            cancel();
            node.deadLetters.noReceiver(to, message);
            return;
        }
        if (starter != null && !isKnownBy(starter)) {
            cancel();
            return;
        }
        synchronized (this) {
            due = now();
            armForNext(due);
        }
    }

    private boolean isKnownBy(ProcessPid pid) {
        LocalProcess process = pid.process();
        return process != null && process.watched().addTimer(this);
    }

    @Override
    long cancel() {
        synchronized (this) {
            if (ended) {
                return -1;
            }
            ended = true;
        }
        forget(starter);
        forget(to instanceof ProcessPid pid ? pid : null);
        return Math.max(0, node.timers.cancel(this));
    }

    private void forget(@Nullable ProcessPid pid) {
        LocalProcess process = pid == null ? null : pid.process();
        if (process != null) {
            process.watched().removeTimer(this);
        }
    }

    @Override
    void endWithProcess() {
        cancel();
    }

    /// A timer whose tick is in a mailbox, or on its way there, has 0 left.
    @Override
    synchronized long left() {
        return ended ? -1 : Math.max(0, node.timers.read(this));
    }

    @Override
    String describe() {
        return "message " + SafeText.of(message) + " for " + SafeText.of(to) + ", again and again";
    }

    @Override
    void fire() {
        if (!(to instanceof Via)) {
            sendTick(node.resolve(to));
            return;
        }
        boolean started = false;
        try { // a user's registry may block or throw
            Threads.startVirtual(() -> node.run(this::sendThroughRegistry));
            started = true;
        } finally {
            if (!started) { // no memory for a thread, but the next period may have some
                skip();
            }
        }
    }

    private void sendThroughRegistry() {
        LocalProcess receiver = node.acquireForCast(to);
        try {
            sendTick(receiver);
        } finally {
            LocalNode.release(to, receiver);
        }
    }

    /// Sends a tick. If there is no receiver, it skips the tick, or ends the timer if there cannot
    /// be one again.
    private void sendTick(@Nullable LocalProcess receiver) {
        if (receiver != null) {
            sendTo(receiver);
        } else if (to instanceof ProcessPid || isDead(starter)) {
            cancel(); // the dying thread may have been too short of stack to do this
        } else if (skip()) {
            node.deadLetters.noReceiver(to, message); // without the monitor: tells listeners
        }
    }

    private static boolean isDead(@Nullable ProcessPid pid) {
        return pid != null && pid.process() == null;
    }

    private synchronized void sendTo(LocalProcess receiver) {
        if (ended) {
            return;
        }
        boolean sent = false;
        try {
            Tick tick = new Tick(this);
            waiting = tick;
            receiver.deliver(tick);
            sent = true;
        } finally {
            if (!sent) {
                waiting = null;
                armForNext(now());
            }
        }
    }

    /// Plans the next tick without sending one.
    ///
    /// @return false if the timer has ended
    private synchronized boolean skip() {
        armForNext(now());
        return !ended;
    }

    /// Plans the next tick, because a tick has left the mailbox. Called by the receiver's owner, or
    /// by a thread that empties the mailbox of a dead receiver.
    private synchronized void taken(Tick tick) {
        if (waiting == tick) { // false for a tick whose delivery failed after it was in the mailbox
            waiting = null;
            armForNext(now());
        }
    }

    /// Arms the timer unless it has ended. Guarded.
    private void armForNext(long now) {
        if (ended) {
            return;
        }
        long missed = pace == Pace.FIXED_RATE ? Math.max(0, now - due) / period : 0;
        long from = pace == Pace.FIXED_RATE ? due + missed * period : now;
        due = TimeUnits.after(from, period);
        node.timers.arm(this, due);
    }

    private long now() {
        return node.timers.clock().nanoTime();
    }
}
