package io.genserver.test;

import io.genserver.Attachment;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.ProcessInfo;
import io.genserver.Processes;
import io.genserver.Server;
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

/// The supervisor of one test. It stops everything it started before the next test begins.
///
/// Started children are not linked with the test. A child that crashes is restarted as its
/// [ChildSpec] says and does not fail the test. Restarts are practically unlimited: a million in a
/// second.
///
/// [GenServerExtension] gives it to tests. Only the thread of the test may use it, and only until
/// the last `@AfterEach` method has returned. Otherwise all methods throw [IllegalStateException].
///
/// Source: `ExUnit.Callbacks`.
public final class TestSupervisor {

    private static final Duration STOP_LIMIT = Duration.ofSeconds(60);

    /// `null` before the first test, see [#beforeTheFirstTest].
    private final @Nullable Attachment test;

    private final Thread thread = Thread.currentThread();
    private final Duration stopLimit;
    private @Nullable Pid supervisor;
    private int started;

    /// Written by the test's thread, read by any thread.
    private volatile boolean ended;

    TestSupervisor(Attachment test) {
        this(test, STOP_LIMIT);
    }

    TestSupervisor(@Nullable Attachment test, Duration stopLimit) {
        this.test = test;
        this.stopLimit = stopLimit;
    }

    /// Returns the value of a field before the first test. It refuses every use.
    static TestSupervisor beforeTheFirstTest() {
        return new TestSupervisor(null, STOP_LIMIT);
    }

    /// Starts a child and returns its pid. Blocks until the child is initialized. Source:
    /// `start_supervised!/2`.
    ///
    /// @param child the child; its id must be new in this test
    /// @param <G> what runs in the child
    /// @return a typed reference to the child, by its pid
    /// @throws StartException if the child did not start, with the reason
    /// @throws IllegalStateException if the caller is not the test's process
    public <G> Server<G> startSupervised(ChildSpec<G> child) {
        return switch (start(child)) {
            case Start.Ok<G> ok -> ok.server();
            case Start.Ignore<G> _ ->
                    throw new StartException(
                            "expected child "
                                    + child.id()
                                    + " to start, got: its init said ignore");
            case Start.Failed<G> failed -> failed.server(); // throws
        };
    }

    /// Starts a child with an id of its own and the defaults of [ChildSpec#worker], and returns its
    /// pid. Blocks until the child is initialized.
    ///
    /// @param start starts and links the child, such as `Registry::startLink`; the supervisor's
    ///   thread runs it
    /// @param <G> what runs in the child
    /// @return a typed reference to the child, by its pid
    /// @throws StartException if the child did not start, with the reason
    /// @throws IllegalStateException if the caller is not the test's process
    public <G> Server<G> startSupervised(Supplier<? extends Start<? extends G>> start) {
        return startSupervised(ChildSpec.worker("started-" + ++started, start));
    }

    /// Starts a child, links it with the test and returns its pid. Blocks until the child is
    /// initialized. Source: `start_link_supervised!/2`.
    ///
    /// If the child ends with a reason other than `normal`, the test fails unless it traps exits.
    /// It does not matter who ended the child. A child that is restarted is not linked again.
    ///
    /// @param child the child; its id must be new in this test
    /// @param <G> what runs in the child
    /// @return a typed reference to the child, by its pid
    /// @throws StartException if the child did not start, with the reason
    /// @throws ExitException with the reason `noproc` if the child ended before it could be linked
    /// @throws IllegalStateException if the caller is not the test's process
    public <G> Server<G> startLinkSupervised(ChildSpec<G> child) {
        Server<G> server = startSupervised(child);
        Processes.link(server.pid());
        return server;
    }

    /// Starts a child and returns the result of the start. Blocks until the child is initialized or
    /// the start has failed. Source: `start_supervised/2`.
    ///
    /// @param child the child; its id must be new in this test
    /// @param <G> what runs in the child
    /// @return the result, which may be a failure
    /// @throws IllegalStateException if the caller is not the test's process
    public <G> Start<G> start(ChildSpec<G> child) {
        return Supervisor.startChild(pid(), child);
    }

    /// Stops a child before the test ends, and deletes its specification. A linked child stays
    /// linked until it is down, and its end does not fail the test. Source: `stop_supervised!/1`,
    /// which unlinks the child first.
    ///
    /// Blocks until the child is down, for as long as its `Shutdown` allows. If another linked
    /// process ends in this time, the test's process ends with it once the child is down.
    ///
    /// @param id the child's id, [ChildSpec#id]
    /// @throws IllegalArgumentException if there is no child with that id
    /// @throws IllegalStateException if the caller is not the test's process
    public void stopSupervised(Object id) {
        Optional<ChildError> problem = terminate(id);
        if (problem.isPresent()) {
            throw new IllegalArgumentException(
                    "expected the id of a child started by this test, got: " + id);
        }
        Supervisor.deleteChild(pid(), id); // no effect on a temporary child, which is deleted
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

    /// Returns the pid of the supervisor. The first use of this object starts the supervisor.
    ///
    /// @return the pid of the supervisor
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

    /// Returns the thread that is the test's process.
    Thread thread() {
        return thread;
    }

    /// Returns the pid of the test's process.
    Pid testPid() {
        return test().pid();
    }

    /// Returns whether the test has ended or has not begun.
    boolean hasEnded() {
        return test == null || ended;
    }

    /// Ends the test's process and waits until everything it started is down. An interrupt does not
    /// end the wait.
    ///
    /// @throws AssertionError if an exit signal ended the test's process before, or if something
    ///   took too long to stop
    void end() {
        ended = true;
        boolean interrupted = Thread.interrupted();
        AssertionError killed = null;
        try {
            killed = whyItIsDead();
            test().close(ExitReason.SHUTDOWN); // stops the supervisor, whose parent is the test
            if (supervisor != null) {
                CleanUp.await(supervisor, stopLimit);
            }
        } catch (AssertionError late) {
            if (killed != null) {
                late.addSuppressed(killed);
            }
            throw late;
        } finally {
            if (interrupted && killed == null) { // otherwise the exit signal interrupted the thread
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

    /// Returns why the test's process is dead, or `null` if it lives. Receives, because a signal
    /// that the test's own thread caused takes effect only when the process next waits.
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
