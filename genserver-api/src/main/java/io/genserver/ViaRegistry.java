package io.genserver;

import java.util.Optional;

/// A registry that can name processes, for [ServerRef#via].
///
/// Any thread may use it, so implementations must be thread-safe. The runtime unregisters a key
/// only if `init` does not succeed, so the registry itself has to notice the end of a registered
/// process. An exception of [#whereisName] reaches the code that calls or sends; a cast logs it and
/// is lost.
///
/// Source: the `:via` contract of `GenServer` name registration.
public interface ViaRegistry {

    /// Registers a process under a key in one step: of two callers that race for a key, one gets
    /// false. When a server starts, this runs in the new process, before `init`.
    ///
    /// @param key the key
    /// @param pid the process to register
    /// @return whether the key was free and now belongs to the process
    boolean registerName(Object key, Pid pid);

    /// Forgets a key. Does nothing if the key is unknown.
    ///
    /// @param key the key
    void unregisterName(Object key);

    /// Finds the process that is registered under a key.
    ///
    /// @param key the key
    /// @return the live process, or empty
    Optional<Pid> whereisName(Object key);
}
