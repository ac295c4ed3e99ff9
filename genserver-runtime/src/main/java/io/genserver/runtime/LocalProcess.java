package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Match;
import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.ProcessInfo;
import io.genserver.ProcessSummary;
import io.genserver.ServerRef;
import io.genserver.spi.Machine;
import io.genserver.spi.Machine.Event;
import io.genserver.spi.RuntimeListener;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One process of a node: its messages, the requests it has to answer, its name and its timers. The
/// layers below are [Ownership], which decides which thread runs it, and [LifeCycle], which handles
/// its life and death.
abstract class LocalProcess extends LifeCycle {

    private static final VarHandle CURRENT =
            Access.field(MethodHandles.lookup(), "current", ReplySlot.class);

    /// How many messages of a dead process are taken out at once. A new thread takes out the rest;
    /// the timer thread does so a tick later.
    private static final int DRAINED_AT_ONCE = 1_000;

    /// How often to try to empty the mailbox of a dead process that another thread is using.
    private static final int MOST_DRAIN_ATTEMPTS = 100;

    /// The request this process waits for; see [CallCycles]. Written by the owner, read by callers
    /// that look for a cycle.
    volatile @Nullable ReplySlot waitingFor;

    /// The process that waits on the thread that this process has lent to it. Written by that
    /// thread, read by callers that look for a cycle.
    volatile @Nullable LocalProcess lentTo;

    /// The request being handled. Written by the owner, read by the dying thread.
    private volatile @Nullable ReplySlot current;

    /// The requests that are to be answered later; null until there is one. Guarded.
    private @Nullable DeferredRequests deferred;

    /// Whether the dying thread has begun to answer the callers. A thread that finds a request
    /// after that fails it. Written by the dying thread, guarded; read by any thread.
    private volatile boolean callersTold;

    /// The local name. Guarded.
    private @Nullable String name;

    /// The process that started this one, and its ancestors. Null if no process did, or if this one
    /// was spawned without a name for what it runs.
    private final @Nullable Ancestry ancestry;

    /// The ancestry of the processes that this one starts. Owner.
    private @Nullable Ancestry ancestryOfChildren;

    /// Null until there is an entry, a label or a clean-up. Written by the owner, read by any
    /// thread.
    private volatile @Nullable Dictionary dictionary;

    /// The timers that end with this process: those that send to it, and the periodic ones that it
    /// has started. Null until there is one. Guarded.
    private @Nullable Few<SendingTimer> timers;

    /// Whether the stack of the thread that was to start the process has ended, so that nobody may
    /// ever run it. The [Healer] ends it. Written by that thread, read by the healer.
    volatile boolean orphaned;

    /// How often the mailbox was found in use. Races OK: a limit, roughly.
    private byte drainAttempts;

    /// When it was started, see [LocalNode#age].
    private final int startedAt;

    /// The place in the process table; -1 for none. Guarded by its stripe of the table.
    int place = -1;

    LocalProcess(LocalNode node, @Nullable Ancestry ancestry) {
        this(node, ancestry, new Mailbox());
    }

    LocalProcess(LocalNode node, @Nullable Ancestry ancestry, Mailbox mailbox) {
        super(node, node.machine == null ? mailbox : onMachine(node.machine, mailbox));
        this.ancestry = ancestry;
        this.startedAt = node.age();
        if (this.mailbox instanceof TravellingMailbox mine) {
            mine.belongTo(this);
        }
    }

    /// Creates one that stands for a process of another node.
    LocalProcess(LocalNode node, Mailbox mailbox, RemotePid pid) {
        super(node, mailbox, pid);
        this.ancestry = null;
        this.startedAt = 0;
    }

    private static Mailbox onMachine(Machine machine, Mailbox mailbox) {
        return mailbox instanceof BoundedMailbox ? mailbox : new TravellingMailbox(machine);
    }

    @Override
    final LocalProcess self() {
        return this;
    }

    /// Returns what a link or a monitor is added to: this process. Any thread.
    LocalProcess watched() {
        return this;
    }

    /// Returns what it runs, for people: the name of a class, or `spawn`.
    abstract String initialCall();

    // Messages

    /// Puts a message into the mailbox and makes sure that the process handles it. A bounded
    /// mailbox takes it, too. Any thread.
    final void deliver(Object message) {
        mailbox.offer(message);
        delivered(message);
    }

