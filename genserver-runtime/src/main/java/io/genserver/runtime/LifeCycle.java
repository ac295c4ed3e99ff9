package io.genserver.runtime;

import io.genserver.Exit;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.ServerRef;
import io.genserver.spi.Machine.Event;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Handles the life and death of a process, and what processes tell each other about it: exit
/// signals, links and monitors. This is the middle layer of a [LocalProcess].
///
/// ## How a process dies
///
/// A process is dead from the moment `exitReason` is written, guarded. The thread that wrote it is
/// the *dying thread*. It then does five things in this order:
///
/// 1. It frees the name and the timers, and starts the thread that runs the clean-ups.
/// 2. It tells the links and monitors. If that ends further processes, it does 1 and 2 for each of
///    them, with a list and without recursion, because chains of links can be long. It puts all
///    messages into the mailboxes before it wakes the first receiver. Otherwise a receiver could
///    end because of its message, and a third process could learn of that end before it learns of
///    the first one.
/// 3. It writes `callersTold` and answers the callers that wait. They come last, so that a caller
///    that is also linked or monitoring finds those messages in its mailbox when its call returns.
/// 4. It interrupts the owner if the owner is running the process's code, or wakes it if it waits.
///    Most of what the owner then does with the runtime throws an [ExitException].
/// 5. It takes the process out of the table of processes.
///
/// If the stack or the memory of the dying thread ends in between, the [Healer] finds the process
/// in the table and does all five again. Each of them skips what was done before: a link or a
/// monitor is taken out of the relations once it has been told, and a request has one outcome.
///
/// ## Who may touch what
///
/// | field | written by | read by |
/// |---|---|---|
/// | `exitReason` | the dying thread, once, guarded | any thread |
/// | `relations`, `watchersTold` | any thread, guarded | the same |
/// | `trapExits` | the owner | any thread |
/// | `pendingExit` | the owner | the owner |
///
/// ## Why every caller gets an answer
///
/// The request is in one of these places when the dying thread writes `callersTold` (volatile):
///
/// 1. In the mailbox. The dying thread, or a thread that it starts, takes all messages out and
///    fails the requests. If another thread holds the right to consume for longer than a moment, a
///    timer tries again. (Race tests: `ExitVsSend.Queued`, `TakenTogether`, `LookedAt`)
/// 2. Taken by the owner, which writes it to `current`, then reads `exitReason` (both volatile).
///    The dying thread wrote `exitReason` before it reads `current`. Either it sees the request, or
///    the owner sees the death and treats the request as in case 3. (`TakenTogether`) A request
///    that its caller's own thread handles is an exception, see [LocalProcess#beginHere].
/// 3. Taken and deferred. It is on the guarded list of deferred requests, which the dying thread
///    takes over under the lock. A request that comes later fails at once. (`TakenForLater`)
/// 4. Offered later. The sender offers, then reads `callersTold`, and drains the mailbox itself.
///    (`SentToTheDead`)
///
/// A caller is answered at most once, because a [ReplySlot] has one outcome.
///
/// ## Why a monitor fires at most once
///
/// A monitor is in the relations of both sides. It fires when it is taken out of the watcher's
/// relations, guarded by the watcher. A demonitor, and a reply through the monitor's alias, take it
/// out the same way. Whichever comes first wins. (`MonitorVsDeath`)
///
/// An [ExitListener] is a monitor without a watcher. It is only in the relations of its target, and
/// what it does when the target dies has an effect once.
///
/// A link is added on both sides, and an unlink removes it on both, with both processes locked.
/// (`LinkUnlinkExit`)
abstract class LifeCycle extends Ownership {

    final ProcessPid pid;

    /// Why the process is dead; null while it lives.
    private volatile @Nullable ExitReason exitReason;

    private volatile boolean trapExits;

    /// An exit signal that came back over a link to the process that caused it by ending another
    /// one. On the BEAM signals take time, so such a process continues to the end of its turn, or
    /// to the next point at which it waits.
    private @Nullable ExitReason pendingExit;

    /// `null`: none. A process: its only link. A [Monitor]: its only watcher. Otherwise a
    /// [Relations].
    private @Nullable Object relations;

    /// Whether all monitors of the dead process have fired. A monitor that is set after that fires
    /// with `noproc`.
    private boolean watchersTold;

    LifeCycle(LocalNode node, Mailbox mailbox) {
        super(node, mailbox);
        this.pid = new LocalPid(self(), node);
    }

    /// Creates one that stands for a process of another node.
    LifeCycle(LocalNode node, Mailbox mailbox, RemotePid pid) {
        super(node, mailbox);
        this.pid = pid;
    }

