package io.genserver.runtime;

import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a thread knows about itself: which process it runs and what it waits with. One object a
/// thread, found through a thread local once an operation. Only that thread touches it.
final class Context {

    /// Work that the thread has put off. It must not wait while the thread does.
    interface PutOff {

        /// Hands the work to another thread.
        void handOver(Context context);
    }

    private static final ThreadLocal<Context> OF_THREAD = ThreadLocal.withInitial(Context::new);

    /// The process of this thread, null if it has none, followed by the processes whose turns the
    /// thread runs inside each other. The one at `depth` is the one whose code runs. Entries above
    /// `depth` are stale on purpose: clearing them costs more than the rest, and the same server is
    /// often entered again.
    private @Nullable LocalProcess[] running = new LocalProcess[1];

    private int depth;
    private boolean interruptPutOff;

    /// Whether the thread is a worker of a run queue.
    boolean worker;

    /// Whether the code that the thread runs has promised not to block, so that what it sends can
    /// wait in the run queue until it is done.
    boolean promised;

    /// Whether the thread has become that of the server it was to run; see [Lending].
    boolean entered;

    /// Null until the thread has put something off.
    @Nullable PutOff putOff;

    /// What the thread has used of the budget that keeps it from starving others.
    final Fairness.Share share = new Fairness.Share();

    /// A process's own part of the log's context, for the pid and the name that follow; see
    /// [LogContext].
    @Nullable Map<String, String> logContext;

    @Nullable LocalPid logPid;
    String logName = "";

    private @Nullable AdaptiveSpin answerSpin;
    private @Nullable AdaptiveSpin mailSpin;
    private @Nullable CallDeadline deadline;

    private Context() {}

    static Context get() {
        return OF_THREAD.get();
    }

    // Which process the thread runs

    /// The process whose code this thread runs; null on a thread that is no process.
    @Nullable LocalProcess process() {
        return running[depth];
    }

    /// The process this thread runs, alive.
    ///
    /// @throws IllegalStateException if it runs none
    /// @throws io.genserver.ExitException if it runs one that is dead
    static LocalProcess self() {
        LocalProcess process = get().process();
        if (process == null) {
            throw new IllegalStateException(
                    "expected "
                            + Thread.currentThread()
                            + " to be a process, but it is none: do this inside a process, or make"
                            + " the thread one with Processes.attach()");
        }
        process.checkAlive();
        return process;
    }

    /// The process this thread runs, alive, or null if it runs none.
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

    /// Makes the thread that of a process, or of none.
    void own(@Nullable LocalProcess process) {
        running[depth] = process;
    }

    /// Whether the thread is a user's, and not one that the runtime has started.
    boolean isUsersThread() {
        LocalProcess outermost = running[0];
        return outermost == null ? !worker : !outermost.lendsItsThread();
    }

    /// How many turns run inside each other on this thread, which is not their server's.
    int depth() {
        return depth;
    }

    /// Runs another process's code, or none's, from here on.
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

    /// Returns to the code that ran at a depth, and forgets the process that was left if it is
    /// dead.
    void returnTo(int outer) {
        depth = outer;
        int inner = outer + 1;
        LocalProcess left = inner < running.length ? running[inner] : null;
        if (left != null && left.isDead()) {
            running[inner] = null;
        }
    }

    /// Says of all processes that have lent this thread which one has it, or that they have it
    /// back, for callers that look for a cycle.
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
    /// runs. The thread gets it back when the turns are over.
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

    /// Whether an interrupt was put off. Forgets it.
    boolean takeInterrupt() {
        boolean was = interruptPutOff;
        interruptPutOff = false;
        return was;
    }

    // Waiting

    /// Called before the thread waits.
    void beforeWait() {
        if (putOff != null) {
            putOff.handOver(this);
        }
    }

    /// How the thread waits for answers. Made at the first wait, because many threads have none.
    AdaptiveSpin answerSpin() {
        AdaptiveSpin spin = answerSpin;
        if (spin == null) {
            spin = new AdaptiveSpin(Thread.currentThread());
            answerSpin = spin;
        }
        return spin;
    }

    /// How the thread waits for messages.
    AdaptiveSpin mailSpin() {
        AdaptiveSpin spin = mailSpin;
        if (spin == null) {
            spin = new AdaptiveSpin(Thread.currentThread());
            mailSpin = spin;
        }
        return spin;
    }

    /// Notices that a call of the thread's has waited too long. Made at the first such call, and
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
