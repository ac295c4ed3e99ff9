package io.genserver.runtime;

/// Reports a turn that takes a second or more, if it runs on a thread that no [Worker] runs: a
/// caller's or the server's own. There is one object for each server that has had such a turn in
/// the last second or two. The timer thread.
///
/// The owner makes the server RUNNING, then reads its `watch`. The watch first sets that field to
/// null, then looks at the run state again. So a turn that begins while the watch ends is watched.
final class TurnWatch implements PeriodicSweep.Member {

    private final ServerProcess server;

    /// How many messages the server had handled at the previous look.
    private int handledBefore;

    TurnWatch(ServerProcess server) {
        this.server = server;
        this.handledBefore = server.handled() - 1; // a first look never reports it
    }

    @Override
    public boolean look() {
        server.node.healer.check(); // a caller's stack may have ended in a turn
        if (server.isDead()) {
            return true;
        }
        if (!server.isInTurn()) {
            server.unwatch();
            return true;
        }
        int handled = server.handled(); // races OK: at worst it is reported one look later
        if (handled == handledBefore) {
            server.reportLongTurn();
        }
        handledBefore = handled;
        return false;
    }
}
