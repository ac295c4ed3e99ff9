package io.genserver.runtime;

import io.genserver.ExitReason;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/// Shows the end of one request to the listeners that have seen its begin.
final class RequestWatch {

    private final TurnListeners listeners;
    private final @Nullable Object[] begun;
    private final AtomicBoolean ended = new AtomicBoolean(); // any thread

    /// @param begun what [TurnListeners#requestBegins] has returned
    RequestWatch(TurnListeners listeners, @Nullable Object[] begun) {
        this.listeners = listeners;
        this.begun = begun;
    }

    /// The request exists. The caller's thread.
    void made() {
        listeners.requestMade(begun);
    }

    /// The request has an outcome. Only the first end counts. Any thread.
    void end(@Nullable LocalProcess target, @Nullable ExitReason failure) {
        if (ended.compareAndSet(false, true)) {
            listeners.requestEnds(begun, target == null ? null : target.initialCall(), failure);
        }
    }
}
