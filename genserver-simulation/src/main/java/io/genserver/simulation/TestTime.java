package io.genserver.simulation;

import io.genserver.Node;
import io.genserver.spi.ArmedTimer;
import io.genserver.spi.NodeBase;
import io.genserver.spi.ProcessRuntime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Time that belongs to a test. It stands still while a process can go on, and passes when the test
/// says so or when all wait.
///
/// ```java
/// try (TestTime time = TestTime.start()) {
///     time.call(() -> {
///         var session = Session.start(Duration.ofMinutes(5)).server();
///         time.advance(Duration.ofMinutes(4));
///         assertThat(Session.isOpen(session)).isTrue();
///         time.advance(Duration.ofMinutes(5));
///         return assertThat(Session.isOpen(session)).isFalse();
///     });
/// }
/// ```
///
/// Timers, timeouts of calls and receives, state timeouts, delays before restarts, restart limits,
/// hibernation and [io.genserver.Processes#sleep] use this time. Code that reads
/// `System.nanoTime()` or the time of day does not; give it a clock of the test's instead.
///
/// The processes live on a node of their own, and run one at a time in a fixed order. So a test
/// does the same each time.
///
/// ## When time passes
///
/// - [#advance] passes time from deadline to deadline. When it returns, everything is done that is
///   due by then, and what follows from it.
/// - If the test waits, in a call, a receive or a sleep, and all processes wait too, time jumps to
///   the next deadline. So a call that times out after five seconds does so at once.
/// - If nothing is armed then, the test fails, and the failure says who waits for whom.
public final class TestTime implements AutoCloseable {

    /// How many steps processes may take while time stands still.
    private static final int MOST_STEPS = 10_000_000;

    /// How many looks in a row may see a thread wait for something else: about 10 s.
    private static final int LOST = 500;

    /// How many looks in a row may see no progress: about 30 s.
    private static final int BUSY = 1_500;

    /// How often code that cannot go on is interrupted, because it may wait again while it ends.
    private static final int MOST_INTERRUPTS = 10;

    private final Policy.Fair policy = new Policy.Fair(0);
    private final Baton baton;
    private final Node node;
    private final long start;

    /// The test's thread. Another one takes its place if it never ends the code that it runs.
    private Task body;

    /// What the test's thread is to do. Handed over with the baton.
    private @Nullable FutureTask<?> job;

    /// The thread that is in [#call] or [#close]; null if none is.
    private final AtomicReference<@Nullable Thread> caller = new AtomicReference<>();

    private boolean closed;
    private final Watch watch;

    /// @param lost how many looks in a row may see a thread wait for something else
    /// @param busy how many looks in a row may see no progress
    /// @param mostSteps how many steps processes may take while time stands still
    TestTime(int lost, int busy, int mostSteps) {
        Baton.Limits limits = new Baton.Limits(mostSteps, true, true, true);
        baton = new Baton(policy, limits, Recording.none());
        node = ProcessRuntime.get().startNode(null, baton);
        start = baton.nanoTime();
        watch = new Watch(baton, lost, busy);
        body = baton.startOn(node, "test", this::runJobs);
    }

    /// Starts a node whose time stands still.
    ///
    /// @return its time
    public static TestTime start() {
        return new TestTime(LOST, BUSY, MOST_STEPS);
    }

    private void runJobs() {
        while (!closed) {
            Objects.requireNonNull(job).run();
            baton.toControl(); // ends the thread if it was given up
            if (watch.takeFreed()) {
                Thread.interrupted(); // the last job may not have noticed it
            }
        }
    }

    /// Runs code on the test's thread, which acts on the node, and returns its result. The thread
    /// is the same in each call. Blocks until the code has ended.
    ///
    /// If the code cannot go on, its thread is interrupted, so its wait fails and the code can
    /// clean up. If it does not end in some seconds, its thread is given up, and the next call has
    /// another one.
    ///
    /// @param code the code
    /// @param <T> the type of the result
    /// @return its result
    /// @throws IllegalStateException if the time is closed, or another call has not ended
    /// @throws Exception if the code throws it
    /// @throws AssertionError if the code waits and nothing is armed, if it or a process waits for
    ///   something other than processes and time for 10 s, or does nothing with processes and time
    ///   for 30 s, if processes take ten million steps and no time passes, or if the caller is
    ///   interrupted
    public <T extends @Nullable Object> T call(Callable<T> code) throws Exception {
        Objects.requireNonNull(code, "code");
        take("a call");
        try {
            if (closed) {
                throw new IllegalStateException(
                        "expected a time that is not closed, got: a closed one");
            }
            return callAlone(code);
        } finally {
            caller.set(null);
        }
    }

