package io.genserver.cluster;

import java.io.IOException;

/// Bytes from a peer are refused. The message says what was expected and what came.
final class FrameException extends IOException {

    private static final long serialVersionUID = 1;

    FrameException(String message) {
        super(message);
    }

    FrameException(String message, Throwable cause) {
        super(message, cause);
    }
}
