package io.genserver.runtime;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What a thread passes on to the virtual thread that later runs a function of its user's: its
/// node, its log context and its context class loader.
///
/// @param node the node that the function acts on
/// @param logContext the log context; null for an empty one
/// @param loader the context class loader
record Origin(
        LocalNode node, @Nullable Map<String, String> logContext, @Nullable ClassLoader loader) {

    /// Returns that of the current thread.
    static Origin here() {
        return new Origin(
                LocalNode.current(),
                LogContext.carried(),
                Thread.currentThread().getContextClassLoader());
    }

    /// Runs a function on the current thread, which the runtime has started for it.
    void run(Runnable function) {
        Thread.currentThread().setContextClassLoader(loader);
        LogContext.enter(logContext);
        node.runBound(function);
    }
}
