package io.genserver;

/// A reference to a server: its [Pid], a [Name] registered on this node, a [RemoteName] registered
/// on another node, or a [Via] with a registry of your own.
///
/// It says nothing about what the process takes. A [Server] does.
///
/// A pid always means that one process. A name or a via reference is resolved at each use, so it
/// still works after a supervisor has restarted the server.
///
/// Source: `GenServer.server/0`.
public sealed interface ServerRef extends ProcessRef permits Pid, Name, RemoteName, Via {

    @Override
    default ServerRef untyped() {
        return this;
    }

    /// Refers to the process that is registered under a name on this node.
    ///
    /// @param name the name, not blank
    /// @return the reference; it is valid whether or not a process has the name now
    /// @throws IllegalArgumentException if the name is blank
    static Name name(String name) {
        return new Name(name);
    }

    /// Refers to the process that is registered under a name on a node of the cluster.
    ///
    /// @param name the name, not blank
    /// @param node the name of the node, which may be this one; not blank
    /// @return the reference; it is valid whether or not a process has the name now, and whether or
    ///   not the node is connected
    static RemoteName name(String name, String node) {
        return new RemoteName(name, node);
    }

    /// Refers to the process that a registry of your own knows under a key.
    ///
    /// @param registry the registry, which is asked at each use
    /// @param key the key in that registry
    /// @return the reference
    static Via via(ViaRegistry registry, Object key) {
        return new Via(registry, key);
    }
}
