package io.genserver.micrometer;

import io.genserver.Node;
import io.genserver.ProcessInfo.Status;
import io.genserver.ProcessSummary;
import io.genserver.Processes;
import io.genserver.spi.NodeBase;
import io.genserver.spi.ProcessRuntime;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// What the gauges show. All processes are looked at together, at most once a second, because each
/// gauge asks for itself.
final class Census {

    private static final long VALID = 1_000_000_000L; // ns

    /// One look.
    private static final class Look {
        private final Map<Status, Integer> processes = new EnumMap<>(Status.class);
        private final Map<String, Integer> longestMailbox = new HashMap<>();
    }

    private final Node node;
    private final ServerNames servers;

    /// Guarded.
    private @Nullable Look last;

    /// Guarded. Units: ns
    private long lookedAt;

    Census(Node node, ServerNames servers) {
        this.node = node;
        this.servers = servers;
    }

    /// Returns how many processes have a status.
    double processes(Status status) {
        return look().processes.getOrDefault(status, 0);
    }

    /// Returns the length of the longest mailbox of a class of servers.
    double longestMailbox(String server) {
        return look().longestMailbox.getOrDefault(server, 0);
    }

    double armedTimers() {
        return node instanceof NodeBase base && node.isOpen() ? base.armedTimerCount() : 0;
    }

    private synchronized Look look() {
        long now = System.nanoTime();
        Look look = last;
        if (look == null || now - lookedAt >= VALID) {
            look = new Look();
            if (node.isOpen()) {
                Look next = look;
                node.run(() -> Processes.visit(process -> count(process, next)));
            }
            last = look;
            lookedAt = now;
        }
        return look;
    }

    private void count(ProcessSummary process, Look look) {
        look.processes.merge(process.status(), 1, Integer::sum);
        if (ProcessRuntime.get().isServer(process.pid())) {
            look.longestMailbox.merge(
                    servers.ofServer(process.initialCall()),
                    process.messageQueueLength(),
                    Math::max);
        }
    }
}
