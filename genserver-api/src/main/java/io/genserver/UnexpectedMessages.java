package io.genserver;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What the default [GenServer#handleInfo] writes.
final class UnexpectedMessages {

    private static final Logger log = LoggerFactory.getLogger(GenServer.class);

    private UnexpectedMessages() {}

    static void log(GenServer<?, ?, ?, ?> server, Object message) {
        log.error(
                "{} {} received unexpected message in handleInfo: {}",
                server.getClass().getName(),
                Processes.self(),
                message);
    }
}
