package io.genserver.supervisor;

import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.Start;

/// Starts one child. Runs in the supervisor.
final class Starting {

    private Starting() {}

    static Start start(ChildSpec spec) {
        try {
            Start result = spec.start().get();
            return result == null ? new Start.Failed(new ExitReason.BadReturnValue(null)) : result;
        } catch (ExitException exit) {
            return new Start.Failed(exit.reason());
        } catch (RuntimeException | Error thrown) { // a start that throws is a start that failed
            return new Start.Failed(ExitReason.of(thrown));
        }
    }
}
