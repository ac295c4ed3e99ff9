package io.genserver.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.genserver.Call;
import io.genserver.CallException;
import io.genserver.CallResult;
import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.RemoteException;
import io.genserver.ServerRef;
import io.genserver.StartOption;
import io.genserver.cluster.memory.MemoryNetwork;
import io.genserver.spi.NodeBase;
import io.genserver.spi.distribution.Distribution;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Processes of the real runtime on two nodes, whose signals cross as bytes.
class RuntimeTest {

    private static final Duration LONG = Duration.ofSeconds(10);
    private static final ServerRef COUNTER = ServerRef.name("counter", "b@x");

    sealed interface Request<R> extends Call<R> {
        record Add(int amount) implements Request<Integer> {}

        record Me() implements Request<Pid> {}

        record Crash() implements Request<Integer> {}
    }

    static final class Counter implements GenServer<Integer, Integer, Request<?>, Object> {
        @Override
        public Init<Integer> init(Integer start) {
            return Init.ok(start);
        }

        @Override
        public CallResult<Integer> handleCall(Request<?> request, From from, Integer state) {
            return switch (request) {
                case Request.Add add -> {
                    int sum = state + add.amount();
                    yield CallResult.reply(add, sum, sum);
                }
                case Request.Me me -> CallResult.reply(me, from.pid().orElseThrow(), state);
                case Request.Crash _ -> throw new IllegalStateException("on purpose");
            };
        }
    }

    private final MemoryNetwork network = new MemoryNetwork(3);
    private final Node nodeA = Node.start();
    private final Node nodeB = Node.start();
    private final ClusterNode a = start(nodeA, "a");
    private final ClusterNode b = start(nodeB, "b");

    private ClusterNode start(Node node, String name) {
        long incarnation = (5L << 40) + name.charAt(0);
        Distribution distribution = ((NodeBase) node).distribute(name + "@x", incarnation);
        ClusterNode.Listener listener =
                new ClusterNode.Listener() {
                    @Override
                    public void up(String other) {}

                    @Override
                    public void down(String other) {}
                };
        ClusterNode cluster =
                new ClusterNode(
                        distribution,
                        network.engine(name),
                        new ClusterNode.Options(
                                name + "@x",
                                incarnation,
                                List.of("secret"),
                                PayloadTypes.of(Request.class),
                                ClusterNode.Options.DEFAULT_MAX_SIGNAL,
                                ClusterNode.Options.DEFAULT_QUEUE_BYTES,
                                ClusterNode.Options.DEFAULT_MAX_QUEUE_BYTES,
                                ClusterNode.Options.DEFAULT_TICK_TIME,
                                listener));
        try {
            cluster.start();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        return cluster;
    }

    @BeforeEach
    void connect() {
        await().atMost(LONG)
                .until(() -> a.nodes().equals(List.of("b@x")) && b.nodes().equals(List.of("a@x")));
        nodeB.run(() -> GenServer.start(Counter::new, 40, StartOption.name("counter")));
    }

    @AfterEach
    void close() {
        a.close();
        b.close();
        nodeA.close();
        nodeB.close();
    }

    @Test
    void calls_cross() {
        nodeA.run(() -> assertThat(GenServer.call(COUNTER, new Request.Add(2))).isEqualTo(42));
    }

    @Test
    void a_pid_comes_back_as_itself() throws InterruptedException {
        BlockingQueue<Object> got = new LinkedBlockingQueue<>();
        nodeA.run(() ->
                Processes.spawn(() -> {
                    got.add(GenServer.call(COUNTER, new Request.Me()));
                    got.add(Processes.self());
                }));
        Object there = got.poll(10, TimeUnit.SECONDS);
        assertThat(there).isNotNull().isEqualTo(got.poll(10, TimeUnit.SECONDS));
    }

    @Test
    void a_crash_crosses_as_text() {
        nodeA.run(() ->
                assertThatThrownBy(() -> GenServer.call(COUNTER, new Request.Crash()))
                        .isInstanceOfSatisfying(
                                CallException.class,
                                e -> {
                                    RemoteException cause =
                                            (RemoteException)
                                                    ((ExitReason.Crash) e.serverReason()).thrown();
                                    assertThat(cause.className())
                                            .isEqualTo(IllegalStateException.class.getName());
                                    assertThat(cause.stackText()).contains("Counter");
                                }));
    }

    @Test
    void a_cut_fires_a_monitor_once_and_calls_work_after_it() throws InterruptedException {
        BlockingQueue<Object> got = new LinkedBlockingQueue<>();
        nodeA.run(() ->
                Processes.spawn(() -> {
                    Processes.monitor(COUNTER);
                    got.add("ready");
                    while (true) {
                        got.add(Processes.receive());
                    }
                }));
        assertThat(got.poll(10, TimeUnit.SECONDS)).isEqualTo("ready");
        network.cut("a", "b");
        Object down = got.poll(10, TimeUnit.SECONDS);
        assertThat(down).isInstanceOf(Down.class);
        assertThat(((Down) down).reason()).isEqualTo(ExitReason.NOCONNECTION);
        network.heal("a", "b");
        await().atMost(LONG).until(() -> a.nodes().equals(List.of("b@x")));
        nodeA.run(() -> assertThat(GenServer.call(COUNTER, new Request.Add(1))).isEqualTo(41));
        assertThat(got).isEmpty();
    }
}
