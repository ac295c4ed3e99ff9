package io.genserver.runtime;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/// The event of a [LongTurn]. It has a class of its own, because the JVM changes the class of an
/// event when it loads it. If memory ends then, the class can never be used.
@Name("io.genserver.LongTurn")
@Label("Long Turn of a Server")
@Category("GenServer")
@Description("A callback has taken a second or more on a thread that others need")
@StackTrace(false)
final class LongTurnEvent extends Event {

    @Label("Server")
    final String server;

    @Label("Stack of the Server")
    final String stack;

    LongTurnEvent(String server, String stack) {
        this.server = server;
        this.stack = stack;
    }
}
