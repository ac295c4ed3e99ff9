package io.genserver.benchmarks;

/// A number with one owner, the server of all calls and casts.
interface Counter {

    /// Adds one by a call and returns the new value.
    long increment() throws Exception;

    /// Adds one by a cast, without waiting.
    void add();

    /// Returns the number after all earlier requests of this thread.
    long value() throws Exception;
}
