package kv;

import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import java.util.List;

/// The application's supervision tree: a supervisor over the registry, which starts the buckets.
public final class Kv {

    /// The name of the root supervisor.
    public static final String SUPERVISOR = "KV.Supervisor";

    /// The name of the registry.
    public static final String REGISTRY = "KV.Registry";

    private Kv() {}

    /// Starts the tree, linked to the calling process.
    ///
    /// @return how it went
    public static Start startLink() {
        return Supervisor.startLink(
                List.of(Registry.childSpec(StartOption.name(REGISTRY))),
                SupervisorFlags.of(Strategy.ONE_FOR_ONE),
                StartOption.name(SUPERVISOR));
    }

    /// The registry, whichever process is it at the moment.
    ///
    /// @return the reference
    public static ServerRef registry() {
        return ServerRef.name(REGISTRY);
    }
}