    /// Puts a user's message into the mailbox, or does what the server wants if the mailbox is
    /// full, see [Admission]. Any thread.
    ///
    /// @param timeout how long a caller will wait at most for its call; units: ns
    /// @throws io.genserver.ExitException if the message is refused and is no request
    void send(Context context, Object message, long timeout) {
        if (mailbox instanceof BoundedMailbox bounded) {
            Admission.send(context, this, bounded, message, timeout);
        } else {
            deliver(message);
        }
    }

    /// Makes sure that the process handles a message that was just put into the mailbox. Any
    /// thread.
    final void delivered(Object message) {
        ensureRunning();
        // Read after the offer, see case 4 of LifeCycle.
        if (callersTold && message instanceof ReplySlot) {
            drainDead();
        }
    }

    /// Sends a request. The current thread is about to wait for the outcome. A process that can
    /// handle the request on the current thread may do so before this returns. Any thread.
    ///
    /// @param timeout how long the thread will wait; units: ns
    void ask(Context context, ReplySlot request, long timeout) {
        LocalProcess self = context.process();
        ExitReason cycle = self == null ? null : CallCycles.beginWait(context, self, this, request);
        if (cycle == null) {
            send(context, request, timeout);
        } else {
            request.fail(cycle);
        }
    }

    /// Lets a machine choose who goes on before the process ends by itself. Owner, which must hold
    /// no monitor.
    final void stepToEnd() {
        if (node.machine != null && !isDead()) {
            node.step(Event.END, Context.get(), null, null);
        }
    }

    /// Waits for the first message that matches. Owner.
    ///
    /// @param timeout units: ns
    /// @return the result of the match; empty if the timeout has passed
    final <T> Optional<T> receive(Match<T> match, long timeout) {
        StackRoom.requireLittle();
        if (node.machine != null) {
            node.step(Event.RECEIVE, Context.get(), null, null);
        }
        receivePendingExit();
        TimerWheel wheel = node.timers;
        long start = timeout == TimeUnits.FOREVER ? 0 : wheel.clock().nanoTime();
        Alarm alarm = null;
        try {
            for (boolean first = true; ; first = false) {
                checkAlive();
                T result = mailbox.take(match, first);
                if (result != null) {
                    countHandled();
                    beFair();
                    return Optional.of(result);
                }
                if (timeout != TimeUnits.FOREVER) {
                    if (wheel.clock().nanoTime() - start >= timeout) {
                        return Optional.empty();
                    }
                    if (alarm == null) {
                        alarm = new Alarm();
                        wheel.arm(alarm, start + timeout);
                    }
                }
                Context.get().beforeWait();
                park(RECEIVING, alarm);
            }
        } finally {
            if (alarm != null) {
                wheel.cancel(alarm);
            }
        }
    }

    /// Removes a monitor, and its message if that has arrived. Owner.
    ///
    /// @return whether the monitor was in force
    final boolean demonitorFlush(Monitor monitor) {
        boolean found = demonitor(monitor);
        if (!found) {
            receive(message -> monitor.isDown(message) ? message : null, 0);
        }
        return found;
    }

    // Requests

    /// Makes a request the one being handled. Owner.
    ///
    /// @return false if the process is dead; the request fails
    final boolean begin(ReplySlot request) {
        current = request;
        if (isDead()) { // read after the write of current, see case 2 of LifeCycle
            defer(request);
            return false;
        }
        return true;
    }

    /// Makes a request the one being handled, if the thread that sent it runs the process. A
    /// release write is enough: that thread itself fails the request if it finds the process dead
    /// after the turn. Owner.
    final void beginHere(ReplySlot request) {
        CURRENT.setRelease(this, request);
    }

    /// Fails the request that the dead process was handling, if it has no outcome. Owner.
    final void failCurrent() {
        ReplySlot unfinished = current;
        if (unfinished != null) {
            defer(unfinished);
            finish();
        }
    }

    /// Records that the request being handled is answered, deferred or failed. A release write is
    /// enough: a dying thread that still sees the request cannot change an outcome, and a request
    /// without an outcome fails in any case. Owner.
    final void finish() {
        CURRENT.setRelease(this, null);
    }

    /// Returns the request being handled, or null.
    final @Nullable ReplySlot current() {
        return current;
    }

    /// Keeps a request that is not answered when its turn ends. A request of a dead process fails.
    /// Owner.
    final void defer(ReplySlot request) {
        synchronized (this) {
            if (!callersTold) {
                if (deferred == null) {
                    deferred = new DeferredRequests();
                }
                deferred.add(request);
                return;
            }
        }
        failLate(request);
    }

