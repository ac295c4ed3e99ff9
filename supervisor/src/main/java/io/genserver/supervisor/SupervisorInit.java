package io.genserver.supervisor;

import java.util.List;

/// What a supervisor is made of: the result of a [SupervisorModule]'s init.
public sealed interface SupervisorInit {

    /// Starts these children. Source: `Supervisor.init/2`.
    ///
    /// @param children the children, in the order to start them
    /// @param flags how the supervisor reacts when they end
    /// @return the result
    static SupervisorInit of(List<ChildSpec> children, SupervisorFlags flags) {
        return new Tree(children, flags);
    }

    /// Does not start. Source: `:ignore`.
    ///
    /// @return the result
    static SupervisorInit ignore() {
        return new Ignore();
    }

    /// See [SupervisorInit#of].
    ///
    /// @param children the children
    /// @param flags how the supervisor reacts
    record Tree(List<ChildSpec> children, SupervisorFlags flags) implements SupervisorInit {

        /// Keeps a copy of the list, and checks that nothing is missing.
        public Tree {
            children = Arguments.list(children, "children");
            Arguments.notNull(flags, "flags");
        }
    }

    /// See [SupervisorInit#ignore].
    record Ignore() implements SupervisorInit {}
}