    /// Frees what the process holds: its name and its timers. Starts the clean-ups. The dying
    /// thread.
    abstract void freeResources();

    /// Takes the process out of the table of processes. The dying thread, at the end.
    abstract void leaveTable();

    /// Returns whether an exit signal makes the process run `terminate` before it ends. It then
    /// arrives as a message, as if the process trapped exits. Any thread.
    boolean terminatesOn(Pid from, ExitReason reason) {
        return false;
    }

    /// Called by the dying thread before links and monitors are told.
    void beforeSignals() {}

    /// Answers every caller that waits. The dying thread.
    ///
    /// @param dragged whether the process ended because a linked one did
    abstract void failCalls(ExitReason reason, boolean dragged);

    /// Called by the dying thread after the callers have been answered.
    void afterSignals(ExitReason reason) {}

    @Override
    final boolean isDead() {
        return exitReason != null;
    }

    final @Nullable ExitReason exitReason() {
        return exitReason;
    }

    /// Throws if the process is dead.
    ///
    /// @throws ExitException with the exit reason
    final void checkAlive() {
        ExitReason reason = exitReason;
        if (reason != null) {
            throw new ExitException(reason);
        }
    }

    // Death

    /// Ends the process. Then ends the linked processes that do not trap exits, those linked to
    /// them, and so on. Any thread.
    ///
    /// @return false if the process was already dead
    final boolean die(ExitReason reason) {
        if (!markDead(reason)) {
            return false;
        }
        try {
            if (relations != null) { // races OK: a dead process gets no relation
                StackRoom.require(); // a set whose removal ends halfway is broken
            }
            announceDeath(reason);
        } catch (Throwable failed) {
            node.healer.needed = true; // no call, because there may be no stack left for one
            node.healer.healAfter(failed);
        }
        return true;
    }

    /// Ends the process because of what was thrown, even if there is no memory for the reason.
    final void dieOf(Throwable thrown) {
        ExitReason reason;
        try {
            reason = Thrown.reason(thrown);
        } catch (OutOfMemoryError noMemory) {
            reason = ExitReason.KILLED;
        }
        die(reason);
    }

    private synchronized boolean markDead(ExitReason reason) {
        if (exitReason != null) {
            return false;
        }
        exitReason = reason;
        return true;
    }

    /// A process that has been marked dead.
    private record Ending(LifeCycle process, ExitReason reason) {}

    /// Does what remains to be done after the process was marked dead.
    final void announceDeath(ExitReason reason) {
        Ending first = new Ending(this, reason);
        List<Ending> endings = new ArrayList<>(1);
        endings.add(first);
        List<LifeCycle> receivers = new ArrayList<>(2);
        for (int i = 0; i < endings.size(); i++) { // the list grows
            Ending ending = endings.get(i);
            LifeCycle process = ending.process();
            process.freeResources();
            process.beforeSignals();
            for (LifeCycle linked : process.linked()) {
                if (linked.linkBroken(process, ending.reason(), receivers)) {
                    endings.add(new Ending(linked, ending.reason()));
                }
            }
            process.tellMonitors(ending.reason(), receivers);
        }
        receivers.forEach(Ownership::ensureRunning);
        for (Ending ending : endings) {
            LifeCycle process = ending.process();
            process.failCalls(ending.reason(), ending != first);
            process.afterSignals(ending.reason());
            process.node.note(Event.END, process.pid, ending.reason());
            process.pid.forgetProcess();
            process.disturbOwner();
            process.leaveTable();
        }
    }

    private synchronized List<LifeCycle> linked() {
        return relations instanceof Relations all ? all.links.list() : onlyLink();
    }

    private void tellMonitors(ExitReason reason, List<LifeCycle> receivers) {
        for (Monitor monitor : monitoring()) {
            forget(monitor);
        }
        for (Monitor monitor = nextWatcher(); monitor != null; monitor = nextWatcher()) {
            LifeCycle watcher = monitor.owner.process();
            if (monitor instanceof ExitListener listener) {
                listener.exited(reason);
            } else if (watcher != null) {
                watcher.monitorFired(monitor, reason, receivers);
            }
            forgetMonitor(monitor);
        }
    }

    private synchronized List<Monitor> monitoring() {
        return relations instanceof Relations all ? all.monitoring.list() : List.of();
    }

    /// Returns the oldest monitor of a process that has been marked dead. While the dying thread
    /// tells the monitors, a new one still gets the exit reason. Otherwise the `noproc` of a later
    /// monitor could arrive before the reason of an earlier one.
    ///
    /// @return null when all have been told
    private synchronized @Nullable Monitor nextWatcher() {
        if (relations instanceof Monitor onlyWatcher) {
            return onlyWatcher;
        }
        Monitor next = relations instanceof Relations all ? all.monitoredBy.first() : null;
        if (next == null) {
            watchersTold = true;
            relations = null;
        }
        return next;
    }

