package io.genserver.spring;

import io.genserver.CallException;
import io.genserver.ExitReason;
import io.genserver.Name;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.ProcessInfo;
import io.genserver.Processes;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.supervisor.FailedToStartChild;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorEvent.GaveUp;
import io.genserver.supervisor.SupervisorFlags;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One run of the tree, from a start to a stop.
final class TreeRun {

    /// The name of the root supervisor.
    static final Name NAME = new Name("ApplicationSupervisor");

    private static final Logger log = LoggerFactory.getLogger(SupervisionTree.class);

    private final Node node;
    private final Pid root;

    /// Set by the root supervisor, read by any thread.
    private final AtomicReference<@Nullable GaveUp> gaveUp;

    /// Written by the thread that stops the tree, read by any thread.
    private volatile boolean stopping;

    private TreeRun(Node node, Pid root, AtomicReference<@Nullable GaveUp> gaveUp) {
        this.node = node;
        this.root = root;
        this.gaveUp = gaveUp;
    }

    /// Starts the tree on a node.
    ///
    /// @throws TreeStartException if a child does not start
    static TreeRun start(
            Node node, Children beans, List<ChildBean> children, SupervisorFlags flags) {
        AtomicReference<@Nullable GaveUp> gaveUp = new AtomicReference<>();
        SupervisorFlags heard =
                flags.withListener(event -> {
                    if (event instanceof GaveUp end) {
                        gaveUp.set(end);
                    }
                });
        Start<Supervisor> start =
                node.call(() ->
                        Supervisor.start(
                                children.stream().map(ChildBean::spec).toList(),
                                heard,
                                StartOption.name(NAME.name())));
        if (start instanceof Start.Failed(ExitReason reason)) {
            throw failure(beans, children, reason);
        }
        return new TreeRun(node, start.pid(), gaveUp);
    }

    private static TreeStartException failure(
            Children beans, List<ChildBean> children, ExitReason reason) {
        if (reason instanceof ExitReason.Shutdown(FailedToStartChild(Object id, ExitReason why))) {
            Optional<String> bean =
                    children.stream()
                            .filter(child -> child.spec().id().equals(id))
                            .map(ChildBean::bean)
                            .findAny();
            if (bean.isPresent()) {
                String child = beans.describe(bean.get());
                return why instanceof ExitReason.AlreadyStarted
                        ? TreeStartException.nameIsTaken(child, beans.holder(bean.get()))
                        : TreeStartException.ofChild(child, why);
            }
        }
        return TreeStartException.ofTree(reason);
    }

    Pid root() {
        return root;
    }

    boolean isRunning() {
        return Processes.isAlive(root);
    }

    /// Calls a function if the tree ends without having been stopped.
    void onEnd(Consumer<ExitReason> function) {
        var _ =
                Processes.exitOf(root)
                        .whenComplete((reason, _) -> {
                            if (!stopping) {
                                function.accept(reason);
                            }
                        })
                        .whenComplete((_, failed) -> {
                            if (failed != null) {
                                log.error("cannot react to the end of the tree", failed);
                            }
                        });
    }

    /// Returns which child needed one restart too many; empty if there is none.
    Optional<GaveUp> gaveUp() {
        return Optional.ofNullable(gaveUp.get());
    }

    /// Stops the tree. Kills what has not stopped within the limit.
    void stop(Duration limit) {
        stopping = true;
        try {
            Supervisor.stop(root, ExitReason.SHUTDOWN, limit);
        } catch (CallException failed) {
            if (isRunning()) {
                node.run(() -> kill(failed));
            } // else it has ended by itself
        }
    }

    private void kill(CallException failed) {
        List<ProcessInfo> left =
                Processes.list().stream()
                        .map(Processes::info)
                        .flatMap(Optional::stream)
                        .filter(process -> process.ancestors().contains(NAME))
                        .toList();
        log.warn(
                "the supervision tree on node {} is killed, because it did not stop in time ({});"
                        + " still running: {}",
                node.name(),
                failed.serverReason(),
                left.stream().map(TreeRun::describe).collect(Collectors.joining(", ")));
        Processes.exit(root, ExitReason.KILL); // first, so that it restarts nothing
        left.forEach(process -> Processes.exit(process.pid(), ExitReason.KILL));
    }

    private static String describe(ProcessInfo process) {
        return process.registeredName().map(name -> name + " ").orElse("")
                + process.pid()
                + " ("
                + process.initialCall()
                + ")";
    }
}
