package io.genserver.test;

import io.genserver.CrashReport;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.NodeLocal;
import io.genserver.Pid;
import io.genserver.ProcessInfo;
import io.genserver.ProcessRef;
import io.genserver.Processes;
import io.genserver.Server;
import io.genserver.Start;
import io.genserver.StartException;
import io.genserver.StartOption;
import io.genserver.Sys;
import io.genserver.supervisor.Child;
import io.genserver.supervisor.ChildError;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Supervisor;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.function.Executable;

/// The supervisor of one test, or of all tests of a class. It stops everything it started before
/// the next test begins, or after the last test of the class.
///
/// Started children are not linked with the test. A child that crashes is restarted as its
/// [ChildSpec] says. Restarts are practically unlimited: a million in a second. The crash fails the
/// test when it ends, unless [#expectCrash] declares it.
///
/// [GenServerExtension] gives it to tests. Only the thread of the test may use it, and only until
/// the last `@AfterEach` method has returned. That of a class may be used by the `@BeforeAll` and
/// `@AfterAll` methods of the class. Otherwise all methods throw [IllegalStateException].
///
/// Source: `ExUnit.Callbacks`.
public final class TestSupervisor {

    /// `null` before the first test, see [#beforeTheFirstTest].
    private final @Nullable Life life;

    private int started;

    TestSupervisor(Life life) {
        this((@Nullable Life) life, 0);
    }

    private TestSupervisor(@Nullable Life life, int started) {
        this.life = life;
        this.started = started;
    }

    /// Returns the value of a field before the first test. It refuses every use.
    static TestSupervisor beforeTheFirstTest() {
        return new TestSupervisor(null, 0);
    }

    /// Returns the life of the test or the class, after a check that the caller may use it.
    private Life life() {
        if (life == null) {
            throw outsideOfATest("before the first test");
        }
        life.checkCaller();
        return life;
    }

    static IllegalStateException outsideOfATest(String when) {
        return new IllegalStateException(
                "expected a TestSupervisor to be used by a test, a @BeforeEach or an @AfterEach"
                        + " method, got: a use "
                        + when
                        + "; start what the tests need in a @BeforeEach method");
    }

    /// Returns whether the test has ended or has not begun.
    boolean hasEnded() {
        return life == null || life.hasEnded();
    }

