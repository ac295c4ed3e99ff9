package io.genserver.runtime;

import io.genserver.StartOption;
import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reports a server whose mailbox has reached its mark, as a warning and as an event of the JDK's
/// flight recorder. See [BoundedMailbox#becameLong].
@Name("io.genserver.LongMailbox")
@Label("Long Mailbox of a Server")
@Category("GenServer")
@Description("More messages wait for a server than its warning says")
@StackTrace(false)
final class LongMailbox extends Event {

    private static final Logger log = LoggerFactory.getLogger(StartOption.class);

    @Label("Server")
    final String server;

    @Label("Messages")
    final int length;

    @Label("Warning at")
    final int mark;

    private LongMailbox(String server, int length, int mark) {
        this.server = server;
        this.length = length;
        this.mark = mark;
    }

    /// Any thread.
    static void report(LocalProcess process, BoundedMailbox mailbox) {
        int length = mailbox.length();
        process.node.timers.report(() -> report(process, length, mailbox.mark()));
    }

    private static void report(LocalProcess process, int length, int mark) {
        new LongMailbox(process.describe(), length, mark).commit();
        log.warn(
                "{}{} has {} messages in its mailbox, which warns at {}: it gets more than it"
                        + " handles",
                process.describe(),
                process.name().map(name -> ", registered as " + name + ",").orElse(""),
                length,
                mark);
    }
}
