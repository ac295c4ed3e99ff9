package io.genserver.runtime;

import io.genserver.Pid;
import io.genserver.spi.ArmedTimer;
import io.genserver.spi.Machine;
import io.genserver.spi.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// All timers and deadlines of a node. One daemon thread sleeps until the next one is due. The
/// first timer starts the thread. While no timer is armed, the thread sleeps without a limit.
///
/// This is a hierarchical timing wheel with six levels of 64 slots. A slot of the lowest level is
/// one tick long (2^20 ns, about a millisecond). A slot of each further level is 64 times as long
/// as one of the level below. An entry is in the level of the highest 6-bit digit in which its tick
/// differs from the wheel's, so it moves down at most five times before it is due. A bitmap for
/// each level finds the next occupied slot with one instruction. Arming and cancelling take
/// constant time, and a cancelled entry is removed at once.
///
/// The wheel is guarded by its own monitor, which is held for a few instructions. Entries fire
/// outside of it. What they report runs on another thread; see [Reports].
final class TimerWheel {

    private static final Logger log = LoggerFactory.getLogger(TimerWheel.class);
    private static final int DIGIT = 6;
    private static final int SLOTS = 1 << DIGIT;
    private static final int LEVELS = 6;
    private static final int TICK = 20; // bits

    /// Beside the levels, one slot for what is armed for the current tick, which only a machine
    /// allows.
    private static final int AT_ONCE = LEVELS;

    /// How long to wait until there may be memory again. Units: ns
    private static final long AGAIN = 10_000_000L;

    private static final long MAX_TICKS = (1L << (DIGIT * LEVELS)) - 1;

    /// Something that happens at a deadline. It fires on the timer thread, so it must not block and
    /// must not run the users' code.
    abstract static class Entry extends Reference {
        // All guarded by the wheel.
        private long deadline; // units: ns of the wheel's clock
        private long tick;
        private int level = -1; // -1: not in the wheel
        private int slot;
        private @Nullable Entry previous;
        private @Nullable Entry next;

        /// Returns whether it still has to fire after its node was closed.
        boolean outlivesNode() {
            return false;
        }

        /// Returns what happens when it fires, for people; null if it concerns nobody but the
        /// runtime.
        @Nullable String describe() {
            return null;
        }

        /// Returns the process that it concerns; null if that is not known.
        @Nullable Pid concerns() {
            return null;
        }

        abstract void fire();

        /// Returns whether it fires again a moment later if memory ends in [#fire], which has had
        /// no effect then.
        boolean firesAgain() {
            return false;
        }
    }

    private final Clock clock;
    private final @Nullable Machine machine;
    private final Consumer<Runnable> onNode;
    private final int shift; // how many bits a nanosecond is smaller than a tick
    private final String threadName;
    private final Reports reports;
    private final long origin;
    private final @Nullable Entry[][] slots =
            new @Nullable Entry[LEVELS + 1][SLOTS]; // heads of the slots' lists
    private final long[] occupied = new long[LEVELS + 1];
    private int size; // the number of entries
    private long now; // the last tick whose entries were taken out; see AT_ONCE
    private long sleepsUntil = Long.MIN_VALUE; // a tick; MIN_VALUE: the thread is awake
    private @Nullable Thread thread;
    private boolean closed;

    /// Takes over the entries that outlive the node. Written once, before `closed`.
    private @Nullable TimerWheel heir;

    /// @param machine what starts the thread; null for the JVM itself. On a machine a tick is one
    ///   nanosecond long, so that each entry fires exactly at its deadline
    /// @param onNode runs the thread's code; on a machine so that it acts on the node, because what
    ///   the machine does before a timer fires may look up names
    TimerWheel(
            Clock clock, @Nullable Machine machine, String threadName, Consumer<Runnable> onNode) {
        this.clock = clock;
        this.machine = machine;
        this.onNode = onNode;
        this.shift = machine == null ? TICK : 0;
        this.threadName = threadName;
        this.reports = new Reports(threadName + "-reports");
        this.origin = clock.nanoTime();
    }

    Clock clock() {
        return clock;
    }

    /// Runs something that may run the users' code, such as a log appender. It runs later if this
    /// is a timer thread.
    void report(Runnable report) {
        reports.run(report);
    }