    /// Starts a child and returns its pid. Blocks until the child is initialized. Source:
    /// `start_supervised!/2`.
    ///
    /// @param child the child; its id must be new in this test
    /// @param <G> what runs in the child
    /// @return a typed reference to the child, by its pid
    /// @throws StartException if the child did not start; the message has the reason, the cause is
    ///   what the child threw
    /// @throws IllegalStateException if the caller is not the test's process
    public <G> Server<G> startSupervised(ChildSpec<G> child) {
        Start<G> start = start(child);
        if (start instanceof Start.Ok<G> ok) {
            return ok.server();
        }
        throw ChildStart.failed(child, start);
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

    /// Starts a probe, which stands in for a server.
    ///
    /// @param type the class of that server
    /// @param options start options of the probe, such as its name
    /// @param <G> the class of that server
    /// @return the probe
    /// @throws StartException if the probe did not start, such as for a name that is taken
    /// @throws IllegalStateException if the caller is not the test's process
    public <G> Probe<G> startProbe(Class<G> type, StartOption... options) {
        return new Probe<>(this, type, options);
    }

    /// Starts a child, links it with the test and returns its pid. Blocks until the child is
    /// initialized. Source: `start_link_supervised!/2`.
    ///
    /// If the child ends with a reason other than `normal`, the test fails unless it traps exits.
    /// It does not matter who ended the child, unless [#stopSupervised] did. A child that is
    /// restarted is not linked again.
    ///
    /// @param child the child; its id must be new in this test
    /// @param <G> what runs in the child
    /// @return a typed reference to the child, by its pid
    /// @throws StartException if the child did not start, with the reason
    /// @throws ExitException with the reason `noproc` if the child ended before it could be linked
    /// @throws IllegalStateException if the caller is not the test's process
    public <G> Server<G> startLinkSupervised(ChildSpec<G> child) {
        if (life() instanceof ClassLife) {
            throw new IllegalStateException(
                    "expected startLinkSupervised to be called for a test, got: a call for a class;"
                            + " call startSupervised");
        }
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
        return life().supervisor();
    }

    // After the test

    /// Registers a function that runs after the test, when all supervised children are down. The
    /// functions run one after another on one process that is not the test's, the last one
    /// registered first. All run, also if the test or another function fails. The first failure
    /// fails the test. Each may take 60 s. Source: `on_exit/1`.
    ///
    /// @param callback the function
    /// @throws IllegalStateException if the caller is not the test's process
    public void onExit(Executable callback) {
        onExit(new Object(), callback);
    }

    /// Registers a function as [#onExit(Executable)] does. If there is a function of this name, the
    /// new one takes its place in the order. Source: `on_exit/2`.
    ///
    /// @param name the name
    /// @param callback the function
    /// @throws IllegalStateException if the caller is not the test's process
    public void onExit(Object name, Executable callback) {
        Objects.requireNonNull(name, "name");
        life().callbacks.add(name, Objects.requireNonNull(callback, "callback"));
    }

    // Crashes

    /// Declares that a process crashes in this test, before or after it does. When the test ends,
    /// it fails if the process has not crashed.
    ///
    /// A process crashes if it ends by what its code throws, or with a reason of its own that is
    /// not orderly, so that a [io.genserver.CrashReport] is made.
    ///
    /// @param process the process by its pid; or by its [io.genserver.Name], which covers all
    ///   processes that have the name, one after another; or by another name, which covers the one
    ///   that has the name now
    /// @throws IllegalStateException if the caller is not the test's process
    public void expectCrash(ProcessRef process) {
        expectCrash(process, Throwable.class);
    }

    /// Declares that a process crashes with an exception, as [#expectCrash(ProcessRef)] does.
    ///
    /// @param process the process by its pid or its name
    /// @param exception the type of the exception
    /// @throws IllegalStateException if the caller is not the test's process
    public void expectCrash(ProcessRef process, Class<? extends Throwable> exception) {
        Objects.requireNonNull(process, "process");
        life().expect(new ExpectedCrash(process, exception));
    }

    /// Declares that any process crashes with an exception, as [#expectCrash(ProcessRef)] does. It
    /// covers all crashes with this exception.
    ///
    /// @param exception the type of the exception
    /// @throws IllegalStateException if the caller is not the test's process
    public void expectCrash(Class<? extends Throwable> exception) {
        life().expect(new ExpectedCrash(null, exception));
    }

    /// Returns the crash reports of the test's processes so far, also those that were declared.
    ///
    /// @return the reports, the oldest first
    /// @throws IllegalStateException if the caller is not the test's process
    public List<CrashReport> crashReports() {
        return life().crashReports();
    }

    // Faults

    /// Kills a child of this supervisor. Waits up to 5 s until it is down, and then until the
    /// supervisor has reacted.
    ///
    /// @param id the child's id, [ChildSpec#id]
    /// @return the process that the supervisor has started in its place; empty if it has not
    /// @throws AssertionError if the child lives on, as with a kill that
    ///   [io.genserver.simulation.TestTime#disturb] delays
    /// @throws IllegalArgumentException if no child with that id runs
    /// @throws IllegalStateException if the caller is not the test's process
    public Optional<Pid> killChild(Object id) {
        return killChild(pid(), id);
    }

    /// Kills a child of any supervisor, as [#killChild(Object)] does.
    ///
    /// @param supervisor the supervisor
    /// @param id the child's id, [ChildSpec#id]
    /// @return the process that the supervisor has started in its place; empty if it has not
    /// @throws IllegalArgumentException if no child with that id runs
    /// @throws IllegalStateException if the caller is not the test's process
    public Optional<Pid> killChild(ProcessRef supervisor, Object id) {
        life();
        return Faults.kill(supervisor, id);
    }

    /// Ends a child of this supervisor, which must be a server, as if its code had thrown
    /// something: `terminate` runs, and the crash is reported. The crash counts as expected. Waits
    /// up to 5 s until the child is down and the supervisor has reacted.
    ///
    /// @param id the child's id, [ChildSpec#id]
    /// @param thrown what the child seems to throw
    /// @return the process that the supervisor has started in its place; empty if it has not
    /// @throws IllegalArgumentException if no child with that id runs
    /// @throws IllegalStateException if the caller is not the test's process
    public Optional<Pid> crashChild(Object id, Throwable thrown) {
        return crashChild(pid(), id, thrown);
    }

    /// Ends a child of any supervisor, as [#crashChild(Object, Throwable)] does.
    ///
    /// @param supervisor the supervisor
    /// @param id the child's id, [ChildSpec#id]
    /// @param thrown what the child seems to throw
    /// @return the process that the supervisor has started in its place; empty if it has not
    /// @throws IllegalArgumentException if no child with that id runs
    /// @throws IllegalStateException if the caller is not the test's process
    public Optional<Pid> crashChild(ProcessRef supervisor, Object id, Throwable thrown) {
        life();
        Pid child = Faults.child(supervisor, id);
        expectCrash(child, thrown.getClass());
        return Faults.crash(supervisor, id, child, thrown);
    }

    /// Makes a child of this supervisor stop handling messages, until [#resume]. The child must be
    /// a server. It can still be stopped. Source: `:sys.suspend/1`.
    ///
    /// @param id the child's id, [ChildSpec#id]
    /// @throws IllegalArgumentException if no child with that id runs
    /// @throws IllegalStateException if the caller is not the test's process
    public void suspend(Object id) {
        Sys.suspend(Faults.child(pid(), id));
    }

    /// Makes a suspended child handle its messages again. Source: `:sys.resume/1`.
    ///
    /// @param id the child's id, [ChildSpec#id]
    /// @throws IllegalArgumentException if no child with that id runs
    /// @throws IllegalStateException if the caller is not the test's process
    public void resume(Object id) {
        Sys.resume(Faults.child(pid(), id));
    }

    // What the processes of the test see

    /// Puts a value in the place of a global until the test ends. The test sees it, and so does
    /// every process of the test's own node. On a node that tests share, a process sees it if the
    /// test is its caller or its ancestor. Other tests do not see it.
    ///
    /// @param variable the global
    /// @param value the value, such as a fake clock
    /// @param <T> the type of the value
    /// @throws IllegalStateException if the caller is not the test's process
    public <T> void put(NodeLocal<T> variable, T value) {
        life().values.put(variable, value);
    }

    /// Lets another process, which the test has not started, see the values of [#put] until the
    /// test ends. Source: `NimbleOwnership.allow/4`.
    ///
    /// @param process the process
    /// @throws IllegalStateException if the caller is not the test's process
    /// @throws io.genserver.ExitException with `noproc` if no process has the name
    public void allow(ProcessRef process) {
        life().values
                .allow(
                        GenServer.whereis(process)
                                .orElseThrow(() -> new ExitException(ExitReason.NOPROC)));
    }

    /// Returns what the processes of the test have logged so far, and what those of its class have
    /// logged since the test began. Source: `capture_log/1`.
    ///
    /// If slf4j logs with logback, these are the lines that the levels of the loggers let pass, up
    /// to the last 10,000. Each has its level, its logger and its message, and the exception as
    /// text. With another library these are the crash reports.
    ///
    /// @return the lines, the oldest first
    /// @throws IllegalStateException if the caller is not the test's process
    public List<String> capturedLog() {
        return life().log();
    }
}
