package io.genserver.cluster.jgroups.spi;

import io.genserver.cluster.jgroups.Replication;

/// Makes what keeps the replicated maps of an engine. The engine finds it with a
/// [java.util.ServiceLoader].
public interface ChannelMapsProvider {

    /// Makes the maps of one engine.
    ///
    /// @param options how to keep them
    /// @return the maps
    ChannelMaps maps(Replication options);
}
