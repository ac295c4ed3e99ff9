package kv.store;

/// Makes failures of a store, so that the tests of other packages can have them.
public final class Failures {

    private Failures() {}

    /// Returns what a store says when its disk is full.
    public static StoreException diskFull() {
        return StoreException.diskFull("the disk is full", null);
    }
}
