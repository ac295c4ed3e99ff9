package io.genserver.simulation;

import java.util.Arrays;
import java.util.function.Predicate;

/// Makes the choices of a run that failed simpler. A choice of 0 changes as little as possible: no
/// other thread, no fault, the shortest delay. So the fewer choices differ from 0, the easier the
/// run is to read.
final class Shrinking {

    private static final int MOST_ATTEMPTS = 400;

    private final Predicate<int[]> fails;
    private int[] best;
    private int attempts;

    /// @param fails plays a run with other choices, and returns whether it fails in the same way
    Shrinking(int[] choices, Predicate<int[]> fails) {
        this.best = choices;
        this.fails = fails;
    }

    int attempts() {
        return attempts;
    }

    static int switches(int[] choices) {
        return (int) Arrays.stream(choices).filter(choice -> choice != 0).count();
    }

    int[] shortest() {
        boolean better = true;
        while (better && attempts < MOST_ATTEMPTS) {
            better = false;
            for (int chunk = Math.max(1, switches(best) / 2); chunk > 0; chunk /= 2) {
                better |= removeChunks(chunk);
            }
        }
        return best;
    }

    /// Tries to set some neighbouring choices to 0, at each place.
    private boolean removeChunks(int chunk) {
        boolean better = false;
        for (int from = 0; attempts < MOST_ATTEMPTS; ) {
            int[] places = places(best);
            if (from >= places.length) {
                break;
            }
            int[] candidate = best.clone();
            int to = Math.min(places.length, from + chunk);
            for (int i = from; i < to; i++) {
                candidate[places[i]] = 0;
            }
            attempts++;
            if (fails.test(candidate)) {
                best = trimmed(candidate);
                better = true;
            } else {
                from = to;
            }
        }
        return better;
    }

    private static int[] places(int[] choices) {
        int[] places = new int[switches(choices)];
        int next = 0;
        for (int i = 0; i < choices.length; i++) {
            if (choices[i] != 0) {
                places[next++] = i;
            }
        }
        return places;
    }

    private static int[] trimmed(int[] choices) {
        int length = choices.length;
        while (length > 0 && choices[length - 1] == 0) {
            length--;
        }
        return Arrays.copyOf(choices, length);
    }
}
