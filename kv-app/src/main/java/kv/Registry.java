package kv;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;

import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.Down;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Ok;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.Server;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.supervisor.ChildSpec;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds buckets by name. The registry starts the buckets, monitors them, and forgets a bucket when
/// it ends.
///
/// By default the buckets are also linked to the registry, so a bucket that crashes takes the
/// registry down. A registry that starts its buckets under a supervisor only monitors them.
public final class Registry
        implements GenServer<Ok, Registry.State, Registry.Lookup, Registry.Create> {

    private static final Logger log = LoggerFactory.getLogger(Registry.class);

    record Lookup(String name) implements Call<Optional<Server<Bucket>>> {}

    record Create(String name) {}

    /// The buckets by name, and the name of each bucket by its monitor.
    record State(Map<String, Server<Bucket>> names, Map<Ref, String> refs) {}

    private final Supplier<Start<Bucket>> startBucket;

    Registry() {
        this(() -> Bucket.startLink(StartOption.nonBlocking()));
    }

    private Registry(Supplier<Start<Bucket>> startBucket) {
        this.startBucket = startBucket;
    }

    // Client API

    /// Starts a registry, linked to the calling process. Its buckets are linked to the registry.
    ///
    /// @param options options for the start, such as a name
    /// @return the result of the start
    public static Start<Registry> startLink(StartOption... options) {
        return GenServer.startLink(Registry::new, Ok.OK, options);
    }

    /// Starts a registry, linked to the calling process, that starts buckets with a given function.
    ///
    /// @param startBucket starts a bucket; runs in the registry's process
    /// @param options options for the start, such as a name
    /// @return the result of the start
    public static Start<Registry> startLink(
            Supplier<Start<Bucket>> startBucket, StartOption... options) {
        return GenServer.startLink(() -> new Registry(startBucket), Ok.OK, options);
    }

    /// Returns the specification of a registry as the child of a supervisor.
    ///
    /// @param options options for the start, such as a name
    /// @return the specification
    public static ChildSpec<Registry> childSpec(StartOption... options) {
        return ChildSpec.worker(Registry.class, () -> startLink(options));
    }

    /// Returns the specification of a registry as the child of a supervisor. The registry starts
    /// buckets with a given function.
    ///
    /// @param startBucket starts a bucket; runs in the registry's process
    /// @param options options for the start, such as a name
    /// @return the specification
    public static ChildSpec<Registry> childSpec(
            Supplier<Start<Bucket>> startBucket, StartOption... options) {
        return ChildSpec.worker(Registry.class, () -> startLink(startBucket, options));
    }

    /// Finds a bucket. Waits up to 5 s for the registry.
    ///
    /// @param registry the registry
    /// @param name the bucket's name
    /// @return the bucket, or empty if the registry has no bucket of that name
    /// @throws io.genserver.CallException if the registry has ended or does not answer in time
    public static Optional<Server<Bucket>> lookup(Server<Registry> registry, String name) {
        return GenServer.call(registry, new Lookup(name));
    }

    /// Creates a bucket, unless the registry has one of that name. This is a cast, so it does not
    /// wait for a reply. A later [#lookup] by the same process finds the bucket.
    ///
    /// @param registry the registry
    /// @param name the bucket's name
    public static void create(Server<Registry> registry, String name) {
        GenServer.cast(registry, new Create(name));
    }

    // Server callbacks

    @Override
    public Init<State> init(Ok ok) {
        return Init.ok(new State(new HashMap<>(), new HashMap<>()));
    }

    @Override
    public CallResult<State> handleCall(Lookup request, From from, State state) {
        return reply(request, Optional.ofNullable(state.names().get(request.name())), state);
    }

    @Override
    public CastResult<State> handleCast(Create request, State state) {
        if (!state.names().containsKey(request.name())) {
            Server<Bucket> bucket = startBucket.get().server();
            state.refs().put(Processes.monitor(bucket), request.name());
            state.names().put(request.name(), bucket);
        }
        return noreply(state);
    }

    @Override
    public CastResult<State> handleInfo(Object message, State state) {
        switch (message) {
            case Down down -> state.names().remove(state.refs().remove(down.ref()));
            default -> log.debug("Unexpected message in KV.Registry: {}", message);
        }
        return noreply(state);
    }
}
