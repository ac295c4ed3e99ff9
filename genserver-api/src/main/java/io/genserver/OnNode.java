package io.genserver;

import java.util.Optional;

/// Looks references up on one node, for [Server#on]. The key is the reference.
///
/// @param node the node
/// @param startsOnDemand whether the registry of the reference starts processes
record OnNode(Node node, boolean startsOnDemand) implements ViaRegistry {

    static Via refer(Node node, ServerRef ref) {
        boolean onDemand = ref instanceof Via(var registry, var _) && registry.startsOnDemand();
        return new Via(new OnNode(node, onDemand), ref);
    }

    /// @throws UnsupportedOperationException always, because a process takes its name on its own
    ///   node
    @Override
    public boolean registerName(Object key, Pid pid) {
        throw new UnsupportedOperationException(
                "expected a name on the node of the process, got: "
                        + key
                        + " on "
                        + node.name()
                        + "; start the server with node.run(...) and without Server.on");
    }

    /// Does nothing, because it registers nothing.
    @Override
    public void unregisterName(Object key) {}

    @Override
    public Optional<Pid> whereisName(Object key) {
        return call(() -> GenServer.whereis((ServerRef) key));
    }

    @Override
    public Optional<Pid> acquire(Object key) {
        return key instanceof Via(ViaRegistry registry, Object inner)
                ? call(() -> registry.acquire(inner))
                : whereisName(key);
    }

    @Override
    public void release(Object key, Pid pid) {
        if (key instanceof Via(ViaRegistry registry, Object inner)) {
            Optional<Pid> _ =
                    call(() -> {
                        registry.release(inner, pid);
                        return Optional.of(pid);
                    });
        }
    }

    private Optional<Pid> call(ScopedValue.CallableOp<Optional<Pid>, RuntimeException> look) {
        try {
            return node.call(look);
        } catch (IllegalStateException failed) {
            throw node.isOpen() ? failed : new ClosedNodeException(node);
        }
    }

    @Override
    public String toString() {
        return node.name();
    }

    /// Says that there is no process, as for a registry that does not run.
    private static final class ClosedNodeException extends ExitException {

        private static final long serialVersionUID = 1L;

        ClosedNodeException(Node node) {
            super("expected the node " + node.name() + " to be open", ExitReason.NOPROC, null);
        }
    }
}
