package io.genserver.spi;

import io.genserver.Pid;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/// What a node runs on instead of the JVM's own clock and scheduler: it says what time it is,
/// starts the node's threads, lets them wait, and decides which of them goes on. Tests use it to
/// own time and to choose the order of events. A node without a machine pays nothing for it.
///
/// A machine runs one of its threads at a time. That thread calls the machine, which may let others
/// go on before it returns. So everything between two calls is atomic for the machine's threads.
///
/// The runtime never calls [#park], [#step] or [#retry] while it holds a monitor or a lock. It may
/// hold one in all other calls.
public abstract class Machine {

    private static final ConcurrentMap<Thread, Machine> THREADS = new ConcurrentHashMap<>();

    /// Whether there ever was a machine with a thread. Written before that thread starts, so every
    /// thread that knows a machine's thread also sees it.
    private static volatile boolean used;

    private long lastReference; // of the machine's threads, one at a time

    /// Something that happens to a process.
    public enum Event {
        /// A process has been created.
        START,
        /// A message is sent.
        SEND,
        /// A cast is sent.
        CAST,
        /// A request is sent: a call, a stop or a system request.
        CALL,
        /// A reply is given.
        REPLY,
        /// A server begins to handle a message, a continuation or a state timeout.
        TURN,
        /// A process looks for a message in its mailbox.
        RECEIVE,
        /// An exit signal is sent.
        EXIT,
        /// A process reads or changes what others see: names, links and monitors.
        LOOK,
        /// A timer or timeout is about to fire. The thread that fires it is no process.
        TIMER,
        /// A supervisor has decided to restart a child.
        RESTART,
        /// As a step, a process is about to end by itself. As a note, a process has ended.
        END
    }

    /// Creates a machine without threads.
    protected Machine() {}

    /// Returns the machine of the current thread.
    ///
    /// @return the machine; null for a thread that belongs to none
    public static @Nullable Machine current() {
        return used ? THREADS.get(Thread.currentThread()) : null;
    }

    /// Returns the machine of a thread.
    ///
    /// @param thread the thread
    /// @return the machine; null for a thread that belongs to none
    public static @Nullable Machine of(Thread thread) {
        return used ? THREADS.get(thread) : null;
    }

    /// Tells whether reports of crashes and restarts are to be left out of the log, because the
    /// current thread belongs to a machine that repeats a test many times.
    ///
    /// @return whether to leave them out
    public static boolean isQuiet() {
        Machine machine = current();
        return machine != null && !machine.logs();
    }

    /// Tells whether crashes and restarts are reported in the log.
    ///
    /// @return whether they are
    protected abstract boolean logs();

    /// Makes a thread one of this machine's, until [#release].
    ///
    /// @param thread the thread
    protected final void adopt(Thread thread) {
        used = true;
        THREADS.put(thread, this);
    }

    /// Lets go of a thread.
    ///
    /// @param thread the thread
    protected final void release(Thread thread) {
        THREADS.remove(thread);
    }

    /// Returns the number of a new reference. The numbers of a machine begin at 1, so that a test
    /// that is repeated gets the same hash codes.
    final long nextReference() {
        return ++lastReference;
    }

    // Time

    /// Returns the current time.
    ///
    /// @return the time; units: ns from an arbitrary origin; compare by subtraction
    public abstract long nanoTime();

    /// Returns when a timer fires.
    ///
    /// @param deadline when it is to fire; units: ns of [#nanoTime]
    /// @return when it fires, not before the deadline; units: ns of [#nanoTime]
    public long timerDue(long deadline) {
        return deadline;
    }

    // Threads

    /// Starts a thread of this machine.
    ///
    /// @param process the process whose code it is to run; null for none
    /// @param name the thread's name
    /// @param body what it runs
    /// @return the thread
    public abstract Thread start(@Nullable Pid process, String name, Runnable body);

    /// Lets the current thread wait until it is unparked, interrupted, or the time has passed. It
    /// may also return for no reason.
    ///
    /// @param nanos how long to wait at most; [Long#MAX_VALUE] for no limit; units: ns
    public abstract void park(long nanos);

    /// Ends the wait of one of this machine's threads, or its next wait. The current thread goes
    /// on.
    ///
    /// @param thread the thread
    public abstract void unpark(Thread thread);

    /// Makes sure that the wait of a thread that fires timers ends at a time. The current thread
    /// goes on.
    ///
    /// @param thread the thread
    /// @param time when its wait ends at the latest; units: ns of [#nanoTime]
    public abstract void wakeBy(Thread thread, long time);

    /// Interrupts one of this machine's threads. The current thread goes on.
    ///
    /// @param thread the thread
    public abstract void interrupt(Thread thread);

    /// Tells whether a thread that calls a server that has promised not to block may run its turn.
    ///
    /// @return whether it may
    public abstract boolean lendsThreads();

    // Events

    /// Lets the machine choose which thread goes on. Called before the event takes effect.
    ///
    /// @param event what is about to happen
    /// @param process the process that does it; null for none
    /// @param target the process that it is done to; null for none
    /// @param content the message, request, reply or reason; null for none
    /// @throws IllegalStateException if the current thread is not one of this machine's
    public abstract void step(
            Event event, @Nullable Pid process, @Nullable Pid target, @Nullable Object content);

    /// Records an event. The current thread goes on.
    ///
    /// @param event what has happened
    /// @param process the process that it has happened to
    /// @param content what was started, the child to restart, or why it has ended
    public abstract void note(Event event, Pid process, Object content);

    /// Lets all other threads go on first, because the current thread has failed to reach a process
    /// and probably tries again in a loop.
    public abstract void retry();

    /// Decides how a message or signal travels to a process of this machine. What one process sends
    /// to another arrives in the order in which it was sent.
    ///
    /// @param from the process that sends it; null for a thread or a timer
    /// @param to the receiver
    /// @param message the message, cast or request; the [io.genserver.Exit] or [io.genserver.Down]
    ///   of a signal
    /// @param isRequest whether somebody waits for an answer, so that it must arrive
    /// @return how it travels; [Travel#AT_ONCE] unless there are faults
    public abstract Travel travel(@Nullable Pid from, Pid to, Object message, boolean isRequest);

    /// How a message travels.
    ///
    /// @param copies how often it arrives, 0 or more; 0 if it is lost
    /// @param delay how long it takes, 0 or more; units: ns
    public record Travel(int copies, long delay) {
        /// It arrives once and at once, before its sender goes on.
        public static final Travel AT_ONCE = new Travel(1, 0);
    }

    /// Returns a random number. It depends only on the machine's seed and the numbers asked for
    /// before.
    ///
    /// @return the number, from 0 (inclusive) to 1 (exclusive)
    public abstract double random();
}
