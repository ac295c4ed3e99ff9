package io.genserver.runtime;

import io.genserver.Exit;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.ServerRef;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The life and death of a process, and what processes tell each other of it: exit signals, links
/// and monitors. The middle layer of a [LocalProcess].
///
/// A process is dead from the moment `exitReason` is written, guarded. The thread that wrote it
/// then frees the name, tells links and monitors, and answers the calls, in this order; the owner,
/// if it is running code of the process at that time, is interrupted and gets an [ExitException]
/// from whatever it does next.
///
/// A caller learns of the death in one of three ways, whichever comes first, and in each not before
/// links and monitors were told: the dying thread then writes `callersTold` (guarded, volatile) and
/// after that looks for callers. Its request is in the queue: the dying thread shows itself all
/// queued requests and fails them. Its request is being handled: the owner wrote it to `current`
/// (volatile) before it read `exitReason`, and the dying thread wrote `exitReason` before it reads
/// `current`; or the owner saw the death, and put it on the guarded list of requests owed, or
/// failed it if `callersTold` was written by then. It was offered later: the sender reads
/// `callersTold` after its offer, and fails it itself.
abstract class Signals extends Ownership {

    final LocalPid pid = new LocalPid(self());

    /// Why it is dead; null while it lives. Written once, guarded.
    private volatile @Nullable ExitReason exitReason;

    /// Written by the owner, read by any thread.
    private volatile boolean trapExits;

    /// An exit signal that came back over a link to the process that caused it, by ending another.
    /// Signals take a while on the BEAM, so such a process gets to the end of what it is doing, or
    /// to the next point at which it waits. Owner.
    private @Nullable ExitReason pendingExit;

    /// Whom it is related with: null for nobody; the other process if all there is is one link, as
    /// to the supervisor of most; the monitor if all there is is one that watches it, as of most
    /// tasks; else all of them. Guarded.
    private @Nullable Object relations;

    /// Whether all who monitored a dead process have been told, so that a new monitor comes too
    /// late for the reason. Guarded.
    private boolean watchersTold;

    Signals(LocalRuntime runtime) {
        super(runtime);
    }

    /// Puts a message into the mailbox, and sees to it that somebody handles it. Any thread.
    abstract void deliver(Object message);

    /// Gives back what the process holds: its name, its place in the table of processes, the timers
    /// that are for it. Called once by the thread that ended it.
    abstract void release();

    /// Called once by the thread that ended the process, after its name is free and before links
    /// and monitors are told.
    void beforeSignals() {}

    /// Tells every waiting caller. Called once by the thread that ended the process, after links
    /// and monitors were told, so that a caller that also is linked or monitors finds those
    /// messages in its mailbox when its call or its stop returns.
    ///
    /// @param dragged whether the process ended because one it was linked with did
    abstract void failCalls(ExitReason reason, boolean dragged);

    /// Called once by the thread that ended the process, after all that.
    void afterSignals(ExitReason reason) {}

    // ---------------------------------------------------------------- death

