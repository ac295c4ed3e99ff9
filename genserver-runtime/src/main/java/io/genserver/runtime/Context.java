package io.genserver.runtime;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a thread knows about itself: which process it is running, and the call it waits for.
///
/// One object a thread, found through a thread local once an operation.
final class Context {

    private static final ThreadLocal<Context> OF_THREAD = ThreadLocal.withInitial(Context::new);

    /// The process of this thread, null if it is none, and after it, one inside the other, those
    /// whose turns the thread runs for them. The one at `depth` is the one whose code runs. What
    /// lies behind it is left from before: a store into an old object costs more than all the rest
    /// here, and often the next to be entered is the one of before. This thread only.
    private @Nullable LocalProcess[] running = new LocalProcess[1];

    /// A process's own part of the log's context, made for this pid and the name it had then; see
    /// [LogContext].
    @Nullable Map<String, String> logContext;

    @Nullable LocalPid logPid;
    String logName = "";

    /// How many turns of servers run on this thread that is not theirs, one inside the other.
    int depth;

    private boolean interruptPutOff;

    /// Whether the thread has claimed a server that it has not entered yet.
    boolean holds;

    /// Whether the code this thread runs promised not to block, so that what it sends can wait in
    /// the run queue until it is done.
    boolean promised;

    /// Whether the thread is running the servers of its run queue.
    boolean draining;

    /// Claimed servers with something to do; see [CallerRuns]. Null until there is one.
    private @Nullable ArrayDeque<ServerProcess> ready;

    /// How often it has run such servers.
    int runs;

    /// How many of its calls have reached nobody.
    int failures;

    private @Nullable Spin answerSpin;
    private @Nullable Spin mailSpin;

    /// When it last let others go on, see [Fairness]. Units: ns.
    long lastBreak;

    private @Nullable CallDeadline deadline;

    private Context() {}

    static Context get() {
        return OF_THREAD.get();
    }

    /// The process whose code this thread runs; null on a thread that is no process.
    @Nullable LocalProcess process() {
        return running[depth];
    }

    /// Makes the thread a process's, or nobody's.
    void own(@Nullable LocalProcess process) {
        running[depth] = process;
    }

    void enter(LocalProcess process) {
        depth++;
        if (depth == running.length) {
            running = Arrays.copyOf(running, 2 * depth + 2);
        }
        if (running[depth] != process) {
            running[depth] = process;
        }
    }

    /// Forgets the process that was entered last, and has been left, if it is dead: else a thread
    /// would keep the dead.
    void forgetDead() {
        int inner = depth + 1;
        LocalProcess left = inner < running.length ? running[inner] : null;
        if (left != null && left.isDead()) {
            running[inner] = null;
        }
    }

    /// Puts off an interrupt that is not meant for the server whose turn the thread runs, but for
    /// the thread: it gets it back when the turns are over.
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

    /// Gives back what was put off.
    void giveBackInterrupt() {
        if (interruptPutOff) {
            interruptPutOff = false;
            Thread.currentThread().interrupt();
        }
    }

    /// Says of all that have lent this thread to whom, or that they have it back, for those who
    /// look for a circle of calls: the innermost is about to wait, or has waited.
    void showLenders(boolean waiting) {
        for (int i = 0; i < depth; i++) {
            LocalProcess lender = running[i];
            if (lender != null) {
                lender.lentTo = waiting ? running[i + 1] : null;
            }
        }
    }

    /// How it waits for answers. Made at the first wait, for many threads have none.
    Spin answerSpin() {
        Spin spin = answerSpin;
        if (spin == null) {
            spin = new Spin(Thread.currentThread());
            answerSpin = spin;
        }
        return spin;
    }

    /// How it waits for messages.
    Spin mailSpin() {
        Spin spin = mailSpin;
        if (spin == null) {
            spin = new Spin(Thread.currentThread());
            mailSpin = spin;
        }
        return spin;
    }

    /// Notices that one of its calls has waited too long. Made at the first such call.
    CallDeadline deadline() {
        CallDeadline mine = deadline;
        if (mine == null) {
            mine = new CallDeadline();
            deadline = mine;
        }
        return mine;
    }

    // ---------------------------------------------------------------- the run queue

    boolean hasReady() {
        return ready != null && !ready.isEmpty();
    }

    int readyCount() {
        return ready == null ? 0 : ready.size();
    }

    void addReady(ServerProcess server) {
        ArrayDeque<ServerProcess> queue = ready;
        if (queue == null) {
            queue = new ArrayDeque<>(2);
            ready = queue;
        }
        queue.add(server);
    }

    @Nullable ServerProcess pollReady() {
        return ready == null ? null : ready.poll();
    }

    /// Takes a server out of the run queue.
    boolean takeReady(ServerProcess server) {
        return ready != null && ready.remove(server);
    }

    /// Takes the whole run queue.
    ArrayDeque<ServerProcess> takeReady() {
        ArrayDeque<ServerProcess> all = ready;
        ready = null;
        return all == null ? new ArrayDeque<>() : all;
    }

    void putReady(ArrayDeque<ServerProcess> all) {
        ready = all;
    }

    /// The thread is about to wait: what it has in its run queue must not.
    void beforeWait() {
        ServerProcess first = ready == null ? null : ready.peek();
        if (first != null) {
            first.runtime.callerRuns.handOver(this);
        }
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
}
