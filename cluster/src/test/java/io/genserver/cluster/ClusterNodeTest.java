package io.genserver.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.cluster.engine.Engine;
import io.genserver.cluster.engine.Member;
import io.genserver.cluster.memory.MemoryNetwork;
import io.genserver.spi.distribution.Connection;
import io.genserver.spi.distribution.Signal;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// Whole nodes over a network in memory.
class ClusterNodeTest {

    private static final Duration LONG = Duration.ofSeconds(10);
    private static final String COOKIE = "secret";
    private static final long MAX_QUEUE = 4 << 20;

    record Text(String text) {}

    record Unlisted(int number) {}

    private final FakeDistribution.World world = new FakeDistribution.World();
    private final List<TestNode> nodes = new CopyOnWriteArrayList<>();
    private final AtomicLong incarnations = new AtomicLong(1L << 40);
    private final AtomicBoolean isOver = new AtomicBoolean();
    private MemoryNetwork network = new MemoryNetwork(1);
    private Duration tickTime = ClusterNode.Options.DEFAULT_TICK_TIME;

    /// A node, and what it was told.
    private final class TestNode implements ClusterNode.Listener {
        final String name;
        final FakeDistribution distribution;
        final ClusterNode node;
        final List<String> told = new CopyOnWriteArrayList<>();

        TestNode(String engine, String name, Engine carrier, String cookie, PayloadTypes types) {
            this.name = name;
            distribution = new FakeDistribution(world, name, incarnations.incrementAndGet());
            node =
                    new ClusterNode(
                            distribution,
                            carrier,
                            new ClusterNode.Options(
                                    name,
                                    distribution.incarnation,
                                    List.of(cookie),
                                    types,
                                    ClusterNode.Options.DEFAULT_MAX_SIGNAL,
                                    64 * 1024,
                                    MAX_QUEUE,
                                    tickTime,
                                    this));
            nodes.add(this);
            try {
                node.start();
            } catch (IOException e) {
                throw new AssertionError(engine, e);
            }
        }

        @Override
        public void up(String node) {
            told.add("+" + node);
        }

        @Override
        public void down(String node) {
            told.add("-" + node);
        }

        List<FakeDistribution.FakePeer> peers(String peer) {
            return distribution.peers.stream().filter(it -> it.node.equals(peer)).toList();
        }

        FakeDistribution.FakePeer peer(String peer) {
            return peers(peer).getLast();
        }

        Connection to(String peer) {
            return peer(peer).connection;
        }

        void awaitNodes(String... names) {
            await().atMost(LONG).until(() -> node.nodes().equals(List.of(names)));
        }

        void awaitLost(String peer, int losses) {
            await().atMost(LONG)
                    .until(() -> told.stream().filter(("-" + peer)::equals).count() == losses);
        }
    }

    private TestNode start(String name) {
        return start(name, COOKIE);
    }

    private TestNode start(String name, String cookie) {
        return new TestNode(
                name, name + "@x", network.engine(name), cookie, PayloadTypes.of(Text.class));
    }

    @AfterEach
    void closeAll() {
        isOver.set(true);
        nodes.forEach(node -> node.node.close());
        for (TestNode node : nodes) {
            node.distribution.peers.forEach(
                    peer -> assertThat(peer.losses).as(node.name + peer.node).hasValue(1));
        }
    }

    private static Signal numbered(long number) {
        return new Signal.Send(new Name("counter"), number, null);
    }

    private static List<Long> numbers(FakeDistribution.FakePeer peer) {
        return peer.signals().stream()
                .map(signal -> (Long) ((Signal.Send) signal).message())
                .toList();
    }

    @Test
    void nodes_find_each_other_and_talk() {
        TestNode a = start("a");
        TestNode b = start("b");
        TestNode c = start("c");
        a.awaitNodes("b@x", "c@x");
        b.awaitNodes("a@x", "c@x");
        c.awaitNodes("a@x", "b@x");
        Pid to = b.distribution.newPid(7);
        assertThat(a.to("b@x").send(new Signal.Send(to, new Text("hi"), null), 0)).isTrue();
        await().atMost(LONG)
                .until(() ->
                        b.peer("a@x")
                                .signals()
                                .equals(List.of(new Signal.Send(to, new Text("hi"), null))));
        a.node.close();
        b.awaitNodes("c@x");
        b.awaitLost("a@x", 1);
        assertThat(a.told).contains("+b@x", "-b@x", "+c@x", "-c@x");
    }

