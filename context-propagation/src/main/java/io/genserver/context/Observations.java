package io.genserver.context;

import io.micrometer.context.ThreadLocalAccessor;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import org.jspecify.annotations.Nullable;

/// Micrometer's current observation. It is set by opening a scope, which is on a stack of the
/// thread. The observation alone does not tell how many scopes a turn has left open, but the scope
/// does.
///
/// Used only if the library is there.
final class Observations {

    private Observations() {}

    static boolean areOf(ThreadLocalAccessor<?> accessor) {
        return accessor instanceof ObservationThreadLocalAccessor;
    }

    /// Returns the scope that is the current one on this thread; null if none is open.
    static @Nullable Object scope(ThreadLocalAccessor<?> accessor) {
        return registry(accessor).getCurrentObservationScope();
    }

    /// Makes another scope the current one and closes those that were opened since it was.
    ///
    /// @param before the other scope; null if none was open
    static void restore(ThreadLocalAccessor<?> accessor, @Nullable Object before) {
        ObservationRegistry registry = registry(accessor);
        Observation.Scope now = registry.getCurrentObservationScope();
        if (now == before) {
            return;
        }
        try {
            while (now != null && !isIn(now, (Observation.Scope) before)) {
                Observation.Scope outer = now.getPreviousObservationScope();
                now.close();
                now = outer;
            }
        } finally { // a handler may have thrown, or the turn has closed what it did not open
            registry.setCurrentObservationScope((Observation.Scope) before);
        }
    }

    private static boolean isIn(Observation.Scope scope, Observation.@Nullable Scope stack) {
        for (Observation.Scope each = stack;
                each != null;
                each = each.getPreviousObservationScope()) {
            if (each == scope) {
                return true;
            }
        }
        return false;
    }

    private static ObservationRegistry registry(ThreadLocalAccessor<?> accessor) {
        return ((ObservationThreadLocalAccessor) accessor).getObservationRegistry();
    }
}
