package io.genserver.runtime;

import org.jspecify.annotations.Nullable;

/// A call whose caller does not wait for this one answer. Its end can be watched.
abstract class WatchedRequest extends ReplySlot.Request {

    /// Null if no listener wants to see the end.
    final @Nullable RequestWatch watch;

    WatchedRequest(Object request, @Nullable LocalProcess caller, @Nullable RequestWatch watch) {
        super(request, caller);
        this.watch = watch;
    }

    @Override
    final boolean tell() {
        boolean wanted = false;
        try {
            if (watch != null) {
                watch.end(target, outcome() instanceof Failure(var reason) ? reason : null);
            }
        } finally { // the caller must be told, also if the stack ends in a listener
            wanted = tellCaller();
        }
        return wanted;
    }

    /// Tells the caller that there is an outcome, see [#tell].
    ///
    /// @return false if nobody wants the outcome
    abstract boolean tellCaller();
}
