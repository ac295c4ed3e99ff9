package demo;

import io.genserver.*;
import io.genserver.cluster.*;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Keeps a node busy: sends numbers to the [Referee] of each other node, calls its counter, and
/// monitors its referee. Tells its own referee what it sees.
final class Load implements ProcessBody {

    private static final ServerRef REFEREE = ServerRef.name(Referee.NAME);
    private static final Duration TICK = Duration.ofMillis(1);
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(2);

    /// A monitor that was set while its node was being lost may fire after the loss was told. So
    /// only those count as late that were set this long before.
    private static final Duration SETTLED = Duration.ofSeconds(1);

    private final int perTick;
    private final Map<String, Peer> peers = new HashMap<>();

    private static final class Peer {
        private final ServerRef referee;

        /// When each monitor was set. Units: ns
        private final Map<Ref, Long> monitors = new HashMap<>();

        private long number;
        private long losses;
        private boolean isLost;

        private Peer(String node) {
            referee = ServerRef.name(Referee.NAME, node);
        }
    }

    /// @param perTick how many numbers to send to each node every millisecond
    Load(int perTick) {
        this.perTick = perTick;
    }

    @Override
    public void run() {
        Cluster.monitorNodes(true);
        Cluster.nodes().forEach(this::watch);
        while (true) {
            handleAll(TICK);
            for (Peer peer : List.copyOf(peers.values())) {
                // A send may have waited, and each number has to say what its sender knows.
                handleAll(Duration.ZERO);
                send(peer);
            }
        }
    }

    private void handleAll(Duration limit) {
        List<Object> messages = new ArrayList<>();
        Optional<Object> message = Processes.receive(Object.class, limit);
        while (message.isPresent()) {
            messages.add(message.get());
            message = Processes.receive(Object.class, Duration.ZERO);
        }
        for (int i = 0; i < messages.size(); i++) {
            boolean isOver =
                    messages.get(i) instanceof NodeUp(String node)
                            && messages.subList(i, messages.size()).contains(new NodeDown(node));
            if (!isOver) {
                handle(messages.get(i));
            }
        }
    }

    private void watch(String node) {
        Peer peer = peers.get(node);
        if (peer == null) {
            peer = new Peer(node);
            peers.put(node, peer);
            Processes.spawnLink(() -> callOn(node));
        }
        if (peer.isLost) {
            peer.isLost = false;
            peer.monitors
                    .keySet()
                    .forEach(_ -> Processes.send(REFEREE, Referee.Fault.DOWN_MISSING));
            peer.monitors.clear();
        }
        peer.monitors.put(Processes.monitor(peer.referee), System.nanoTime());
        Processes.send(REFEREE, Referee.Count.MONITORS);
    }

    private void handle(Object message) {
        switch (message) {
            case NodeUp(String node) -> watch(node);
            case NodeDown(String node) -> lost(peers.get(node));
            case Down(Ref monitor, var _, var _) -> {
                boolean known = false;
                for (Peer peer : peers.values()) {
                    known |= peer.monitors.remove(monitor) != null;
                }
                Processes.send(REFEREE, known ? Referee.Count.DOWNS : Referee.Fault.DOWN_TWICE);
            }
            default -> throw new IllegalArgumentException("unexpected: " + message);
        }
    }

    private static void lost(@Nullable Peer peer) {
        if (peer != null) {
            peer.losses++;
            peer.isLost = true;
            for (long set : peer.monitors.values()) {
                if (System.nanoTime() - set > SETTLED.toNanos()) {
                    Processes.send(REFEREE, Referee.Fault.DOWN_LATE);
                }
            }
        }
    }

    private void send(Peer peer) {
        for (int i = 0; i < perTick; i++) {
            peer.number++;
            Processes.send(
                    peer.referee, new Referee.Numbered(Processes.self(), peer.number, peer.losses));
        }
    }

    /// Calls a node's counter again and again.
    private static void callOn(String node) {
        ServerRef counter = ServerRef.name(Counter.NAME, node);
        while (true) {
            Processes.send(REFEREE, outcome(counter));
            Processes.sleep(TICK);
        }
    }

    private static Referee.Count outcome(ServerRef counter) {
        try {
            GenServer.call(counter, new Counter.Add(1), CALL_TIMEOUT);
            return Referee.Count.CALLS;
        } catch (CallException _) {
            return Referee.Count.FAILED_CALLS;
        }
    }
}
