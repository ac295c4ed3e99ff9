package io.genserver.test;

import io.genserver.Attachment;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.ProcessInfo;
import io.genserver.Processes;
import io.genserver.Start;
import io.genserver.StartException;
import io.genserver.supervisor.Child;
import io.genserver.supervisor.ChildError;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The supervisor of one test: what it starts is stopped before the next test begins.
///
/// Started children are not linked with the test: one that crashes is restarted as its [ChildSpec]
/// says and does not fail the test. Restarts are practically unlimited, a million in a second.
///
/// Given to tests by [GenServerExtension]. Only the thread of the test may use it, and only until
/// the last `@AfterEach` method has returned; all methods throw [IllegalStateException] otherwise.
///
/// Source: `ExUnit.Callbacks`.
public final class TestSupervisor {

    private static final Duration STOP_LIMIT = Duration.ofSeconds(60);

    private final @Nullable Attachment test; // null: before the first test
    private final Thread thread = Thread.currentThread();
    private final Duration stopLimit;
    private @Nullable Pid supervisor;
    private int started;

    /// Written by the test's thread, read by any.
    private volatile boolean ended;

    TestSupervisor(Attachment test) {
        this(test, STOP_LIMIT);
    }

    TestSupervisor(@Nullable Attachment test, Duration stopLimit) {
        this.test = test;
        this.stopLimit = stopLimit;
    }

    /// What a field has before the first test: it refuses every use.
    static TestSupervisor beforeTheFirstTest() {
        return new TestSupervisor(null, STOP_LIMIT);
    }

    /// Starts a child that must start. Source: `start_supervised!/2`.
    ///
    /// @param child the child; its id must be new in this test
    /// @return its pid
    /// @throws StartException if it did not start, with the reason
    /// @throws IllegalStateException if the caller is not the test's process
    public Pid startSupervised(ChildSpec child) {
        return switch (start(child)) {
            case Start.Ok(Pid pid) -> pid;
            case Start.Ignore _ ->
                    throw new StartException(
                            "expected child " + child.id() + " to start, but its init said ignore");
            case Start.Failed failed -> failed.pid(); // throws
        };
    }

    /// Starts a child that must start, with an id of its own and the defaults of
    /// [ChildSpec#worker].
    ///
    /// @param start starts and links it, such as `Registry::startLink`
    /// @return its pid
    /// @throws StartException if it did not start, with the reason
    /// @throws IllegalStateException if the caller is not the test's process
    public Pid startSupervised(Supplier<Start> start) {
        return startSupervised(ChildSpec.worker("started-" + ++started, start));
    }

    /// Starts a child that must start, and links it with the test: if it ends with another reason
    /// than `normal`, the test fails, unless it traps exits. It does not matter who ended the
    /// child. A child that is restarted is not linked again. Source: `start_link_supervised!/2`.
    ///
    /// @param child the child; its id must be new in this test
    /// @return its pid
    /// @throws StartException if it did not start, with the reason
    /// @throws ExitException with the reason `noproc` if it ended before it could be linked
    /// @throws IllegalStateException if the caller is not the test's process
    public Pid startLinkSupervised(ChildSpec child) {
        Pid pid = startSupervised(child);
        Processes.link(pid);
        return pid;
    }

    /// Starts a child that may fail to. Source: `start_supervised/2`.
    ///
    /// @param child the child; its id must be new in this test
    /// @return how it went
    /// @throws IllegalStateException if the caller is not the test's process
    public Start start(ChildSpec child) {
        return Supervisor.startChild(pid(), child);
    }

    /// Stops a child before the test ends, and forgets it. A linked child stays linked until it is
    /// down, and its end does not fail the test. Source: `stop_supervised!/1`, which unlinks it
    /// first.
    ///
    /// Blocks until the child is down, for as long as its `Shutdown` allows. If another linked
    /// process ends in this time, the test's process ends with it afterwards.
    ///
    /// @param id the child's id, [ChildSpec#id]
    /// @throws IllegalArgumentException if there is no child of that id
    /// @throws IllegalStateException if the caller is not the test's process
    public void stopSupervised(Object id) {
        Optional<ChildError> problem = terminate(id);
        if (problem.isPresent()) {
            throw new IllegalArgumentException(
                    "expected the id of a child started by this test, got: " + id);
        }
        Supervisor.deleteChild(pid(), id); // a temporary one is gone already
    }

