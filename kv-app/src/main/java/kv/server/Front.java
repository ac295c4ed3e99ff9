package kv.server;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import kv.store.Store;
import org.jspecify.annotations.Nullable;

/// What all connections of a server share.
///
/// @param limits what clients may take
/// @param access which clients may do something
/// @param tls TLS for all connections; null for plain ones
/// @param memory the memory of all buckets
/// @param store where the buckets survive; null for nowhere
/// @param buckets the buckets
/// @param buffers the buffers
/// @param watched the connections
/// @param statistics the counters
record Front(
        Limits limits,
        Access access,
        @Nullable Tls tls,
        Memory memory,
        @Nullable Store store,
        Buckets buckets,
        Buffers buffers,
        Set<Watched> watched,
        Statistics statistics) {

    static Front of(Limits limits, Access access, @Nullable Tls tls, @Nullable Store store) {
        Memory memory = new Memory(limits.memory());
        return new Front(
                limits,
                access,
                tls,
                memory,
                store,
                new Buckets(memory, store),
                new Buffers(Runtime.getRuntime().maxMemory() / 4),
                ConcurrentHashMap.newKeySet(),
                new Statistics());
    }
}
