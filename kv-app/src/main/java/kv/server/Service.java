package kv.server;

import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.supervisor.Application;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Configuration;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// The application behind `kv serve`. Its tree is the guide's, with a watchdog:
///
/// ```text
/// KV.Supervisor
/// ├─ KV.Registry              finds buckets by name
/// ├─ KV.BucketSupervisor      one child for each bucket
/// ├─ KV.ConnectionSupervisor  one task for each client
/// ├─ Watchdog                 ends connections that take too long
/// └─ acceptor                 starts a task for each client
/// ```
///
/// The order matters twice. Each child needs only those above it, and they are stopped from the
/// last to the first: no new client, then the requests in flight, then the connections, then the
/// buckets.
final class Service implements Application {

    /// The name of the root supervisor.
    static final String SUPERVISOR = "KV.Supervisor";

    private final Listener listener;
    private final Front front;
    private final Duration shutdownTimeout;

    /// @param shutdownTimeout how long the requests in flight may take at the end
    Service(Listener listener, Front front, Duration shutdownTimeout) {
        this.listener = listener;
        this.front = front;
        this.shutdownTimeout = shutdownTimeout;
    }

    @Override
    public String name() {
        return "kv";
    }

    @Override
    public Start<Supervisor> start(Configuration configuration) {
        return startLink();
    }

    Start<Supervisor> startLink() {
        List<ChildSpec<?>> children = new ArrayList<>(front.buckets().childSpecs());
        children.add(Acceptor.connections(front.limits()));
        children.add(new Watchdog(front.watched(), front.limits()).childSpec(shutdownTimeout));
        children.add(new Acceptor(listener, front).childSpec());
        return Supervisor.startLink(
                children, SupervisorFlags.of(Strategy.ONE_FOR_ONE), StartOption.name(SUPERVISOR));
    }

    @Override
    public void prepStop() {
        front.buckets().prepareStop();
    }

    @Override
    public void stop() throws IOException {
        listener.close();
        front.buckets().close();
        if (front.store() != null) {
            front.store().close();
        }
    }
}
