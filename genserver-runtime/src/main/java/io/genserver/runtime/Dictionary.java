package io.genserver.runtime;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The dictionary and the label of a process. Most processes have neither. Written by the owner,
/// read by any thread. No reader waits, even if a user's `equals` takes long.
final class Dictionary {

    final Map<Object, Object> entries = new ConcurrentHashMap<>();
    volatile @Nullable Object label;
}