    @Test
    void signals_of_one_thread_arrive_in_order() throws InterruptedException {
        TestNode a = start("a");
        TestNode b = start("b");
        a.awaitNodes("b@x");
        List<Thread> senders =
                IntStream.range(0, 4)
                        .mapToObj(sender ->
                                Thread.startVirtualThread(() -> {
                                    for (int i = 0; i < 5_000; i++) {
                                        a.to("b@x").send(numbered(i * 4L + sender), Long.MAX_VALUE);
                                    }
                                }))
                        .toList();
        for (Thread sender : senders) {
            sender.join();
        }
        await().atMost(LONG).until(() -> b.peer("a@x").signals().size() == 20_000);
        for (int sender = 0; sender < 4; sender++) {
            int own = sender;
            assertThat(numbers(b.peer("a@x")).stream().filter(number -> number % 4 == own))
                    .isSorted()
                    .hasSize(5_000);
        }
    }

    @Test
    void frames_from_before_a_cut_never_arrive_after_it() {
        TestNode a = start("a");
        TestNode b = start("b");
        a.awaitNodes("b@x");
        b.awaitNodes("a@x");
        network.hold("a", "b");
        for (int i = 0; i < 171; i++) {
            a.to("b@x").post(numbered(i));
        }
        await().atMost(LONG).until(() -> network.pending("a", "b") > 0);
        network.cut("a", "b");
        a.awaitLost("b@x", 1);
        b.awaitLost("a@x", 1);
        network.heal("a", "b");
        a.awaitNodes("b@x");
        b.awaitNodes("a@x");
        a.to("b@x").post(numbered(1000));
        await().atMost(LONG).until(() -> !b.peer("a@x").signals().isEmpty());
        assertThat(numbers(b.peer("a@x"))).containsExactly(1000L);
        assertThat(b.peers("a@x").getFirst().signals()).isEmpty();
    }

    @Test
    void a_paused_node_learns_that_the_others_have_lost_it() {
        TestNode a = start("a");
        TestNode b = start("b");
        TestNode c = start("c");
        a.awaitNodes("b@x", "c@x");
        b.awaitNodes("a@x", "c@x");
        c.awaitNodes("a@x", "b@x");
        network.pause("c");
        a.awaitLost("c@x", 1);
        b.awaitLost("c@x", 1);
        assertThat(c.told).doesNotContain("-a@x", "-b@x");
        c.to("a@x").post(numbered(1));
        network.resume("c");
        c.awaitLost("a@x", 1);
        c.awaitLost("b@x", 1);
        c.awaitNodes("a@x", "b@x");
        a.awaitNodes("b@x", "c@x");
        assertThat(a.peers("c@x").stream().flatMap(peer -> peer.signals().stream())).isEmpty();
        assertThat(a.peers("b@x")).hasSize(1);
    }

    @Test
    void a_loss_that_only_one_side_sees_is_a_loss_for_both() {
        TestNode a = start("a");
        TestNode b = start("b");
        a.awaitNodes("b@x");
        b.awaitNodes("a@x");
        network.lose("a", "b");
        a.awaitLost("b@x", 1);
        b.to("a@x").post(numbered(1));
        await().atMost(LONG).until(() -> network.pending("b", "a") == 0);
        assertThat(b.told).containsExactly("+a@x");
        network.find("a", "b");
        b.awaitLost("a@x", 1);
        a.awaitNodes("b@x");
        b.awaitNodes("a@x");
        assertThat(a.peers("b@x").getFirst().signals()).isEmpty();
    }

    @Test
    void a_new_start_replaces_a_node_that_was_killed() {
        TestNode a = start("a");
        TestNode b = start("b");
        a.awaitNodes("b@x");
        network.crash("b");
        a.awaitLost("b@x", 1);
        TestNode second = start("b");
        second.awaitNodes("a@x");
        a.awaitNodes("b@x");
        assertThat(a.peer("b@x").incarnation).isEqualTo(second.distribution.incarnation);
        assertThat(a.peer("b@x").incarnation).isNotEqualTo(b.distribution.incarnation);
    }

    @Test
    void a_second_node_of_a_name_stays_out_until_the_first_is_gone() {
        TestNode a = start("a");
        TestNode b = start("b");
        a.awaitNodes("b@x");
        TestNode twin =
                new TestNode(
                        "twin", "b@x", network.engine("twin"), COOKIE, PayloadTypes.of(Text.class));
        a.to("b@x").post(numbered(1));
        await().atMost(LONG).until(() -> b.peer("a@x").signals().size() == 1);
        assertThat(twin.distribution.peers).isEmpty();
        b.node.close();
        twin.awaitNodes("a@x");
        assertThat(a.peer("b@x").incarnation).isEqualTo(twin.distribution.incarnation);
    }