    /// Arms an entry that is not armed. Nothing fires in a closed wheel.
    ///
    /// @param deadline units: ns of the clock
    /// @throws StackOverflowError if this thread's stack ends; nothing has happened then
    void arm(Entry entry, long deadline) {
        StackRoom.require(); // a list that is changed halfway, or a thread not woken, stays so
        Thread wake = null;
        synchronized (this) {
            if (closed) {
                if (heir != null && entry.outlivesNode()) {
                    heir.arm(entry, deadline);
                }
                return;
            }
            if (thread == null) { // before the entry is inserted, because this can fail
                thread = Threads.startTimer(machine, threadName, () -> onNode.accept(this::run));
            }
            entry.deadline = deadline;
            long due = clock.timerDue(deadline);
            // Rounded up, so that nothing fires early. All of the current tick has fired, except
            // on a machine, whose time may still be the same.
            entry.tick =
                    Math.max(
                            machine == null ? now + 1 : now,
                            (due - origin + (1L << shift) - 1) >> shift);
            insert(entry);
            size++;
            if (entry.tick < sleepsUntil) {
                sleepsUntil = Long.MIN_VALUE;
                wake = thread;
            }
        }
        if (wake != null) {
            Threads.wakeBy(wake, origin + (entry.tick << shift));
        }
    }

    /// Drops all entries and ends the thread.
    ///
    /// @param successor takes over the entries that outlive the node; null for none
    void close(@Nullable TimerWheel successor) {
        List<Entry> outliving = new ArrayList<>();
        Thread ends;
        synchronized (this) {
            heir = successor;
            closed = true;
            ends = thread;
            for (@Nullable Entry[] level : slots) {
                for (int i = 0; i < SLOTS; i++) {
                    for (Entry entry = level[i]; entry != null; ) {
                        Entry following = entry.next;
                        entry.level = -1;
                        entry.previous = null;
                        entry.next = null;
                        if (entry.outlivesNode()) {
                            outliving.add(entry);
                        }
                        entry = following;
                    }
                    level[i] = null;
                }
            }
            Arrays.fill(occupied, 0);
            size = 0;
        }
        if (successor != null) {
            outliving.forEach(entry -> successor.arm(entry, entry.deadline));
        }
        if (ends != null) {
            Threads.unpark(ends);
        }
    }

    /// Disarms an entry.
    ///
    /// @return the time it had left, 0 or more, units: ns; -1 if it was not armed
    long cancel(Entry entry) {
        StackRoom.requireLittle();
        synchronized (this) {
            if (heir != null) {
                return heir.cancel(entry);
            }
            long left = left(entry);
            if (left >= 0) {
                remove(entry);
                size--;
            }
            return left;
        }
    }

    /// Returns the time that an entry has left; -1 if it is not armed. Units: ns
    long read(Entry entry) {
        synchronized (this) {
            return left(entry);
        }
    }

    synchronized int size() {
        return size;
    }

    /// Returns the entries that concern people, the first one that is due first.
    List<ArmedTimer> armed() {
        List<Entry> entries = new ArrayList<>();
        synchronized (this) {
            for (@Nullable Entry[] level : slots) {
                for (Entry head : level) {
                    for (Entry entry = head; entry != null; entry = entry.next) {
                        entries.add(entry);
                    }
                }
            }
        }
        List<ArmedTimer> armed = new ArrayList<>();
        for (Entry entry : entries) {
            String what = entry.describe(); // without the monitor, because it may be the user's
            if (what != null) {
                armed.add(new ArmedTimer(entry.deadline, what));
            }
        }
        armed.sort(Comparator.comparingLong(ArmedTimer::due));
        return armed;
    }

    private long left(Entry entry) {
        return entry.level < 0 ? -1 : Math.max(0, entry.deadline - clock.nanoTime());
    }

