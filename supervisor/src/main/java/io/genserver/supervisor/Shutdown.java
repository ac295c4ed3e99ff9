package io.genserver.supervisor;

import java.time.Duration;

/// How a child is stopped. Source: `:shutdown` of a child specification.
public sealed interface Shutdown {

    /// Sends the exit signal `shutdown` and kills the child if it has not ended in time. A server
    /// that does not trap exits ends at once, without its terminate.
    ///
    /// @param limit how long it may take, 0 or more
    /// @return the shutdown
    /// @throws IllegalArgumentException if the limit is negative
    static Shutdown within(Duration limit) {
        return new Within(limit);
    }

    /// Sends the exit signal `shutdown` and waits for as long as it takes; for supervisors, whose
    /// children have limits of their own.
    ///
    /// @return the shutdown
    static Shutdown infinity() {
        return Unlimited.INFINITY;
    }

    /// Kills the child at once.
    ///
    /// @return the shutdown
    static Shutdown brutalKill() {
        return Brutal.KILL;
    }

    /// See [Shutdown#within].
    ///
    /// @param limit how long it may take
    record Within(Duration limit) implements Shutdown {

        /// Checks the limit.
        public Within {
            if (Arguments.notNull(limit, "limit").isNegative()) {
                throw new IllegalArgumentException(
                        "expected a shutdown limit of 0 or more, got: " + limit);
            }
        }
    }

    /// See [Shutdown#infinity].
    enum Unlimited implements Shutdown {
        /// The only value.
        INFINITY
    }

    /// See [Shutdown#brutalKill].
    enum Brutal implements Shutdown {
        /// The only value.
        KILL
    }
}
