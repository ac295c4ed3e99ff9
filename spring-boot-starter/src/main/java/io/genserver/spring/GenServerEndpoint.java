package io.genserver.spring;

import io.genserver.supervisor.ChildCount;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;

/// Shows the supervision tree: `GET /actuator/genserver`. Like every endpoint but `health`, it has
/// to be exposed with `management.endpoints.web.exposure.include`.
///
/// It shows no state and no message, and changes nothing. The children of dynamic and keyed
/// supervisors are only counted, because their ids may be names of customers. A supervisor that
/// does not answer, because it is starting a child, is shown as busy. The answer takes at most half
/// a second.
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
    /// @param supervisor the root supervisor; null if it does not run
    public record Tree(String node, Status status, @Nullable TreeProcess supervisor) {}

    /// A process of the tree.
    ///
    /// @param id its id as a child
    /// @param pid its pid; null if it does not run
    /// @param restarting whether it waits for a restart
    /// @param mailbox how many messages are in its mailbox
    /// @param busy whether it is a supervisor that did not answer in time
    /// @param counts how many children it has; null if it is not a supervisor, does not run or is
    ///   busy
    /// @param children its children in the order of their start; null if they are not shown
    public record TreeProcess(
            String id,
            @Nullable String pid,
            boolean restarting,
            int mailbox,
            boolean busy,
            @Nullable ChildCount counts,
            @Nullable List<TreeProcess> children) {}

    /// Returns the tree. Blocks for at most half a second.
    ///
    /// @return the tree
    @ReadOperation
    public Tree tree() {
        TreeRun run = tree.run();
        if (run == null || !run.isRunning()) {
            Status status = run == null ? Status.STOPPED : Status.ENDED;
            return new Tree(tree.node().name(), status, null);
        }
        TreeProcess root = new TreeView().supervisor(TreeRun.NAME.name(), run.root());
        return new Tree(tree.node().name(), Status.RUNNING, root);
    }
}
