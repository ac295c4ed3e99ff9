package io.genserver.supervisor;

import io.genserver.supervisor.ProcessRegistry.Entry;
import java.util.List;

/// What a registry holds, for tools that show it. See [ProcessRegistry#snapshot].
///
/// @param name the name of the registry
/// @param keys the number of its keys
/// @param processes the number of registered processes
/// @param entries some of the entries, in no order
public record RegistrySnapshot(String name, int keys, int processes, List<Entry<?, ?>> entries) {}
