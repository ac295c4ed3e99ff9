package demo;

import io.genserver.*;
import io.genserver.cluster.*;
import io.genserver.cluster.jgroups.JGroupsEngine;
import io.genserver.supervisor.*;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// One node of the cluster: a counter, and a second one that the whole cluster has once.
///
/// @param arguments what the node was started with
/// @param report gets a line for each event
/// @param cluster holds the cluster while the node is in it
record DemoNode(
        NodeArguments arguments,
        Consumer<String> report,
        AtomicReference<@Nullable Cluster> cluster)
        implements Application {

    static final String SINGLETON = "singleton";

    /// All types that cross to other nodes, beside those that always may.
    static final PayloadTypes TYPES = PayloadTypes.of(Counter.Add.class, Referee.Numbered.class);

    DemoNode(NodeArguments arguments, Consumer<String> report) {
        this(arguments, report, new AtomicReference<>());
    }

    @Override
    public String name() {
        return "node";
    }

    @Override
    public Start<Supervisor> start(Configuration configuration) throws IOException {
        cluster.set(Cluster.start(options(), new JGroupsEngine(arguments.engine())));
        return Supervisor.startLink(
                List.of(
                        server(Counter.NAME, Counter::new),
                        server("witness", () -> new Witness(report)),
                        server(Referee.NAME, Referee::new),
                        ClusterSingleton.childSpec(SINGLETON, DemoNode::startSingleton)),
                SupervisorFlags.of(Strategy.ONE_FOR_ONE)
                        .withMaxRestarts(100, Duration.ofSeconds(10))); // people kill counters
    }

    private ClusterOptions options() throws IOException {
        return ClusterOptions.named(arguments.name())
                .withCookies(arguments.cookies())
                .withTypes(TYPES)
                .withServer(Counter.NAME, Counter::new)
                .withExpectedNodes(arguments.expectedNodes())
                .withTickTime(arguments.tickTime());
    }

    private static <G extends CallServer<?, ?>> ChildSpec<G> server(
            String name, Supplier<? extends G> server) {
        return ChildSpec.worker(
                name, () -> CallServer.<G>startLink(server, StartOption.name(name)));
    }

    private static Start<Counter> startSingleton() {
        return CallServer.startLink(Counter::new, StartOption.name(Global.via(SINGLETON)));
    }

    @Override
    public void stop() {
        Cluster running = cluster.get();
        if (running != null) {
            running.close();
        }
    }
}
