package io.genserver.benchmarks.savina;

import java.util.function.Consumer;
import org.apache.pekko.actor.typed.Behavior;

/// One benchmark, written for this library and for Pekko: as many take part in the one as in the
/// other, and they send each other the same messages. A run includes starting and stopping them.
///
/// @param <R> what a run comes to
public interface Benchmark<R> {

    /// What every run has to come to, found without any process.
    R expected();

    /// One run with this library. The calling process starts it and waits for its end.
    ///
    /// @throws Exception if the run fails
    R ours() throws Exception;

    /// One run with Pekko: an actor that starts the others, and stops when it knows what the run
    /// came to.
    ///
    /// @param done takes what the run came to
    Behavior<?> pekko(Consumer<R> done);
}
