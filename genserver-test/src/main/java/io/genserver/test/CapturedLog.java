package io.genserver.test;

import java.util.List;

/// Shows the log lines of a test beside its failure. It has no stack, because it is no failure.
final class CapturedLog extends Throwable {

    private static final long serialVersionUID = 1L;

    CapturedLog(List<String> lines) {
        super(
                lines.isEmpty()
                        ? "the test has logged nothing"
                        : "the log of the test:\n" + String.join("\n", lines),
                null,
                false,
                false);
    }
}
