package io.genserver.cluster;

import io.genserver.Experimental;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A map of strings to bytes that several nodes keep. See [ReplicatedMaps].
///
/// The writer has a copy of all entries, so reads do not block and ask nobody. Used by one thread
/// at a time.
@Experimental
public interface ReplicatedMap {

    /// Returns the value under a key.
    ///
    /// @param key the key
    /// @return the value, which nobody may change; null if there is none
    byte @Nullable [] get(String key);

    /// Returns all keys.
    ///
    /// @return the keys, in no order; cannot be changed
    Set<String> keys();

    /// Stores a value. Returns when all copies have it.
    ///
    /// @param key the key
    /// @param value the value, which nobody changes afterwards
    /// @throws NoQuorumException if this side of a partition may not
    /// @throws ReplicationException if it did not work in time, or if another process has opened
    ///   the map. The change may have been made
    /// @throws IllegalStateException if an earlier write has failed, or the map is deleted
    void put(String key, byte[] value);

    /// Removes a key. Returns when no process can find it. Does nothing if there is no such key.
    ///
    /// @param key the key
    /// @throws NoQuorumException if this side of a partition may not
    /// @throws ReplicationException if it did not work in time, or if another process has opened
    ///   the map. The change may have been made
    /// @throws IllegalStateException if an earlier write has failed, or the map is deleted
    void remove(String key);

    /// Removes the map with all entries. If this fails, the map may be gone.
    ///
    /// @throws NoQuorumException if this side of a partition may not
    /// @throws ReplicationException if it did not work in time, or if another process has opened
    ///   the map
    /// @throws IllegalStateException if an earlier write has failed, or the map is deleted
    void delete();
}
