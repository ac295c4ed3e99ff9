package io.genserver.test;

import io.genserver.ExitReason;
import io.genserver.Start;
import io.genserver.StartException;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.FailedToStartChild;
import org.jspecify.annotations.Nullable;

/// Says why a child did not start: in its own words, with what it threw, and where the test started
/// it.
final class ChildStart {

    private ChildStart() {}

    /// Returns the exception for a start that has not succeeded. Its cause is what the child threw,
    /// or what a child of that child threw. Its stack begins with the caller's own frame.
    static StartException failed(ChildSpec<?> child, Start<?> start) {
        StringBuilder text =
                new StringBuilder("expected the child ")
                        .append(child.id())
                        .append(" to start, got: ");
        Throwable cause = null;
        switch (start) {
            case Start.Failed<?>(ExitReason reason) -> {
                ExitReason innermost = describe(reason, text);
                cause = innermost.cause();
            }
            case Start.Ignore<?> _ -> text.append("its init said ignore");
            case Start.Ok<?> _ -> throw new AssertionError(start);
        }
        StartException failed = new StartException(text.toString());
        if (cause != null) {
            failed.initCause(cause);
        }
        failed.setStackTrace(Started.usersPart(failed.getStackTrace()));
        return failed;
    }

    /// Follows the supervisors below to the child that failed.
    private static ExitReason describe(ExitReason reason, StringBuilder text) {
        ExitReason inner = reason;
        while (failedChild(inner) instanceof FailedToStartChild(Object id, ExitReason next)) {
            text.append("its child ").append(id).append(" failed: ");
            inner = next;
        }
        text.append(inner);
        return inner;
    }

    private static @Nullable Object failedChild(ExitReason reason) {
        return reason instanceof ExitReason.Shutdown(Object detail) ? detail : null;
    }
}
