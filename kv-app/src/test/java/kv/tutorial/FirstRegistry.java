package kv.tutorial;

import static io.genserver.CallResult.reply;
import static io.genserver.CastResult.noreply;

import io.genserver.Call;
import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Ok;
import io.genserver.Server;
import io.genserver.Start;
import io.genserver.StartOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import kv.Bucket;

/// The first version of the registry, which does not monitor its buckets.
final class FirstRegistry
        implements GenServer<
                Ok, Map<String, Server<Bucket>>, FirstRegistry.Lookup, FirstRegistry.Create> {

    record Lookup(String name) implements Call<Optional<Server<Bucket>>> {}

    record Create(String name) {}

    @Override
    public Init<Map<String, Server<Bucket>>> init(Ok ok) {
        return Init.ok(new HashMap<>());
    }

    @Override
    public CallResult<Map<String, Server<Bucket>>> handleCall(
            Lookup request, From from, Map<String, Server<Bucket>> names) {
        return reply(request, Optional.ofNullable(names.get(request.name())), names);
    }

    @Override
    public CastResult<Map<String, Server<Bucket>>> handleCast(
            Create request, Map<String, Server<Bucket>> names) {
        if (!names.containsKey(request.name())) {
            names.put(request.name(), Bucket.startLink().server());
        }
        return noreply(names);
    }

    // Client API

    static Start<FirstRegistry> startLink(StartOption... options) {
        return GenServer.startLink(FirstRegistry::new, Ok.OK, options);
    }

    static Optional<Server<Bucket>> lookup(Server<FirstRegistry> registry, String name) {
        return GenServer.call(registry, new Lookup(name));
    }

    static void create(Server<FirstRegistry> registry, String name) {
        GenServer.cast(registry, new Create(name));
    }
}
