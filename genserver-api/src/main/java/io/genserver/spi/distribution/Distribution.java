package io.genserver.spi.distribution;

import io.genserver.Caller;
import io.genserver.From;
import io.genserver.Pid;
import io.genserver.Ref;
import org.jspecify.annotations.Nullable;

/// A node that takes part in a cluster. The runtime implements it, a cluster calls it. Any thread.
public interface Distribution extends AutoCloseable {

    /// Adds a peer. It replaces none: the connection to an earlier incarnation must have been lost.
    ///
    /// @param node its name
    /// @param incarnation the number of its start
    /// @param connection the way to it
    /// @return the peer
    /// @throws IllegalStateException if a node of that name is connected
    Peer connected(String node, long incarnation, Connection connection);

    /// Returns where a pid comes from. A process of this node can be reached from other nodes once
    /// this was called for its pid.
    ///
    /// @param pid the pid
    /// @return its address
    /// @throws IllegalArgumentException if the process belongs to a node of this JVM that is in no
    ///   cluster
    Address address(Pid pid);

    /// Returns where a reference comes from.
    ///
    /// @param ref the reference
    /// @return its address
    Address address(Ref ref);

    /// Returns where a caller comes from. Its reply is accepted from any node once this was called.
    ///
    /// @param caller the caller
    /// @return its address
    /// @throws IllegalArgumentException if the caller was not made by the runtime
    Address address(Caller caller);

    /// Returns the pid at an address.
    ///
    /// @param address the address
    /// @return the pid, equal to all others of that address
    Pid pid(Address address);

    /// Returns the reference at an address.
    ///
    /// @param address the address
    /// @return the reference, equal to all others of that address
    Ref ref(Address address);

    /// Returns the caller at an address.
    ///
    /// @param address the address
    /// @param process the process that waits; null for a thread that is no process
    /// @return the caller
    From from(Address address, @Nullable Pid process);

    /// Sends a message to a process of this node. Does not wait for room in a mailbox that is full.
    ///
    /// @param process the process
    /// @param message the message
    void tell(Pid process, Object message);

    /// Has a function called when the node is closed while it is in the cluster, after its
    /// processes have ended. It has to leave the cluster.
    ///
    /// @param leave the function; called once, on the thread that closes the node
    void onNodeClose(Runnable leave);

    /// Ends the node's part in the cluster: it gets its old name back. All peers must have been
    /// [Peer#disconnected].
    @Override
    void close();
}
