package io.genserver.spi;

import io.genserver.Node;

/// The base class of a runtime's nodes.
public abstract non-sealed class NodeBase implements Node {

    /// Creates a node.
    protected NodeBase() {}

    /// Returns the number of this node among all nodes that were started in this JVM.
    ///
    /// @return the number; 0 for the default node
    public abstract int serial();
}
