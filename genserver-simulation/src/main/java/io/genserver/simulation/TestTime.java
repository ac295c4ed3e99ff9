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
import java.util.concurrent.FutureTask;
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

    /// After how many looks a waiting thread that makes no progress counts as lost: about 10 s.
    private static final int LOST = 500;

    private final Baton baton =
            new Baton(
                    new Policy.Fair(0),
                    new Baton.Limits(MOST_STEPS, true, true, true),
                    Recording.none());
    private final Node node = ProcessRuntime.get().startNode(null, baton);
    private final Task body = baton.startOn(node, "test", this::runJobs);
    private final long start = baton.nanoTime();

    /// What the test's thread is to do. Handed over with the baton.
    private @Nullable FutureTask<?> job;

    /// Why nothing can be run any more; null while something can. The thread that calls.
    private @Nullable Throwable broken;

    private boolean closed;

    private final int lost; // units: looks

    // While the caller waits.
    private int progress;
    private int looks; // without progress

    /// @param lost after how many looks a waiting thread that makes no progress counts as lost
    TestTime(int lost) {
        this.lost = lost;
    }

    /// Starts a node whose time stands still.
    ///
    /// @return its time
    public static TestTime start() {
        return new TestTime(LOST);
    }

    private void runJobs() {
        while (!closed) {
            Objects.requireNonNull(job).run();
            baton.toControl();
        }
    }

    /// Runs code on the test's thread, which acts on the node, and returns its result. The thread
    /// is the same in each call. Blocks until the code has ended.
    ///
    /// @param code the code
    /// @param <T> the type of the result
    /// @return its result
    /// @throws Exception if the code throws it
    /// @throws AssertionError if the code waits and nothing is armed, or if it waits for something
    ///   other than processes and time for 10 s
    public <T extends @Nullable Object> T call(Callable<T> code) throws Exception {
        Objects.requireNonNull(code, "code");
        if (closed) {
            throw new IllegalStateException(
                    "expected a time that is not closed, got: a closed one");
        }
        if (broken != null) {
            throw new AssertionError(
                    "expected processes that go on, got: a test that has failed before", broken);
        }
        FutureTask<T> mine = new FutureTask<>(code);
        job = mine;
        progress = baton.steps();
        looks = 0;
        baton.resume(body, this::look);
        broken = baton.failure();
        if (broken == null && !mine.isDone()) {
            broken =
                    new AssertionError(
                            "expected the test to go on, got: a deadlock, because all wait and no"
                                    + " timer is armed: "
                                    + baton.deadlock());
        }
        if (broken != null) {
            throw thrown(broken);
        }
        try {
            return mine.get();
        } catch (ExecutionException failed) {
            throw thrown(Objects.requireNonNull(failed.getCause()));
        }
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

    private void look() {
        Thread thread = baton.holderThread();
        if (Thread.currentThread().isInterrupted()) {
            baton.abandon(new AssertionError("the test was interrupted"));
        } else if (baton.steps() != progress || !Outside.waits(thread)) {
            progress = baton.steps();
            looks = 0;
        } else if (++looks == lost) {
            baton.abandon(Outside.error(thread, "waits"));
            thread.interrupt();
        }
    }

    /// Passes time from deadline to deadline. When it returns, everything is done that was due by
    /// then. Called in [#call].
    ///
    /// @param time how much, 0 or more; 0 lets everything happen that is due now
    /// @throws IllegalArgumentException if it is negative
    /// @throws IllegalStateException if the caller is not the thread of [#call]
    public void advance(Duration time) {
        if (time.isNegative()) {
            throw new IllegalArgumentException(
                    "expected the time to advance to be 0 or more, got: " + time);
        }
        if (Thread.currentThread() != body.thread()) {
            throw new IllegalStateException(
                    "expected time to be advanced by the test's own thread, got: "
                            + Thread.currentThread());
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

    /// Returns how much time has passed since the start.
    ///
    /// @return the time
    public Duration elapsed() {
        return Duration.ofNanos(baton.nanoTime() - start);
    }

    /// Returns what is armed: timers, timeouts and sleeping processes, one line each, such as `in
    /// PT5M: message tick for #PID<3.4.0>`.
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
    @Override
    public void close() {
        if (!closed) {
            closed = true;
            baton.end(node);
        }
    }
}
