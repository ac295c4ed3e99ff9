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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The server that registers the names of [Global]. Each node has one, and the one of the node with
/// the smallest name is at work. It registers one name after another: it asks the servers of all
/// connected nodes to accept the name, and takes it back if one of them knows another process.
///
/// The node of the process is asked last. What it tells the others of the name therefore arrives
/// after they have accepted it.
final class GlobalRegistrar implements GenServer<Ok, Ok, GlobalRegistrar.Register, Object> {

    /// Its name on each node.
    static final String NAME = "global_registrar";

    private static final Logger LOG = LoggerFactory.getLogger("io.genserver.cluster");

    /// How long a node may take to accept a name.
    private static final Duration LIMIT = Duration.ofSeconds(5);

    /// What has become of a registration.
    enum Answer {
        REGISTERED,
        TAKEN,
        NO_QUORUM,
        /// A node cannot take the name.
        REFUSED,
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
        String own = request.process().node();
        List<String> nodes = new ArrayList<>(Cluster.nodes());
        nodes.add(Node.current().name());
        if (!nodes.remove(own)) {
            return Answer.TRY_AGAIN; // its own node has to know the name
        }
        Answer answer = accept(nodes, request);
        if (answer == Answer.REGISTERED) {
            answer = accept(List.of(own), request);
        }
        if (answer == Answer.REGISTERED && !Cluster.hasQuorum()) {
            answer = Answer.TRY_AGAIN;
        }
        if (answer != Answer.REGISTERED && known == null) {
            // Who has accepted the process forgets it, also if it accepts it later.
            nodes.add(own);
            nodes.forEach(node -> takeBack(node, request));
        }
        return answer;
    }

    private static Answer accept(List<String> nodes, Register request) {
        MultiCall<Pid> accepted;
        try {
            accepted =
                    GenServer.multiCall(
                            nodes.stream()
                                    .map(node -> ServerRef.name(GlobalNames.NAME, node))
                                    .toList(),
                            new GlobalNames.Accept(request.name(), request.process()),
                            LIMIT);
        } catch (IllegalArgumentException refused) {
            LOG.error("cannot register {}: {}", request.name(), refused.getMessage());
            return Answer.REFUSED;
        }
        if (!accepted.replies().values().stream().allMatch(request.process()::equals)) {
            return Answer.TAKEN;
        }
        boolean answered =
                accepted.failed().values().stream()
                        .allMatch(why -> why instanceof ExitReason.NodeDown);
        return answered ? Answer.REGISTERED : Answer.TRY_AGAIN;
    }

    private static void takeBack(String node, Register request) {
        GlobalNames.News free = new GlobalNames.News.Free(request.name(), request.process());
        if (node.equals(Node.current().name())) {
            GenServer.cast(ServerRef.name(GlobalNames.NAME), free);
        } else {
            Cluster.tell(node, GlobalNames.NAME, free);
        }
    }
}
