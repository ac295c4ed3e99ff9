package io.genserver.cluster.infinispan;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.infinispan.AdvancedCache;
import org.infinispan.commons.CacheException;
import org.infinispan.factories.GlobalComponentRegistry;
import org.infinispan.manager.EmbeddedCacheManager;
import org.infinispan.partitionhandling.AvailabilityException;
import org.infinispan.partitionhandling.AvailabilityMode;
import org.infinispan.remoting.transport.Address;
import org.infinispan.topology.CacheTopology;
import org.infinispan.topology.LocalTopologyManager;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The wait of a node before it leaves the others. Nodes leave one after another, and each only
/// when every entry has all of its copies. If as many nodes as there are copies left at once, the
/// entries that only they had would be gone, and the others would refuse to use the maps.
///
/// The nodes agree by an entry of the cache, the turn. It holds the id of the node that may leave.
/// Another node takes the turn when that node is no longer there.
final class Departure {

    private static final Logger LOG = LoggerFactory.getLogger(Grid.class);

    private static final Duration AGAIN = Duration.ofMillis(20);

    private final AdvancedCache<byte[], byte[]> cache;
    private final LocalTopologyManager topologies;
    private final byte[] self;

    Departure(AdvancedCache<byte[], byte[]> cache) {
        this.cache = cache;
        EmbeddedCacheManager manager = cache.getCacheManager();
        topologies = GlobalComponentRegistry.of(manager).getLocalTopologyManager();
        self = id(manager.getAddress());
    }

    private static byte[] id(Address node) {
        return node.getNodeUUID().toString().getBytes(UTF_8);
    }

    /// Waits until this node may leave.
    ///
    /// @param limit how long to wait at most
    void await(Duration limit) {
        long start = System.nanoTime();
        try {
            while (!mayLeave()) {
                if (System.nanoTime() - start > limit.toNanos()) {
                    LOG.warn(
                            "this node leaves although entries are still moving or others are"
                                    + " leaving, because it has waited for {} s; if others are lost"
                                    + " now, entries may be, too",
                            limit.toSeconds());
                    return;
                }
                Thread.sleep(AGAIN);
            }
        } catch (AvailabilityException _) {
            return; // the maps are refused already, so nobody can be harmed
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean mayLeave() {
        CacheTopology now = topologies.getCacheTopology(cache.getName());
        if (now.getMembers().size() == 1) {
            return true;
        }
        try {
            return hasTurn(now.getMembers()) && isSettled();
        } catch (AvailabilityException refused) {
            throw refused;
        } catch (CacheException e) { // such as a timeout, because another node was lost
            LOG.debug("cannot take the turn to leave", e);
            return false;
        }
    }

    /// Takes the turn unless another node has it.
    private boolean hasTurn(List<Address> members) {
        byte[] key = GridKey.ofTurn();
        byte[] holder = cache.get(key);
        if (holder == null) {
            return cache.putIfAbsent(key, self) == null;
        }
        if (Arrays.equals(holder, self)) {
            return true;
        }
        boolean isGone = members.stream().noneMatch(member -> Arrays.equals(holder, id(member)));
        return isGone && cache.replace(key, holder, self);
    }

    /// Returns whether no entry is moving. The stable topology is the one in which all entries had
    /// all of their copies. Infinispan judges by it whether entries are lost when a node leaves.
    private boolean isSettled() {
        CacheTopology now = topologies.getCacheTopology(cache.getName());
        CacheTopology stable = topologies.getStableCacheTopology(cache.getName());
        Set<Address> members = new HashSet<>(now.getMembers());
        return now.getPendingCH() == null
                && stable != null
                && members.equals(new HashSet<>(stable.getMembers()))
                && members.equals(new HashSet<>(now.getActualMembers()))
                && cache.getAvailability() == AvailabilityMode.AVAILABLE;
    }
}