    private void failLate(ReplySlot request) {
        ExitReason reason = exitReason();
        request.fail(reason == null ? ExitReason.NOPROC : reason);
    }

    @Override
    final void failCalls(ExitReason reason, boolean dragged) {
        DeferredRequests waiting;
        synchronized (this) {
            callersTold = true;
            waiting = deferred;
        }
        mailbox.endLimit();
        ReplySlot handled = current;
        if (handled != null) {
            if (dragged && status() == ProcessInfo.Status.RUNNING) {
                node.timers.arm(new LastTurn(handled, reason), LastTurn.ends(node.timers));
            } else {
                handled.fail(reason);
            }
        }
        if (waiting != null) {
            waiting.fail(reason);
            synchronized (this) {
                deferred = null;
            }
        }
        drainDead();
    }

    /// The request that a process was answering when a link ended it. On the BEAM an exit signal is
    /// received between two things that a process does, so a reply that is almost given still goes
    /// out. Here the owner has 20 ms to finish it before the caller gets the exit reason instead.
    private static final class LastTurn extends TimerWheel.Entry {

        private static final long LENGTH = 20_000_000L; // units: ns

        private final ReplySlot request;
        private final ExitReason reason;

        LastTurn(ReplySlot request, ExitReason reason) {
            this.request = request;
            this.reason = reason;
        }

        static long ends(TimerWheel timers) {
            return timers.clock().nanoTime() + LENGTH;
        }

        @Override
        boolean outlivesNode() {
            return true;
        }

        @Override
        boolean firesAgain() {
            return true;
        }

        @Override
        void fire() {
            request.fail(reason);
        }
    }

    /// Leaves a message that the owner has taken although the process is dead or is about to end.
    /// The owner looks for the death once more after it has taken a message, because that is a
    /// fence between the write of its thread and the look. So either it sees the death, or the
    /// thread that ends the process sees the owner's thread and interrupts it.
    final void leaveMessage(Object message) {
        if (message instanceof ReplySlot request) {
            defer(request);
        } else {
            node.deadLetters.leftInMailbox(pid, message);
        }
    }

    /// Fails the requests in the mailbox of the dead process and counts the other messages as dead
    /// letters. Does nothing if the dying thread has yet to do so. Any thread.
    @Override
    final void drainDead() {
        if (callersTold && drain(DRAINED_AT_ONCE)) {
            if (Threads.isTimer()) {
                drainSoon(); // another thread might tell later dead letters first
                return;
            }
            try {
                Threads.startVirtual(() -> drain(Integer.MAX_VALUE));
            } catch (OutOfMemoryError noThread) {
                drain(Integer.MAX_VALUE);
            }
        }
    }

    /// Returns whether the dead process is a server whose init has not ended well. Any thread.
    boolean failedToStart() {
        return false;
    }

    /// Takes messages out of the mailbox of the dead process.
    ///
    /// @return whether there may be more messages than the limit
    private boolean drain(int limit) {
        if (mailbox.hasNothing()) {
            return false;
        }
        ExitReason reason = exitReason();
        // Made before a request is taken, because memory may run out.
        ReplySlot.Failure failure =
                new ReplySlot.Failure(reason == null ? ExitReason.NOPROC : reason);
        for (int left = limit; left > 0; left--) {
            Object message = mailbox.takeFromDead();
            if (message == null) {
                if (!mailbox.hasNothing() && drainAttempts < MOST_DRAIN_ATTEMPTS) {
                    drainAttempts++;
                    drainSoon();
                }
                return false;
            }
            if (message instanceof ReplySlot request) {
                request.unhandled = !failedToStart();
                request.fail(failure);
            } else {
                node.deadLetters.leftInMailbox(pid, message);
            }
        }
        return true;
    }

    /// Has the timer thread empty the mailbox. Another thread may hold the right to consume and may
    /// have been taken off its processor.
    private void drainSoon() {
        TimerWheel.Entry again =
                new TimerWheel.Entry() {
                    @Override
                    boolean outlivesNode() {
                        return true;
                    }

                    @Override
                    boolean firesAgain() {
                        return true;
                    }

                    @Override
                    void fire() {
                        drainDead();
                    }
                };
        node.timers.arm(again, node.timers.clock().nanoTime());
    }