    // Exit signals

    /// Receives an exit signal that was sent with [io.genserver.Processes#exit]. Any thread.
    void exitSignal(Pid from, ExitReason reason) {
        StackRoom.require(); // any user's code may be here
        if (reason.equals(ExitReason.KILL)) {
            die(ExitReason.KILLED);
            return;
        }
        Object message = messageOf(from, reason);
        if (message != null) {
            mailbox.offer(message);
            ensureRunning();
        } else if (!reason.equals(ExitReason.NORMAL) || from == pid) {
            die(reason);
        }
    }

    /// Returns the message by which an exit signal arrives; null if the signal ends the process at
    /// once or does nothing.
    private @Nullable Object messageOf(Pid from, ExitReason reason) {
        if (trapExits) {
            return new Exit(from, reason);
        }
        return terminatesOn(from, reason) ? new Envelope.ExitSignal(new Exit(from, reason)) : null;
    }

    /// Handles the end of a linked process.
    ///
    /// @param receivers gets this process if there is a message for it, so that it is woken later
    /// @return whether this process ends as well; the caller has to announce its death
    boolean linkBroken(LifeCycle other, ExitReason reason, List<LifeCycle> receivers) {
        synchronized (this) {
            // Guarded until the delivery, so that nothing arrives after an unlink.
            if (exitReason != null || !hasLink(other)) {
                return false;
            }
            Object message = messageOf(other.pid, reason);
            if (message != null) { // the link is removed last, because memory may run out before
                receivers.add(this);
                mailbox.offerNews(other.pid, message);
            }
            removeLink(other);
            if (message != null || reason.equals(ExitReason.NORMAL)) {
                return false;
            }
            if (Context.get().process() == this) {
                if (pendingExit == null) { // the first one ends the process
                    pendingExit = reason;
                }
                return false;
            }
            return markDead(reason);
        }
    }

    private void monitorFired(Monitor monitor, ExitReason reason, List<LifeCycle> receivers) {
        synchronized (this) {
            if (exitReason == null && isMonitoring(monitor)) {
                receivers.add(this);
                mailbox.offerNews(monitor.observed(), monitor.down(reason));
                removeMonitoring(monitor); // last, because memory may run out before
                monitor.ended();
            }
        }
    }

    /// Removes a monitor from the relations of its target.
    static void forget(Monitor monitor) {
        LifeCycle target = monitor.target == null ? null : monitor.target.process();
        if (target != null) {
            target.forgetMonitor(monitor);
        }
    }

    synchronized void forgetMonitor(Monitor monitor) {
        if (relations == monitor) {
            relations = null;
        } else if (relations instanceof Relations all) {
            all.monitoredBy.remove(monitor);
        }
    }

    /// Returns the linked processes.
    final synchronized List<Pid> links() {
        return relationsNow().links.list().stream().<Pid>map(linked -> linked.pid).toList();
    }

    /// Returns the relations: those of the process, or a copy. Guarded.
    final synchronized Relations relationsNow() {
        return relations instanceof Relations all ? all : allRelations();
    }

    /// Returns the relations, which the process keeps in full from now on.
    private Relations relations() {
        Relations all = relationsNow();
        relations = all;
        return all;
    }

    private Relations allRelations() {
        Relations all = new Relations();
        onlyLink().forEach(all.links::add);
        if (relations instanceof Monitor onlyWatcher) {
            all.monitoredBy.add(onlyWatcher);
        }
        return all;
    }

    private List<LifeCycle> onlyLink() {
        return relations instanceof LifeCycle linked ? List.of(linked) : List.of();
    }

    private void addLink(LifeCycle other) {
        if (relations == null) {
            relations = other;
        } else if (relations != other) {
            relations().links.add(other);
        }
    }

    private boolean hasLink(LifeCycle other) {
        return relations == other
                || (relations instanceof Relations all && all.links.contains(other));
    }

    private boolean isMonitoring(Monitor monitor) {
        return relations instanceof Relations all && all.monitoring.contains(monitor);
    }

    private boolean removeLink(LifeCycle other) {
        if (relations == other) {
            relations = null;
            return true;
        }
        return relations instanceof Relations all && all.links.remove(other);
    }

    private boolean removeMonitoring(Monitor monitor) {
        return relations instanceof Relations all && all.monitoring.remove(monitor);
    }