    @Override
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
        // last of those that end has sent its signals: then a caller finds the whole of it done.
        List<Ending> endings = new ArrayList<>(1);
        endings.add(first);
        // Whoever gets a message is woken when all have theirs: else one that ends for it could be
        // heard of before the one it ends for.
        List<Signals> receivers = new ArrayList<>(2);
        for (int i = 0; i < endings.size(); i++) {
            Ending ending = endings.get(i);
            ending.process().release();
            ending.process().beforeSignals();
            for (Signals linked : ending.links()) {
                Ending dragged = linked.linkBroken(ending.process(), ending.reason(), receivers);
                if (dragged != null) {
                    endings.add(dragged);
                }
            }
            tellMonitors(ending, receivers);
        }
        receivers.forEach(Ownership::ensureRunning);
        for (Ending ending : endings) {
            ending.process().failCalls(ending.reason(), ending != first);
            ending.process().afterSignals(ending.reason());
            ending.process().pid.forgetProcess();
            ending.process().disturbOwner();
        }
        return true;
    }

    /// A process that has just been marked dead, and whom that concerns.
    private record Ending(
            Signals process, ExitReason reason, List<Signals> links, List<Monitor> monitoring) {}

    private @Nullable Ending markDead(ExitReason reason) {
        synchronized (this) {
            if (exitReason != null) {
                return null;
            }
            exitReason = reason;
            return relations instanceof Relations all
                    ? new Ending(this, reason, all.links(), all.monitoring())
                    : new Ending(this, reason, onlyLink(), List.of());
        }
    }

    private static void tellMonitors(Ending ending, List<Signals> receivers) {
        Signals process = ending.process();
        for (List<Monitor> watchers = process.takeWatchers();
                !watchers.isEmpty();
                watchers = process.takeWatchers()) {
            for (Monitor monitor : watchers) {
                Signals watcher = monitor.owner.process();
                if (watcher != null) {
                    watcher.monitorFired(monitor, ending.reason(), receivers);
                }
            }
        }
        for (Monitor monitor : ending.monitoring()) {
            forget(monitor);
        }
    }

    /// Takes the monitors on a process that has been marked dead, and those that were set since the
    /// last look: `noproc` of a later monitor must not be heard of before the reason of an earlier
    /// one, so as long as some are being told a new one gets the reason, too.
    ///
    /// @return none when all have been told; from then on a monitor finds that there is no process
    private synchronized List<Monitor> takeWatchers() {
        if (relations instanceof Monitor onlyWatcher) {
            relations = null;
            return List.of(onlyWatcher);
        }
        List<Monitor> watchers =
                relations instanceof Relations all ? all.takeMonitoredBy() : List.of();
        if (watchers.isEmpty()) {
            watchersTold = true;
            relations = null;
        }
        return watchers;
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
    /// @param receivers gets this process if it has a message now and is to be woken
    /// @return what is to be done if this one ends with it, else null
    private @Nullable Ending linkBroken(Signals other, ExitReason reason, List<Signals> receivers) {
        synchronized (this) {
            // Guarded up to the delivery, so that after an unlink nothing arrives.
            if (exitReason != null || !removeLink(other)) {
                return null;
            }
            if (trapExits) {
                mailbox.offer(new Exit(other.pid, reason));
                receivers.add(this);
                return null;
            }
            if (reason.equals(ExitReason.NORMAL)) {
                return null;
            }
            if (Context.get().process() == this) {
                pendingExit = reason;
                return null;
            }
            return markDead(reason);
        }
    }

    private void monitorFired(Monitor monitor, ExitReason reason, List<Signals> receivers) {
        synchronized (this) {
            if (exitReason == null && removeMonitoring(monitor)) {
                monitor.ended();
                mailbox.offer(monitor.down(reason));
                receivers.add(this);
            }
        }
    }

    /// Takes a monitor off its target.
    private static void forget(Monitor monitor) {
        Signals target = monitor.target == null ? null : monitor.target.process();
        if (target != null) {
            target.forgetMonitor(monitor);
        }
    }

    private synchronized void forgetMonitor(Monitor monitor) {
        if (relations == monitor) {
            relations = null;
        } else if (relations instanceof Relations all) {
            all.removeMonitoredBy(monitor);
        }
    }

    /// Whom it is linked with now, for people.
    final synchronized List<Pid> links() {
        return relationsNow().links().stream().<Pid>map(linked -> linked.pid).toList();
    }

    /// Whom it is related with now, for people.
    final synchronized Relations relationsNow() {
        return relations instanceof Relations all ? all : allRelations();
    }

    /// The relations as they are kept from now on.
    private Relations relations() {
        Relations all = relationsNow();
        relations = all;
        return all;
    }

    private Relations allRelations() {
        Relations all = new Relations();
        onlyLink().forEach(all::addLink);
        if (relations instanceof Monitor onlyWatcher) {
            all.addMonitoredBy(onlyWatcher);
        }
        return all;
    }

    private List<Signals> onlyLink() {
        return relations instanceof Signals linked ? List.of(linked) : List.of();
    }

    private void addLink(Signals other) {
        if (relations == null) {
            relations = other;
        } else if (relations != other) {
            relations().addLink(other);
        }
    }

    private boolean removeLink(Signals other) {
        if (relations == other) {
            relations = null;
            return true;
        }
        return relations instanceof Relations all && all.removeLink(other);
    }

    private boolean removeMonitoring(Monitor monitor) {
        return relations instanceof Relations all && all.removeMonitoring(monitor);
    }

    /// Links two processes, on both sides or on none.
    ///
    /// @return false if the other is dead
    static boolean link(Signals self, Signals other) {
        if (self == other) {
            return true;
        }
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

    /// Removes the link on both sides, so that the other may link anew at the same time. From then
    /// on nothing arrives over it.
    static void unlink(Signals self, Signals other) {
        synchronized (older(self, other)) {
            synchronized (younger(self, other)) {
                self.dropLink(other);
                other.dropLink(self);
            }
        }
    }

    /// Of two processes the older is locked first, so that two threads never wait for each other.
    private static Signals older(Signals one, Signals other) {
        return one.pid.number() < other.pid.number() ? one : other;
    }

    private static Signals younger(Signals one, Signals other) {
        return one.pid.number() < other.pid.number() ? other : one;
    }

    final synchronized void dropLink(Signals other) {
        removeLink(other);
    }

    /// Starts to monitor a process, or finds that there is none. Owner.
    final Monitor monitor(@Nullable Signals target, ServerRef object, Monitor.Options options) {
        LocalPid targetPid = target == null ? null : target.pid;
        Monitor monitor = new Monitor(pid, targetPid, object, options);
        synchronized (this) {
            checkAlive();
            if (target == this) {
                return monitor; // never fires, for by then nobody is there to hear of it
            }
            relations().addMonitoring(monitor);
        }
        if (target == null || !target.addWatcher(monitor)) {
            monitorFired(monitor, ExitReason.NOPROC, new ArrayList<>(1)); // the owner, awake
        } else if (isDead()) {
            target.forgetMonitor(monitor); // it died before it could be found among the watchers
        }
        return monitor;
    }

    private synchronized boolean addWatcher(Monitor monitor) {
        if (watchersTold) {
            return false;
        }
        if (relations == null) {
            relations = monitor;
        } else {
            relations().addMonitoredBy(monitor);
        }
        return true;
    }

    /// Stops monitoring. Owner.
    ///
    /// @return whether the monitor was in force
    final boolean demonitor(Monitor monitor) {
        boolean found;
        synchronized (this) {
            found = removeMonitoring(monitor);
            monitor.ended();
        }
        if (found) {
            forget(monitor);
        }
        return found;
    }

    // ---------------------------------------------------------------- aliases

    /// Ends an alias, from which moment nothing arrives through it. Owner.
    ///
    /// @return whether it was in force
    final synchronized boolean unalias(Alias alias) {
        return alias.end();
    }

    /// Delivers a message through an alias of this process. Any thread.
    ///
    /// @return false if the alias is in force no longer
    final boolean deliverThrough(Alias alias, Object message) {
        Monitor answered = null;
        synchronized (this) {
            // Guarded up to the delivery, so that after an unalias nothing arrives.
            if (exitReason != null || !alias.isInForce()) {
                return false;
            }
            if (alias.endsWithMessage) {
                alias.end();
                if (alias instanceof Monitor monitor && removeMonitoring(monitor)) {
                    answered = monitor;
                }
            }
            mailbox.offer(message);
        }
        if (answered != null) {
            forget(answered);
        }
        ensureRunning();
        return true;
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
}
