package io.genserver.benchmarks.savina;

import io.genserver.StartOption;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.Behavior;

/// One process pings, the other answers. After each answer the pinger tells itself to ping again.
/// The result is the number of answers.
public final class PingPong implements Benchmark<Integer> {

    static final int PINGS = 40_000;

    enum ToPinger {
        GO,
        PONG
    }

    @Override
    public Integer expected() {
        return PINGS;
    }

    @Override
    public Integer ours(StartOption... options) {
        return PingPongServers.run(options);
    }

    @Override
    public Behavior<Integer> pekko(Consumer<Integer> done) {
        return PingPongActors.starter(done);
    }
}
