package io.genserver.runtime;

/// Reports a server whose turn has taken a second or more, if that holds up others. Either the
/// server has been computing on a virtual thread, which occupies one of the few carriers, or it has
/// promised not to block and holds up the thread that was lent to it. Each server is reported once.
final class LongTurn {

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
        Listeners.all().longTurn(process.node, process.pid, process.initialCall(), promised, stack);
    }
}
