package io.genserver.cluster;

import io.genserver.CastResult;
import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.cluster.engine.Engine;
import java.io.IOException;
import java.util.function.Supplier;

/// The process of [Cluster#childSpec]: the node is in a cluster while it lives.
final class ClusterMember implements GenServer<ClusterMember.Argument, Cluster, Object, Object> {

    record Argument(ClusterOptions options, Supplier<? extends Engine> engine) {}

    @Override
    public Init<Cluster> init(Argument argument) {
        try {
            Cluster cluster = Cluster.start(argument.options(), argument.engine().get());
            Processes.monitor(cluster.supervisor());
            return Init.ok(cluster);
        } catch (IOException cannotJoin) {
            return Init.stop(ExitReason.of(cannotJoin));
        }
    }

    /// The servers of the cluster have ended, so the node has left it or is about to leave.
    @Override
    public CastResult<Cluster> handleInfo(Object message, Cluster cluster) throws Exception {
        return message instanceof Down(var _, Pid ended, ExitReason reason)
                        && ended.equals(cluster.supervisor())
                ? CastResult.stop(reason, cluster)
                : GenServer.super.handleInfo(message, cluster);
    }

    @Override
    public void terminate(ExitReason reason, Cluster cluster) {
        cluster.close();
    }
}
