package io.genserver.supervisor;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Checks the arguments of public methods on the caller's thread. A null that reaches a supervisor
/// would end its tree.
final class Arguments {

    private Arguments() {}

    /// Returns a value that must not be null.
    ///
    /// @param name names the value in the message
    /// @throws NullPointerException if the value is null
    static <T> T notNull(@Nullable T value, String name) {
        if (value == null) {
            throw new NullPointerException("expected a value for " + name + ", got: null");
        }
        return value;
    }

    /// Returns a time that must be neither null nor negative.
    ///
    /// @param name names the time in the message
    /// @throws NullPointerException if the time is null
    /// @throws IllegalArgumentException if the time is negative
    static Duration time(@Nullable Duration value, String name) {
        Duration present = notNull(value, name);
        if (present.isNegative()) {
            throw new IllegalArgumentException(
                    "expected " + name + " to be 0 or more, got: " + present);
        }
        return present;
    }

    /// Copies a collection that must neither be null nor contain null.
    ///
    /// @param name names the collection in the message
    /// @throws NullPointerException if the collection is null or contains null
    static <T> List<T> list(@Nullable Collection<T> values, String name) {
        Collection<T> present = notNull(values, name);
        if (present.stream().anyMatch(Objects::isNull)) {
            throw new NullPointerException(
                    "expected " + name + " not to contain null, got: " + present);
        }
        return List.copyOf(present);
    }
}
