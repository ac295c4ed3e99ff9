package io.genserver.test;

import io.genserver.Attachment;
import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.Match;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.Start;
import io.genserver.StartException;
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
/// Given to tests by [GenServerExtension]; to be used by the test's own thread only.
///
/// Source: `ExUnit.Callbacks`.
public final class TestSupervisor {

    private static final Duration STOP_LIMIT = Duration.ofSeconds(60);

    private final Attachment test;
    private @Nullable Pid supervisor;
    private int started;

    TestSupervisor(Attachment test) {
        this.test = test;
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

    /// Starts a child that must start, and links it with the test: if it crashes, the test fails,
    /// unless it traps exits. Source: `start_link_supervised!/2`.
    ///
    /// @param child the child; its id must be new in this test
    /// @return its pid
    /// @throws StartException if it did not start, with the reason
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

    /// Stops a child before the test ends, and forgets it. Source: `stop_supervised!/1`.
    ///
    /// @param id the child's id, [ChildSpec#id]
    /// @throws IllegalArgumentException if there is no child of that id
    /// @throws IllegalStateException if the caller is not the test's process
    public void stopSupervised(Object id) {
        unlink(id);
        Optional<ChildError> problem = Supervisor.terminateChild(pid(), id);
        if (problem.isPresent()) {
            throw new IllegalArgumentException(
                    "expected the id of a child started by this test, got: " + id);
        }
        Supervisor.deleteChild(pid(), id); // a temporary one is gone already
    }

    private void unlink(Object id) {
        Supervisor.whichChildren(pid()).stream()
                .filter(child -> child.id().equals(id))
                .flatMap(child -> child.pid().stream())
                .forEach(Processes::unlink);
    }

    /// The supervisor itself; started when it is first needed.
    ///
    /// @return its pid
    /// @throws IllegalStateException if the caller is not the test's process
    public Pid pid() {
        if (!Processes.self().equals(test.pid())) {
            throw new IllegalStateException(
                    "expected to be called by the test's own process "
                            + test.pid()
                            + ", got: "
                            + Processes.self());
        }
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

    /// Ends the test's process and waits until everything it started is down.
    ///
    /// @return the exit signal that had ended the test's process before, or null
    @Nullable ExitReason end() {
        ExitReason killedBy = reasonOfDeath();
        test.close(ExitReason.SHUTDOWN); // reaches the supervisor, whose parent the test is
        if (supervisor != null) {
            awaitEnd(supervisor);
        }
        return killedBy;
    }

    private @Nullable ExitReason reasonOfDeath() {
        try {
            Processes.self();
            return null;
        } catch (io.genserver.ExitException dead) {
            return dead.reason();
        }
    }

    private static void awaitEnd(Pid supervisor) {
        try (Attachment cleaner = Processes.attach()) {
            Ref monitor = Processes.monitor(supervisor);
            Optional<Down> down =
                    Processes.receive(
                            Match.type(Down.class, end -> end.ref().equals(monitor)), STOP_LIMIT);
            if (down.isEmpty()) {
                Processes.exit(supervisor, ExitReason.KILL);
                throw new AssertionError(
                        "expected everything the test started to stop within "
                                + STOP_LIMIT
                                + ", seen by "
                                + cleaner.pid()
                                + "; killed it");
            }
        }
    }
}
