package io.genserver.runtime;

import io.genserver.StartOption;
import io.genserver.spi.RuntimeListener;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Reports a server whose turn has taken a second or more, if that holds up others. Either the
/// server has been computing on a virtual thread, which occupies one of the few carriers, or it has
/// promised not to block and holds up the thread that was lent to it. Each server is reported once,
/// as a warning and to the listeners.
final class LongTurn {

    private static final Logger log = LoggerFactory.getLogger(StartOption.class);

    private LongTurn() {}

    /// Reports a server that has been in the same turn for a second or more. The timer thread.
    ///
    /// @return false if the turn holds up no other thread
    static boolean reportIfLong(ServerProcess process) {
        boolean promised = process.isNonBlocking();
        if (promised ? !process.isInTurn() : !process.isComputing()) {
            return false;
        }
        String stack = SafeText.frames(process.stack().stream());
        process.node.timers.report(() -> report(process, promised, stack));
        return true;
    }

    private static void report(ServerProcess process, boolean promised, String stack) {
        RuntimeListener listeners = Listeners.all();
        if (listeners != null) {
            listeners.longTurn(process.node, process.pid, process.initialCall(), promised, stack);
        }
        log.warn(
                "{}{} has been {}{}",
                process.describe(),
                process.name().map(name -> ", registered as " + name + ",").orElse(""),
                promised
                        ? "in one turn for a second or more, although it is nonBlocking(), and holds up"
                                + " its callers: start it without that option, or do the work in a"
                                + " task"
                        : "computing for a second or more and holds up others: give it"
                                + " StartOption.platformThread(), or do the work in a task",
                stack);
    }
}
