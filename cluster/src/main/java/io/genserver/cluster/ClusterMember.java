package io.genserver.cluster;

import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.cluster.engine.Engine;
import java.io.IOException;
import java.util.function.Supplier;

/// The process of [Cluster#childSpec]: the node is in a cluster while it lives.
final class ClusterMember implements GenServer<ClusterMember.Argument, Cluster, Object, Object> {

    record Argument(ClusterOptions options, Supplier<? extends Engine> engine) {}

    @Override
    public Init<Cluster> init(Argument argument) {
        try {
            return Init.ok(Cluster.start(argument.options(), argument.engine().get()));
        } catch (IOException cannotJoin) {
            return Init.stop(ExitReason.of(cannotJoin));
        }
    }

    @Override
    public void terminate(ExitReason reason, Cluster cluster) {
        cluster.close();
    }
}
