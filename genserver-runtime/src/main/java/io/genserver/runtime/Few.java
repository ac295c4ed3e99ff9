package io.genserver.runtime;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A set that usually has no element or one. It keeps the order of insertion. A single element
/// needs no set of the JDK's. Not safe for use by several threads at once.
final class Few<T> {

    private @Nullable T only;
    private @Nullable Set<T> several; // once there were two

    void add(T element) {
        if (several != null) {
            several.add(element);
        } else if (only == null || only == element) {
            only = element;
        } else {
            several = new LinkedHashSet<>();
            several.add(only);
            several.add(element);
            only = null;
        }
    }

    /// Removes an element.
    ///
    /// @return whether it was there
    boolean remove(T element) {
        if (several != null) {
            return several.remove(element);
        }
        boolean found = only == element;
        if (found) {
            only = null;
        }
        return found;
    }

    List<T> list() {
        if (several != null) {
            return new ArrayList<>(several);
        }
        return only == null ? List.of() : List.of(only);
    }

    boolean contains(T element) {
        return several == null ? only == element : several.contains(element);
    }

    /// Returns the first element; null if there is none.
    @Nullable T first() {
        if (several != null) {
            return several.isEmpty() ? null : several.iterator().next();
        }
        return only;
    }

    /// Removes all elements and returns them.
    List<T> takeAll() {
        List<T> all = list();
        only = null;
        several = null;
        return all;
    }
}
