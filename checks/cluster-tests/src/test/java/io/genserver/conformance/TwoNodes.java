package io.genserver.conformance;

import static io.genserver.CallResult.replyUntyped;
import static org.awaitility.Awaitility.await;

import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Node;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.cluster.Cluster;
import io.genserver.cluster.ClusterOptions;
import io.genserver.cluster.PayloadTypes;
import io.genserver.cluster.engine.Engine;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Spreads the processes of scenarios over two nodes of this JVM that are in a cluster. The driver
/// and the supervisors live on the first one, and half of the probes on the second one.
final class TwoNodes implements Stage, AutoCloseable {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final String HELPER = "helper";
    private static final String NOPROC = "exit:noproc";
    private static final List<String> NAMES = List.of("a@test", "b@test");

    private final List<Node> nodes = new ArrayList<>();
    private final List<Cluster> clusters = new ArrayList<>();

    /// The pids as the node knows them that is not their own.
    private final Map<Pid, Pid> views = new ConcurrentHashMap<>();

    /// Runs functions on its node. What crosses is the number of the function and its result.
    private static final class Helper implements GenServer<Ok, Ok, Probe.Do, Object> {
        @Override
        public Init<Ok> init(Ok argument) {
            Processes.trapExits(true);
            return Init.ok(argument);
        }

        @Override
        public CallResult<Ok> handleCall(Probe.Do request, From from, Ok state) {
            return replyUntyped(request.run(), state);
        }

        /// Gets the exit signals of probes that end before their links are removed.
        @Override
        public CastResult<Ok> handleInfo(Object message, Ok state) {
            return CastResult.noreply(state);
        }
    }

    /// Starts the nodes and connects them.
    static TwoNodes start(Engine first, Engine second) throws IOException {
        TwoNodes started = new TwoNodes();
        started.join(NAMES.getFirst(), first);
        started.join(NAMES.getLast(), second);
        for (Node node : started.nodes) {
            await().atMost(LONG).until(() -> node.call(Cluster::nodes).size() == 1);
        }
        return started;
    }

    private void join(String name, Engine engine) throws IOException {
        ClusterOptions options =
                ClusterOptions.named(name)
                        .withCookie("a secret of this test")
                        .withTypes(PayloadTypes.of(Probe.Do.class));
        Node node = Node.start(name);
        nodes.add(node);
        clusters.add(node.call(() -> Cluster.start(options, engine)));
        node.run(() -> GenServer.start(Helper::new, Ok.OK, StartOption.name(HELPER)).pid());
    }

    Node first() {
        return nodes.getFirst();
    }

    /// Returns the node of a probe or of a name.
    private static String home(String of) {
        return NAMES.get(of.hashCode() & 1);
    }

    private static boolean isHere(String node) {
        return Node.current().name().equals(node);
    }

    private static Object runOn(String node, Supplier<Object> function) {
        return GenServer.callUntyped(ServerRef.name(HELPER, node), Probe.Do.of(function), LONG);
    }

    @Override
    public Pid seen(Pid pid) {
        return isHere(pid.node())
                ? pid
                : views.computeIfAbsent(pid, _ -> (Pid) runOn(pid.node(), () -> pid));
    }

    /// A probe with a name starts on the node of that name.
    @Override
    public Start<?> start(
            boolean link, Probe.Argument argument, Optional<String> name, StartOption... mode) {
        String node = home(name.orElse(argument.id()));
        if (isHere(node)) {
            return Stage.super.start(link, argument, name, mode);
        }
        Supplier<Start<?>> start =
                link
                        ? linkedTo(Processes.self(), argument, mode)
                        : () -> GenServer.start(Probe::new, argument, mode);
        return switch (runOn(node, () -> outcome(start.get()))) {
            case Pid pid -> {
                if (link) {
                    Processes.link(pid);
                }
                yield new Start.Ok<>(pid);
            }
            case ExitReason reason -> new Start.Failed<>(reason);
            default -> new Start.Ignore<>();
        };
    }

    /// The helper is the parent of a probe that is to have one, because a server without a parent
    /// ends when it sends itself an exit signal.
    private static Supplier<Start<?>> linkedTo(
            Pid parent, Probe.Argument argument, StartOption... mode) {
        return () -> {
            Start<?> start = GenServer.startLink(Probe::new, argument.withFarParent(parent), mode);
            if (start instanceof Start.Ok(Pid pid)) {
                Processes.unlink(pid);
            }
            return start;
        };
    }

    private static Object outcome(Start<?> start) {
        return switch (start) {
            case Start.Ok(Pid pid) -> pid;
            case Start.Ignore<?> _ -> Ok.OK;
            case Start.Failed(ExitReason reason) -> reason;
        };
    }

    @Override
    public ServerRef named(String name) {
        return ServerRef.name(name, home(name));
    }

    /// The signals between two nodes arrive in order, so what was sent before these calls and their
    /// replies has arrived when they return.
    @Override
    public void settle() {
        Object _ = runOn(NAMES.getLast(), () -> Ok.OK);
    }

    /// Accepts two differences:
    ///
    /// - A process that links itself to a dead process of another node cannot be told at once. It
    ///   gets an exit signal later, and if it does not trap exits, it dies without a `terminate`.
    ///   On one node, [Processes#link] throws.
    /// - A dynamic supervisor shuts its children down all at once. Those of different nodes end in
    ///   any order.
    @Override
    public boolean accepts(
            Scenario scenario, Scenario.Step step, ObjectNode seen, Journal journal) {
        boolean dynamic =
                scenario.steps().getFirst().action().path("kind").asString("").equals("dynamic");
        return seen.equals(step.expected())
                || (dynamic
                        && nodeByNode(seen, journal).equals(nodeByNode(step.expected(), journal)))
                || (isLinkToFarProcess(step.action(), journal)
                        && step.expected().get("result").asString().equals(NOPROC)
                        && isToldLater(step, seen));
    }

    /// Returns what was seen with the events of one node after those of the other.
    private static ObjectNode nodeByNode(JsonNode seen, Journal journal) {
        List<String> events = new ArrayList<>();
        seen.get("events").forEach(event -> events.add(event.asString()));
        events.sort(
                Comparator.comparing(event ->
                        Optional.ofNullable(journal.pid(event.split(" ", 2)[0]))
                                .map(Pid::node)
                                .orElse("")));
        ObjectNode sorted = (ObjectNode) seen.deepCopy();
        events.forEach(sorted.putArray("events")::add);
        return sorted;
    }

    private static boolean isLinkToFarProcess(JsonNode action, Journal journal) {
        if (!action.get("op").asString().equals("link")) {
            return false;
        }
        Pid by = journal.pid(action.get("by").asString());
        Pid to = journal.pid(action.get("to").asString());
        return by != null && to != null && !by.node().equals(to.node());
    }

    private static boolean isToldLater(Scenario.Step step, ObjectNode seen) {
        ObjectNode expected = (ObjectNode) step.expected().deepCopy();
        ((ObjectNode) expected.get("events")).remove(step.action().get("by").asString());
        String result = seen.get("result").asString(); // the signal may be faster than the reply
        expected.put("result", result);
        return seen.equals(expected) && List.of("ok", NOPROC).contains(result);
    }

    @Override
    public void close() {
        clusters.forEach(Cluster::close);
        nodes.forEach(Node::close);
    }
}
