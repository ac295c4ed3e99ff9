package io.genserver.supervisor;

import java.time.Duration;

/// How a supervisor stops a child. Source: `:shutdown` of a child specification.
public sealed interface Shutdown {

    /// Sends the child the exit signal `shutdown`, and kills the child if it has not ended within
    /// the limit. A server that neither traps exits nor was started with
    /// [io.genserver.StartOption#terminateOnExit()] ends at once, without running its `terminate`.
    ///
    /// @param limit how long the child may take, 0 or more
    /// @return the shutdown
    /// @throws IllegalArgumentException if the limit is negative
    static Shutdown within(Duration limit) {
        return new Within(limit);
    }

    /// Sends the child the exit signal `shutdown` and waits without limit. For supervisors: their
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

    /// The shutdown of [Shutdown#within].
    ///
    /// @param limit how long the child may take, 0 or more
    record Within(Duration limit) implements Shutdown {

        /// Checks that the limit is 0 or more.
        public Within {
            if (Arguments.notNull(limit, "limit").isNegative()) {
                throw new IllegalArgumentException(
                        "expected a shutdown limit of 0 or more, got: " + limit);
            }
        }
    }

    /// The shutdown of [Shutdown#infinity].
    enum Unlimited implements Shutdown {
        /// The only value.
        INFINITY
    }

    /// The shutdown of [Shutdown#brutalKill].
    enum Brutal implements Shutdown {
        /// The only value.
        KILL
    }
}
