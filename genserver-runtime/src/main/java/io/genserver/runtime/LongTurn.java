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

/// Reports a server whose callback has been computing for a second or more on a virtual thread: it
/// holds one of the few threads on which all others run. Once a server, as a warning and as an
/// event of the JDK's flight recorder.
@Name("io.genserver.LongTurn")
@Label("Long Turn of a Server")
@Category("GenServer")
@Description("A callback has been computing for a second or more on a virtual thread")
@StackTrace(false)
final class LongTurn extends Event {

    private static final Logger log = LoggerFactory.getLogger(StartOption.class);

    @Label("Server")
    final String server;

    @Label("Stack of the Server")
    final String stack;

    private LongTurn(String server, String stack) {
        this.server = server;
        this.stack = stack;
    }

    /// Reports a server. The timer thread.
    static void report(LocalProcess process) {
        String stack = SafeText.frames(process.stack().stream());
        new LongTurn(process.describe(), stack).commit();
        log.warn(
                "{}{} has been computing for a second or more and holds up others: give it"
                        + " StartOption.platformThread(), or do the work in a task{}",
                process.describe(),
                process.name().map(name -> ", registered as " + name + ",").orElse(""),
                stack);
    }
}
