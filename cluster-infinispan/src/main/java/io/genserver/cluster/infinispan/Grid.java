package io.genserver.cluster.infinispan;

import io.genserver.cluster.NoQuorumException;
import io.genserver.cluster.ReplicatedMap;
import io.genserver.cluster.ReplicationException;
import io.genserver.cluster.jgroups.Replication;
import io.genserver.cluster.jgroups.spi.ChannelMaps;
import java.io.IOException;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.infinispan.AdvancedCache;
import org.infinispan.commons.CacheException;
import org.infinispan.commons.dataconversion.MediaType;
import org.infinispan.configuration.cache.CacheMode;
import org.infinispan.configuration.cache.Configuration;
import org.infinispan.configuration.cache.ConfigurationBuilder;
import org.infinispan.configuration.global.GlobalConfiguration;
import org.infinispan.configuration.global.GlobalConfigurationBuilder;
import org.infinispan.configuration.global.ShutdownHookBehavior;
import org.infinispan.conflict.MergePolicy;
import org.infinispan.context.Flag;
import org.infinispan.manager.DefaultCacheManager;
import org.infinispan.partitionhandling.AvailabilityException;
import org.infinispan.partitionhandling.AvailabilityMode;
import org.infinispan.partitionhandling.PartitionHandling;
import org.infinispan.remoting.transport.Address;
import org.infinispan.remoting.transport.jgroups.JGroupsTransport;
import org.jgroups.JChannel;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The maps of one node: a cache of Infinispan. docs/decisions/cluster-infinispan.md says why its
/// options are as they are.
final class Grid implements ChannelMaps {

    private static final Logger LOG = LoggerFactory.getLogger(Grid.class);

    private static final String CACHE = "maps";

    /// How long to wait for another node. Less than the default timeout of a call.
    private static final Duration ANSWER = Duration.ofSeconds(4);

    private static final Duration TRANSFER = Duration.ofSeconds(20);

    /// How many entries travel in one message when they move to another node.
    private static final int CHUNK = 64;

    private static final int SEGMENTS = 256;

    private final Replication options;

    // Written by the thread that starts the engine, before another thread can know of the maps.
    private volatile @Nullable GridChannel channel;

    /// Null before the start and after the end. Left to null guarded; read by any thread.
    private volatile @Nullable DefaultCacheManager manager;

    /// Null until this node has joined. Written guarded, read by any thread.
    private volatile @Nullable AdvancedCache<byte[], byte[]> cache;

    Grid(Replication options) {
        this.options = options;
    }

    @Override
    public void prepare(JChannel main) throws Exception {
        // Infinispan looks for its version in the address of each member.
        main.addAddressGenerator(() -> Address.randomUUID(main.getName(), null, null, null));
        channel = GridChannel.of(main);
    }

    @Override
    public void start() throws IOException {
        GridChannel prepared = channel();
        DefaultCacheManager started = null;
        try {
            started = new DefaultCacheManager(global(prepared), true);
            started.defineConfiguration(CACHE, cache(options));
            manager = started;
            started.addListener(new Views(this));
            join();
        } catch (CacheException e) {
            manager = null;
            if (started != null) {
                started.stop();
            }
            throw new IOException("cannot join the replicated maps: " + e.getMessage(), e);
        }
    }

    /// Joins the maps of the other nodes once this node sees enough of them. A few nodes that were
    /// started apart from the others would else begin with empty maps. When they meet the others,
    /// Infinispan may take theirs for the right ones and remove what the others have.
    ///
    /// @return null if the node does not see enough others
    private synchronized @Nullable AdvancedCache<byte[], byte[]> join() {
        DefaultCacheManager running = manager;
        if (cache == null && running != null && options.isEnough(running.getMembers().size())) {
            cache =
                    running.<byte[], byte[]>getCache(CACHE)
                            .getAdvancedCache()
                            .withFlags(Flag.IGNORE_RETURN_VALUES);
        }
        return cache;
    }

    /// The nodes that see each other have changed.
    void viewChanged() {
        if (cache == null) {
            Thread.ofVirtual().name("maps-join").start(this::joinLater);
        }
    }

    private void joinLater() {
        try {
            join();
        } catch (CacheException e) { // the next use of a map tries again
            LOG.warn("cannot join the replicated maps: {}", e.getMessage());
        }
    }

