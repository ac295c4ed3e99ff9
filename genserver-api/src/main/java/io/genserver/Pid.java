package io.genserver;

import io.genserver.spi.ProcessId;

/// The identity of one process.
///
/// A pid is valid for ever: it is never given to another process, and it stays usable after its
/// process has died. A message to it is then lost, and a monitor on it delivers `noproc`.
///
/// It prints as `#PID<0.136.0>`. Two pids are equal if they belong to the same process. On one node
/// they are ordered by creation.
///
/// Source: the `pid` type.
public sealed interface Pid extends ServerRef, Comparable<Pid> permits ProcessId {

    /// Returns the name of the node on which the process lives.
    ///
    /// @return the name; `nonode@nohost` for a runtime that is not part of a cluster
    String node();

    /// Returns the number of the node's start to which the process belongs. It tells a pid from
    /// before a restart of the node from one after it.
    ///
    /// @return the incarnation; 0 for a runtime that is not part of a cluster
    long incarnation();
}
