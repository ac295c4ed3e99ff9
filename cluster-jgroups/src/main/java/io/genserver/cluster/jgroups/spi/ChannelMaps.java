package io.genserver.cluster.jgroups.spi;

import io.genserver.cluster.ReplicatedMaps;
import java.io.IOException;
import org.jgroups.JChannel;

/// Keeps replicated maps on several nodes, with messages on the channel of an engine.
@SuppressWarnings("exports") // JGroups is not a named module
public interface ChannelMaps extends ReplicatedMaps, AutoCloseable {

    /// Adds what it needs to the channel, which is not connected yet.
    ///
    /// @param channel the engine's channel, whose receiver belongs to the engine
    /// @throws Exception if it cannot
    void prepare(JChannel channel) throws Exception;

    /// Joins the maps of the other nodes. The channel is connected.
    ///
    /// @throws IOException if it cannot; says why
    void start() throws IOException;

    /// Leaves the other nodes, which keep the copies. The channel is still connected. While other
    /// nodes are leaving, this one first waits for them, but only for a limited time. Does nothing
    /// if it was not started.
    @Override
    void close();
}
