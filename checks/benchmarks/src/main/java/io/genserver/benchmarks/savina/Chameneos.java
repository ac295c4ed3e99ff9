package io.genserver.benchmarks.savina;

import java.util.function.Consumer;
import org.apache.pekko.actor.typed.Behavior;

/// Chameneos go to a mall, which brings them together two at a time; both then have the colour that
/// the first of them finds, and go there again. Comes to the sum of all their meetings.
public final class Chameneos implements Benchmark<Integer> {

    static final int CHAMENEOS = 100;
    static final int MEETINGS = 200_000;

    enum Color {
        RED,
        YELLOW,
        BLUE;

        static final Color[] ALL = values();

        /// The same if both are, the third if not.
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
    public Integer ours() {
        return ChameneosServers.run();
    }

    @Override
    public Behavior<Integer> pekko(Consumer<Integer> done) {
        return ChameneosActors.starter(done);
    }
}
