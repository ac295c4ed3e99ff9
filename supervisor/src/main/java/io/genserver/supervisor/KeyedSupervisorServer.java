package io.genserver.supervisor;

import io.genserver.CallResult;
import io.genserver.CastResult;
import io.genserver.Init;
import io.genserver.Processes;
import io.genserver.spi.ProcessRuntime;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// The server behind [KeyedSupervisor].
final class KeyedSupervisorServer<K, G>
        extends SupervisingServer<KeyedSupervisorServer.Argument<K, G>, KeyedServers<K, G>> {

    /// @param settings what is the same for all servers
    /// @param publish makes the servers known to other threads
    record Argument<K, G>(
            KeyedServers.Settings<K, G> settings, Consumer<KeyedServers<K, G>> publish) {}

    private enum Sweep {
        SWEEP
    }

    private static final Duration SHORTEST = Duration.ofMillis(10);

    private @Nullable Duration idle;

    @Override
    public Class<?> callbackModule() {
        return KeyedSupervisor.class;
    }

    @Override
    public Init<KeyedServers<K, G>> init(Argument<K, G> argument) {
        Processes.trapExits(true);
        KeyedServers<K, G> servers = new KeyedServers<>(argument.settings(), Processes.self());
        idle = argument.settings().idle();
        if (idle != null) {
            sweepLater(idle);
        }
        argument.publish().accept(servers);
        ProcessRuntime.get().publish(servers);
        return Init.ok(servers);
    }

    private static void sweepLater(Duration idle) {
        Duration quarter = idle.dividedBy(4);
        Processes.sendAfter(
                Processes.self(),
                Sweep.SWEEP,
                quarter.compareTo(SHORTEST) < 0 ? SHORTEST : quarter);
    }

    @Override
    CallResult<KeyedServers<K, G>> answer(
            SupervisorRequest.OfOne<?> request, KeyedServers<K, G> servers) {
        return refused(request, servers);
    }

    @Override
    CastResult<KeyedServers<K, G>> other(Object message, KeyedServers<K, G> servers) {
        if (message == Sweep.SWEEP && idle != null) {
            servers.sweep(idle);
            sweepLater(idle);
            return CastResult.noreply(servers);
        }
        return super.other(message, servers);
    }
}
