package kv.nodes;

import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.supervisor.Application;
import io.genserver.supervisor.Configuration;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import java.util.List;
import kv.Kv;

/// The application behind the console of a node, which has joined the others before. It leaves them
/// when it stops.
///
/// @param buckets the buckets of all nodes
public record NodeKv(NodeBuckets buckets) implements Application {

    @Override
    public String name() {
        return "kv";
    }

    @Override
    public Start<Supervisor> start(Configuration configuration) {
        return startLink();
    }

    /// Starts the tree, linked to the calling process.
    ///
    /// @return the result of the start
    public Start<Supervisor> startLink() {
        return Supervisor.startLink(
                List.of(buckets.childSpec()),
                SupervisorFlags.of(Strategy.ONE_FOR_ONE),
                StartOption.name(Kv.SUPERVISOR));
    }

    @Override
    public void prepStop() {
        buckets.leave();
    }

    @Override
    public void stop() {
        buckets.close();
    }
}
