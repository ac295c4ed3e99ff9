package io.genserver.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/// Whether the live heap grows.
final class Trend {

    /// Readings at rest differ by a few KB. The rarest operation is a crash, some thousand a minute
    /// even on a slow machine: a single object of 16 bytes lost with each would be more than this
    /// in ten minutes, and one lost with each call by far.
    private static final double TOLERANCE = 128 * 1024;

    private Trend() {}

    /// Prints how much the heap grew, and says whether that is no more than is tolerated.
    ///
    /// @param heaps read at even intervals, 4 or more, units: bytes
    static boolean isFlat(List<Long> heaps) {
        List<Long> steady = heaps.subList(heaps.size() / 3, heaps.size());
        double growth = slope(steady) * (steady.size() - 1);
        boolean flat = growth <= TOLERANCE;
        System.out.printf(
                Locale.ROOT,
                "the live heap grew by %.0f KB in the last two thirds, %.0f KB are tolerated: %s%n",
                growth / 1024,
                TOLERANCE / 1024,
                flat ? "flat" : "NOT FLAT");
        return flat;
    }

    /// The median of the slopes between any two, which single outliers do not move.
    private static double slope(List<Long> values) {
        List<Double> slopes = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            for (int j = i + 1; j < values.size(); j++) {
                slopes.add((double) (values.get(j) - values.get(i)) / (j - i));
            }
        }
        Collections.sort(slopes);
        int size = slopes.size();
        return (slopes.get(size / 2) + slopes.get((size - 1) / 2)) / 2;
    }
}
