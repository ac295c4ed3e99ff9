package io.genserver.runtime;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The dictionary, the label, the clean-ups and the published view of a process. Most processes
/// have none of them.
final class Dictionary {

    /// Written by the owner, read by any thread. No reader waits, even if a user's `equals` takes
    /// long.
    final Map<Object, Object> entries = new ConcurrentHashMap<>();

    /// Written by the owner, read by any thread.
    volatile @Nullable Object label;

    /// What other threads may use while the process is busy. Written by the owner, read by any
    /// thread.
    volatile @Nullable Object published;

    /// The clean-ups that have neither run nor been cancelled; null until there is one. Guarded by
    /// the process.
    @Nullable Few<RegisteredCleanup> cleanups;
}
