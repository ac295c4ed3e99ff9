package io.genserver.runtime;

import io.genserver.ExitReason;
import java.util.ArrayList;
import java.util.List;

/// The requests that one process has taken and answers later. Guarded by the process.
final class DeferredRequests {

    private static final int SMALLEST_LIMIT = 16;

    private final List<ReplySlot> waiting = new ArrayList<>(2);

    /// The length at which the answered requests are removed from the list.
    private int limit = SMALLEST_LIMIT;

    void add(ReplySlot request) {
        if (waiting.size() >= limit) {
            waiting.removeIf(ReplySlot::isAnswered);
            limit = Math.max(SMALLEST_LIMIT, 2 * waiting.size());
        }
        waiting.add(request);
    }

    void fail(ExitReason reason) {
        waiting.forEach(request -> request.fail(reason));
    }
}