    private Optional<ChildError> terminate(Object id) {
        Optional<Pid> linked =
                Supervisor.whichChildren(pid()).stream()
                        .filter(child -> child.id().equals(id))
                        .map(Child::pid)
                        .flatMap(Optional::stream)
                        .filter(TestSupervisor::isLinked)
                        .findFirst();
        if (linked.isEmpty()) {
            return Supervisor.terminateChild(pid(), id);
        }
        try (HeldExits _ = new HeldExits(linked.get())) {
            return Supervisor.terminateChild(pid(), id);
        }
    }

    private static boolean isLinked(Pid child) {
        return Processes.info(Processes.self())
                .map(ProcessInfo::links)
                .orElseThrow(() -> new AssertionError("the calling process lives"))
                .contains(child);
    }

    /// The supervisor itself; started when it is first needed.
    ///
    /// @return its pid
    /// @throws IllegalStateException if the caller is not the test's process
    public Pid pid() {
        checkCaller();
        if (supervisor == null) {
            supervisor =
                    Supervisor.startLink(
                                    List.of(),
                                    SupervisorFlags.of(Strategy.ONE_FOR_ONE)
                                            .withMaxRestarts(1_000_000, Duration.ofSeconds(1)))
                            .pid();
        }
        return supervisor;
    }

    private void checkCaller() {
        if (test == null || ended) {
            throw new IllegalStateException(
                    "expected a TestSupervisor to be used by a test, a @BeforeEach or an @AfterEach"
                            + " method, got: a use "
                            + (ended ? "after its test has ended" : "before the first test")
                            + "; start what the tests need in a @BeforeEach method");
        }
        if (!Processes.isProcess() || !Processes.self().equals(test.pid())) {
            throw new IllegalStateException(
                    "expected to be called by the test's own process "
                            + test.pid()
                            + " on the thread "
                            + thread.getName()
                            + ", got: "
                            + caller());
        }
    }

    private static String caller() {
        return Processes.isProcess()
                ? Processes.self().toString()
                : "the thread " + Thread.currentThread().getName() + ", which is no process";
    }

    /// The thread that is the test's process.
    Thread thread() {
        return thread;
    }

    /// The test's process.
    Pid testPid() {
        return test().pid();
    }

    /// Whether the test has ended.
    boolean hasEnded() {
        return test == null || ended;
    }

    /// Ends the test's process and waits until everything it started is down, even if the thread is
    /// interrupted.
    ///
    /// @throws AssertionError if an exit signal had ended the test's process before, or if
    ///   something took too long to stop
    void end() {
        ended = true;
        boolean interrupted = Thread.interrupted();
        AssertionError killed = null;
        try {
            killed = whyItIsDead();
            test().close(ExitReason.SHUTDOWN); // reaches the supervisor, whose parent the test is
            if (supervisor != null) {
                CleanUp.await(supervisor, stopLimit);
            }
        } catch (AssertionError late) {
            if (killed != null) {
                late.addSuppressed(killed);
            }
            throw late;
        } finally {
            if (interrupted && killed == null) { // else the signal interrupted it
                Thread.currentThread().interrupt();
            }
        }
        if (killed != null) {
            throw killed;
        }
    }

    private Attachment test() {
        if (test == null) {
            throw new AssertionError("only fields have a TestSupervisor without a test");
        }
        return test;
    }

    /// The signal of a linked process that the test's own thread has ended waits until the test's
    /// process receives.
    private static @Nullable AssertionError whyItIsDead() {
        try {
            Processes.receive(_ -> null, Duration.ZERO);
            return null;
        } catch (ExitException dead) {
            return new AssertionError(
                    "expected the test's process to live until the test ends, got: it was ended by"
                            + " the exit signal "
                            + dead.reason()
                            + "; to have a linked process end in a test, call"
                            + " Processes.trapExits(true) first or start it with startSupervised",
                    dead);
        }
    }
}
