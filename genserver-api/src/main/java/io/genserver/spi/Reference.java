package io.genserver.spi;

import io.genserver.Ref;
import java.util.concurrent.atomic.AtomicLong;

/// The base class of a runtime's references, which are numbered in the order of creation. Each
/// object is a reference of its own, except for those of other nodes.
public non-sealed class Reference implements Ref {

    private static final AtomicLong LAST = new AtomicLong();

    private final long number;

    /// Creates a reference with a number that another node has given it. The class has to compare
    /// also the node.
    ///
    /// @param number the number
    protected Reference(long number) {
        this.number = number;
    }

    /// Creates a reference that differs from all others.
    public Reference() {
        Machine machine = Machine.current();
        number = machine == null ? LAST.incrementAndGet() : machine.nextReference();
    }

    /// Returns the number.
    ///
    /// @return the number, which no other reference of this JVM has
    public final long number() {
        return number;
    }

    @Override
    public boolean equals(Object other) {
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
