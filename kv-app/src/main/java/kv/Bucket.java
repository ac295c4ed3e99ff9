package kv;

import io.genserver.Agent;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Restart;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// A bucket: an agent over a map of keys to values. Keys and values may be anything.
public final class Bucket {

    private Bucket() {}

    /// Starts an empty bucket, linked to the calling process.
    ///
    /// @param options a name, if it is to have one
    /// @return how it went
    public static Start startLink(StartOption... options) {
        return Agent.startLink(HashMap<Object, Object>::new, options);
    }

    /// A bucket as the child of a supervisor: temporary, for one that crashed is created anew by
    /// whoever needs it.
    ///
    /// @return the specification
    public static ChildSpec childSpec() {
        return ChildSpec.worker(Bucket.class, () -> startLink(StartOption.nonBlocking()))
                .withRestart(Restart.TEMPORARY);
    }

    /// The value of a key.
    ///
    /// @param bucket the bucket
    /// @param key the key
    /// @return its value, or empty
    public static Optional<Object> get(ServerRef bucket, Object key) {
        return Agent.get(
                bucket, (Map<Object, Object> entries) -> Optional.ofNullable(entries.get(key)));
    }

    /// Puts a value under a key, in place of the one before.
    ///
    /// @param bucket the bucket
    /// @param key the key
    /// @param value the value
    public static void put(ServerRef bucket, Object key, Object value) {
        Agent.run(bucket, (Map<Object, Object> entries) -> entries.put(key, value));
    }

    /// Deletes a key.
    ///
    /// @param bucket the bucket
    /// @param key the key
    /// @return the value it had, or empty
    public static Optional<Object> delete(ServerRef bucket, Object key) {
        return Agent.getAndUpdate(
                bucket,
                (Map<Object, Object> entries) ->
                        new Agent.Update<>(Optional.ofNullable(entries.remove(key)), entries));
    }
}
