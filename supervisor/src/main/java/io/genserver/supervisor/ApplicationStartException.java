package io.genserver.supervisor;

import io.genserver.ExitReason;
import io.genserver.Start;
import org.jspecify.annotations.Nullable;

/// An application did not start. The cause is what its start threw, if it threw something.
public final class ApplicationStartException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient Start<?> start;

    ApplicationStartException(String application, Start<?> start) {
        super(application + " did not start: " + text(start), cause(start));
        this.start = start;
    }

    private static String text(Start<?> start) {
        return start instanceof Start.Failed(ExitReason reason)
                ? reason.toString()
                : "its start returned ignore";
    }

    private static @Nullable Throwable cause(Start<?> start) {
        return start instanceof Start.Failed(ExitReason reason) ? reason.cause() : null;
    }

    /// Returns how the start went.
    ///
    /// @return a [Start.Failed] or a [Start.Ignore]
    public Start<?> start() {
        return start;
    }
}
