package io.genserver.benchmarks;

/// A number with one owner, and how its users reach it: the server all calls and casts go to.
interface Counter {

    /// Adds one and waits for the new value, as a call.
    long increment() throws Exception;

    /// Adds one without waiting, as a cast.
    void add();

    /// The number after everything this thread has asked for so far.
    long value() throws Exception;
}
