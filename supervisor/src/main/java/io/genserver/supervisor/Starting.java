package io.genserver.supervisor;

import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Start;
import org.jspecify.annotations.Nullable;

/// Starts one child, or the tree of an application. Runs in the process that will be its parent.
final class Starting {

    private Starting() {}

    /// Starts a child as its specification says.
    ///
    /// @return how the start went; it failed if the start throws or returns an unusable result
    static Start<?> start(ChildSpec<?> spec) {
        try {
            return checked(spec.start().get());
        } catch (Throwable thrown) { // user code must not end the supervisor
            return failed(thrown);
        }
    }

    /// Gives a start the type that its user sees.
    @SuppressWarnings("unchecked") // a Start holds nothing of its type
    static <G> Start<G> typed(Start<?> start) {
        return (Start<G>) start;
    }

    /// Returns the failed start for a throwable.
    static Start<?> failed(Throwable thrown) {
        return new Start.Failed<>(
                thrown instanceof ExitException exit ? exit.reason() : ExitReason.of(thrown));
    }

    /// Turns an unusable result into a failed start. The compiler cannot keep users from returning
    /// null, or a result that holds null or the starting process itself.
    static Start<?> checked(@Nullable Start<?> result) {
        boolean usable =
                switch (result) {
                    case Start.Ok(Pid pid) -> pid != null && !pid.equals(Processes.self());
                    case Start.Ignore<?> _ -> true;
                    case Start.Failed(ExitReason reason) -> reason != null;
                    case null -> false;
                };
        return result != null && usable
                ? result
                : new Start.Failed<>(new ExitReason.BadReturnValue(result));
    }
}
