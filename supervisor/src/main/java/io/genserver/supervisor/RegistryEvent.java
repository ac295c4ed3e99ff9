package io.genserver.supervisor;

import io.genserver.Pid;
import org.jspecify.annotations.Nullable;

/// An event that a [ProcessRegistry] sends to its listeners. There is no event for the end of a
/// registered process: monitor the process instead.
public sealed interface RegistryEvent {

    /// A process has registered itself.
    ///
    /// @param registry the registry's name
    /// @param key the key
    /// @param pid the process
    /// @param value the value it has registered with
    record Registered(String registry, Object key, Pid pid, @Nullable Object value)
            implements RegistryEvent {}

    /// A process has unregistered a key, whether it had the key or not.
    ///
    /// @param registry the registry's name
    /// @param key the key
    /// @param pid the process
    record Unregistered(String registry, Object key, Pid pid) implements RegistryEvent {}
}
