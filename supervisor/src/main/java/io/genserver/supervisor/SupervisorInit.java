package io.genserver.supervisor;

import java.util.List;

/// The result of a [SupervisorModule]'s `init`: what the supervisor consists of, or that it does
/// not start.
public sealed interface SupervisorInit {

    /// Starts the supervisor with these children. Source: `Supervisor.init/2`.
    ///
    /// @param children the children, in the order to start them; each needs an id of its own
    /// @param flags how the supervisor reacts when children end
    /// @return the result
    static SupervisorInit of(List<? extends ChildSpec<?>> children, SupervisorFlags flags) {
        return new Tree(children, flags);
    }

    /// Does not start the supervisor. Its start then returns [io.genserver.Start.Ignore]. Source:
    /// `:ignore`.
    ///
    /// @return the result
    static SupervisorInit ignore() {
        return new Ignore();
    }

    /// The result of [SupervisorInit#of].
    ///
    /// @param children the children, in the order to start them
    /// @param flags how the supervisor reacts when children end
    record Tree(List<? extends ChildSpec<?>> children, SupervisorFlags flags)
            implements SupervisorInit {

        /// Keeps a copy of the list, and checks that nothing is null.
        public Tree {
            children = Arguments.list(children, "children");
            Arguments.notNull(flags, "flags");
        }
    }

    /// The result of [SupervisorInit#ignore].
    record Ignore() implements SupervisorInit {}
}