    @Test
    void a_node_with_another_cookie_stays_out() {
        TestNode a = start("a");
        TestNode b = start("b");
        TestNode rogue = start("rogue", "guess");
        a.awaitNodes("b@x");
        b.awaitNodes("a@x");
        TestNode c = start("c"); // comes after the rogue, and is connected before the end
        a.awaitNodes("b@x", "c@x");
        c.awaitNodes("a@x", "b@x");
        assertThat(rogue.distribution.peers).isEmpty();
        assertThat(a.node.nodes()).containsExactlyInAnyOrder("b@x", "c@x");
    }

    @Test
    void garbage_from_a_member_disturbs_nobody() throws Exception {
        TestNode a = start("a");
        TestNode b = start("b");
        a.awaitNodes("b@x");
        b.awaitNodes("a@x");
        Engine rogue = network.engine("rogue");
        List<Member> seen = new CopyOnWriteArrayList<>();
        List<byte[]> heard = new CopyOnWriteArrayList<>();
        rogue.start(
                new Engine.Handler() {
                    @Override
                    public void members(Set<Member> members, Set<Member> merged) {
                        seen.addAll(members);
                    }

                    @Override
                    public void received(Member from, byte[] frame) {
                        heard.add(frame);
                    }
                });
        await().atMost(LONG).until(() -> seen.size() >= 2 && heard.size() >= 2);
        Random random = new Random(5);
        for (int i = 0; i < 2_000; i++) {
            byte[] frame = i % 2 == 0 ? new byte[100] : heard.get(random.nextInt(2)).clone();
            if (i % 2 == 0) {
                random.nextBytes(frame);
            }
            rogue.send(seen.get(i % 2), frame);
        }
        a.to("b@x").post(numbered(1));
        await().atMost(LONG).until(() -> b.peer("a@x").signals().size() == 1);
        assertThat(a.told).containsExactly("+b@x");
        assertThat(a.node.nodes()).containsExactly("b@x");
        rogue.close();
    }

    @Test
    void a_signal_that_is_refused_costs_the_connection_and_nothing_else() {
        TestNode a = start("a");
        TestNode b =
                new TestNode(
                        "b", "b@x", network.engine("b"), COOKIE, PayloadTypes.of(Strict.class));
        TestNode sender =
                new TestNode(
                        "c",
                        "c@x",
                        network.engine("c"),
                        COOKIE,
                        PayloadTypes.of().andRenamed(Lax.class, Strict.class.getName()));
        sender.awaitNodes("a@x", "b@x");
        b.awaitNodes("a@x", "c@x");
        sender.to("b@x").send(new Signal.Send(new Name("x"), 1L, null), 0);
        sender.to("b@x").send(new Signal.Send(new Name("x"), new Lax(0), null), 0);
        sender.awaitLost("b@x", 1);
        b.awaitLost("c@x", 1);
        assertThat(numbers(b.peers("c@x").getFirst())).containsExactly(1L);
        assertThat(b.told).doesNotContain("-a@x");
        assertThat(a.told).doesNotContain("-b@x", "-c@x");
        b.awaitNodes("a@x", "c@x");
    }

    @Test
    void a_signal_that_does_not_fit_costs_the_connection_and_nothing_else() {
        TestNode a = start("a");
        TestNode b = start("b");
        TestNode c = start("c");
        a.awaitNodes("b@x", "c@x");
        b.awaitNodes("a@x", "c@x");
        c.awaitNodes("a@x", "b@x");
        a.to("b@x").post(new Signal.WatchName(1, ""));
        a.to("b@x").post(numbered(1));
        b.awaitLost("a@x", 1);
        a.awaitLost("b@x", 1);
        assertThat(b.peers("a@x").getFirst().signals()).isEmpty();
        c.to("b@x").post(numbered(2));
        await().atMost(LONG).until(() -> numbers(b.peer("c@x")).equals(List.of(2L)));
        a.awaitNodes("b@x", "c@x");
    }

    record Strict(int number) {
        Strict {
            if (number < 1) {
                throw new IllegalArgumentException("expected 1 or more, got: " + number);
            }
        }
    }

    record Lax(int number) {}

