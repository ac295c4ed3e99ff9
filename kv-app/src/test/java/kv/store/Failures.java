package kv.store;

/// Failures of a store, for the tests of those who use it.
public final class Failures {

    private Failures() {}

    /// Returns what a store says when its disk is full.
    public static StoreException diskFull() {
        return StoreException.diskFull("the disk is full", null);
    }
}