    /// Ends the process because its node closes, and waits for its end if it is a server. Called by
    /// any thread that is not one of the node's processes.
    ///
    /// @param timeout units: ns
    void shutDown(Context context, long timeout) {
        exitSignal(node.nobody, ExitReason.SHUTDOWN);
    }

    // Names

    /// Registers the process under a local name. Any thread.
    ///
    /// @return the process that has the name already, or null
    /// @throws IllegalArgumentException if this process is dead or has another name
    final @Nullable LocalProcess register(Name wanted) {
        synchronized (this) {
            if (isDead()) {
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
            LocalProcess holder = node.names.claim(wanted.name(), this);
            if (holder == null) {
                name = wanted.name();
            }
            return holder;
        }
    }

    /// Frees a name. Any thread.
    ///
    /// @return whether this process had it
    final synchronized boolean unregister(String given) {
        if (!given.equals(name)) {
            return false;
        }
        node.names.free(given, this);
        name = null;
        return true;
    }

    @Override
    final void freeResources() {
        // The name, the timers and the clean-ups are guarded until the process is marked dead,
        // which is guarded too. Nothing is added after that, so what is missing here stays missing.
        String given = name;
        if (given != null) {
            unregister(given);
        }
        if (timers != null) {
            cancelTimers();
        }
        if (dictionary != null) {
            startCleanups();
        }
    }

    @Override
    final void leaveTable() {
        ExitReason reason = exitReason();
        RuntimeListener listeners = Listeners.added();
        if (node.processes.remove(this) && listeners != null && reason != null) {
            listeners.processEnded(node, pid, initialCall(), reason);
        }
    }

    @Override
    void heal() {
        ExitReason reason = exitReason();
        if (reason == null && orphaned) {
            die(ExitReason.KILLED);
        } else if (reason == null) {
            super.heal();
        } else if (place >= 0) { // races OK: at worst the dying thread does the same
            announceDeath(reason);
        }
    }

    /// Returns the name of the logger of its crashes.
    String loggerName() {
        return GenServer.class.getName();
    }

    /// Returns the process for people: its pid and what it runs.
    final String describe() {
        return pid + " (" + initialCall() + ")";
    }

    final synchronized Optional<String> name() {
        return Optional.ofNullable(name);
    }

    /// Returns the name, or one that it had a moment before. Any thread.
    final @Nullable String nameWithoutLock() {
        return name;
    }

    // Ancestors

    /// Returns the ancestry of a process that this one starts. Owner.
    final Ancestry ancestryOfChildren() {
        ServerRef self = name().<ServerRef>map(Name::new).orElse(pid);
        Ancestry known = ancestryOfChildren;
        if (known == null || !known.parent().equals(self)) {
            known = new Ancestry(self, ancestry);
            ancestryOfChildren = known;
        }
        return known;
    }

    final List<ServerRef> ancestors() {
        return Ancestry.list(ancestry);
    }

    final boolean hasLivingParent() {
        return livingParent() != null;
    }

    final @Nullable LocalProcess livingParent() {
        return ancestry == null ? null : node.resolve(ancestry.parent());
    }

    // Dictionary

    /// Owner.
    final @Nullable Object put(Object key, Object value) {
        return madeDictionary().entries.put(key, value);
    }

    /// Owner.
    final @Nullable Object delete(Object key) {
        Dictionary known = dictionary;
        return known == null ? null : known.entries.remove(key);
    }

    final Map<Object, Object> dictionary() {
        Dictionary known = dictionary;
        return known == null ? Map.of() : Map.copyOf(known.entries);
    }

    /// Owner.
    final void publish(Object view) {
        madeDictionary().published = view;
    }

    /// Any thread.
    final Optional<Object> published() {
        Dictionary known = dictionary;
        return known == null ? Optional.empty() : Optional.ofNullable(known.published);
    }

    /// Owner.
    final void setLabel(Object label) {
        madeDictionary().label = label;
    }

    final Optional<Object> label() {
        Dictionary known = dictionary;
        return known == null ? Optional.empty() : Optional.ofNullable(known.label);
    }

    private Dictionary madeDictionary() {
        Dictionary known = dictionary;
        if (known == null) {
            known = new Dictionary();
            dictionary = known;
        }
        return known;
    }

    // Timers

    /// Keeps a timer, which is cancelled when the process ends. Any thread.
    ///
    /// @return false if the process is dead
    final synchronized boolean addTimer(SendingTimer timer) {
        if (isDead()) {
            return false;
        }
        if (timers == null) {
            timers = new Few<>();
        }
        timers.add(timer);
        return true;
    }

    final synchronized void removeTimer(SendingTimer timer) {
        if (timers != null) {
            timers.remove(timer);
        }
    }

    private void cancelTimers() {
        List<SendingTimer> armed;
        synchronized (this) {
            armed = timers == null ? List.of() : timers.takeAll();
        }
        armed.forEach(SendingTimer::endWithProcess);
    }

    // Clean-ups

    /// Keeps a clean-up, which runs when the process ends. Owner.
    ///
    /// @return false if the process is dead
    final boolean addCleanup(RegisteredCleanup cleanup) {
        Dictionary mine = madeDictionary();
        synchronized (this) {
            if (isDead()) {
                return false;
            }
            if (mine.cleanups == null) {
                mine.cleanups = new Few<>();
            }
            mine.cleanups.add(cleanup);
            return true;
        }
    }

    /// Any thread.
    final synchronized void removeCleanup(RegisteredCleanup cleanup) {
        Dictionary known = dictionary;
        if (known != null && known.cleanups != null) {
            known.cleanups.remove(cleanup);
        }
    }

    /// Has the clean-ups run. They are forgotten last, because there may be no thread for them; the
    /// [Healer] then calls this again. The dying thread.
    private void startCleanups() {
        List<RegisteredCleanup> registered = cleanups();
        if (!registered.isEmpty()) {
            RegisteredCleanup.startAll(this, registered);
            registered.forEach(this::removeCleanup);
        }
    }

    private synchronized List<RegisteredCleanup> cleanups() {
        Dictionary known = dictionary;
        return known == null || known.cleanups == null ? List.of() : known.cleanups.list();
    }

    // For people

    /// Returns the process's figures. Takes no lock. Any thread.
    final ProcessSummary summary() {
        ReplySlot request = waitingFor;
        LocalProcess asked = request == null ? lentTo : request.target;
        int length = mailbox.length();
        return new ProcessSummary(
                pid,
                Optional.ofNullable(name),
                initialCall(),
                status(),
                Integer.toUnsignedLong(handled()),
                length,
                Math.max(longestMail(), length),
                node.timeOf(startedAt),
                ancestry == null ? Optional.empty() : Optional.of(ancestry.parent()),
                asked == null ? Optional.empty() : Optional.of(asked.pid));
    }

    /// Returns the first messages that wait, oldest first, as they are shown to people. Any thread.
    final List<Object> messages(int limit) {
        List<Object> first = new ArrayList<>();
        mailbox.visit(limit, message -> show(message, first));
        if (isDead()) {
            drainDead(); // as in info
            return List.of();
        }
        return Collections.unmodifiableList(first);
    }

    private static void show(Object message, List<Object> shown) {
        Object content = Envelope.content(message);
        if (content != null) {
            shown.add(content);
        }
    }

    final Optional<ProcessInfo> info() {
        return info(Integer.MAX_VALUE);
    }

    /// @param messages how many messages to look at
    final Optional<ProcessInfo> info(int messages) {
        List<Object> waiting = new ArrayList<>();
        int visited = mailbox.visit(messages, message -> show(message, waiting));
        int length = visited < messages ? visited : mailbox.length();
        if (isDead()) {
            drainDead(); // the dying thread gives up if this thread holds the right to consume
            return Optional.empty();
        }
        Related related = related();
        return Optional.of(
                new ProcessInfo(
                        pid,
                        name(),
                        label(),
                        initialCall(),
                        status(),
                        length,
                        Collections.unmodifiableList(waiting),
                        related.links.stream().<Pid>map(linked -> linked.pid).toList(),
                        related.monitoring.stream().map(monitor -> monitor.object).toList(),
                        related.monitoredBy.stream()
                                .filter(Monitor::isOfUser)
                                .<Pid>map(monitor -> monitor.owner)
                                .toList(),
                        trapsExits(),
                        ancestors(),
                        dictionary(),
                        stack()));
    }

    private record Related(
            List<LifeCycle> links, List<Monitor> monitoring, List<Monitor> monitoredBy) {}

    private synchronized Related related() {
        Relations now = relationsNow();
        return new Related(now.links.list(), now.monitoring.list(), now.monitoredBy.list());
    }
}
