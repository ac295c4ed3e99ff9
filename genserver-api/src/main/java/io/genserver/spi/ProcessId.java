package io.genserver.spi;

import io.genserver.Pid;

/// The base of a runtime's pids.
public abstract non-sealed class ProcessId implements Pid {

    private final long number;

    /// Creates the pid with a number of its own.
    ///
    /// @param number counts the node's processes, 1 or more
    protected ProcessId(long number) {
        this.number = number;
    }

    /// The number this pid was created with.
    ///
    /// @return the number
    public final long number() {
        return number;
    }

    @Override
    public int compareTo(Pid other) {
        int byNode = node().compareTo(other.node());
        if (byNode != 0) {
            return byNode;
        }
        int byIncarnation = Long.compare(incarnation(), other.incarnation());
        return byIncarnation != 0
                ? byIncarnation
                : Long.compare(number, ((ProcessId) other).number);
    }

    // One object a process, so identity is equality; spelled out because compareTo is overridden.
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
        return "#PID<0." + (number & 0xFFF_FFFF) + "." + (number >>> 28) + ">";
    }
}
