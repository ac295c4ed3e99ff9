package io.genserver.cluster.jgroups;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.genserver.cluster.engine.Member;
import io.genserver.ports.FreePorts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JGroupsEngineTest {

    @Nested
    class Members {

        @Test
        void are_told_when_they_come_and_when_they_leave() throws Exception {
            try (Node a = Node.started(FreePorts.nextAddress());
                    Node b = Node.started(FreePorts.nextAddress(), a.address)) {
                Node c = Node.started(FreePorts.nextAddress(), a.address);
                a.sees(b, c);
                b.sees(a, c);
                c.sees(a, b);

                c.close();
                a.sees(b);
                b.sees(a);
                assertThat(a.changes).allMatch(change -> change.merged().isEmpty());
                assertThat(b.changes).allMatch(change -> change.merged().isEmpty());
            }
        }

        @Test
        void go_on_without_the_node_that_was_there_first() throws Exception {
            Node a = Node.started(FreePorts.nextAddress());
            try (Node b = Node.started(FreePorts.nextAddress(), a.address);
                    Node c = Node.started(FreePorts.nextAddress(), a.address, b.address)) {
                b.sees(a, c);
                a.leave();
                b.sees(c);
                c.sees(b);
                try (Node again = Node.started(FreePorts.nextAddress(), b.address)) {
                    again.sees(b, c);
                }
            }
        }

        @Test
        void are_found_through_any_of_them() throws Exception {
            try (Node a = Node.started(FreePorts.nextAddress());
                    Node b = Node.started(FreePorts.nextAddress(), a.address);
                    Node c = Node.started(FreePorts.nextAddress(), b.address)) {
                c.sees(a, b);
                a.sees(b, c);
                b.sees(a, c);
                assertThat(c.changes).allMatch(change -> change.merged().isEmpty());
            }
        }

        @Test
        void are_not_equal_after_a_new_start_at_the_same_address() throws Exception {
            String address = FreePorts.nextAddress();
            try (Node a = Node.started(FreePorts.nextAddress())) {
                Node b = Node.started(address, a.address);
                Member first = a.sees(b).member(b);
                b.close();
                a.sees(new Node[0]);
                try (Node again = Node.started(address, a.address)) {
                    assertThat(a.sees(again).member(again)).isNotEqualTo(first);
                    assertThat(first).hasToString(address);
                }
            }
        }
    }

    @Nested
    class Frames {

        @Test
        void arrive_in_order_after_the_way_was_made_anew_and_nobody_is_lost() throws Exception {
            try (Node a = Node.started(FreePorts.nextAddress());
                    Node b = Node.started(FreePorts.nextAddress(), a.address)) {
                a.sees(b);
                b.sees(a);
                int changes = a.changes.size() + b.changes.size();
                for (int round = 1; round <= 5; round++) {
                    a.engine.renew(a.member(b));
                    for (int i = 0; i < 100; i++) {
                        a.send(b, new byte[] {(byte) i});
                        b.send(a, new byte[] {(byte) i});
                    }
                    for (Node node : List.of(a, b)) {
                        await().atMost(Node.CEILING).until(() -> node.frames.size() == 100);
                        assertThat(node.frames.stream().map(frame -> (int) frame[0]))
                                .containsExactlyElementsOf(
                                        IntStream.range(0, 100).boxed().toList());
                        node.frames.clear();
                    }
                }
                assertThat(a.changes.size() + b.changes.size()).isEqualTo(changes);
            }
        }

        @Test
        void arrive_once_and_in_order_from_each_sender() throws Exception {
            int count = 20_000;
            List<Integer> fromB = new ArrayList<>();
            List<Integer> fromC = new ArrayList<>();
            CountDownLatch all = new CountDownLatch(2 * count);
            AtomicReference<String> b = new AtomicReference<>();
            Node a =
                    new Node(JGroupsOptions.at(FreePorts.nextAddress())) {
                        @Override
                        public void received(Member from, byte[] frame) {
                            (from.toString().equals(b.get()) ? fromB : fromC)
                                    .add(ByteBuffer.wrap(frame).getInt());
                            all.countDown();
                        }
                    };
            try (a) {
                a.engine.start(a);
                try (Node first = Node.started(FreePorts.nextAddress(), a.address);
                        Node second = Node.started(FreePorts.nextAddress(), a.address)) {
                    b.set(first.address);
                    first.sees(a, second);
                    second.sees(a, first);
                    Thread other = Thread.ofVirtual().start(() -> sendAll(second, a, count));
                    sendAll(first, a, count);
                    other.join();
                    assertThat(all.await(30, TimeUnit.SECONDS)).isTrue();
                    List<Integer> expected = IntStream.range(0, count).boxed().toList();
                    assertThat(fromB).isEqualTo(expected);
                    assertThat(fromC).isEqualTo(expected);
                }
            }
        }

        @Test
        void of_all_sizes_keep_their_bytes_and_their_order() throws Exception {
            Random random = new Random(17);
            List<byte[]> sent = new ArrayList<>();
            for (int size : new int[] {0, 1, 59_999, 60_000, 60_001, 10, 1_000_000, 7, 9_000_000}) {
                byte[] frame = new byte[size];
                random.nextBytes(frame);
                sent.add(frame);
            }
            try (Node a = Node.started(FreePorts.nextAddress());
                    Node b = Node.started(FreePorts.nextAddress(), a.address)) {
                b.sees(a);
                for (byte[] frame : sent) {
                    b.send(a, frame);
                }
                await().atMost(Node.CEILING).until(() -> a.frames.size() == sent.size());
                for (int i = 0; i < sent.size(); i++) {
                    assertThat(Arrays.equals(a.frames.get(i), sent.get(i))).isTrue();
                }
            }
        }

        @Test
        void to_a_member_that_is_gone_are_dropped() throws Exception {
            try (Node a = Node.started(FreePorts.nextAddress())) {
                Node b = Node.started(FreePorts.nextAddress(), a.address);
                Member gone = a.sees(b).member(b);
                b.close();
                a.sees(new Node[0]);
                a.engine.send(gone, new byte[1]);
                a.leave();
                a.engine.send(gone, new byte[1]);
            }
        }

        @Test
        void go_on_after_a_handler_has_thrown() throws Exception {
            Node a =
                    new Node(JGroupsOptions.at(FreePorts.nextAddress())) {
                        @Override
                        public void received(Member from, byte[] frame) {
                            super.received(from, frame);
                            throw new IllegalStateException("thrown by a test");
                        }
                    };
            try (a) {
                a.engine.start(a);
                try (Node b = Node.started(FreePorts.nextAddress(), a.address)) {
                    for (int i = 0; i < 3; i++) {
                        b.send(a, new byte[] {(byte) i});
                    }
                    await().atMost(Node.CEILING).until(() -> a.frames.size() == 3);
                }
            }
        }
    }

    @Nested
    class A_slow_member {

        private final CountDownLatch blocked = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);

        private Node slow(String address, String... seeds) throws IOException {
            Node node =
                    new Node(JGroupsOptions.at(address).withSeeds(List.of(seeds))) {
                        @Override
                        public void received(Member from, byte[] frame) {
                            blocked.countDown();
                            try {
                                released.await();
                            } catch (InterruptedException e) {
                                throw new IllegalStateException(e);
                            }
                            super.received(from, frame);
                        }
                    };
            node.engine.start(node);
            return node;
        }

        @Test
        void blocks_its_sender_and_nobody_else() throws Exception {
            try (Node a = Node.started(FreePorts.nextAddress());
                    Node b = Node.started(FreePorts.nextAddress(), a.address);
                    Node slow = slow(FreePorts.nextAddress(), a.address)) {
                a.sees(b, slow);
                Thread sender = Thread.ofVirtual().start(() -> sendBig(a, slow, 100));
                blocked.await();
                awaitWaiting(sender);

                a.send(b, "hello".getBytes(UTF_8));
                await().atMost(Node.CEILING).until(() -> b.frames.size() == 1);

                released.countDown();
                sender.join();
                await().atMost(Node.CEILING).until(() -> slow.frames.size() == 100);
            }
        }

        @Test
        void lets_its_sender_be_interrupted() throws Exception {
            try (Node a = Node.started(FreePorts.nextAddress());
                    Node slow = slow(FreePorts.nextAddress(), a.address)) {
                a.sees(slow);
                AtomicReference<Exception> thrown = new AtomicReference<>();
                Thread sender =
                        Thread.ofVirtual()
                                .start(() -> {
                                    try {
                                        while (true) {
                                            a.send(slow, new byte[100_000]);
                                        }
                                    } catch (Exception e) {
                                        thrown.set(e);
                                    }
                                });
                blocked.await();
                awaitWaiting(sender);
                sender.interrupt();
                sender.join();
                assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
                released.countDown();
            }
        }

        @Test
        void releases_its_sender_when_it_leaves() throws Exception {
            try (Node a = Node.started(FreePorts.nextAddress());
                    Node slow = slow(FreePorts.nextAddress(), a.address)) {
                a.sees(slow);
                Thread sender = Thread.ofVirtual().start(() -> sendBig(a, slow, 100));
                blocked.await();
                awaitWaiting(sender);
                released.countDown();
                slow.leave();
                sender.join();
                a.sees(new Node[0]);
            }
        }
    }

    @Nested
    class Start {

        @Test
        void waits_for_others_when_no_seed_answers() throws Exception {
            try (Node a = Node.started(FreePorts.nextAddress(), FreePorts.nextAddress())) {
                assertThat(a.members).isEmpty();
                try (Node b = Node.started(FreePorts.nextAddress(), a.address)) {
                    a.sees(b);
                }
            }
        }

        @Test
        void fails_when_the_address_is_in_use() throws Exception {
            try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
                String address = "127.0.0.1:" + taken.getLocalPort();
                assertThatThrownBy(() -> Node.started(address))
                        .isInstanceOf(IOException.class)
                        .hasMessage("cannot listen at %s: Address already in use", address);
            }
        }

        @ParameterizedTest
        @ValueSource(strings = {"nowhere.invalid:7801", "127.0.0.1:7801"})
        void fails_when_a_host_is_unknown(String address) {
            assertThatThrownBy(() -> Node.started(address, "nowhere.invalid:7802"))
                    .isInstanceOf(IOException.class)
                    .hasMessage("expected the name or address of a host, got: nowhere.invalid");
        }

        @Test
        void fails_without_tls_at_an_address_that_others_can_reach() {
            assertThatThrownBy(() -> Node.started("192.0.2.1:7801"))
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            "expected TLS for an address that is not a loopback address, got none"
                                    + " for 192.0.2.1:7801");
            assertThatThrownBy(() -> Node.started("0.0.0.0:7801"))
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            "expected an address that other nodes can connect to, got:"
                                    + " 0.0.0.0:7801");
        }

        @Test
        void is_possible_once() throws Exception {
            try (Node a = Node.started(FreePorts.nextAddress())) {
                assertThatThrownBy(() -> a.engine.start(a))
                        .isInstanceOf(IllegalStateException.class);
            }
            Node closed = new Node(JGroupsOptions.at(FreePorts.nextAddress()));
            closed.close();
            assertThatThrownBy(() -> closed.engine.start(closed))
                    .isInstanceOf(IllegalStateException.class);
        }

        @Test
        void is_possible_at_once_after_a_close() throws Exception {
            String address = FreePorts.nextAddress();
            Node.started(address).close();
            Node.started(address).close();
        }
    }

    @Test
    void garbage_on_the_port_does_not_harm() throws Exception {
        try (Node a = Node.started(FreePorts.nextAddress())) {
            Garbage.sendTo(a.address);
            try (Node b = Node.started(FreePorts.nextAddress(), a.address)) {
                a.sees(b);
                Garbage.sendTo(a.address);
                b.send(a, new byte[] {1});
                await().atMost(Node.CEILING).until(() -> a.frames.size() == 1);
            }
        }
    }

    private static void sendAll(Node from, Node to, int count) {
        try {
            Member member = from.member(to);
            for (int i = 0; i < count; i++) {
                from.engine.send(member, ByteBuffer.allocate(100).putInt(0, i).array());
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void sendBig(Node from, Node to, int count) {
        try {
            Member member = from.member(to);
            for (int i = 0; i < count; i++) {
                from.engine.send(member, new byte[100_000]);
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void awaitWaiting(Thread thread) {
        await().atMost(Node.CEILING)
                .until(() ->
                        thread.getState() == Thread.State.TIMED_WAITING
                                || thread.getState() == Thread.State.WAITING);
    }
}