    @Test
    void a_node_can_be_disconnected_and_comes_back() {
        TestNode a = start("a");
        TestNode b = start("b");
        a.awaitNodes("b@x");
        b.awaitNodes("a@x");
        assertThat(a.node.disconnect("b@x")).isTrue();
        assertThat(a.node.disconnect("b@x")).isFalse();
        b.awaitLost("a@x", 1);
        a.awaitNodes("b@x");
        b.awaitNodes("a@x");
        // A node is in the list a moment before it is told.
        await().atMost(LONG).until(() -> a.told.equals(List.of("+b@x", "-b@x", "+b@x")));
    }

    /// The network keeps what it carries, as one does that repeats what was not confirmed. No node
    /// is told that another one is gone.
    @Test
    void silence_in_one_direction_is_a_loss_for_both_and_for_nobody_else() {
        tickTime = ClusterNode.Options.MIN_TICK_TIME;
        TestNode a = start("a");
        TestNode b = start("b");
        TestNode c = start("c");
        a.awaitNodes("b@x", "c@x");
        b.awaitNodes("a@x", "c@x");
        c.awaitNodes("a@x", "b@x");
        network.hold("a", "c");
        a.to("c@x").post(numbered(1));
        a.awaitLost("c@x", 1);
        c.awaitLost("a@x", 1);
        assertThat(b.told).doesNotContain("-a@x", "-c@x");
        network.release("a", "c");
        a.awaitNodes("b@x", "c@x");
        c.awaitNodes("a@x", "b@x");
        assertThat(c.peers("a@x").getFirst().signals()).isEmpty();
        assertThat(a.told).containsOnlyOnce("-c@x").doesNotContain("-b@x");
        assertThat(c.told).containsOnlyOnce("-a@x").doesNotContain("-b@x");
        assertThat(b.told).doesNotContain("-a@x", "-c@x");
    }

    /// The constructor of a record runs when the record is decoded.
    record Slow(String thread) {
        private static final CountDownLatch END = new CountDownLatch(1);

        Slow {
            if (!thread.equals(Thread.currentThread().getName())) {
                awaitEnd();
            }
        }

