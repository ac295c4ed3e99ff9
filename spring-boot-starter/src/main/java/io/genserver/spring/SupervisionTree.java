package io.genserver.spring;

import io.genserver.ExitReason;
import io.genserver.Node;
import io.genserver.Server;
import io.genserver.supervisor.Supervisor;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.LivenessState;
import org.springframework.context.ApplicationListener;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.SmartLifecycle;

/// The supervision tree of an application context.
///
/// ## When it starts and stops
///
/// It starts when all beans have been created, before the web server takes requests and before
/// message listeners run. It stops after them. A request that is being answered when the
/// application is told to stop still finds its servers, because Spring Boot lets the web server
/// finish its requests first. See [#PHASE].
///
/// The children stop in the reverse order of their start. What takes longer than
/// `genserver.shutdown-timeout` is killed.
///
/// ## Pause
///
/// The tree can be paused. Spring's test framework pauses a context that no test uses, so the
/// timers of its servers do not fire while other tests run. When the context goes on, the tree
/// starts again with fresh state.
public final class SupervisionTree
        implements SmartLifecycle, ApplicationListener<AvailabilityChangeEvent<LivenessState>> {

    /// The phase of the lifecycle: 1,024 below the phase in which a web server starts and stops.
    /// Beans of a higher phase may use the tree while they run. Beans that the servers need while
    /// they run have a lower phase, such as the 0 of a bean that implements `Lifecycle` only.
    public static final int PHASE = DEFAULT_PHASE - 3 * 1024;

    private static final Logger log = LoggerFactory.getLogger(SupervisionTree.class);

    private final Node node;
    private final Children children;
    private final GenServerProperties properties;
    private final ConfigurableApplicationContext context;

    /// The current run; null while the tree is stopped. Written by the thread that starts or stops
    /// the tree, read by any thread.
    private volatile @Nullable TreeRun run;

    /// Whether the liveness of the application is broken because the tree has ended. Written and
    /// read by any thread.
    private volatile boolean broken;

    SupervisionTree(
            Node node,
            Children children,
            GenServerProperties properties,
            ConfigurableApplicationContext context) {
        this.node = node;
        this.children = children;
        this.properties = properties;
        this.context = context;
    }

    /// Returns the node that the tree runs on.
    ///
    /// @return the node
    public Node node() {
        return node;
    }

    /// Returns the root supervisor, whose children are the beans.
    ///
    /// @return a reference that is valid whether or not the tree runs
    public Server<Supervisor> supervisor() {
        return Server.of(TreeRun.NAME, Supervisor.class).on(node);
    }

    /// Starts the tree if it does not run. Blocks until the `init` of each child has returned.
    ///
    /// @throws TreeStartException if a child does not start, or two have the same id
    @Override
    public void start() {
        TreeRun before = run;
        if (before != null && before.isRunning()) {
            return;
        }
        long begin = System.nanoTime();
        children.clear();
        List<ChildBean> all = children.list();
        TreeRun started = TreeRun.start(node, children, all, properties.flags());
        run = started;
        log.info(
                "started {} on node {} in {} ms: {}",
                all.size() == 1 ? "1 child" : all.size() + " children",
                node.name(),
                (System.nanoTime() - begin) / 1_000_000,
                all.stream().map(ChildBean::bean).collect(Collectors.joining(", ")));
        if (broken) {
            broken = false;
            AvailabilityChangeEvent.publish(context, LivenessState.CORRECT);
        }
        started.onEnd(reason -> ended(started, reason));
    }

    private void ended(TreeRun ended, ExitReason reason) {
        log.error(
                "the supervision tree on node {} has ended: {}; genserver.on-give-up = {}",
                node.name(),
                ended.gaveUp()
                        .map(end ->
                                "it would have needed more than %s restarts in %s, the last one of the child %s: %s"
                                        .formatted(
                                                properties.maxRestarts(),
                                                properties.maxSeconds(),
                                                ChildBean.text(end.child()),
                                                end.reason()))
                        .orElseGet(reason::toString),
                properties.onGiveUp());
        switch (properties.onGiveUp()) {
            case HEALTH -> {
                broken = true;
                AvailabilityChangeEvent.publish(context, LivenessState.BROKEN);
            }
            case CLOSE -> inNewThread(context::close);
            case EXIT -> inNewThread(() -> System.exit(SpringApplication.exit(context, () -> 1)));
        }
    }

    /// Repeats that the tree has ended. Spring Boot says that the application lives when it has
    /// started, even if the tree has ended before.
    @Override
    public void onApplicationEvent(AvailabilityChangeEvent<LivenessState> event) {
        if (broken && event.getState() == LivenessState.CORRECT) {
            AvailabilityChangeEvent.publish(context, LivenessState.BROKEN);
        }
    }

    /// A platform thread, which keeps the JVM running until the context is closed.
    private static void inNewThread(Runnable end) {
        Thread.ofPlatform().name("genserver-give-up").start(end);
    }

    /// Stops the tree if it runs. Blocks for at most `genserver.shutdown-timeout`.
    @Override
    public void stop() {
        TreeRun current = run;
        if (current == null) {
            return;
        }
        long begin = System.nanoTime();
        current.stop(properties.shutdownTimeout());
        run = null;
        children.clear();
        log.info(
                "stopped the supervision tree on node {} in {} ms",
                node.name(),
                (System.nanoTime() - begin) / 1_000_000);
    }

    /// Returns whether the tree runs. It does not if the root supervisor has given up.
    @Override
    public boolean isRunning() {
        TreeRun current = run;
        return current != null && current.isRunning();
    }

    @Override
    public int getPhase() {
        return PHASE;
    }

    /// Returns true, because the servers of a context that nobody uses must not go on working.
    @Override
    public boolean isPauseable() {
        return true;
    }

    /// Returns the current run; null while the tree is stopped.
    @Nullable TreeRun run() {
        return run;
    }

    Children children() {
        return children;
    }
}
