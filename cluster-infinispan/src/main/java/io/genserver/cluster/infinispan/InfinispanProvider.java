package io.genserver.cluster.infinispan;

import io.genserver.cluster.jgroups.Replication;
import io.genserver.cluster.jgroups.spi.ChannelMaps;
import io.genserver.cluster.jgroups.spi.ChannelMapsProvider;

/// Lets a [io.genserver.cluster.jgroups.JGroupsEngine] find this module. Programs do not use it.
public final class InfinispanProvider implements ChannelMapsProvider {

    static {
        // Infinispan logs with jboss-logging, which by itself finds slf4j only with Logback.
        System.getProperties().putIfAbsent("org.jboss.logging.provider", "slf4j");
    }

    /// Makes the provider; for the service loader.
    public InfinispanProvider() {}

    @Override
    public ChannelMaps maps(Replication options) {
        return new Grid(options);
    }
}
