package io.genserver.stress;

import org.jspecify.annotations.Nullable;

/// Places for what a client waits for. It allocates nothing once it is made, because the heap may
/// be full. One thread.
final class Slots<T> {

    static final int MANY = 64;

    private final @Nullable Object[] places = new @Nullable Object[MANY];

    /// Returns a place that is free; -1 if none is.
    int free() {
        for (int i = 0; i < MANY; i++) {
            if (places[i] == null) {
                return i;
            }
        }
        return -1;
    }

    void put(int place, T value) {
        places[place] = value;
    }

    @SuppressWarnings("unchecked") // only put writes
    @Nullable T at(int place) {
        return (T) places[place];
    }

    void clear(int place) {
        places[place] = null;
    }

    /// Clears the place of a value.
    ///
    /// @return the place; -1 if it has none
    int remove(Object value) {
        for (int i = 0; i < MANY; i++) {
            if (value.equals(places[i])) {
                places[i] = null;
                return i;
            }
        }
        return -1;
    }

    boolean isEmpty() {
        for (Object place : places) {
            if (place != null) {
                return false;
            }
        }
        return true;
    }
}
