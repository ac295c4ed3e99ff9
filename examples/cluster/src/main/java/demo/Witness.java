package demo;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;

import io.genserver.*;
import io.genserver.cluster.*;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/// Reports what happens to nodes, and to the processes and groups that it was asked to watch.
///
/// @param report gets a line for each event
record Witness(Consumer<String> report)
        implements CallServer<Map<Object, String>, Witness.Request> {

    static final Server<Witness> SERVER = Server.named("witness", Witness.class);

    sealed interface Request extends Call<Ok> {}

    /// @param label how the report names the process
    record Monitor(Pid process, String label) implements Request {}

    /// @param label how the report names the process
    record Link(Pid process, String label) implements Request {}

    record Group(String name) implements Request {}

    /// The state holds the labels, by monitor or linked process, and the connected nodes. Nodes
    /// that were connected before this server began to listen are reported, too.
    @Override
    public Init<Map<Object, String>> init() {
        Processes.trapExits(true);
        Cluster.monitorNodes(true);
        Map<Object, String> labels = new HashMap<>();
        Cluster.nodes().forEach(node -> up(node, labels));
        return Init.ok(labels);
    }

    @Override
    public CallResult<Map<Object, String>> handleCall(
            Request request, From from, Map<Object, String> labels) {
        switch (request) {
            case Monitor(Pid process, String label) ->
                    labels.put(Processes.monitor(process), label);
            case Link(Pid process, String label) -> {
                labels.put(process, label);
                Processes.link(process);
            }
            case Group(String name) -> {
                if (!labels.containsValue(name)) {
                    labels.put(ProcessGroups.monitor(name).monitor(), name);
                }
            }
        }
        return reply(request, Ok.OK, labels);
    }

    @Override
    public CastResult<Map<Object, String>> handleInfo(Object message, Map<Object, String> labels)
            throws Exception {
        switch (message) {
            case NodeUp(String node) -> up(node, labels);
            case NodeDown(String node) -> {
                if (labels.remove(node) != null) {
                    report.accept("node " + node + " is down");
                }
            }
            case Down(Ref monitor, var _, ExitReason reason) ->
                    report.accept("monitor of " + label(labels, monitor) + " fired: " + reason);
            case Exit(Pid process, ExitReason reason) ->
                    report.accept("link to " + label(labels, process) + " broke: " + reason);
            case ProcessGroups.Joined(var _, var group, var processes) ->
                    processes.forEach(one -> report.accept("group " + group + ": + " + on(one)));
            case ProcessGroups.Left(var _, var group, var processes) ->
                    processes.forEach(one -> report.accept("group " + group + ": - " + on(one)));
            default -> {
                return CallServer.super.handleInfo(message, labels);
            }
        }
        return noreply(labels);
    }

    private void up(String node, Map<Object, String> labels) {
        if (labels.put(node, "") == null) {
            report.accept("node " + node + " is up");
        }
    }

    /// Takes the label away, because a monitor and a link fire once.
    private static String label(Map<Object, String> labels, Object key) {
        return Objects.requireNonNullElse(labels.remove(key), "nothing that was asked for");
    }

    /// Returns a pid as each node prints it. The first number of a pid is another one on each node.
    static String on(Pid process) {
        return process.toString().replaceFirst("#PID<\\d+\\.", "<") + " on " + process.node();
    }
}
