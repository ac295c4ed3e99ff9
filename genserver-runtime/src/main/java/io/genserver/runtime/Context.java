package io.genserver.runtime;

import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a thread knows about itself: which process it runs, and what it waits with. There is one
/// object for each thread, and an operation looks it up once in a thread local. Only that thread
/// touches it.
final class Context {

    private static final ThreadLocal<@Nullable Context> OF_THREAD = new ThreadLocal<>();

    /// The process of this thread, or null if it has none. After it come the processes whose turns
    /// are nested on the thread, or null for a nested [LocalNode#call]. The code of the one at
    /// `depth` is running. Entries above `depth` are stale on purpose: clearing them costs more
    /// than everything else here, and the same server is often entered again.
    private @Nullable LocalProcess[] running = new LocalProcess[1];

    int depth; // written by Lending without a call
    private boolean interruptPutOff;

    /// The worker whose thread this is, or null.
    @Nullable Worker worker;

    /// Whether the thread has become the thread of the server that it was to run; see [Lending].
    boolean entered;

    /// Whether the thread owns the server that it has entered last; see [Lending].
    boolean owns;

    /// What the thread has used of the budget that keeps it from starving others.
    final Fairness.Share share = new Fairness.Share();

    /// The log context of this thread as it came and as it travels on, and the map by which the log
    /// library shows it; see [LogContext].
    @Nullable Map<String, String> logCarried;

    @Nullable Map<String, String> logSnapshot;

    private @Nullable AdaptiveSpin answerSpin;
    private @Nullable AdaptiveSpin mailSpin;
    private @Nullable CallDeadline deadline;

    private Context() {}

    static Context get() {
        Context mine = OF_THREAD.get();
        return mine == null ? create() : mine;
    }

    private static Context create() {
        Context made = new Context();
        OF_THREAD.set(made);
        return made;
    }

    /// Returns what the thread knows about itself; null if it has never asked.
    static @Nullable Context getOrNull() {
        return OF_THREAD.get();
    }

    // Which process the thread runs

    /// Returns the process whose code this thread runs; null on a thread that is no process.
    @Nullable LocalProcess process() {
        return running[depth];
    }

    /// Returns the process that this thread runs, alive.
    ///
    /// @throws IllegalStateException if it runs none
    /// @throws io.genserver.ExitException if it runs one that is dead
    static LocalProcess self() {
        LocalProcess process = selfDeadOrAlive();
        process.checkAlive();
        return process;
    }

    /// Returns the process that this thread runs.
    ///
    /// @throws IllegalStateException if it runs none
    static LocalProcess selfDeadOrAlive() {
        LocalProcess process = get().process();
        if (process == null) {
            throw new IllegalStateException(
                    "expected "
                            + Thread.currentThread()
                            + " to be a process, but it is none: do this inside a process, or make"
                            + " the thread one with Processes.attach()");
        }
        return process;
    }

    /// Returns the process that this thread runs, alive, or null if it runs none.
    ///
    /// @throws io.genserver.ExitException if it runs one that is dead
    static @Nullable LocalProcess selfOrNull() {
        return get().aliveOrNull();
    }

    /// See [#selfOrNull].
    @Nullable LocalProcess aliveOrNull() {
        LocalProcess mine = process();
        if (mine != null) {
            mine.checkAlive();
        }
        return mine;
    }

    /// Returns the process whose thread this is: the one whose code runs, or the one that has
    /// entered another node; null on a thread that is no process.
    @Nullable LocalProcess lender() {
        for (int i = depth; i >= 0; i--) {
            if (running[i] != null) {
                return running[i];
            }
        }
        return null;
    }

    /// Makes the thread the thread of a process, or of none.
    void own(@Nullable LocalProcess process) {
        running[depth] = process;
    }

    /// Returns whether the thread is a user's, and not one that the runtime has started.
    boolean isUsersThread() {
        LocalProcess outermost = running[0];
        return worker == null && (outermost == null || outermost instanceof AttachedProcess);
    }

    /// Returns how many turns on a lent thread and calls of [LocalNode#call] are nested on this
    /// thread.
    int depth() {
        return depth;
    }

    /// Records that the thread runs the code of another process, or of none, from now on.
    void enter(@Nullable LocalProcess process) {
        int next = depth + 1;
        if (next == running.length) {
            running = Arrays.copyOf(running, 2 * next + 1);
        }
        if (running[next] != process) {
            running[next] = process;
        }
        depth = next;
    }

    /// Returns to the code that ran at a depth.
    void returnTo(int outer) {
        depth = outer;
        forgetDead();
    }

    /// Forgets the process that was left last if it is dead.
    void forgetDead() {
        int inner = depth + 1;
        LocalProcess left = inner < running.length ? running[inner] : null;
        if (left != null && left.isDead()) {
            running[inner] = null;
        }
    }

    /// Records for all processes that have lent this thread which process has it, or that they have
    /// it back. Callers that look for a cycle read this.
    ///
    /// @param waiting whether the innermost process is about to wait
    void showLenders(boolean waiting) {
        for (int i = 0; i < depth; i++) {
            LocalProcess lender = running[i];
            if (lender != null) {
                lender.lentTo = waiting ? running[i + 1] : null;
            }
        }
    }

    // Interrupts

    /// Puts off an interrupt that is meant for the thread and not for the server whose turn it
    /// runs. The thread gets it back when its turns are over.
    ///
    /// @return false if the thread runs its own code, or the interrupt came with the server's death
    boolean putOffInterrupt() {
        LocalProcess turn = process();
        if (depth == 0 || turn == null || turn.isDead()) {
            return false;
        }
        interruptPutOff |= Thread.interrupted();
        return true;
    }

    /// Returns whether an interrupt was put off, and forgets it.
    boolean takeInterrupt() {
        boolean was = interruptPutOff;
        interruptPutOff = false;
        return was;
    }

    // Waiting

    /// Lets another thread run the servers that wait for this one. Called before the thread waits.
    void beforeWait() {
        if (worker != null) {
            worker.beforeWait();
        }
    }

    /// Returns how the thread waits for answers. Made at the first wait, because many threads never
    /// wait.
    AdaptiveSpin answerSpin() {
        AdaptiveSpin spin = answerSpin;
        if (spin == null) {
            spin = new AdaptiveSpin(Thread.currentThread());
            answerSpin = spin;
        }
        return spin;
    }

    /// Returns how the thread waits for messages.
    AdaptiveSpin mailSpin() {
        AdaptiveSpin spin = mailSpin;
        if (spin == null) {
            spin = new AdaptiveSpin(Thread.currentThread());
            mailSpin = spin;
        }
        return spin;
    }

    /// Returns the deadline of the thread's calls. Made at the first call with a deadline, and
    /// again when the thread calls on another node.
    CallDeadline deadline(TimerWheel timers) {
        CallDeadline mine = deadline;
        if (mine == null || !mine.isOf(timers)) {
            mine = new CallDeadline(timers);
            deadline = mine;
        }
        return mine;
    }
}