    private void take(String what) {
        Thread other = caller.compareAndExchange(null, Thread.currentThread());
        if (other == null) {
            return;
        }
        throw new IllegalStateException(
                "expected "
                        + what
                        + " of a TestTime after the last call has ended, got: one by the thread \""
                        + Thread.currentThread().getName()
                        + "\" during a call by the thread \""
                        + other.getName()
                        + "\"");
    }

    private <T extends @Nullable Object> T callAlone(Callable<T> code) throws Exception {
        FutureTask<T> mine = new FutureTask<>(code);
        job = mine;
        watch.begin(body.thread());
        baton.resume(body);
        for (int left = MOST_INTERRUPTS; !mine.isDone() && left > 0; left--) {
            watch.free();
            if (!baton.interruptWait(body)) {
                break;
            }
            baton.resume(body);
        }
        if (!mine.isDone() || baton.hasEnded(body)) {
            replaceBody();
        }
        Throwable failed = baton.takeFailure();
        Throwable why = watch.problem() == null ? failed : watch.problem();
        watch.end();
        if (why != null) {
            if (mine.state() == Future.State.FAILED && mine.exceptionNow() != why) {
                why.addSuppressed(mine.exceptionNow()); // shows where the code waited
            }
            throw thrown(why);
        }
        try {
            return mine.get();
        } catch (ExecutionException ended) {
            throw thrown(Objects.requireNonNull(ended.getCause()));
        }
    }

    /// Gives the test's thread up.
    private void replaceBody() {
        if (!baton.hasEnded(body)) {
            baton.forget(body);
        }
        watch.takeFreed();
        body = baton.startOn(node, "test", this::runJobs);
    }

    private static Exception thrown(Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof Exception exception) {
            return exception;
        }
        throw new AssertionError(failure);
    }

    /// Passes time from deadline to deadline. When it returns, everything is done that was due by
    /// then. Called in [#call].
    ///
    /// @param time how much, 0 or more; 0 lets everything happen that is due now
    /// @throws IllegalArgumentException if it is negative
    /// @throws IllegalStateException if the caller is not the thread of [#call]
    /// @throws io.genserver.ExitException with `interrupted` if the thread is interrupted
    public void advance(Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException(
                    "expected the time to advance to be 0 or more, got: " + time);
        }
        if (Thread.currentThread() != body.thread()) {
            throw new IllegalStateException(
                    "expected time to be advanced by the test's own thread, got: the thread \""
                            + Thread.currentThread().getName()
                            + "\"");
        }
        baton.advance(time);
    }

    /// Disturbs the messages between processes from now on. What happens to which message is
    /// random, but the same in each run of the test.
    ///
    /// @param faults what may happen to which messages
    public void disturb(MessageFaults faults) {
        baton.faults().disturb(Objects.requireNonNull(faults, "faults"));
    }

    /// Disturbs messages as [#disturb(MessageFaults)] does, with random choices that begin anew
    /// with a seed. Other seeds disturb other messages.
    ///
    /// @param faults what may happen to which messages
    /// @param seed the seed; it is 0 before the first call of this method
    public void disturb(MessageFaults faults, long seed) {
        disturb(faults);
        policy.seed(seed);
    }

    /// Returns how much time has passed since the start.
    ///
    /// @return the time
    public Duration elapsed() {
        return Duration.ofNanos(baton.nanoTime() - start);
    }

    /// Returns what is armed: timers, timeouts and sleeping processes, one line each, such as `in
    /// PT5M: message tick for #PID<3.4.0>`.
    ///
    /// Messages that [#disturb] delays are not among them.
    ///
    /// @return the lines, what is due first comes first
    public List<String> pending() {
        List<ArmedTimer> all = new ArrayList<>(((NodeBase) node).armedTimers());
        all.addAll(baton.sleeping());
        all.sort(Comparator.comparingLong(ArmedTimer::due));
        long now = baton.nanoTime();
        return all.stream()
                .map(timer -> "in " + Duration.ofNanos(timer.due() - now) + ": " + timer.what())
                .toList();
    }

    /// Returns the node whose time this is.
    ///
    /// @return the node
    public Node node() {
        return node;
    }

    /// Kills what is left on the node, and ends its threads. Does nothing if it was closed before.
    ///
    /// @throws AssertionError if a thread did not end within 10 s, because it waits for something
    ///   other than processes and time, or runs on
    /// @throws IllegalStateException if a call has not ended; the time stays open
    @Override
    public void close() {
        take("a close");
        try {
            if (!closed) {
                closed = true;
                watch.begin(null);
                baton.end(node);
                watch.end();
                if (watch.problem() instanceof AssertionError left) {
                    throw left;
                }
            }
        } finally {
            caller.set(null);
        }
    }
}
