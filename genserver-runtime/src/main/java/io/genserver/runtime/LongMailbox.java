package io.genserver.runtime;

import io.genserver.StartOption;
import io.genserver.spi.RuntimeListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reports a server whose mailbox has reached its mark, as a warning and to the listeners. See
/// [BoundedMailbox#becameLong].
final class LongMailbox {

    private static final Logger log = LoggerFactory.getLogger(StartOption.class);

    private LongMailbox() {}

    /// Any thread.
    static void report(LocalProcess process, BoundedMailbox mailbox) {
        int length = mailbox.length();
        process.node.timers.report(() -> report(process, length, mailbox.mark()));
    }

    private static void report(LocalProcess process, int length, int mark) {
        RuntimeListener listeners = Listeners.all();
        if (listeners != null) {
            listeners.longMailbox(process.node, process.pid, process.initialCall(), length, mark);
        }
        log.warn(
                "{}{} has {} messages in its mailbox, which warns at {}: it gets more than it"
                        + " handles",
                process.describe(),
                process.name().map(name -> ", registered as " + name + ",").orElse(""),
                length,
                mark);
    }
}
