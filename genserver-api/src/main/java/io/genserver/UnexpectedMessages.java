package io.genserver;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The log record of the default [GenServer#handleInfo].
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
