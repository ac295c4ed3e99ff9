package io.genserver.cluster;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A part of a map that the server of one node tells that of another, because a whole map may be
/// longer than a message may be.
///
/// @param number 0 for the first part, then 1 more for each
/// @param isLast whether the map is complete with it
/// @param entries some of the entries
/// @param <V> the type of the values
record Portion<V>(int number, boolean isLast, Map<Object, V> entries) {

    /// How many bytes the entries of a portion take. Each node takes twice as much at least. A
    /// single entry that is longer has a portion of its own.
    static final int BYTES = ClusterNode.Options.MIN_SIGNAL / 2;

    private static final Logger LOG = LoggerFactory.getLogger("io.genserver.cluster");

    /// Splits a map. Leaves out what the node cannot take, and logs it.
    ///
    /// @param node who is to be told
    /// @return one portion or more
    static <V> List<Portion<V>> of(String node, Map<Object, V> all) {
        return of(node, List.copyOf(all.entrySet()));
    }

    /// Splits a list of entries, in which a key may be several times.
    ///
    /// @param node who is to be told
    /// @return one portion or more, none of them with a key twice
    static <V> List<Portion<V>> of(String node, List<Map.Entry<Object, V>> all) {
        List<Map<Object, V>> parts = new ArrayList<>();
        Map<Object, V> part = new LinkedHashMap<>();
        parts.add(part);
        int size = 0;
        for (Map.Entry<Object, V> entry : all) {
            int more = sizeFor(node, entry);
            if (more < 0) {
                continue;
            }
            if (!part.isEmpty() && (size + more > BYTES || part.containsKey(entry.getKey()))) {
                part = new LinkedHashMap<>();
                parts.add(part);
                size = 0;
            }
            part.put(entry.getKey(), entry.getValue());
            size += more;
        }
        List<Portion<V>> portions = new ArrayList<>();
        for (int i = 0; i < parts.size(); i++) {
            portions.add(new Portion<>(i, i == parts.size() - 1, parts.get(i)));
        }
        return portions;
    }

    /// @return how many bytes an entry takes; -1 if the node cannot take it
    private static int sizeFor(String node, Map.Entry<Object, ?> entry) {
        try {
            return Cluster.sizeFor(node, List.of(entry.getKey(), entry.getValue()));
        } catch (IllegalArgumentException refused) {
            LOG.error("cannot tell {} of an entry: {}", node, refused.getMessage());
            return -1;
        }
    }

    /// Puts the portions of maps together. One thread.
    static final class Joiner<V> {

        private final BinaryOperator<V> merge;

        /// The maps that are not complete, by the node that sends them.
        private final Map<String, Map<Object, V>> begun = new HashMap<>();

        /// @param merge joins two values of a key that comes in several portions
        Joiner(BinaryOperator<V> merge) {
            this.merge = merge;
        }

        /// Adds a portion. One whose predecessors have not come is ignored.
        ///
        /// @return the map, if it is complete
        @Nullable Map<Object, V> add(String node, Portion<V> portion) {
            if (portion.number() == 0) {
                begun.put(node, new HashMap<>());
            }
            Map<Object, V> known = begun.get(node);
            if (known == null) {
                return null;
            }
            portion.entries().forEach((key, value) -> known.merge(key, value, merge));
            if (portion.isLast()) {
                begun.remove(node);
                return known;
            }
            return null;
        }

        /// Forgets what a node has begun to send.
        void forget(String node) {
            begun.remove(node);
        }
    }
}
