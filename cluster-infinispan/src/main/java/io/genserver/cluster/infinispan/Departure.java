package io.genserver.cluster.infinispan;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.infinispan.AdvancedCache;
import org.infinispan.commands.topology.CacheStatusRequestCommand;
import org.infinispan.commands.topology.RebalanceStatusRequestCommand;
import org.infinispan.commons.CacheException;
import org.infinispan.factories.GlobalComponentRegistry;
import org.infinispan.manager.EmbeddedCacheManager;
import org.infinispan.partitionhandling.AvailabilityException;
import org.infinispan.partitionhandling.AvailabilityMode;
import org.infinispan.remoting.inboundhandler.DeliverOrder;
import org.infinispan.remoting.responses.Response;
import org.infinispan.remoting.responses.SuccessfulResponse;
import org.infinispan.remoting.transport.Address;
import org.infinispan.remoting.transport.Transport;
import org.infinispan.remoting.transport.impl.MapResponseCollector;
import org.infinispan.remoting.transport.impl.SingleResponseCollector;
import org.infinispan.topology.CacheStatusResponse;
import org.infinispan.topology.CacheTopology;
import org.infinispan.topology.ClusterTopologyManager;
import org.infinispan.topology.LocalTopologyManager;
import org.infinispan.topology.ManagerStatusResponse;
import org.infinispan.topology.RebalancingStatus;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The end of the cache on a node that leaves the others. Nodes leave one after another, and each
/// only when every entry has all of its copies. If as many nodes as there are copies left at once,
/// the entries that only they had would be gone, and the others would refuse to use the maps.
///
/// The nodes agree by an entry of the cache, the turn. It holds the id of the node that may leave.
/// Another node takes the turn when it no longer sees that node. A node that has left stays in
/// sight until the others know that. Otherwise they would take it for lost.
final class Departure {

    private static final Logger LOG = LoggerFactory.getLogger(Grid.class);

    private static final int FIRST_VIEW = 0;

    private static final Duration AGAIN = Duration.ofMillis(20);

    /// How long a node waits at most for its turn, and then until the others know that it has left.
    /// Enough for several that leave in turn.
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final AdvancedCache<byte[], byte[]> cache;
    private final LocalTopologyManager topologies;
    private final ClusterTopologyManager coordination;
    private final Transport transport;
    private final byte[] self;

    Departure(AdvancedCache<byte[], byte[]> cache) {
        this.cache = cache;
        EmbeddedCacheManager manager = cache.getCacheManager();
        GlobalComponentRegistry components = GlobalComponentRegistry.of(manager);
        topologies = components.getLocalTopologyManager();
        coordination = components.getClusterTopologyManager();
        transport = GlobalComponentRegistry.componentOf(manager, Transport.class);
        self = id(cache);
    }

    /// Returns what stands in the turn if it is that of the node of a cache.
    static byte[] id(AdvancedCache<byte[], byte[]> cache) {
        return id(cache.getCacheManager().getAddress());
    }

    private static byte[] id(Address node) {
        return node.getNodeUUID().toString().getBytes(UTF_8);
    }

    /// Waits until this node may leave.
    void awaitTurn() {
        await(
                this::mayLeave,
                "entries are still moving or others are leaving; if others are lost now, entries"
                        + " may be, too");
    }

