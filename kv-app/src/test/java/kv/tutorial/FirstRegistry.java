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
import io.genserver.Pid;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import kv.Bucket;

/// The first version of the registry, which does not monitor its buckets.
final class FirstRegistry
        implements GenServer<Ok, Map<String, Pid>, FirstRegistry.Lookup, FirstRegistry.Create> {

    record Lookup(String name) implements Call<Optional<Pid>> {}

    record Create(String name) {}

    @Override
    public Init<Map<String, Pid>> init(Ok ok) {
        return Init.ok(new HashMap<>());
    }

    @Override
    public CallResult<Map<String, Pid>> handleCall(
            Lookup request, From from, Map<String, Pid> names) {
        return reply(request, Optional.ofNullable(names.get(request.name())), names);
    }

    @Override
    public CastResult<Map<String, Pid>> handleCast(Create request, Map<String, Pid> names) {
        if (!names.containsKey(request.name())) {
            names.put(request.name(), Bucket.startLink().pid());
        }
        return noreply(names);
    }

    // Client API

    static Start startLink(StartOption... options) {
        return GenServer.startLink(FirstRegistry::new, Ok.OK, options);
    }

    static Optional<Pid> lookup(ServerRef registry, String name) {
        return GenServer.call(registry, new Lookup(name));
    }

    static void create(ServerRef registry, String name) {
        GenServer.cast(registry, new Create(name));
    }
}