        private static void awaitEnd() {
            try {
                END.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    @Test
    void a_peer_whose_message_takes_long_to_decode_is_not_silent() {
        tickTime = ClusterNode.Options.MIN_TICK_TIME;
        PayloadTypes types = PayloadTypes.of(Slow.class);
        TestNode a = new TestNode("a", "a@x", network.engine("a"), COOKIE, types);
        TestNode b = new TestNode("b", "b@x", network.engine("b"), COOKIE, types);
        a.awaitNodes("b@x");
        b.awaitNodes("a@x");
        a.to("b@x")
                .post(
                        new Signal.Send(
                                new Name("x"), new Slow(Thread.currentThread().getName()), null));
        await().pollDelay(tickTime.multipliedBy(2)).until(() -> true);
        Slow.END.countDown();
        await().atMost(LONG).until(() -> b.peer("a@x").signals().size() == 1);
        assertThat(a.told).containsExactly("+b@x");
        assertThat(b.told).containsExactly("+a@x");
    }

    @Nested
    class a_slow_peer {

        private static final String BIG = "x".repeat(10_000);

        private final Signal big = new Signal.Send(new Name("x"), BIG, null);

        private TestNode connectedAndHeld() {
            TestNode a = start("a");
            start("b").awaitNodes("a@x");
            a.awaitNodes("b@x");
            network.hold("a", "b");
            return a;
        }

        private int fill(TestNode a) {
            int sent = 0;
            while (a.to("b@x").send(big, TimeUnit.MILLISECONDS.toNanos(100))) {
                sent++;
            }
            return sent;
        }

        @Test
        void lets_its_senders_wait_and_keeps_a_bounded_memory() {
            TestNode a = connectedAndHeld();
            TestNode c = start("c");
            // What the network takes, what the lane has in hand, and what waits.
            int limit = (1 << 20) + 2 * Lane.BATCH + 64 * 1024;
            assertThat(fill(a)).isLessThan(limit / BIG.length() + 20);
            assertThat(a.to("b@x").send(big, 0)).isFalse();

            a.awaitNodes("b@x", "c@x");
            c.awaitNodes("a@x", "b@x");
            a.to("c@x").send(numbered(1), 0);
            await().atMost(LONG).until(() -> c.peer("a@x").signals().size() == 1);

            AtomicBoolean isSent = new AtomicBoolean();
            Thread sender =
                    Thread.startVirtualThread(
                            () -> isSent.set(a.to("b@x").send(big, Long.MAX_VALUE)));
            network.release("a", "b");
            await().atMost(LONG).until(() -> !sender.isAlive());
            assertThat(isSent.get()).isTrue();
        }

        @Test
        void frees_its_senders_when_it_is_lost() {
            TestNode a = connectedAndHeld();
            fill(a);
            Thread sender = Thread.startVirtualThread(() -> a.to("b@x").send(big, Long.MAX_VALUE));
            Connection lost = a.to("b@x");
            network.cut("a", "b");
            await().atMost(LONG).until(() -> !sender.isAlive());
            assertThat(lost.send(big, 0)).as("dropped, as if it were lost on the way").isTrue();
            network.heal("a", "b");
            a.awaitNodes("b@x");
        }

        @Test
        void gets_much_more_than_its_queue_of_what_the_runtime_itself_sends() {
            TestNode a = connectedAndHeld();
            Connection connection = a.to("b@x");
            int count = 300;
            for (int i = 0; i < count; i++) {
                connection.post(new Signal.Reply(i, BIG));
            }
            network.release("a", "b");
            TestNode b = nodes.get(1);
            await().atMost(LONG).until(() -> b.peer("a@x").signals().size() == count);
            assertThat(a.told).containsExactly("+b@x");
        }

        @Test
        void is_disconnected_if_the_runtime_itself_has_too_much_for_it() {
            TestNode a = connectedAndHeld();
            Connection connection = a.to("b@x");
            for (int i = 0; i < 700; i++) {
                connection.post(new Signal.Reply(i, BIG));
            }
            a.awaitLost("b@x", 1);
            network.release("a", "b");
            a.awaitNodes("b@x");
        }

        @Test
        void lets_an_interrupted_sender_go() throws InterruptedException {
            TestNode a = connectedAndHeld();
            fill(a);
            List<ExitReason> reasons = new CopyOnWriteArrayList<>();
            CountDownLatch started = new CountDownLatch(1);
            Thread sender =
                    Thread.startVirtualThread(() -> {
                        started.countDown();
                        try {
                            a.to("b@x").send(big, Long.MAX_VALUE);
                        } catch (ExitException e) {
                            reasons.add(e.reason());
                        }
                    });
            started.await();
            sender.interrupt();
            await().atMost(LONG).until(() -> !sender.isAlive());
            assertThat(reasons).containsExactly(ExitReason.INTERRUPTED);
            network.release("a", "b");
        }
    }

    @Test
    void what_can_not_be_encoded_is_refused_or_put_into_words() {
        TestNode a = start("a");
        TestNode b = start("b");
        a.awaitNodes("b@x");
        Connection connection = a.to("b@x");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        connection.send(new Signal.Send(new Name("x"), new Unlisted(1), null), 0))
                .withMessageContaining("Unlisted");
        assertThatThrownBy(() -> connection.post(new Signal.WatchName(1, "half \ud800")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("surrogate");
        connection.post(new Signal.Reply(5, new Unlisted(1)));
        connection.post(new Signal.NamedEnded(6, ExitReason.of(new Unlisted(1))));
        List<Object> inner = new ArrayList<>();
        List<Object> cyclic = new ArrayList<>(List.of(inner));
        inner.add(cyclic);
        connection.post(new Signal.NamedEnded(7, ExitReason.of(cyclic)));
        await().atMost(LONG).until(() -> b.peer("a@x").signals().size() == 3);
        List<Signal> signals = b.peer("a@x").signals();
        assertThat(((Signal.Failed) signals.getFirst()).reason().toString()).contains("Unlisted");
        assertThat(signals.get(1))
                .isEqualTo(new Signal.NamedEnded(6, ExitReason.of("Unlisted[number=1]")));
        assertThat(signals.getLast())
                .isEqualTo(
                        new Signal.NamedEnded(
                                7,
                                ExitReason.of(
                                        "a value whose text threw java.lang.StackOverflowError")));
    }

    /// A member that an engine cannot find again.
    private static final class Broken implements Member {
        private final AtomicBoolean isBroken = new AtomicBoolean();

        @Override
        public int hashCode() {
            if (isBroken.get()) {
                throw new IllegalStateException("on purpose");
            }
            return 1;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return this == other;
        }
    }

    /// An engine that lets a test tell of members and frames.
    private static final class Tapped implements Engine {
        private final Engine inner;
        private final AtomicReference<Handler> handler = new AtomicReference<>();

        Tapped(Engine inner) {
            this.inner = inner;
        }

        @Override
        public Member start(Handler told) throws IOException {
            handler.set(told);
            return inner.start(told);
        }

        @Override
        public void send(Member to, byte[] frame) throws InterruptedException {
            inner.send(to, frame);
        }

        @Override
        public void close() {
            inner.close();
        }
    }

    @Test
    void a_member_whose_session_throws_does_not_stop_the_time_of_the_others() {
        Tapped engine = new Tapped(network.engine("a"));
        TestNode a = new TestNode("a", "a@x", engine, COOKIE, PayloadTypes.of(Text.class));
        TestNode b = start("b");
        a.awaitNodes("b@x");
        b.awaitNodes("a@x");
        Broken broken = new Broken();
        engine.handler.get().received(broken, Packets.write(new Packet.Reset(1, 2)));
        broken.isBroken.set(true);
        a.node.disconnect("b@x");
        b.awaitLost("a@x", 1);
        a.awaitNodes("b@x"); // tried again when a pause has passed
        broken.isBroken.set(false);
    }

    @Test
    void a_type_that_the_peer_lacks_is_refused_by_the_sender() {
        TestNode a = start("a");
        new TestNode("old", "old@x", network.engine("old"), COOKIE, PayloadTypes.of());
        a.awaitNodes("old@x");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        a.to("old@x").send(new Signal.Send(new Name("x"), new Text("x"), null), 0))
                .withMessageContaining("node old@x")
                .withMessageContaining("Text");
    }

    @Test
    void flapping_networks_and_random_delays_keep_the_rules() throws InterruptedException {
        for (long seed = 1; seed <= 5; seed++) {
            Random random = new Random(seed);
            network = new MemoryNetwork(seed);
            List<TestNode> three = List.of(start("a"), start("b"), start("c"));
            for (String from : List.of("a", "b", "c")) {
                for (String to : List.of("a", "b", "c")) {
                    if (!from.equals(to)) {
                        network.delay(from, to, Duration.ZERO, Duration.ofMillis(3));
                    }
                }
            }
            isOver.set(false);
            List<Thread> senders = new ArrayList<>();
            for (TestNode node : three) {
                senders.add(Thread.startVirtualThread(() -> sendNumbers(node)));
            }
            for (int i = 0; i < 25; i++) {
                String one = List.of("a", "b", "c").get(random.nextInt(3));
                Thread.sleep(random.nextInt(40));
                if (random.nextBoolean()) {
                    network.partition(Set.of(one));
                    Thread.sleep(random.nextInt(20));
                    network.heal(Set.of(one));
                } else {
                    network.pause(one);
                    Thread.sleep(random.nextInt(20));
                    network.resume(one);
                }
            }
            three.get(0).awaitNodes("b@x", "c@x");
            three.get(1).awaitNodes("a@x", "c@x");
            three.get(2).awaitNodes("a@x", "b@x");
            isOver.set(true);
            for (Thread sender : senders) {
                sender.join();
            }
            for (TestNode node : three) {
                checkOrder(node);
                node.node.close();
            }
        }
    }

    /// Sends to each connection the numbers from 1 on, each with the number of the connection.
    private void sendNumbers(TestNode node) {
        java.util.Map<Connection, long[]> counters = new java.util.HashMap<>();
        while (!isOver.get()) {
            for (FakeDistribution.FakePeer peer : node.distribution.peers) {
                if (!peer.isLost) {
                    long[] counter =
                            counters.computeIfAbsent(
                                    peer.connection, _ -> new long[] {counters.size(), 0});
                    peer.connection.send(
                            new Signal.Send(new Name("x"), List.of(counter[0], ++counter[1]), null),
                            TimeUnit.MILLISECONDS.toNanos(1));
                }
            }
            LockSupport.parkNanos(100_000);
        }
    }

    private static void checkOrder(TestNode node) {
        for (FakeDistribution.FakePeer peer : node.distribution.peers) {
            long connection = -1;
            long last = 0;
            for (Signal signal : peer.signals()) {
                List<?> content = (List<?>) ((Signal.Send) signal).message();
                if (connection < 0) {
                    connection = (Long) content.get(0);
                }
                assertThat((Long) content.get(0)).as("of one connection").isEqualTo(connection);
                assertThat((Long) content.get(1)).as("in order, once").isGreaterThan(last);
                last = (Long) content.get(1);
            }
        }
    }
}
