package io.genserver.cluster.memory;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.Node;
import io.genserver.cluster.Cluster;
import io.genserver.cluster.ClusterOptions;
import io.genserver.cluster.NoQuorumException;
import io.genserver.cluster.ReplicatedMap;
import io.genserver.cluster.ReplicationException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class MemoryMapsTest {

    private final MemoryNetwork network = new MemoryNetwork(7);
    private final MemoryMaps maps = new MemoryMaps();
    private final Node node = Node.start("a");

    @BeforeEach
    void join() throws IOException {
        Cluster _ = on(() -> Cluster.start(options(), network.engine("a")));
    }

    @AfterEach
    void close() {
        node.close();
    }

    private static ClusterOptions options() {
        return ClusterOptions.named("a@memory").withCookie("a secret of this test");
    }

    private <T> T on(Callable<T> body) throws IOException {
        try {
            return node.<T, Exception>call(body::call);
        } catch (RuntimeException | IOException thrown) {
            throw thrown;
        } catch (Exception thrown) {
            throw new AssertionError(thrown);
        }
    }

    private ReplicatedMap create(String name) throws IOException {
        return on(() -> maps.create(name));
    }

    private ReplicatedMap open(String name) throws IOException {
        return on(() -> maps.open(name).orElseThrow());
    }

    private void put(ReplicatedMap map, String key, String value) throws IOException {
        boolean _ =
                on(() -> {
                    map.put(key, value.getBytes(UTF_8));
                    return true;
                });
    }

    @Test
    void a_writer_that_was_replaced_knows_what_it_wrote_and_changes_nothing() throws IOException {
        ReplicatedMap replaced = create("m");
        put(replaced, "k", "1");
        ReplicatedMap writer = open("m");
        put(writer, "k", "2");
        put(writer, "new", "2");

        assertThat(replaced.get("k")).asString(UTF_8).isEqualTo("1");
        assertThat(replaced.keys()).containsExactly("k");
        assertThatThrownBy(() -> put(replaced, "k", "late"))
                .isInstanceOf(ReplicationException.class)
                .hasMessageContaining("another one has opened it");
        assertThatThrownBy(() -> put(replaced, "k", "late"))
                .isInstanceOf(IllegalStateException.class);
        assertThat(open("m").get("k")).asString(UTF_8).isEqualTo("2");
    }

    @Test
    void a_map_that_is_deleted_is_gone_for_all() throws IOException {
        ReplicatedMap replaced = create("m");
        ReplicatedMap writer = open("m");
        put(writer, "k", "1");
        boolean _ =
                on(() -> {
                    writer.delete();
                    return true;
                });

        assertThat(on(() -> maps.open("m"))).isEmpty();
        assertThatThrownBy(() -> put(writer, "k", "2")).isInstanceOf(IllegalStateException.class);
        ReplicatedMap next = create("m");
        assertThatThrownBy(() -> put(replaced, "k", "2")).isInstanceOf(ReplicationException.class);
        assertThat(next.keys()).isEmpty();
        put(next, "k", "3");
    }

    @Test
    void of_those_that_open_a_map_at_the_same_time_one_can_write() {
        for (int round = 0; round < 50; round++) {
            String name = "raced " + round;
            List<CompletableFuture<ReplicatedMap>> openers =
                    IntStream.range(0, 4)
                            .mapToObj(_ -> CompletableFuture.supplyAsync(() -> opened(name)))
                            .toList();
            List<ReplicatedMap> opened = openers.stream().map(CompletableFuture::join).toList();

            assertThat(opened.stream().filter(this::canWrite)).hasSize(1);
        }
    }

    private ReplicatedMap opened(String name) {
        try {
            return create(name);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private boolean canWrite(ReplicatedMap map) {
        try {
            put(map, "k", "1");
            return true;
        } catch (ReplicationException replaced) {
            return false;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void a_node_without_a_quorum_is_refused_and_has_to_open_the_map_again() throws IOException {
        ReplicatedMap map = create("m");

        assertThatThrownBy(() -> map.put("k", new byte[1])).isInstanceOf(NoQuorumException.class);
        assertThatThrownBy(() -> put(map, "k", "1")).isInstanceOf(IllegalStateException.class);
        put(open("m"), "k", "1");
    }
}
