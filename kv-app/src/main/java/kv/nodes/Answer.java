package kv.nodes;

/// How a request to create or change a bucket went.
public enum Answer {
    /// It is done.
    DONE,
    /// There is no such bucket.
    NOT_FOUND,
    /// The bucket's node has no memory for it, or the bucket would be too large to move.
    OUT_OF_MEMORY
}
