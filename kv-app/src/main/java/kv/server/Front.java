package kv.server;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import kv.nodes.NodeBuckets;
import kv.nodes.Room;
import kv.store.Store;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

    private static final Logger log = LoggerFactory.getLogger(Front.class);

    static Front of(Limits limits, Access access, @Nullable Tls tls, @Nullable Store store) {
        Memory memory = new Memory(limits.memory());
        if (store != null) {
            memory.count(store);
            warnIfExceeded(memory, limits);
        }
        return of(limits, access, tls, memory, store, new LocalBuckets(memory, store));
    }

    /// Returns the front of a server whose buckets are on several nodes.
    ///
    /// @param nodes makes the buckets from the room for each one on this node
    static Front overNodes(
            Limits limits,
            Access access,
            @Nullable Tls tls,
            Function<Supplier<Room>, NodeBuckets> nodes) {
        // Two nodes keep each entry, and the bucket has it, too.
        Memory memory = new Memory(limits.memory() / 3);
        NodeBuckets buckets = nodes.apply(() -> memory.new Share());
        return of(limits, access, tls, memory, null, new SharedBuckets(buckets));
    }

    private static Front of(
            Limits limits,
            Access access,
            @Nullable Tls tls,
            Memory memory,
            @Nullable Store store,
            Buckets buckets) {
        return new Front(
                limits,
                access,
                tls,
                memory,
                store,
                buckets,
                new Buffers(Runtime.getRuntime().maxMemory() / 4),
                ConcurrentHashMap.newKeySet(),
                new Statistics());
    }

    private static void warnIfExceeded(Memory memory, Limits limits) {
        if (memory.isExceeded()) {
            log.warn(
                    "the buckets of the store need {} bytes, and --max-memory is {}: what needs more is"
                            + " refused until enough is deleted",
                    memory.used(),
                    limits.memory());
        }
    }
}
