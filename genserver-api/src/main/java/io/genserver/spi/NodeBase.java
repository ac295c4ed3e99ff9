package io.genserver.spi;

import io.genserver.Node;
import java.util.List;

/// The base class of a runtime's nodes.
public abstract non-sealed class NodeBase implements Node {

    /// Creates a node.
    protected NodeBase() {}

    /// Returns the number of this node among all nodes that were started in this JVM.
    ///
    /// @return the number; 0 for the default node
    public abstract int serial();

    /// Returns the timers that are armed for users: messages, timeouts and state timeouts. The
    /// runtime's own are left out.
    ///
    /// @return the timers, the first one that is due first
    public abstract List<ArmedTimer> armedTimers();
}
