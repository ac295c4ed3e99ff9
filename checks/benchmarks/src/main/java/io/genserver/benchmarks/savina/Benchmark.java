package io.genserver.benchmarks.savina;

import io.genserver.StartOption;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.Behavior;

/// A benchmark in two versions, for this library and for Pekko. Both versions have the same number
/// of participants, which send each other the same messages. A run includes starting and stopping
/// them.
///
/// @param <R> the result of a run
public interface Benchmark<R> {

    /// Returns the result that every run must have, computed without any process.
    R expected();

    /// Runs the benchmark once with this library. The calling process starts it and waits for its
    /// end.
    ///
    /// @param options for every server
    /// @throws Exception if the run fails
    R ours(StartOption... options) throws Exception;

    /// Returns an actor that runs the benchmark once with Pekko. It starts the other actors and
    /// stops when it knows the result.
    ///
    /// @param done takes the result
    Behavior<?> pekko(Consumer<R> done);
}
