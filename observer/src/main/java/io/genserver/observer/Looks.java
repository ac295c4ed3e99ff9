package io.genserver.observer;

import io.genserver.Node;
import java.lang.ref.SoftReference;
import org.jspecify.annotations.Nullable;

/// Takes a look at the processes whenever somebody needs one and the last one is too old. All
/// viewers share it.
final class Looks {

    private static final long SHORTEST = 2_000_000_000L; // units: ns

    /// A look may take one part in so many of the time of one core.
    private static final int SHARE = 50;

    private final Node node;

    /// Softly, because after the last viewer has gone nobody may need it again. Guarded by this.
    private SoftReference<@Nullable Look> last = new SoftReference<>(null);

    Looks(Node node) {
        this.node = node;
    }

    /// Returns a look that is recent enough. The callers wait for each other, and for nothing else.
    synchronized Look recent() {
        Look known = last.get();
        if (known != null && known.ageAt(System.nanoTime()) < pause(known)) {
            return known;
        }
        Look fresh = node.call(() -> new Look(known));
        last = new SoftReference<>(fresh);
        return fresh;
    }

    /// Returns how long a look stays recent. Units: ns
    static long pause(Look look) {
        return Math.max(SHORTEST, SHARE * look.took());
    }
}
