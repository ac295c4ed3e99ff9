package demo;

import io.genserver.*;
import io.genserver.cluster.*;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Keeps a node busy: sends numbers to the [Referee] of each other node, calls its counter, and
/// monitors its referee. Tells its own referee what it sees.
final class Load implements ProcessBody {

    private static final ServerRef REFEREE = ServerRef.name(Referee.NAME);
    private static final Duration TICK = Duration.ofMillis(1);
    private static final Duration CALL_TIMEOUT = Duration.ofSeconds(2);

    private final int perTick;
    private final Map<String, Peer> peers = new HashMap<>();

    private static final class Peer {
        private final ServerRef referee;
        private final Set<Ref> monitors = new HashSet<>();
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
            Optional<Object> message = Processes.receive(Object.class, TICK);
            while (message.isPresent()) {
                handle(message.get());
                message = Processes.receive(Object.class, Duration.ZERO);
            }
            peers.values().forEach(this::send);
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
            peer.monitors.forEach(_ -> Processes.send(REFEREE, Referee.Fault.DOWN_MISSING));
            peer.monitors.clear();
        }
        peer.monitors.add(Processes.monitor(peer.referee));
        Processes.send(REFEREE, Referee.Count.MONITORS);
    }

    private void handle(Object message) {
        switch (message) {
            case NodeUp(String node) -> watch(node);
            case NodeDown(String node) -> lost(peers.get(node));
            case Down(Ref monitor, var _, var _) -> {
                boolean known = false;
                for (Peer peer : peers.values()) {
                    known |= peer.monitors.remove(monitor);
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
