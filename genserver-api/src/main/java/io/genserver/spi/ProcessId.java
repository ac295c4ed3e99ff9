package io.genserver.spi;

import io.genserver.Pid;

/// The base class of a runtime's pids.
public abstract non-sealed class ProcessId implements Pid {

    private final long number;

    /// Creates the pid with its number.
    ///
    /// @param number the number of the process on its node, 1 or more; 0 for a pid that no process
    ///   has
    protected ProcessId(long number) {
        this.number = number;
    }

    /// Returns the number of the process on its node.
    ///
    /// @return the number
    public final long number() {
        return number;
    }

    /// Returns the number of the node in the pid's text. It is 0 unless a runtime with several
    /// nodes overrides this method.
    ///
    /// @return the number
    protected long nodeNumber() {
        return 0;
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

    /// Returns whether the other pid is of the same process. A process of this node has one pid
    /// object. Pids of other nodes are made anew for each message that they come in.
    @Override
    public final boolean equals(Object other) {
        return this == other
                || (other instanceof ProcessId that
                        && number == that.number
                        && incarnation() == that.incarnation()
                        && node().equals(that.node()));
    }

    @Override
    public final int hashCode() {
        return Long.hashCode(number);
    }

    @Override
    public final String toString() {
        return "#PID<" + nodeNumber() + "." + (number & 0xFFF_FFFF) + "." + (number >>> 28) + ">";
    }
}
