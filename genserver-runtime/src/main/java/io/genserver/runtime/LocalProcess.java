package io.genserver.runtime;

import io.genserver.Exit;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.Match;
import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.ProcessInfo;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One process: its mailbox, its life and death, its links and monitors, and who runs it.
///
/// Words for memory accesses, used in the whole package: *plain* is an ordinary field access;
/// *volatile* is a volatile read or write, all of which have one total order; *owner* is the one
/// thread that may run the process at a moment, as told by `run`; *guarded* means under
/// `synchronized (this)`.
///
/// ## Who runs it
///
/// `run` says who owns the process. Ownership passes only by a compare-and-set of `run`, so what
/// one owner wrote plainly the next one sees.
///
/// | from | to | by |
/// |---|---|---|
/// | COLD: no thread, nothing to do | RUNNING | whoever has a message for it; it starts a thread, the owner |
/// | RUNNING: the owner is at work | PARKED | the owner, when the mailbox is empty |
/// | PARKED: the owner waits | RUNNING | whoever has a message for it, or a reason to wake it; it unparks the owner |
/// | RUNNING | RECEIVING | the owner, when it waits in the middle of the user's code |
/// | RECEIVING | RUNNING | as PARKED; but it is never retired, for its stack is needed |
/// | PARKED | RETIRING | the sweep that takes threads from idle processes; it unparks the owner |
/// | RETIRING | RUNNING | whoever has a message for it |
/// | RETIRING | COLD | the owner, whose thread then ends |
///
/// A sender first offers its message, then reads `run`; an owner first writes PARKED (or COLD),
/// then looks into the mailbox again. The offer is a volatile compare-and-set and all the rest is
/// volatile, so either the sender sees that it must wake the owner, or the owner sees the message.
///
/// ## Death
///
/// A process is dead from the moment `exitReason` is written, guarded. The thread that wrote it
/// then frees the name, tells links and monitors, and answers the calls, in this order; the owner,
/// if it is running code of the process at that time, is interrupted and gets an [ExitException]
/// from whatever it does next.
///
/// A caller learns of the death in one of three ways, whichever comes first. Its request is in the
/// queue: the dying thread shows itself all queued requests and fails them. Its request is being
/// handled: the owner wrote it to `current` (volatile) before it read `exitReason`, and the dying
/// thread wrote `exitReason` before it reads `current`, so one of them fails it. It was offered
/// later: the sender reads `exitReason` after its offer, and fails it itself.
abstract class LocalProcess {

    private static final Logger log = LoggerFactory.getLogger(LocalProcess.class);
    private static final long RETRY = 100_000_000L; // units: ns

    static final int COLD = 0;
    static final int RUNNING = 1;
    static final int PARKED = 2;
    static final int RETIRING = 3;
    static final int RECEIVING = 4;

    private static final VarHandle RUN;

