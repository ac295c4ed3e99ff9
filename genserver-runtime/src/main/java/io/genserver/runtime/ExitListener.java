package io.genserver.runtime;

import io.genserver.ExitReason;
import io.genserver.ServerRef;

/// A monitor without a watcher: code of the runtime is told of the death. It is only in the
/// relations of its target.
abstract sealed class ExitListener extends Monitor
        permits ExitFuture, ExportedProcess, RemotePeer.NamedWatch {

    /// @param node the node of who listens
    /// @param object what is monitored, as its user named it
    ExitListener(LocalNode node, ProcessPid target, ServerRef object) {
        super(node.nobody, target, object, Options.NONE);
    }

    /// The process has ended. The dying thread; the [Healer] may call this again.
    abstract void exited(ExitReason reason);
}