    private static GlobalConfiguration global(GridChannel channel) {
        GlobalConfigurationBuilder global = new GlobalConfigurationBuilder();
        global.transport()
                .defaultTransport()
                .addProperty(JGroupsTransport.CHANNEL_CONFIGURATOR, channel.configurator())
                .distributedSyncTimeout(TRANSFER.toMillis());
        global.jmx().disable();
        global.metrics().gauges(false).histograms(false);
        global.shutdown().hookBehavior(ShutdownHookBehavior.DONT_REGISTER);
        return global.build();
    }

    private static Configuration cache(Replication options) {
        ConfigurationBuilder cache = new ConfigurationBuilder();
        cache.encoding().mediaType(MediaType.APPLICATION_OCTET_STREAM);
        cache.clustering()
                .cacheMode(CacheMode.DIST_SYNC)
                .remoteTimeout(ANSWER.toMillis(), TimeUnit.MILLISECONDS)
                .hash()
                .numOwners(options.copies())
                .numSegments(SEGMENTS)
                .groups()
                .enabled()
                .addGrouper(new GridKey.ByMap());
        cache.clustering()
                .stateTransfer()
                .awaitInitialTransfer(false)
                .timeout(TRANSFER.toMillis(), TimeUnit.MILLISECONDS)
                .chunkSize(CHUNK);
        cache.clustering()
                .partitionHandling()
                .whenSplit(
                        options.needsMajority()
                                ? PartitionHandling.DENY_READ_WRITES
                                : PartitionHandling.ALLOW_READ_WRITES)
                .mergePolicy(
                        options.needsMajority()
                                ? MergePolicy.NONE
                                : MergePolicy.PREFERRED_NON_NULL);
        cache.locking().lockAcquisitionTimeout(ANSWER.toMillis() / 2, TimeUnit.MILLISECONDS);
        return cache.build();
    }

    @Override
    public Optional<ReplicatedMap> open(String name) {
        return GridMap.open(this, name);
    }

    @Override
    public ReplicatedMap create(String name) {
        return GridMap.create(this, name);
    }

    /// Returns the channel that Infinispan sends with.
    GridChannel channel() {
        return Objects.requireNonNull(channel, "prepare has been called");
    }

    private synchronized @Nullable DefaultCacheManager leave() {
        DefaultCacheManager running = manager;
        manager = null;
        cache = null;
        return running;
    }

    /// @throws NoQuorumException if the node has not seen enough others yet, or sees too few of
    ///   them after a loss
    AdvancedCache<byte[], byte[]> cache() {
        AdvancedCache<byte[], byte[]> joined = cache;
        if (joined == null && manager == null) {
            throw new IllegalStateException("expected an engine that runs");
        }
        AdvancedCache<byte[], byte[]> running = joined == null ? join() : joined;
        if (running == null || isOfMinority(running)) {
            throw new NoQuorumException("use the replicated maps");
        }
        return running;
    }

    /// Returns whether this node has lost the majority. Infinispan would let it use the entries
    /// whose copies are all on this side.
    private boolean isOfMinority(AdvancedCache<byte[], byte[]> running) {
        return running.getAvailability() == AvailabilityMode.DEGRADED_MODE
                && !options.isEnough(running.getCacheManager().getMembers().size());
    }

    /// Asks Infinispan.
    ///
    /// @param what what it is asked for, as it follows "cannot"
    static <R extends @Nullable Object> R ask(String what, Supplier<R> question) {
        try {
            return question.get();
        } catch (AvailabilityException e) {
            NoQuorumException refused = new NoQuorumException(what);
            refused.initCause(e);
            throw refused;
        } catch (CacheException e) {
            throw new ReplicationException("cannot " + what + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        Optional<Departure> departure = Optional.ofNullable(cache).map(Departure::new);
        departure.ifPresent(Departure::awaitTurn);
        DefaultCacheManager running = leave();
        try {
            departure.ifPresent(Departure::leave);
        } finally {
            end(running);
        }
    }

    private void end(@Nullable DefaultCacheManager running) {
        if (running != null) {
            running.stop();
        }
        GridChannel prepared = channel;
        if (prepared != null) {
            prepared.close();
        }
    }
}
