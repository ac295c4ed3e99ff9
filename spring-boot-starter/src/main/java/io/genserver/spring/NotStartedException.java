package io.genserver.spring;

import io.genserver.ExitException;
import io.genserver.ExitReason;

/// A child has no process, because the tree has not started it or has stopped.
final class NotStartedException extends ExitException {

    private static final long serialVersionUID = 1L;

    NotStartedException(String bean) {
        super(
                "expected the child of the bean '"
                        + bean
                        + "' to run, but the supervision tree has not started it or has stopped; the"
                        + " tree starts when all beans have been created, so call its servers from"
                        + " an ApplicationRunner and not from a constructor",
                ExitReason.NOPROC,
                null);
    }
}
