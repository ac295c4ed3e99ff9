package kv.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.cluster.Cluster;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import kv.nodes.MemoryNodes;
import kv.nodes.NodeBuckets;
import kv.nodes.Room;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Servers on three nodes of this JVM.
class NodesServiceTest {

    private static final List<String> NAMES =
            IntStream.range(0, 12).mapToObj(i -> "bucket-" + i).toList();

    private static final int MEMORY = 1 << 20;

    private static final Limits LIMITS =
            new Limits(
                    100,
                    Duration.ZERO,
                    Duration.ofSeconds(30),
                    64 << 10,
                    1 << 10,
                    60 << 10,
                    MEMORY,
                    1 << 20);

    private final MemoryNodes nodes = new MemoryNodes(3);
    private final Map<String, Listener> listeners = new HashMap<>();

    @BeforeEach
    void start() throws IOException {
        for (String node : List.of("a", "b", "c")) {
            listeners.put(node, serve(node));
        }
    }

    @AfterEach
    void stop() throws IOException {
        nodes.close();
        for (Listener listener : listeners.values()) {
            listener.close();
        }
    }

    private Listener serve(String node) throws IOException {
        Listener listener = Listener.bind(InetAddress.getLoopbackAddress(), 0);
        Front front = Front.overNodes(LIMITS, Access.open(), null, rooms -> join(node, rooms));
        Service service = new Service(listener, front, Duration.ofSeconds(5));
        nodes.on(
                node,
                () ->
                        Supervisor.start(
                                List.of(ChildSpec.supervisor("kv", service::startLink)),
                                SupervisorFlags.of(Strategy.ONE_FOR_ONE)));
        return listener;
    }

    private NodeBuckets join(String node, Supplier<Room> rooms) {
        try {
            return nodes.join(node, rooms);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private Client client(String node) throws IOException {
        return new Client(Objects.requireNonNull(listeners.get(node)).port());
    }

    @Test
    void what_one_server_accepts_the_others_answer() throws IOException {
        try (Client a = client("a");
                Client b = client("b");
                Client c = client("c")) {
            for (String name : NAMES) {
                assertThat(b.ask("GET " + name + " k")).isEqualTo("NOT FOUND");
                assertThat(c.ask("PUT " + name + " k v")).isEqualTo("NOT FOUND");
                assertThat(a.ask("SUBSCRIBE " + name)).isEqualTo("NOT FOUND");
                assertThat(a.ask("CREATE " + name)).isEqualTo("OK");
                assertThat(b.ask("PUT " + name + " k \u00e9")).isEqualTo("OK");
                c.send("GET " + name + " k\r\nDELETE " + name + " k\r\nGET " + name + " k\r\n");
                assertThat(c.lines(5)).containsExactly("\u00e9", "OK", "OK", "", "OK");
            }
            Running.until(() -> buckets(a).size() == NAMES.size());
            assertThat(buckets(a))
                    .allMatch(line -> line.matches("bucket-\\d+ #PID<.*> on [abc]@memory"))
                    .anyMatch(line -> line.endsWith("on a@memory"))
                    .anyMatch(line -> line.endsWith("on b@memory"));
            a.send("INFO\r\n");
            List<String> info = new ArrayList<>();
            for (String line = a.line(); !line.equals("OK"); line = a.line()) {
                info.add(line);
            }
            assertThat(info)
                    .contains("node a@memory", "connected-nodes b@memory c@memory", "quorum true");
        }
    }

    private static List<String> buckets(Client client) {
        try {
            List<String> lines = new ArrayList<>();
            for (String line = client.ask("BUCKETS"); !line.equals("OK"); line = client.line()) {
                lines.add(line);
            }
            return lines;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @Test
    void a_subscriber_gets_the_changes_of_all_nodes() throws IOException {
        try (Client a = client("a");
                Client b = client("b");
                Client subscriber = client("c")) {
            assertThat(a.ask("CREATE x")).isEqualTo("OK");
            subscriber.send("SUBSCRIBE x\r\n");
            Running.until(() -> {
                try {
                    b.ask("PUT x warm-up 1");
                    return subscriber.socket.getInputStream().available() > 0;
                } catch (IOException failed) {
                    throw new UncheckedIOException(failed);
                }
            });
            assertThat(a.ask("PUT x k 1")).isEqualTo("OK");
            assertThat(b.ask("DELETE x k")).isEqualTo("OK");
            String line = subscriber.line();
            while (line.startsWith("warm-up")) {
                line = subscriber.line();
            }
            assertThat(line).isEqualTo("k SET TO 1");
            assertThat(subscriber.line()).isEqualTo("k DELETED");
        }
    }

    @Test
    void a_server_that_is_cut_off_says_so_and_keeps_its_clients() throws IOException {
        try (Client a = client("a");
                Client c = client("c")) {
            nodes.network.partition(Set.of("c"));
            nodes.awaitOn("c", () -> !Cluster.hasQuorum());
            nodes.awaitOn("a", () -> Cluster.nodes().equals(List.of("b@memory")));

            assertThat(a.ask("CREATE x")).isEqualTo("OK");
            assertThat(c.ask("CREATE x")).isEqualTo("NO QUORUM");
            assertThat(c.ask("GET x k")).isEqualTo("NO QUORUM");
            assertThat(c.ask("PUT x k v")).isEqualTo("NO QUORUM");
            assertThat(c.ask("SUBSCRIBE x")).isEqualTo("NO QUORUM");
            nodes.network.heal(Set.of("c"));
            nodes.awaitOn("c", Cluster::hasQuorum);
            assertThat(c.ask("PUT x k v")).isEqualTo("OK");
        }
    }

    @Test
    void the_memory_of_a_node_limits_its_buckets() throws IOException {
        try (Client a = client("a")) {
            for (String name : NAMES) {
                assertThat(a.ask("CREATE " + name)).isEqualTo("OK");
            }
            String value = "v".repeat(50_000);
            int accepted = 0;
            while (a.ask("PUT " + NAMES.getFirst() + " k" + accepted + " " + value).equals("OK")) {
                accepted++;
            }
            assertThat(accepted).isEqualTo(MEMORY / 3 / value.length());
            assertThat(a.ask("PUT " + NAMES.getFirst() + " more " + value))
                    .isEqualTo("OUT OF MEMORY");
            assertThat(a.ask("DELETE " + NAMES.getFirst() + " k0")).isEqualTo("OK");
            assertThat(a.ask("PUT " + NAMES.getFirst() + " k0 " + value)).isEqualTo("OK");
        }
    }
}
