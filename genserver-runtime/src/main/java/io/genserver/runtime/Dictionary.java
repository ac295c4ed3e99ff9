package io.genserver.runtime;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a process keeps for the code that runs in it, and its label. Most processes have none.
/// Guarded by the process.
final class Dictionary {

    final Map<Object, Object> entries = new HashMap<>();
    @Nullable Object label;
}
