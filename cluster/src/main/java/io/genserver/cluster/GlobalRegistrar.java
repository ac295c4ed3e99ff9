package io.genserver.cluster;

import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.MultiCall;
import io.genserver.Node;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.ServerRef;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The server that registers the names of [Global]. Each node has one, and the one of the node with
/// the smallest name is at work. It registers one name after another: it asks the servers of all
/// connected nodes to accept the name, and takes it back if one of them knows another process.
final class GlobalRegistrar implements GenServer<Ok, Ok, GlobalRegistrar.Register, Object> {

    /// Its name on each node.
    static final String NAME = "global_registrar";

    /// How long a node may take to accept a name.
    private static final Duration LIMIT = Duration.ofSeconds(5);

    /// What has become of a registration.
    enum Answer {
        REGISTERED,
        TAKEN,
        NO_QUORUM,
        /// The node does not register names, or the nodes have changed on the way.
        TRY_AGAIN
    }

    /// Asks to register a name.
    record Register(Object name, Pid process) implements Call<Answer> {}

    @Override
    public Init<Ok> init(Ok nothing) {
        return Init.ok(nothing);
    }

    @Override
    public CallResult<Ok> handleCall(Register request, From from, Ok state) {
        return CallResult.reply(request, register(request), state);
    }

    private static Answer register(Register request) {
        if (!Global.registrar().equals(Node.current().name())) {
            return Answer.TRY_AGAIN;
        }
        if (!Cluster.hasQuorum()) {
            return Answer.NO_QUORUM;
        }
        Pid known = Global.whereis(request.name()).orElse(null);
        if (known != null && !known.equals(request.process())) {
            return Answer.TAKEN;
        }
        List<String> nodes = new ArrayList<>(Cluster.nodes());
        nodes.add(Node.current().name());
        if (!nodes.contains(request.process().node())) {
            return Answer.TRY_AGAIN; // its own node has to know the name
        }
        MultiCall<Pid> accepted =
                GenServer.multiCall(
                        nodes.stream().map(node -> ServerRef.name(GlobalNames.NAME, node)).toList(),
                        new GlobalNames.Accept(request.name(), request.process()),
                        LIMIT);
        boolean everywhere =
                accepted.replies().values().stream().allMatch(request.process()::equals);
        boolean answered =
                accepted.failed().values().stream()
                        .allMatch(why -> why instanceof ExitReason.NodeDown);
        if (everywhere && answered && Cluster.hasQuorum()) {
            return Answer.REGISTERED;
        }
        if (known == null) { // who has accepted the process forgets it; the others do nothing
            GenServer.abcast(
                    accepted.replies().keySet(),
                    new GlobalNames.News.Free(request.name(), request.process()));
        }
        return everywhere ? Answer.TRY_AGAIN : Answer.TAKEN;
    }
}
