package io.genserver.supervisor;

import io.genserver.Pid;
import org.jspecify.annotations.Nullable;

/// What the listeners of a [ProcessRegistry] are sent. None comes when a registered process dies:
/// monitor it to hear of that.
public sealed interface RegistryEvent {

    /// A process has registered itself.
    ///
    /// @param registry the registry's name
    /// @param key the key
    /// @param pid the process
    /// @param value its value
    record Registered(String registry, Object key, Pid pid, @Nullable Object value)
            implements RegistryEvent {}

    /// A process has unregistered a key, whether it had it or not.
    ///
    /// @param registry the registry's name
    /// @param key the key
    /// @param pid the process
    record Unregistered(String registry, Object key, Pid pid) implements RegistryEvent {}
}
