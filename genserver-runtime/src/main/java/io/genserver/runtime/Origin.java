package io.genserver.runtime;

import org.jspecify.annotations.Nullable;

/// What a thread passes on to the virtual thread that later runs a function of its user's: its
/// node, the context that messages carry and its context class loader.
///
/// @param node the node that the function acts on
/// @param context see [MessageContext]; null for an empty one
/// @param loader the context class loader
record Origin(LocalNode node, @Nullable Object context, @Nullable ClassLoader loader) {

    /// Returns that of the current thread.
    static Origin here() {
        return new Origin(
                LocalNode.current(),
                MessageContext.carried(),
                Thread.currentThread().getContextClassLoader());
    }

    /// Runs a function on the current thread, which the runtime has started for it.
    void run(Runnable function) {
        Thread.currentThread().setContextClassLoader(loader);
        @Nullable Object[] entered = MessageContext.enter(context);
        try {
            node.runBound(function);
        } finally {
            MessageContext.leave(entered);
        }
    }
}
