package kv;

import io.genserver.Server;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.supervisor.Application;
import io.genserver.supervisor.Configuration;
import io.genserver.supervisor.DynamicSupervisor;
import io.genserver.supervisor.DynamicSupervisorFlags;
import io.genserver.supervisor.Setting;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import java.util.List;

/// The application. Its root supervisor has two children: the bucket supervisor and, after it, the
/// registry, which starts buckets under the bucket supervisor. A bucket that crashes affects no
/// other process. If the registry or the bucket supervisor crashes, both are restarted, because
/// neither is of use without the other.
public final class Kv implements Application {

    /// The name of the root supervisor.
    public static final String SUPERVISOR = "KV.Supervisor";

    /// The name of the bucket supervisor.
    public static final String BUCKET_SUPERVISOR = "KV.BucketSupervisor";

    /// The name of the registry.
    public static final String REGISTRY = "KV.Registry";

    /// Whether to run the tree of the guide's GenServer chapter, in which the registry is linked to
    /// its buckets. The default is false. Set it with `-Dkv.plain=true` or `KV_PLAIN=true`.
    public static final Setting<Boolean> PLAIN = Setting.of("kv.plain", Kv::bool, false);

    private static Boolean bool(String text) {
        return switch (text) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new IllegalArgumentException("expected true or false");
        };
    }

    @Override
    public String name() {
        return "kv";
    }

    @Override
    public Start<?> start(Configuration configuration) {
        return configuration.get(PLAIN) ? startLinkPlain() : startLink();
    }

    /// Starts the tree, linked to the calling process.
    ///
    /// @return the result of the start
    public static Start<Supervisor> startLink() {
        return Supervisor.startLink(
                List.of(
                        DynamicSupervisor.childSpec(
                                BUCKET_SUPERVISOR,
                                DynamicSupervisorFlags.DEFAULT,
                                StartOption.name(BUCKET_SUPERVISOR)),
                        Registry.childSpec(
                                Kv::startBucket,
                                StartOption.name(REGISTRY),
                                StartOption.nonBlocking())),
                SupervisorFlags.of(Strategy.ONE_FOR_ALL),
                StartOption.name(SUPERVISOR));
    }

    private static Start<Bucket> startBucket() {
        return DynamicSupervisor.startChild(ServerRef.name(BUCKET_SUPERVISOR), Bucket.childSpec());
    }

    /// Starts the tree of the GenServer chapter, linked to the calling process. The registry is its
    /// only child, and the buckets are linked to the registry.
    ///
    /// @return the result of the start
    public static Start<Supervisor> startLinkPlain() {
        return Supervisor.startLink(
                List.of(Registry.childSpec(StartOption.name(REGISTRY), StartOption.nonBlocking())),
                SupervisorFlags.of(Strategy.ONE_FOR_ONE),
                StartOption.name(SUPERVISOR));
    }

    /// Returns a reference to the registry by name.
    ///
    /// @return the reference, which stays valid when the registry is restarted
    public static Server<Registry> registry() {
        return Server.named(REGISTRY, Registry.class);
    }
}