    static {
        try {
            RUN = MethodHandles.lookup().findVarHandle(LocalProcess.class, "run", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    final LocalRuntime runtime;
    final LocalPid pid = new LocalPid(this);
    final Mailbox mailbox = new Mailbox();

    /// See the class.
    private volatile int run = RUNNING;

    /// Why it is dead; null while it lives. Written once, guarded.
    private volatile @Nullable ExitReason exitReason;

    /// Written by the owner, read by any thread.
    private volatile boolean trapExits;

    /// The owner's thread, or the last one. Written by the owner when it takes over; read by those
    /// who unpark (after they saw PARKED) and, guarded, by the one who interrupts.
    private volatile @Nullable Thread thread;

    /// An exit signal that came back over a link to the process that caused it, by ending another.
    /// Signals take a while on the BEAM, so such a process gets to the end of what it is doing, or
    /// to the next point at which it waits. Owner.
    private @Nullable ExitReason pendingExit;

    /// The request this process waits for. Written by the owner, read by callers that look for a
    /// circle, see [CallCycles].
    volatile @Nullable ReplySlot waitingFor;

    /// The request being handled. Written by the owner, read by the dying thread.
    volatile @Nullable ReplySlot current;

    /// Requests taken out of the mailbox whose callers still wait. Guarded.
    private @Nullable List<ReplySlot> owed;

    private int owedLimit = 16; // how long `owed` may grow before answered ones are dropped

    /// Guarded; null when there are none.
    private @Nullable Relations relations;

    /// The local name. Guarded.
    private @Nullable String name;

    /// How many messages it has handled. Owner; others read it to see whether it stands still.
    int handled;

    /// `handled` at the last sweep, and whether the sweep has the process on its list. See
    /// [IdleSweep].
    int handledAtSweep;

    volatile boolean swept;

    /// The neighbours in the process table. Guarded by the table.
    @Nullable LocalProcess next;

    @Nullable LocalProcess previous;

    LocalProcess(LocalRuntime runtime) {
        this.runtime = runtime;
    }

    /// What it runs, for people: a class or `spawn`.
    abstract String initialCall();

    /// Starts a thread for a cold process, which the caller has just taken from COLD to RUNNING.
    abstract void startThread();

    /// Called once by the thread that ended the process, after its name is free and before links
    /// and monitors are told.
    void beforeSignals() {}

    /// Called once by the thread that ended the process, after links and monitors were told.
    void afterSignals(ExitReason reason) {}

    // ---------------------------------------------------------------- messages

    /// Puts a message into the mailbox, and sees to it that somebody handles it. Any thread.
    final void deliver(Object message) {
        mailbox.offer(message);
        if (run != RUNNING) {
            wake();
        }
        ExitReason died = exitReason;
        if (died != null && message instanceof ReplySlot slot) {
            // Perhaps of this very request, if it was a stop; so the reason is the real one.
            slot.fail(died);
        }
    }

    /// Makes the process run, if it does not. Any thread.
    final void wake() {
        for (int seen = run; seen != RUNNING; seen = run) {
            if (RUN.compareAndSet(this, seen, RUNNING)) {
                if (seen == COLD) {
                    warmUp();
                } else {
                    LockSupport.unpark(thread);
                }
                return;
            }
        }
    }

    /// Finds a thread for what was cold until now. Owner, as long as there is no other.
    private void warmUp() {
        if (exitReason != null) {
            bury();
            return;
        }
        try {
            startThread();
        } catch (Throwable noThread) { // out of memory or threads: the message waits, and so do we
            log.error("no thread for {}; trying again in a while", pid, noThread);
            run = COLD;
            runtime.timers.arm(new Alarm(), runtime.timers.clock().nanoTime() + RETRY);
        }
    }

    /// Empties the mailbox of a dead process and leaves it cold: whoever still puts a message into
    /// it finds it so, owns it in turn and does the same. Owner, last thing.
    final void bury() {
        do {
            for (Object left = mailbox.poll(); left != null; left = mailbox.poll()) {
                if (left instanceof ReplySlot slot) {
                    failOwed(slot);
                } else {
                    runtime.deadLetters.leftInMailbox(pid, left);
                }
            }
            thread = null;
            run = COLD;
        } while (!mailbox.nothingNew() && RUN.compareAndSet(this, COLD, RUNNING));
    }

    /// Gives the current thread the process. Owner, first thing on a new thread.
    final void takeOver() {
        thread = Thread.currentThread();
        Context.get().process = this;
    }

    /// Waits until there may be something to do. Owner.
    ///
    /// @param how PARKED, or RECEIVING to be sure not to be retired
    /// @param alarm what else wakes it, or null
    /// @return false if the process has been retired: then this thread owns it no longer
    final boolean park(int how, @Nullable Alarm alarm) {
        run = how;
        if (!mailbox.nothingNew() || exitReason != null || (alarm != null && alarm.fired)) {
            RUN.compareAndSet(this, how, RUNNING);
        }
        while (true) {
            int seen = run;
            if (seen == RUNNING) {
                return true;
            }
            if (seen == RETIRING) {
                thread = null; // a cold process must not hold on to it
                if (RUN.compareAndSet(this, RETIRING, COLD)) {
                    return keepsBusy();
                }
                thread = Thread.currentThread();
            } else {
                LockSupport.park(this);
                if (Thread.currentThread().isInterrupted() && run == how && endsWait(how)) {
                    wake();
                }
            }
        }
    }

    /// Looks once more into the mailbox of a process this thread has just made cold.
    ///
    /// @return true if there is something to do and this thread owns the process again
    private boolean keepsBusy() {
        boolean idle = mailbox.nothingNew() && exitReason == null;
        if (idle || !RUN.compareAndSet(this, COLD, RUNNING)) {
            return false;
        }
        thread = Thread.currentThread();
        return true;
    }

    /// The thread was interrupted while it was parked. In the user's code that ends the wait, as in
    /// any blocking method, with the flag left set; between two messages it is a leftover of the
    /// user's code, and is forgotten.
    ///
    /// @return whether to stop parking
    /// @throws ExitException if the process lives and was waiting in the user's code
    private boolean endsWait(int how) {
        if (how == PARKED) {
            Thread.interrupted();
        } else if (!isDead()) {
            wake();
            throw new ExitException(ExitReason.INTERRUPTED);
        }
        return isDead();
    }

    /// Gives the thread back if there is nothing to do. Owner.
    ///
    /// @return false if this thread owns the process no longer
    final boolean goCold() {
        thread = null;
        run = COLD;
        return keepsBusy();
    }

    /// Takes the thread from a process that waits. Any thread.
    final void retire() {
        if (RUN.compareAndSet(this, PARKED, RETIRING)) {
            LockSupport.unpark(thread);
        }
    }

    final int runState() {
        return run;
    }

    /// Applies a match to a message, unless the message is the framework's own.
    static <T> @Nullable T matchOrdinary(Match<T> match, Object message) {
        return switch (message) {
            case Envelope.UserMessage(Object mine) -> match.match(mine);
            case Envelope _ -> null;
            default -> match.match(message);
        };
    }

    /// Waits for the first message that matches. Owner.
    ///
    /// @param timeout units: ns
    final <T> Optional<T> receive(Match<T> match, long timeout) {
        receivePendingExit();
        checkAlive();
        T old = mailbox.takePassedOver(match);
        if (old != null) {
            return Optional.of(old);
        }
        TimerWheel timers = runtime.timers;
        long start = timeout == TimeUnits.FOREVER ? 0 : timers.clock().nanoTime();
        Alarm alarm = null;
        try {
            while (true) {
                checkAlive();
                T result = mailbox.takeNew(match, this::onPass);
                if (result != null) {
                    runtime.fairness.afterMessage(++handled);
                    return Optional.of(result);
                }
                if (timeout != TimeUnits.FOREVER) {
                    if (timers.clock().nanoTime() - start >= timeout) {
                        return Optional.empty();
                    }
                    if (alarm == null) {
                        alarm = new Alarm();
                        timers.arm(alarm, start + timeout);
                    }
                }
                park(RECEIVING, alarm);
            }
        } finally {
            if (alarm != null) {
                timers.cancel(alarm);
            }
        }
    }

    /// Ends a wait. As with a message, it first leaves its mark, then looks whether it must wake
    /// the owner; the owner first says that it waits, then looks for the mark.
    final class Alarm extends TimerWheel.Entry {
        private volatile boolean fired;

        @Override
        void fire() {
            fired = true;
            wake();
        }
    }

    /// A request that a receive passes over leaves the queue, where a dying thread would find it.
    final void onPass(Object message) {
        if (message instanceof ReplySlot slot) {
            owe(slot);
        }
    }

    final List<Object> flush() {
        return mailbox.flush(this::onPass);
    }

    // ---------------------------------------------------------------- requests

    /// Remembers a request that has left the queue unanswered. Owner.
    final void owe(ReplySlot slot) {
        synchronized (this) {
            if (exitReason == null) {
                if (owed == null) {
                    owed = new ArrayList<>(2);
                }
                if (owed.size() >= owedLimit) {
                    owed.removeIf(ReplySlot::isAnswered);
                    owedLimit = Math.max(16, 2 * owed.size());
                }
                owed.add(slot);
                return;
            }
        }
        failOwed(slot);
    }

    /// Fails a request that a dead process had taken. Owner.
    final void failOwed(ReplySlot slot) {
        ExitReason reason = exitReason;
        slot.fail(reason == null ? ExitReason.NOPROC : reason);
    }

    // ---------------------------------------------------------------- death

    final boolean isDead() {
        return exitReason != null;
    }

    final @Nullable ExitReason exitReason() {
        return exitReason;
    }

    /// @throws ExitException if the process is dead
    final void checkAlive() {
        ExitReason reason = exitReason;
        if (reason != null) {
            throw new ExitException(reason);
        }
    }

    /// Ends the process, and those linked with it that do not trap exits, and so on. Any thread.
    ///
    /// @return false if it was dead already
    final boolean die(ExitReason reason) {
        Ending first = markDead(reason);
        if (first == null) {
            return false;
        }
        // A list and no recursion, for chains of links can be long. Callers are answered when the
        // last
        // of those that end has sent its signals: then a caller finds the whole of it done.
        List<Ending> endings = new ArrayList<>(1);
        endings.add(first);
        for (int i = 0; i < endings.size(); i++) {
            Ending ending = endings.get(i);
            ending.free();
            for (LocalProcess linked : ending.relations.links()) {
                Ending dragged = linked.linkBroken(ending.process(), ending.reason);
                if (dragged != null) {
                    endings.add(dragged);
                }
            }
            ending.tellMonitors();
        }
        for (Ending ending : endings) {
            ending.failCalls();
            ending.process().releaseThread();
        }
        return true;
    }

    /// What is to be done for a process that has just been marked dead.
    private final class Ending {
        final ExitReason reason;
        final Relations relations;
        private final @Nullable String name;
        private final List<ReplySlot> owed;

        Ending(ExitReason reason) {
            this.reason = reason;
            this.relations =
                    LocalProcess.this.relations == null
                            ? new Relations()
                            : LocalProcess.this.relations;
            this.name = LocalProcess.this.name;
            this.owed = LocalProcess.this.owed == null ? List.of() : LocalProcess.this.owed;
            LocalProcess.this.relations = null;
            LocalProcess.this.name = null;
            LocalProcess.this.owed = null;
        }

        LocalProcess process() {
            return LocalProcess.this;
        }

        void free() {
            if (name != null) {
                runtime.names.free(name, LocalProcess.this);
            }
            runtime.processes.remove(LocalProcess.this);
            beforeSignals();
        }

        void tellMonitors() {
            for (Monitor monitor : relations.monitoredBy()) {
                LocalProcess watcher = monitor.watcher.process();
                if (watcher != null) {
                    watcher.monitorFired(monitor, reason);
                }
            }
            for (Monitor monitor : relations.monitoring()) {
                forget(monitor);
            }
        }

        /// Tells every waiting caller. Last, so that a caller that also is linked or monitors finds
        /// those messages in its mailbox when its call or its stop returns.
        void failCalls() {
            ReplySlot handled = current;
            if (handled != null) {
                handled.fail(reason);
            }
            owed.forEach(slot -> slot.fail(reason));
            mailbox.peek(message -> {
                if (message instanceof ReplySlot slot) {
                    slot.fail(reason);
                }
            });
            afterSignals(reason);
        }
    }

    private @Nullable Ending markDead(ExitReason reason) {
        synchronized (this) {
            if (exitReason != null) {
                return null;
            }
            exitReason = reason;
            return new Ending(reason);
        }
    }

    /// Lets go of the process and of the thread that may be running it.
    private void releaseThread() {
        pid.forgetProcess();
        synchronized (this) {
            Thread owner = thread;
            if (run == RUNNING && owner != null && owner != Thread.currentThread()) {
                owner.interrupt();
            }
        }
        if (run != COLD || !mailbox.nothingNew()) {
            wake();
        }
    }

    /// The thread leaves the process for good; from now on a death does not interrupt it. Owner.
    final void detachThread() {
        synchronized (this) {
            thread = null;
        }
        Context.get().process = null;
        bury();
    }

    // ---------------------------------------------------------------- signals

    /// Receives an exit signal sent by hand.
    final void exitSignal(Pid from, ExitReason reason) {
        if (reason.equals(ExitReason.KILL)) {
            die(ExitReason.KILLED);
        } else if (trapExits) {
            deliver(new Exit(from, reason));
        } else if (!reason.equals(ExitReason.NORMAL) || from == pid) {
            die(reason);
        }
    }

    /// A linked process has ended.
    ///
    /// @return what is to be done if this one ends with it, else null
    private @Nullable Ending linkBroken(LocalProcess other, ExitReason reason) {
        synchronized (this) {
            // Guarded up to the delivery, so that after an unlink nothing arrives.
            if (relations == null || !relations.removeLink(other)) {
                return null;
            }
            if (trapExits) {
                deliver(new Exit(other.pid, reason));
                return null;
            }
            if (reason.equals(ExitReason.NORMAL)) {
                return null;
            }
            if (Context.get().process == this) {
                pendingExit = reason;
                return null;
            }
            return markDead(reason);
        }
    }

    private void monitorFired(Monitor monitor, ExitReason reason) {
        synchronized (this) {
            if (relations != null && relations.removeMonitoring(monitor)) {
                deliver(monitor.down(reason));
            }
        }
    }

    /// Takes a monitor off its target.
    private static void forget(Monitor monitor) {
        LocalProcess target = monitor.target == null ? null : monitor.target.process();
        if (target != null) {
            target.forgetMonitor(monitor);
        }
    }

    private synchronized void forgetMonitor(Monitor monitor) {
        if (relations != null) {
            relations.removeMonitoredBy(monitor);
        }
    }

    private Relations relations() {
        if (relations == null) {
            relations = new Relations();
        }
        return relations;
    }

    /// Links two processes, on both sides or on none.
    ///
    /// @return false if the other is dead
    static boolean link(LocalProcess self, LocalProcess other) {
        if (self == other) {
            return true;
        }
        LocalProcess first = self.pid.number() < other.pid.number() ? self : other;
        LocalProcess second = first == self ? other : self;
        synchronized (first) { // the older first, so that two linkers never wait for each other
            synchronized (second) {
                if (self.exitReason != null || other.exitReason != null) {
                    return other.exitReason == null;
                }
                self.relations().addLink(other);
                other.relations().addLink(self);
                return true;
            }
        }
    }

    /// Removes the link on this side, from which moment nothing arrives over it, then on the other.
    static void unlink(LocalProcess self, LocalProcess other) {
        self.dropLink(other);
        other.dropLink(self);
    }

    final synchronized void dropLink(LocalProcess other) {
        if (relations != null) {
            relations.removeLink(other);
        }
    }

    /// Starts to monitor a process, or finds that there is none. Owner.
    final Monitor monitor(@Nullable LocalProcess target, io.genserver.ServerRef object) {
        Monitor monitor = new Monitor(pid, target == null ? null : target.pid, object);
        synchronized (this) {
            checkAlive();
            if (target == this) {
                return monitor; // never fires, for by then nobody is there to hear of it
            }
            relations().addMonitoring(monitor);
        }
        if (target == null || !target.addWatcher(monitor)) {
            monitorFired(monitor, ExitReason.NOPROC);
        } else if (isDead()) {
            target.forgetMonitor(monitor); // it died before it could be found among the watchers
        }
        return monitor;
    }

    private synchronized boolean addWatcher(Monitor monitor) {
        if (exitReason != null) {
            return false;
        }
        relations().addMonitoredBy(monitor);
        return true;
    }

    /// Stops monitoring. Owner.
    ///
    /// @return whether the monitor was in force
    final boolean demonitor(Monitor monitor) {
        boolean found;
        synchronized (this) {
            found = relations != null && relations.removeMonitoring(monitor);
        }
        if (found) {
            forget(monitor);
        }
        return found;
    }

    /// Lets a signal that came back take effect. Owner.
    final void receivePendingExit() {
        if (pendingExit != null) {
            die(pendingExit);
        }
    }

    final boolean trapsExits() {
        return trapExits;
    }

    final boolean trapExits(boolean trap) {
        boolean before = trapExits;
        trapExits = trap;
        return before;
    }

    // ---------------------------------------------------------------- names and facts

    /// Registers the process under a local name.
    ///
    /// @return the process that has the name already, or null
    /// @throws IllegalArgumentException if this process is dead or has another name
    final @Nullable LocalProcess register(Name wanted) {
        synchronized (this) {
            if (exitReason != null) {
                throw new IllegalArgumentException(
                        "expected a live process to register as "
                                + wanted
                                + ", got: "
                                + pid
                                + ", which is dead");
            }
            if (name != null) {
                throw new IllegalArgumentException(
                        "expected a process without a name to register as "
                                + wanted
                                + ", got: "
                                + pid
                                + ", which is registered as "
                                + name);
            }
            LocalProcess holder = runtime.names.claim(wanted.name(), this);
            if (holder == null) {
                name = wanted.name();
            }
            return holder;
        }
    }

    final synchronized void unregister() {
        if (name != null) {
            runtime.names.free(name, this);
            name = null;
        }
    }

    /// The process for people: its pid and what it is.
    final String describe() {
        return pid + " (" + initialCall() + ")";
    }

    final synchronized Optional<String> name() {
        return Optional.ofNullable(name);
    }

    final Optional<ProcessInfo> info() {
        synchronized (this) {
            if (exitReason != null) {
                return Optional.empty();
            }
            Relations now = relations == null ? new Relations() : relations;
            return Optional.of(
                    new ProcessInfo(
                            pid,
                            Optional.ofNullable(name),
                            initialCall(),
                            status(),
                            mailbox.size(),
                            now.links().stream().<Pid>map(linked -> linked.pid).toList(),
                            now.monitoring().stream().map(monitor -> monitor.object).toList(),
                            now.monitoredBy().stream()
                                    .<Pid>map(monitor -> monitor.watcher)
                                    .toList(),
                            trapExits));
        }
    }

    private ProcessInfo.Status status() {
        return switch (run) {
            case COLD -> ProcessInfo.Status.HIBERNATING;
            case RUNNING -> ProcessInfo.Status.RUNNING;
            default -> ProcessInfo.Status.WAITING;
        };
    }
}
