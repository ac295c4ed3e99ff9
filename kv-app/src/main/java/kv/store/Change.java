package kv.store;

/// A change of one bucket.
///
/// @param <C> what a bucket needs to answer the caller
public sealed interface Change<C> {

    /// The name of the bucket.
    String bucket();

    /// What the bucket needs to answer the caller. The store only passes it on.
    C caller();

    /// Creates a bucket. A bucket that exists keeps its entries.
    record Create<C>(String bucket, C caller) implements Change<C> {}

    /// Stores a value under a key of a bucket that exists.
    record Put<C>(String bucket, String key, String value, C caller) implements Change<C> {}

    /// Deletes a key of a bucket, if it is there.
    record Delete<C>(String bucket, String key, C caller) implements Change<C> {}
}