    @SuppressWarnings("ThreadPriorityCheck") // only where it would be a spin without a yield
    private void run() {
        while (!isClosed()) {
            try {
                Entry due = takeDueOrPlanSleep();
                if (due == null) {
                    sleep();
                }
                while (due != null) {
                    Entry next = due.next; // out of the wheel, so only this thread sees it
                    due.next = null;
                    tellMachine(due);
                    fire(due);
                    due = next;
                }
            } catch (Throwable noStackOrMemory) { // every timer of the node depends on this thread
                if (machine == null) {
                    Thread.onSpinWait();
                } else {
                    Thread.yield(); // lets the thread go on that closes the wheel
                }
            }
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    /// Lets the machine choose what goes on before a timer fires, also between two timers of the
    /// same moment.
    private void tellMachine(Entry entry) {
        String what = machine == null ? null : entry.describe();
        if (machine != null && what != null) {
            machine.step(Machine.Event.TIMER, null, entry.concerns(), what);
        }
    }

    private void fire(Entry entry) {
        try {
            entry.fire();
        } catch (Throwable thrown) {
            if (thrown instanceof OutOfMemoryError && entry.firesAgain()) {
                arm(entry, clock.nanoTime() + AGAIN); // needs no memory on this thread
            }
            try {
                report(() -> log.error("a timer failed", thrown));
            } catch (Throwable noMemory) { // the report is lost, the thread continues
                Thread.onSpinWait();
            }
        }
    }

    private synchronized @Nullable Entry takeDueOrPlanSleep() {
        Entry due = takeDue((clock.nanoTime() - origin) >> shift);
        sleepsUntil = due == null && !closed ? nextTick() : Long.MIN_VALUE;
        return due;
    }

    private void sleep() {
        long until;
        synchronized (this) {
            until = sleepsUntil;
        }
        if (until == Long.MAX_VALUE) {
            clock.park(this, Long.MAX_VALUE);
        } else if (until != Long.MIN_VALUE) {
            clock.park(this, origin + (until << shift) - clock.nanoTime());
        }
    }

    /// Moves the wheel forward and takes out all due entries, as a list in the order of ticks.
    private @Nullable Entry takeDue(long toTick) {
        Entry first = null;
        Entry last = null;
        for (long next = nextTick(); next <= toTick; next = nextTick()) {
            now = next;
            for (int level = AT_ONCE; level >= 0; level--) {
                Entry entry = takeSlot(level);
                while (entry != null) {
                    final Entry following = entry.next;
                    entry.previous = null;
                    entry.next = null;
                    if (entry.tick > now) {
                        insert(entry);
                    } else {
                        entry.level = -1;
                        size--;
                        if (last == null) {
                            first = entry;
                        } else {
                            last.next = entry;
                        }
                        last = entry;
                    }
                    entry = following;
                }
            }
        }
        now = Math.max(now, toTick);
        return first;
    }

    /// Empties the slot of a level if the current tick has just entered it.
    private @Nullable Entry takeSlot(int level) {
        if (level > 0 && level != AT_ONCE && (now & ((1L << (DIGIT * level)) - 1)) != 0) {
            return null; // in the middle of the slot, which was emptied when it was entered
        }
        int slot = slot(now, level);
        Entry head = slots[level][slot];
        slots[level][slot] = null;
        occupied[level] &= ~(1L << slot);
        return reversed(head);
    }

    /// Reverses a list. Slots are stacks, and entries of one tick fire in the order in which they
    /// were armed.
    private static @Nullable Entry reversed(@Nullable Entry head) {
        Entry result = null;
        while (head != null) {
            final Entry next = head.next;
            head.next = result;
            result = head;
            head = next;
        }
        return result;
    }

    /// Returns the next tick at which a slot has to be emptied; MAX_VALUE if all are empty.
    private long nextTick() {
        if (occupied[AT_ONCE] != 0) {
            return now;
        }
        long earliest = Long.MAX_VALUE;
        for (int level = 0; level < LEVELS; level++) {
            if (occupied[level] != 0) {
                int width = DIGIT * level;
                long position = now >> width;
                int ahead =
                        Long.numberOfTrailingZeros(
                                Long.rotateRight(
                                        occupied[level], (int) (position + 1) & SLOTS - 1));
                earliest = Math.min(earliest, (position + 1 + ahead) << width);
            }
        }
        return earliest;
    }

    private void insert(Entry entry) {
        // A deadline beyond the top level waits in the last slot of that level and is inserted
        // again from there.
        long tick = Math.min(entry.tick, now + MAX_TICKS - (1L << (DIGIT * (LEVELS - 1))));
        long differs = tick ^ now;
        int level =
                differs == 0
                        ? AT_ONCE
                        : Math.min(
                                LEVELS - 1,
                                (Long.SIZE - 1 - Long.numberOfLeadingZeros(differs)) / DIGIT);
        int slot = slot(tick, level);
        Entry head = slots[level][slot];
        entry.level = level;
        entry.slot = slot;
        entry.previous = null;
        entry.next = head;
        if (head != null) {
            head.previous = entry;
        }
        slots[level][slot] = entry;
        occupied[level] |= 1L << slot;
    }

    private void remove(Entry entry) {
        Entry previous = entry.previous;
        Entry next = entry.next;
        if (next != null) {
            next.previous = previous;
        }
        if (previous != null) {
            previous.next = next;
        } else {
            slots[entry.level][entry.slot] = next;
            if (next == null) {
                occupied[entry.level] &= ~(1L << entry.slot);
            }
        }
        entry.level = -1;
        entry.previous = null;
        entry.next = null;
    }

    private static int slot(long tick, int level) {
        return level == AT_ONCE ? 0 : (int) (tick >> (DIGIT * level)) & (SLOTS - 1);
    }
}
