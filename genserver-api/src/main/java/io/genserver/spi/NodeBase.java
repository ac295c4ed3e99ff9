package io.genserver.spi;

import io.genserver.Node;
import io.genserver.spi.distribution.Distribution;
import java.time.Duration;
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

    /// Returns how many timers are armed. Those of the runtime itself count, too, such as the
    /// deadlines of calls.
    ///
    /// @return the number
    public abstract int armedTimerCount();

    /// Waits until the listeners have been told of the dead letters so far. Those of timers are
    /// told by another thread. An interrupt ends the wait and stays set.
    ///
    /// @param limit how long to wait at most, because a listener may never return
    public abstract void awaitDeadLetters(Duration limit);

    /// Makes this node part of a cluster. Its pids are of the incarnation from now on, also those
    /// of processes that were started before.
    ///
    /// @param name its name in the cluster, not blank
    /// @param incarnation the number of this start, greater than 2^32 and different at each start
    /// @return the node's part in the cluster
    /// @throws IllegalStateException if the node is in a cluster or closed
    public abstract Distribution distribute(String name, long incarnation);
}
