package io.genserver.runtime;

/// Takes the thread from a server that has had nothing to do for about a second, and reports a turn
/// that takes that long. There is one object for each watched server. The timer thread.
///
/// A server that gets an owner while the watch ends is not lost. The owner makes the server
/// RUNNING, then reads its `watch`. The watch first sets that field to null, then looks at the run
/// state again.
final class IdleWatch implements PeriodicSweep.Member {

    private final ServerProcess server;

    /// How many messages the server had handled at the previous look.
    private int handledBefore;

    IdleWatch(ServerProcess server) {
        this.server = server;
        this.handledBefore = server.handled() - 1; // a first look never finds it idle
    }

    @Override
    public boolean look() {
        if (server.isDead() || server.endIfBroken()) {
            return true;
        }
        if (server.isCold()) {
            server.unwatch();
            return true;
        }
        int handled = server.handled(); // races OK: at worst it retires one look early or late
        if (handled == handledBefore) {
            if (!server.isParked()) {
                if (!server.longTurnReported) {
                    server.longTurnReported = LongTurn.reportIfLong(server);
                }
            } else if (server.mailbox.hasNew()) {
                server.wake(); // a sender's stack ended before it could
            } else {
                server.retire();
            }
        }
        handledBefore = handled;
        return false;
    }
}
