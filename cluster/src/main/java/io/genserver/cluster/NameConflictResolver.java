package io.genserver.cluster;

import io.genserver.Pid;

/// Decides which of two processes keeps a name of [Global] when two nodes meet that have given it
/// to different processes. All nodes of a cluster need the same one, because each node decides for
/// itself, in any order. So the result must depend on nothing but the arguments. If it throws a
/// [RuntimeException] or returns another process, that is logged and the first process keeps the
/// name.
@FunctionalInterface
public interface NameConflictResolver {

    /// Returns the process that keeps a name.
    ///
    /// @param name the name
    /// @param one a process; `one.compareTo(other)` is less than 0
    /// @param other the other process
    /// @return one of the two
    Pid keeper(Object name, Pid one, Pid other);
}
