package io.genserver;

import io.genserver.spi.ProcessId;

/// The identity of one process, valid for ever: a pid is never given to another process and stays
/// usable after its process has died, when sending to it does nothing and monitoring it answers
/// `noproc`.
///
/// Prints as `#PID<0.136.0>`. Equality is identity of the process; the order is the order of
/// creation on a node.
///
/// Source: the `pid` type.
public sealed interface Pid extends ServerRef, Comparable<Pid> permits ProcessId {

    /// The node the process lives on.
    ///
    /// @return the node's name, `nonode@nohost` for a runtime that is not part of a cluster
    String node();

    /// Which start of the node the process belongs to, so that a pid of a node's earlier life is
    /// never mistaken for one of its next.
    ///
    /// @return the incarnation, 0 for a runtime that is not part of a cluster
    long incarnation();
}
