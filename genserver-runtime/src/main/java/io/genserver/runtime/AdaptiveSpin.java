package io.genserver.runtime;

import io.genserver.spi.Machine;
import java.util.function.BooleanSupplier;

/// Decides how long a thread spins before it parks.
///
/// Parking a virtual thread and waking it costs several times as much as handing a value over
/// between two running threads. Spinning in vain wastes a processor that other threads need. The
/// thread therefore measures now and then how long it was parked. If that was short, it spins
/// before the next park. It continues to spin while that succeeds. It stops when its first attempt
/// after a measurement fails, or after two failures in a row.
///
/// One object belongs to one thread and one kind of wait.
final class AdaptiveSpin {

    /// How long a virtual thread spins: about ten microseconds, because it occupies a carrier.
    /// Units: iterations
    private static final int SHORT = 256;

    /// How long a platform thread spins: longer than it takes to wake a carrier and to be woken by
    /// it. Units: iterations
    private static final int LONG = 1024;

    /// A rough estimate of the length of one iteration. Units: ns
    private static final long ITERATION = 40L;

    /// The shortest and the longest distance between two measurements. Units: waits
    private static final int OFTEN = 16;

    private static final int RARELY = 1024;

    /// How many failures in a row end the spinning after a success.
    private static final int FAILURES = 2;

    /// With one processor no other thread can run while this one spins.
    private static final boolean OFF = Runtime.getRuntime().availableProcessors() == 1;

    /// How long the thread spins; 0 on a [Machine], whose other threads stand still. Units:
    /// iterations
    private final int length;

    private int failuresLeft; // 0: does not spin
    private int distance = OFTEN; // units: waits
    private int untilMeasurement = OFTEN; // units: waits

    AdaptiveSpin(Thread thread) {
        length = Machine.of(thread) != null ? 0 : thread.isVirtual() ? SHORT : LONG;
    }

    /// Returns whether [#spinUntil] spins at all.
    boolean isWorthwhile() {
        return failuresLeft > 0;
    }

    /// Spins until the condition holds, for as long as seems worthwhile.
    ///
    /// @return whether the condition held in time
    boolean spinUntil(BooleanSupplier condition) {
        if (failuresLeft == 0) {
            return false;
        }
        for (int i = 0; i < length; i++) {
            if (condition.getAsBoolean()) {
                failuresLeft = FAILURES;
                distance = OFTEN;
                return true;
            }
            Thread.onSpinWait();
        }
        failuresLeft--;
        if (failuresLeft == 0) {
            measureLessOften();
        }
        return false;
    }

    /// Returns whether the thread is to measure how long the park that follows takes.
    boolean wantsMeasurement() {
        return failuresLeft == 0 && !OFF && --untilMeasurement <= 0;
    }

    /// Takes the result of a measurement. Units: ns
    void measured(long parked) {
        if (parked <= length * ITERATION) {
            failuresLeft = 1;
        } else {
            measureLessOften();
        }
    }

    private void measureLessOften() {
        distance = Math.min(RARELY, 2 * distance);
        untilMeasurement = distance;
    }
}
