package io.genserver;

import java.util.Optional;

/// A registry that can name processes, for [ServerRef#via]. Implementations must be safe for use by
/// any thread.
///
/// Source: the `:via` contract of `GenServer` name registration.
public interface ViaRegistry {

    /// Registers a process under a key, as one step: of two racing callers one is told no.
    ///
    /// @param key the key
    /// @param pid the process to register, the caller itself when a server is being started
    /// @return whether the key was free and is now the process's
    boolean registerName(Object key, Pid pid);

    /// Forgets a key; does nothing when it is unknown.
    ///
    /// @param key the key
    void unregisterName(Object key);

    /// Finds the process registered under a key.
    ///
    /// @param key the key
    /// @return the live process, or empty
    Optional<Pid> whereisName(Object key);
}
