package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.Match;
import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.ProcessInfo;
import io.genserver.ServerRef;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// One process of this node: its messages, the requests it owes an answer, its name. Which thread
/// runs it is told by [Ownership], how it lives and dies by [Signals].
abstract class LocalProcess extends Signals {

    private static final VarHandle CURRENT;
    private static final VarHandle WAITING_FOR;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            CURRENT = lookup.findVarHandle(LocalProcess.class, "current", ReplySlot.class);
            WAITING_FOR = lookup.findVarHandle(LocalProcess.class, "waitingFor", ReplySlot.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /// The request this process waits for. Written by the owner, read by callers that look for a
    /// circle, see [CallCycles].
    volatile @Nullable ReplySlot waitingFor;

    /// The server that waits on this process's thread, which it has lent; written and read as
    /// `waitingFor`.
    volatile @Nullable LocalProcess lentTo;

    /// The request being handled. Written by the owner, read by the dying thread.
    volatile @Nullable ReplySlot current;

    /// Requests taken out of the mailbox whose callers still wait. Guarded.
    private @Nullable List<ReplySlot> owed;

    /// Whether the thread that ended the process has come to its callers: those that come later are
    /// told by whoever finds them. Written by that thread, guarded; read by any thread. See
    /// [Signals].
    private volatile boolean callersTold;

    private int owedLimit = 16; // how long `owed` may grow before answered ones are dropped

    /// The local name. Guarded.
    private @Nullable String name;

    /// Who started it, if it was started as a server. Written once.
    private final @Nullable Ancestry ancestry;

    /// What its children have for their ancestry. Owner.
    private @Nullable Ancestry ancestryOfChildren;

    /// Null until something is put there. Guarded.
    private @Nullable Dictionary dictionary;

    /// The timers armed for this process, linked through themselves. Guarded.
    private @Nullable MessageTimer firstTimer;

    /// The neighbours in the process table. Guarded by the table.
    @Nullable LocalProcess next;

    @Nullable LocalProcess previous;

    LocalProcess(LocalRuntime runtime, @Nullable Ancestry ancestry) {
        super(runtime);
        this.ancestry = ancestry;
    }

    @Override
    final LocalProcess self() {
        return this;
    }

    @Override
    final @Nullable Thread borrowed() {
        ReplySlot request = current;
        return request == null ? null : request.runner();
    }

    /// What it runs, for people: a class or `spawn`.
    abstract String initialCall();

    // ---------------------------------------------------------------- messages

    @Override
    final void deliver(Object message) {
        mailbox.offer(message);
        ensureRunning();
        if (message instanceof ReplySlot slot && callersTold) { // read after the offer
            fail(slot);
        }
    }

    /// Applies a match to a message, unless the message is the framework's own.
    static <T> @Nullable T matchOrdinary(Match<T> match, Object message) {
        return switch (message) {
            case Envelope.UserMessage mine -> match.match(mine.message);
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
                Context.get().beforeWait();
                park(RECEIVING, alarm);
            }
        } finally {
            if (alarm != null) {
                timers.cancel(alarm);
            }
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

    /// Stops monitoring and takes the message away if it has come before. Owner.
    ///
    /// @return whether the monitor was in force
    final boolean demonitorFlush(Monitor monitor) {
        boolean found = demonitor(monitor);
        if (!found) {
            receive(message -> monitor.isDown(message) ? message : null, 0);
        }
        return found;
    }

    // ---------------------------------------------------------------- requests

    /// Forgets the request it has waited for. Without a fence: whoever looks for a circle meanwhile
    /// may find what was true a moment ago, as if it had looked then. Owner.
    final void waitsNoMore() {
        WAITING_FOR.setRelease(this, null);
    }

    /// Writes `current` without a fence. It may be seen late: a request seen in it after it was
    /// answered is not failed any more. Owner.
    final void currentPlainly(@Nullable ReplySlot request) {
        CURRENT.setRelease(this, request);
    }

    /// Remembers a request that has left the queue unanswered, for the thread that ends the
    /// process. If that has come to its callers before, fails it. Owner.
    final void owe(ReplySlot slot) {
        synchronized (this) {
            if (!callersTold) {
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
        fail(slot);
    }

    /// Fails a request of a process that is dead.
    private void fail(ReplySlot slot) {
        ExitReason reason = exitReason();
        slot.fail(reason == null ? ExitReason.NOPROC : reason);
    }

    @Override
    final void failCalls(ExitReason reason, boolean dragged) {
        List<ReplySlot> waiting;
        synchronized (this) {
            callersTold = true;
            waiting = owed == null ? List.of() : owed;
            owed = null;
        }
        ReplySlot handled = current;
        if (handled != null) {
            if (dragged && status() == ProcessInfo.Status.RUNNING) {
                runtime.timers.arm(new LastTurn(handled, reason), LastTurn.ends(runtime.timers));
            } else {
                handled.fail(reason);
            }
        }
        waiting.forEach(slot -> slot.fail(reason));
        mailbox.peek(message -> {
            if (message instanceof ReplySlot slot) {
                slot.fail(reason);
            }
        });
    }

    /// The request a process was answering when a link ended it. On the BEAM an exit signal is
    /// received between two things a process does, so an answer that is as good as given still goes
    /// out; here the owner has this long to finish it before the caller gets the exit reason
    /// instead.
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
        void fire() {
            request.fail(reason);
        }
    }

    /// Lets go of what a dead process does not need: threads may still know it. Owner.
    void forget() {}

    /// Whoever still puts a message into the mailbox of a dead process finds it cold, owns it in
    /// turn and does the same.
    @Override
    final void bury() {
        forget();
        ReplySlot unfinished = current;
        if (unfinished != null) {
            owe(unfinished);
            currentPlainly(null);
        }
        do {
            for (Object left = mailbox.poll(); left != null; left = mailbox.poll()) {
                if (left instanceof ReplySlot slot) {
                    owe(slot);
                } else {
                    runtime.deadLetters.leftInMailbox(pid, left);
                }
            }
        } while (leave());
    }

    // ---------------------------------------------------------------- names and facts

    /// Registers the process under a local name.
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
            LocalProcess holder = runtime.names.claim(wanted.name(), this);
            if (holder == null) {
                name = wanted.name();
            }
            return holder;
        }
    }

    @Override
    final void release() {
        // Guarded once the process was marked dead; since then nothing is added, so null is final.
        if (name != null) {
            unregister();
        }
        runtime.processes.remove(this);
        if (firstTimer != null) {
            cancelTimers();
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

    /// The ancestry of a process that this one starts. Owner.
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

    // ---------------------------------------------------------------- dictionary

    final synchronized @Nullable Object put(Object key, Object value) {
        return dictionaryMade().entries.put(key, value);
    }

    final synchronized @Nullable Object delete(Object key) {
        return dictionary == null ? null : dictionary.entries.remove(key);
    }

    final synchronized Map<Object, Object> dictionary() {
        return dictionary == null ? Map.of() : Map.copyOf(dictionary.entries);
    }

    final synchronized void setLabel(Object label) {
        dictionaryMade().label = label;
    }

    final synchronized Optional<Object> label() {
        return dictionary == null ? Optional.empty() : Optional.ofNullable(dictionary.label);
    }

    private Dictionary dictionaryMade() {
        if (dictionary == null) {
            dictionary = new Dictionary();
        }
        return dictionary;
    }

    // ---------------------------------------------------------------- timers

    /// Puts a timer on the list of those to cancel.
    ///
    /// @return false if the process is dead
    final synchronized boolean addTimer(MessageTimer timer) {
        if (isDead()) {
            return false;
        }
        MessageTimer first = firstTimer;
        timer.next = first;
        if (first != null) {
            first.previous = timer;
        }
        firstTimer = timer;
        return true;
    }

    final synchronized void removeTimer(MessageTimer timer) {
        MessageTimer after = timer.next;
        MessageTimer before = timer.previous;
        if (after != null) {
            after.previous = before;
        }
        if (before != null) {
            before.next = after;
        } else if (firstTimer == timer) {
            firstTimer = after;
        }
        timer.next = null;
        timer.previous = null;
    }

    private void cancelTimers() {
        List<MessageTimer> armed = new ArrayList<>(0);
        synchronized (this) { // the whole list at once, for others take their timers off it
            for (MessageTimer timer = firstTimer; timer != null; timer = timer.next) {
                armed.add(timer);
            }
            firstTimer = null;
        }
        armed.forEach(runtime.timers::cancel);
    }

    // ---------------------------------------------------------------- for people

    final Optional<ProcessInfo> info() {
        List<StackTraceElement> stack = stack();
        synchronized (this) {
            if (isDead()) {
                return Optional.empty();
            }
            Relations now = relationsNow();
            List<Object> waiting = mailbox.snapshot();
            return Optional.of(
                    new ProcessInfo(
                            pid,
                            Optional.ofNullable(name),
                            label(),
                            initialCall(),
                            status(),
                            waiting.size(),
                            contents(waiting),
                            now.links().stream().<Pid>map(linked -> linked.pid).toList(),
                            now.monitoring().stream().map(monitor -> monitor.object).toList(),
                            now.monitoredBy().stream().<Pid>map(monitor -> monitor.owner).toList(),
                            trapsExits(),
                            ancestors(),
                            dictionary(),
                            stack));
        }
    }

    private static List<Object> contents(List<Object> messages) {
        return messages.stream()
                .map(Envelope::content)
                .filter(Objects::nonNull)
                .<Object>map(Objects::requireNonNull)
                .toList();
    }
}
