package io.genserver;

/// Where a server can be found: by its [Pid], by a [Name] registered on this node, or [Via] a
/// registry of your own.
///
/// A pid always means that one process. A name or a via reference is looked up at each use, so it
/// goes on working after a supervisor has restarted the server behind it.
///
/// Source: `GenServer.server/0`.
public sealed interface ServerRef permits Pid, Name, Via {

    /// Refers to the process registered under a name on this node.
    ///
    /// @param name the registered name, not blank
    /// @return the reference; it is valid whether or not a process has the name now
    /// @throws IllegalArgumentException if the name is blank
    static Name name(String name) {
        return new Name(name);
    }

    /// Refers to the process that a registry of your own knows under a key.
    ///
    /// @param registry the registry to ask at each use
    /// @param key the key to ask it for
    /// @return the reference
    static Via via(ViaRegistry registry, Object key) {
        return new Via(registry, key);
    }
}
