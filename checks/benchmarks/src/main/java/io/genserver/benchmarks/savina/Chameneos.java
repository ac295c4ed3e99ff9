package io.genserver.benchmarks.savina;

import io.genserver.StartOption;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.Behavior;

/// Chameneos go to a mall, which brings them together in pairs. The first of a pair computes the
/// new color of both, and both go to the mall again. The result is the sum of the meetings of all
/// chameneos.
public final class Chameneos implements Benchmark<Integer> {

    static final int CHAMENEOS = 100;
    static final int MEETINGS = 200_000;

    enum Color {
        RED,
        YELLOW,
        BLUE;

        static final Color[] ALL = values();

        /// Returns the color of both if they are equal, and the third color otherwise.
        Color with(Color other) {
            if (this == other) {
                return this;
            }
            if (this != RED && other != RED) {
                return RED;
            }
            return this != YELLOW && other != YELLOW ? YELLOW : BLUE;
        }
    }

    @Override
    public Integer expected() {
        return 2 * MEETINGS;
    }

    @Override
    public Integer ours(StartOption... options) {
        return ChameneosServers.run(options);
    }

    @Override
    public Behavior<Integer> pekko(Consumer<Integer> done) {
        return ChameneosActors.starter(done);
    }
}
