package io.genserver.supervisor;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Checks what callers give to the public methods, in the caller's thread: a null that got into a
/// supervisor would end the tree.
final class Arguments {

    private Arguments() {}

    /// Returns a value that must not be null.
    ///
    /// @param name what it is, for the message
    /// @throws NullPointerException if it is null
    static <T> T notNull(@Nullable T value, String name) {
        if (value == null) {
            throw new NullPointerException("expected a value for " + name + ", got: null");
        }
        return value;
    }

    /// Returns a time that must not be null or negative.
    ///
    /// @param name what it is, for the message
    /// @throws NullPointerException if it is null
    /// @throws IllegalArgumentException if it is negative
    static Duration time(@Nullable Duration value, String name) {
        Duration present = notNull(value, name);
        if (present.isNegative()) {
            throw new IllegalArgumentException(
                    "expected " + name + " to be 0 or more, got: " + present);
        }
        return present;
    }

    /// Copies a collection that must not be null or hold null.
    ///
    /// @param name what it is, for the message
    /// @throws NullPointerException if it is null or holds null
    static <T> List<T> list(@Nullable Collection<T> values, String name) {
        Collection<T> present = notNull(values, name);
        if (present.stream().anyMatch(Objects::isNull)) {
            throw new NullPointerException(
                    "expected " + name + " without null among them, got: " + present);
        }
        return List.copyOf(present);
    }
}
