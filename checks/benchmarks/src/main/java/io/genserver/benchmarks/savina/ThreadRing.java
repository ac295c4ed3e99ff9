package io.genserver.benchmarks.savina;

import io.genserver.StartOption;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.Behavior;

/// A token goes round a ring. A stop message follows it and adds up how often each node has passed
/// the token on. The result is that sum.
public final class ThreadRing implements Benchmark<Integer> {

    static final int SIZE = 100;
    static final int HOPS = 100_000;

    @Override
    public Integer expected() {
        return HOPS;
    }

    @Override
    public Integer ours(StartOption... options) {
        return ThreadRingServers.run(options);
    }

    @Override
    public Behavior<Integer> pekko(Consumer<Integer> done) {
        return ThreadRingActors.starter(done);
    }
}
