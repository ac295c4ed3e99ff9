package io.genserver.documentation.guide;

import io.genserver.*;
import org.slf4j.event.Level;

/// The program of docs/logging.md.
final class Feed implements GenServer<Ok, Ok, Object, Object> {

    static final ExitReason REMOTE_CLOSED = ExitReason.of("the remote side closed the connection");

    @Override
    public Init<Ok> init(Ok ok) {
        return Init.ok(ok);
    }

    @Override
    public Level crashLevel(ExitReason reason) {
        return reason.equals(REMOTE_CLOSED) ? Level.INFO : Level.ERROR;
    }
}
