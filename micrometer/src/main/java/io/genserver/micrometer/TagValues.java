package io.genserver.micrometer;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// The values of one tag, of which there are only so many.
final class TagValues {

    static final String OTHER = "other";

    private final int max;
    private final Set<String> values = ConcurrentHashMap.newKeySet();
    private final AtomicInteger count = new AtomicInteger();

    TagValues(int max) {
        this.max = max;
    }

    /// Returns whether the value is one of the first. Any thread.
    boolean has(String value) {
        return values.contains(value);
    }

    /// Returns the value if it is one of the first, else [#OTHER]. Any thread.
    String limited(String value) {
        if (values.contains(value)) {
            return value;
        }
        if (count.get() >= max || count.incrementAndGet() > max) {
            return OTHER;
        }
        if (!values.add(value)) {
            count.decrementAndGet(); // another thread has added it
        }
        return value;
    }
}