    /// Links two processes, on both sides or on neither.
    ///
    /// @return false if the other process is dead
    static boolean link(LifeCycle self, LifeCycle other) {
        if (self == other) {
            return true;
        }
        StackRoom.require(); // a set whose change ends halfway is broken
        synchronized (older(self, other)) {
            synchronized (younger(self, other)) {
                if (self.exitReason != null || other.exitReason != null) {
                    return other.exitReason == null;
                }
                self.addLink(other);
                other.addLink(self);
                return true;
            }
        }
    }

    /// Removes the link on both sides. Nothing arrives over it afterwards.
    ///
    /// @return whether there was one
    static boolean unlink(LifeCycle self, LifeCycle other) {
        StackRoom.require(); // as in link
        synchronized (older(self, other)) {
            synchronized (younger(self, other)) {
                other.dropLink(self);
                return self.removeLink(other);
            }
        }
    }

    /// Returns the process that is locked first: the one with the smaller number, or the smaller
    /// node serial if the numbers are equal, or the one of this node if the other one is of another
    /// node. The fixed order keeps two threads from waiting for each other.
    private static LifeCycle older(LifeCycle one, LifeCycle other) {
        return isOlder(one, other) ? one : other;
    }

    private static LifeCycle younger(LifeCycle one, LifeCycle other) {
        return isOlder(one, other) ? other : one;
    }

    private static boolean isOlder(LifeCycle one, LifeCycle other) {
        long numbers = one.pid.number() - other.pid.number();
        if (numbers != 0) {
            return numbers < 0;
        }
        int serials = one.node.serial() - other.node.serial();
        return serials == 0 ? one.pid instanceof LocalPid : serials < 0;
    }

    final synchronized void dropLink(LifeCycle other) {
        removeLink(other);
    }

    /// Returns why a monitor fires that is set after the process is dead. Any thread.
    ExitReason goneReason() {
        return ExitReason.NOPROC;
    }

    /// Monitors a process. If there is no such process, the monitor fires at once. Owner.
    final Monitor monitor(@Nullable LifeCycle target, ServerRef object, Monitor.Options options) {
        ProcessPid targetPid = target == null ? null : target.pid;
        Monitor monitor = new Monitor(pid, targetPid, object, options);
        StackRoom.require(); // as in link
        synchronized (this) {
            checkAlive();
            if (target == this) {
                return monitor; // never fires, because its receiver would be dead
            }
            relations().monitoring.add(monitor);
        }
        if (target == null || !target.addWatcher(monitor)) {
            ExitReason reason = target == null ? LocalNode.absence(object) : target.goneReason();
            monitorFired(monitor, reason, new ArrayList<>(1)); // the owner is awake
        } else if (isDead()) {
            target.forgetMonitor(monitor); // the watcher died before the target knew the monitor
        }
        return monitor;
    }

    /// Adds a monitor that is to be told of the death. Any thread.
    ///
    /// @return false if the process is dead and has told its monitors
    final synchronized boolean addWatcher(Monitor monitor) {
        if (watchersTold) {
            return false;
        }
        if (relations == null) {
            relations = monitor;
        } else {
            relations().monitoredBy.add(monitor);
        }
        return true;
    }

    /// Removes a monitor. Owner.
    ///
    /// @return whether the monitor was in force
    final boolean demonitor(Monitor monitor) {
        boolean found;
        StackRoom.require(); // as in link
        synchronized (this) {
            found = removeMonitoring(monitor);
            monitor.ended();
        }
        if (found) {
            forget(monitor);
        }
        return found;
    }

    // Aliases

    /// Ends an alias. Nothing arrives through it afterwards. Owner.
    ///
    /// @return whether it was in force
    final synchronized boolean unalias(Alias alias) {
        return alias.end();
    }

    /// Returns whether an alias of this process is in force. Any thread.
    final synchronized boolean isInForce(Alias alias) {
        return alias.isInForce();
    }

    /// Delivers a message through an alias of this process. Any thread.
    ///
    /// @return false if the alias is not in force
    final boolean deliverThrough(Alias alias, Object message) {
        Monitor answered = null;
        if (alias instanceof Monitor) {
            StackRoom.require(); // as in link
        }
        synchronized (this) {
            // Guarded until the delivery, so that nothing arrives after an unalias.
            if (exitReason != null || !alias.isInForce()) {
                return false;
            }
            if (alias.endsWithMessage) {
                alias.end();
                if (alias instanceof Monitor monitor && removeMonitoring(monitor)) {
                    answered = monitor;
                }
            }
            mailbox.offerReply(message);
        }
        if (answered != null) {
            forget(answered);
        }
        ensureRunning();
        return true;
    }

    /// Ends the process if an exit signal has come back to it; see `pendingExit`. Owner.
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
}
