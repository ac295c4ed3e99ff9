package io.genserver.benchmarks;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/// Decides whether the live heap grows.
final class Trend {

    /// Readings at rest differ by a few KB. The rarest operation is a crash, which happens some
    /// thousand times a minute even on a slow machine. If each crash leaked one object of 16 bytes,
    /// the heap would exceed this tolerance in ten minutes. A leak in each call would exceed it by
    /// far. Units: bytes.
    private static final double TOLERANCE = 128 * 1024;

    private Trend() {}

    /// Prints how much the heap grew and returns whether that is within the tolerance.
    ///
    /// @param heaps 4 readings or more, at even intervals; units: bytes
    static boolean isFlat(List<Long> heaps) {
        List<Long> steady = heaps.subList(heaps.size() / 3, heaps.size());
        double growth = slope(steady) * (steady.size() - 1);
        boolean flat = growth <= TOLERANCE;
        System.out.printf(
                Locale.ROOT,
                "the live heap grew by %.0f KB in the last two thirds, tolerance %.0f KB: %s%n",
                growth / 1024,
                TOLERANCE / 1024,
                flat ? "flat" : "NOT FLAT");
        return flat;
    }

    /// Returns the median of the slopes between any two values, because outliers do not move it.
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
