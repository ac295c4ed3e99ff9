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
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.supervisor.ChildSpec;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Knows the buckets by name. It starts them, and forgets those that end.
///
/// By default the buckets are linked with the registry, so one that crashes takes it along; given a
/// supervisor to start them under, they are only monitored.
public final class Registry
        implements GenServer<Ok, Registry.State, Registry.Lookup, Registry.Create> {

    private static final Logger log = LoggerFactory.getLogger(Registry.class);

    record Lookup(String name) implements Call<Optional<Pid>> {}

    record Create(String name) {}

    /// The buckets by name, and the names by the monitor of their bucket.
    record State(Map<String, Pid> names, Map<Ref, String> refs) {}

    private final Supplier<Start> startBucket;

    Registry() {
        this(() -> Bucket.startLink(StartOption.nonBlocking()));
    }

    private Registry(Supplier<Start> startBucket) {
        this.startBucket = startBucket;
    }

    // Client API

    /// Starts the registry, linked to the calling process, and its buckets linked to the registry.
    ///
    /// @param options a name, if it is to have one
    /// @return how it went
    public static Start startLink(StartOption... options) {
        return GenServer.startLink(Registry::new, Ok.OK, options);
    }

    /// Starts the registry, linked to the calling process, with another way to start buckets.
    ///
    /// @param startBucket starts a bucket, in the registry's process
    /// @param options a name, if it is to have one
    /// @return how it went
    public static Start startLink(Supplier<Start> startBucket, StartOption... options) {
        return GenServer.startLink(() -> new Registry(startBucket), Ok.OK, options);
    }

    /// The registry as the child of a supervisor.
    ///
    /// @param options as for [#startLink]
    /// @return the specification
    public static ChildSpec childSpec(StartOption... options) {
        return ChildSpec.worker(Registry.class, () -> startLink(options));
    }

    /// The registry as the child of a supervisor, with another way to start buckets.
    ///
    /// @param startBucket starts a bucket, in the registry's process
    /// @param options a name, if it is to have one
    /// @return the specification
    public static ChildSpec childSpec(Supplier<Start> startBucket, StartOption... options) {
        return ChildSpec.worker(Registry.class, () -> startLink(startBucket, options));
    }

    /// Finds a bucket.
    ///
    /// @param registry the registry
    /// @param name the bucket's name
    /// @return the bucket, or empty if there is none of that name
    public static Optional<Pid> lookup(ServerRef registry, String name) {
        return GenServer.call(registry, new Lookup(name));
    }

    /// Makes sure that there is a bucket of a name. Returns at once; a [#lookup] by the same
    /// process finds the bucket.
    ///
    /// @param registry the registry
    /// @param name the bucket's name
    public static void create(ServerRef registry, String name) {
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
            Pid bucket = startBucket.get().pid();
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
