package kv.server;

import static io.genserver.CastResult.noreply;

import io.genserver.CallServer;
import io.genserver.CastResult;
import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.Init;
import io.genserver.Ok;
import io.genserver.Pace;
import io.genserver.Processes;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Shutdown;
import java.time.Duration;
import java.util.List;
import java.util.Set;

/// Ends connections whose client takes too long, and at the end of the server lets all connections
/// finish.
///
/// The supervisor stops its children in the reverse order of their start. It stops the acceptor, so
/// no client comes any more. Then it stops the watchdog, which ends the input of every connection
/// and waits until they have answered what they had read. It ends those whose client does not read.
/// Then the supervisor stops the connections that are left.
///
/// @param all the connections, which outlive a crash of the watchdog
/// @param limits what clients may take
record Watchdog(Set<Watched> all, Limits limits) implements CallServer<Ok, Void> {

    private static final Duration PERIOD = Duration.ofMillis(250);

    private enum Look {
        NOW
    }

    ChildSpec<Watchdog> childSpec(Duration shutdownTimeout) {
        return ChildSpec.worker(Watchdog.class, () -> CallServer.startLink(() -> this))
                .withShutdown(Shutdown.within(shutdownTimeout));
    }

    @Override
    public Init<Ok> init() {
        Processes.trapExits(true); // so that terminate runs
        Processes.sendEvery(Processes.self(), Look.NOW, PERIOD, Pace.FIXED_DELAY);
        return Init.ok(Ok.OK);
    }

    @Override
    public CastResult<Ok> handleInfo(Object message, Ok ok) throws Exception {
        if (message != Look.NOW) {
            return CallServer.super.handleInfo(message, ok);
        }
        long now = Processes.monotonicTime();
        all.forEach(connection -> connection.check(now, limits));
        return noreply(ok);
    }

    @Override
    public void terminate(ExitReason reason, Ok ok) {
        if (!reason.isOrderly()) {
            return; // the next watchdog goes on
        }
        List<Watched> connections = List.copyOf(all);
        for (Watched connection : connections) {
            Processes.monitor(connection.process());
            connection.endInput();
        }
        int left = connections.size();
        while (left > 0) { // until the supervisor's limit
            switch (Processes.receive()) {
                case Down _ -> left--;
                case Look _ -> {
                    long now = Processes.monotonicTime();
                    connections.forEach(connection -> connection.checkAtTheEnd(now));
                }
                default -> {} // a late message of another process
            }
        }
    }
}
