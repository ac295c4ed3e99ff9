package io.genserver.spring;

import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorSnapshot;
import io.genserver.supervisor.SupervisorSnapshot.ChildSnapshot;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/// Shows the supervision tree: `GET /actuator/genserver`. Like every endpoint but `health`, it has
/// to be exposed with `management.endpoints.web.exposure.include`.
///
/// It calls no process, so it never waits for a supervisor. It changes nothing, and shows no state,
/// no message and no exit reason. The children of dynamic and keyed supervisors are only counted,
/// because they may be many, and their ids may be names of customers.
@Endpoint(id = "genserver", defaultAccess = Access.READ_ONLY)
public final class GenServerEndpoint {

    private final SupervisionTree tree;

    GenServerEndpoint(SupervisionTree tree) {
        this.tree = tree;
    }

    /// What the tree is doing.
    public enum Status {
        /// It runs.
        RUNNING,
        /// It has not been started, or has been stopped.
        STOPPED,
        /// The root supervisor has given up.
        ENDED
    }

    /// The tree.
    ///
    /// @param node the name of the node
    /// @param status what the tree is doing
    /// @param root the root supervisor; null if it does not run
    public record Tree(String node, Status status, @Nullable TreeProcess root) {}

    /// A process of the tree.
    ///
    /// @param id its id as a child
    /// @param pid its pid; null if it does not run
    /// @param restarting whether it waits for a restart
    /// @param ends how often it has ended without being told to
    /// @param mailbox how many messages are in its mailbox
    /// @param supervised its children; null if it is not a supervisor, or does not run
    public record TreeProcess(
            String id,
            @Nullable String pid,
            boolean restarting,
            int ends,
            int mailbox,
            @Nullable Supervised supervised) {}

    /// The children of a supervisor.
    ///
    /// @param size how many there are
    /// @param restarts how many restarts there have been since the start of the supervisor
    /// @param children the children in the order of their start; empty for a dynamic and a keyed
    ///   supervisor
    public record Supervised(int size, long restarts, List<TreeProcess> children) {}

    /// Returns the tree.
    ///
    /// @return the tree
    @ReadOperation
    public Tree tree() {
        TreeRun run = tree.run();
        String node = tree.node().name();
        if (run == null || !run.isRunning()) {
            return new Tree(node, run == null ? Status.STOPPED : Status.ENDED, null);
        }
        TreeProcess root = process(TreeRun.NAME.name(), Optional.of(run.root()), false, 0);
        return new Tree(node, Status.RUNNING, root);
    }

    private TreeProcess process(String id, Optional<Pid> pid, boolean restarting, int ends) {
        // Nothing is asked about a process of another node, because that would have to wait.
        Optional<Pid> here = pid.filter(each -> each.node().equals(tree.node().name()));
        return new TreeProcess(
                id,
                pid.map(Pid::toString).orElse(null),
                restarting,
                ends,
                here.map(process -> Processes.mailboxLength(process).orElse(0)).orElse(0),
                here.flatMap(Supervisor::snapshot).map(this::supervised).orElse(null));
    }

    private Supervised supervised(SupervisorSnapshot snapshot) {
        return new Supervised(
                snapshot.size(),
                snapshot.restarts(),
                snapshot.children().stream().map(this::child).toList());
    }

    private TreeProcess child(ChildSnapshot child) {
        String id = ChildBean.text(child.id());
        return process(id, child.pid(), child.restarting(), child.ends());
    }
}