    /// Stops the cache of this node and waits until the others know that. An interrupt that came
    /// before does not shorten this wait, because the others would take this node for lost.
    void leave() {
        boolean isInterrupted = Thread.interrupted();
        try {
            cache.stop();
            await(
                    this::tellUntilKnown,
                    "others may not know yet that it does; they may take it for lost and refuse to"
                            + " use the maps");
        } finally {
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private interface Condition {
        boolean holds() throws InterruptedException;
    }

    private void await(Condition condition, String otherwise) {
        long start = System.nanoTime();
        try {
            while (!holds(condition)) {
                if (System.nanoTime() - start > LIMIT.toNanos()) {
                    LOG.warn(
                            "this node leaves after {} s, although {}",
                            LIMIT.toSeconds(),
                            otherwise);
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

    private static boolean holds(Condition condition) throws InterruptedException {
        try {
            return condition.holds();
        } catch (AvailabilityException refused) {
            throw refused;
        } catch (CacheException e) { // such as a timeout, because another node was lost
            LOG.debug("another node has not answered", e);
            return false;
        }
    }

    private boolean mayLeave() throws InterruptedException {
        return transport.getMembers().size() == 1 || (hasTurn() && isSettled());
    }

    /// Takes the turn unless another node has it.
    private boolean hasTurn() {
        byte[] key = GridKey.ofTurn();
        byte[] holder = cache.get(key);
        if (holder == null) {
            return cache.putIfAbsent(key, self) == null;
        }
        if (Arrays.equals(holder, self)) {
            return true;
        }
        boolean isGone =
                transport.getMembers().stream()
                        .noneMatch(member -> Arrays.equals(holder, id(member)));
        return isGone && cache.replace(key, holder, self);
    }

    /// Returns whether no entry is moving and none has to move. The stable topology is the one in
    /// which all entries had all of their copies. Infinispan judges by it whether entries are lost
    /// when a node leaves. The coordinator is asked, too, because this node may not have heard yet
    /// what is done about a node that was lost, and because a new coordinator ignores who leaves
    /// until it has asked all others for what they know.
    private boolean isSettled() throws InterruptedException {
        CacheTopology now = topologies.getCacheTopology(cache.getName());
        CacheTopology stable = topologies.getStableCacheTopology(cache.getName());
        Set<Address> members = new HashSet<>(now.getMembers());
        return now.getPendingCH() == null
                && stable != null
                && members.equals(new HashSet<>(stable.getMembers()))
                && members.equals(new HashSet<>(now.getActualMembers()))
                && transport.getMembers().containsAll(members)
                && cache.getAvailability() == AvailabilityMode.AVAILABLE
                && isRebalanced();
    }

    private boolean isRebalanced() throws InterruptedException {
        if (transport.isCoordinator()) {
            return coordination.getRebalancingStatus(cache.getName()) == RebalancingStatus.COMPLETE;
        }
        Response answer =
                answer(
                        transport.invokeCommand(
                                transport.getCoordinator(),
                                new RebalanceStatusRequestCommand(cache.getName()),
                                SingleResponseCollector.validOnly(),
                                DeliverOrder.NONE,
                                timeout(),
                                TimeUnit.MILLISECONDS));
        return answer instanceof SuccessfulResponse<?> given
                && given.getResponseValue() == RebalancingStatus.COMPLETE;
    }

    /// Asks all other nodes whether they still count on this one, and tells the coordinator once
    /// more if so, because it ignores who leaves while it is new. The coordinator takes this node
    /// off and tells the others, but does not wait for them. If it ended before they heard that,
    /// one of them would judge by what it knew before.
    ///
    /// A node that is asked ignores from then on what it is told in a view before that of the
    /// question. So the question is one of the first view.
    ///
    /// @return whether no other node counts on this one
    private boolean tellUntilKnown() throws InterruptedException {
        boolean isKnown =
                answer(
                                transport.invokeCommandOnAll(
                                        new CacheStatusRequestCommand(FIRST_VIEW),
                                        MapResponseCollector.ignoreLeavers(),
                                        DeliverOrder.NONE,
                                        timeout(),
                                        TimeUnit.MILLISECONDS))
                        .values()
                        .stream()
                        .allMatch(this::isWithoutThis);
        if (!isKnown) {
            topologies.leave(cache.getName(), timeout());
        }
        return isKnown;
    }

    private boolean isWithoutThis(Response answer) {
        if (!(answer instanceof SuccessfulResponse<?> given
                && given.getResponseValue() instanceof ManagerStatusResponse status)) {
            return true; // the node has ended
        }
        CacheStatusResponse known = status.caches().get(cache.getName());
        if (known == null || known.getAvailabilityMode() != AvailabilityMode.AVAILABLE) {
            return true; // it has not joined, or it refuses the maps already
        }
        CacheTopology stable = known.getStableTopology();
        return stable != null && !stable.getMembers().contains(transport.getAddress());
    }

    private long timeout() {
        return cache.getCacheConfiguration().clustering().remoteTimeout();
    }

    private static <A> A answer(CompletionStage<A> question) throws InterruptedException {
        try {
            return question.toCompletableFuture().get();
        } catch (ExecutionException e) {
            throw new CacheException("another node has not answered", e);
        }
    }
}
