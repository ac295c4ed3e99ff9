package kv;

import io.genserver.Agent;
import io.genserver.Server;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Restart;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// A bucket of the store: an agent over a map from keys to values. Keys and values can be any
/// objects.
public final class Bucket implements Agent<Map<Object, Object>> {

    private Bucket() {}

    /// Starts an empty bucket, linked to the calling process.
    ///
    /// @param options options for the start, such as a name
    /// @return the result of the start
    public static Start<Bucket> startLink(StartOption... options) {
        return Agent.startLink(Bucket.class, HashMap::new, options);
    }

    /// Returns the specification of a bucket as the child of a supervisor. The child is temporary,
    /// because a client that needs a crashed bucket again creates a new one.
    ///
    /// @return the specification
    public static ChildSpec<Bucket> childSpec() {
        return ChildSpec.worker(Bucket.class, () -> startLink(StartOption.nonBlocking()))
                .withRestart(Restart.TEMPORARY);
    }

    /// Returns the value of a key. Waits up to 5 s for the bucket.
    ///
    /// @param bucket the bucket
    /// @param key the key
    /// @return the value, or empty if the bucket does not have the key
    /// @throws io.genserver.CallException if the bucket has ended or does not answer in time
    public static Optional<Object> get(Server<Bucket> bucket, Object key) {
        return Agent.get(bucket, entries -> Optional.ofNullable(entries.get(key)));
    }

    /// Stores a value under a key and replaces the previous value. Waits up to 5 s for the bucket.
    ///
    /// @param bucket the bucket
    /// @param key the key
    /// @param value the value
    /// @throws io.genserver.CallException if the bucket has ended or does not answer in time
    public static void put(Server<Bucket> bucket, Object key, Object value) {
        Agent.run(bucket, entries -> entries.put(key, value));
    }

    /// Deletes a key. Waits up to 5 s for the bucket.
    ///
    /// @param bucket the bucket
    /// @param key the key
    /// @return the value the key had, or empty if the bucket did not have the key
    /// @throws io.genserver.CallException if the bucket has ended or does not answer in time
    public static Optional<Object> delete(Server<Bucket> bucket, Object key) {
        return Agent.getAndUpdate(
                bucket,
                entries -> new Agent.Update<>(Optional.ofNullable(entries.remove(key)), entries));
    }
}
