package io.genserver.spi;

import io.genserver.Ref;
import java.util.concurrent.atomic.AtomicLong;

/// The base class of a runtime's references, which are numbered in the order of creation.
public non-sealed class Reference implements Ref {

    private static final AtomicLong LAST = new AtomicLong();

    private final long number;

    /// Creates a reference that differs from all others.
    public Reference() {
        Machine machine = Machine.current();
        number = machine == null ? LAST.incrementAndGet() : machine.nextReference();
    }

    @Override
    public final boolean equals(Object other) {
        return this == other;
    }

    @Override
    public final int hashCode() {
        return Long.hashCode(number);
    }

    @Override
    public final String toString() {
        return "#Reference<0."
                + (number >>> 36)
                + "."
                + (number >>> 18 & 0x3FFFF)
                + "."
                + (number & 0x3FFFF)
                + ">";
    }
}
