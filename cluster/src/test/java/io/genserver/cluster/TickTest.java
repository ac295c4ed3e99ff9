package io.genserver.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.cluster.engine.Engine;
import io.genserver.cluster.engine.Member;
import io.genserver.cluster.memory.MemoryNetwork;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Sessions whose engines report nothing while the network loses or keeps what they send. The test
/// decides what arrives and when, and each seed another order.
class TickTest {

    private static final Duration TICK_TIME = Duration.ofSeconds(4);
    private static final Duration STEP = Duration.ofMillis(250);
    private static final Cookies COOKIE = new Cookies(List.of("secret"));
    private static final PayloadTypes TYPES = PayloadTypes.of();

    private static final class Side implements Session.Effects, Engine.Handler {
        private final Session session;
        private final Engine engine;
        private final Random random;
        private @Nullable Member member;
        private long now;
        private long epoch;
        private long frames;
        private @Nullable Pair current;
        private int ups;
        private int downs;

        private record Pair(long own, long peer) {
            Pair turned() {
                return new Pair(/* own= */ peer, /* peer= */ own);
            }
        }

        Side(MemoryNetwork network, String name, long seed) throws Exception {
            random = new Random(seed);
            session =
                    new Session(
                            new Session.Self(
                                    name + "@x", 1L << 40, COOKIE, 1 << 16, TICK_TIME, TYPES),
                            this);
            engine = network.engine(name);
            engine.start(this);
        }

        @Override
        public void members(Set<Member> members, Set<Member> merged) {
            for (Member found : members) {
                member = found;
                session.joined(now);
            }
        }

        @Override
        public void received(Member from, byte[] frame) {
            session.received(frame, now);
        }

        void pass(long time) {
            now = time;
            session.tick(now);
        }

        @Override
        public long nextEpoch() {
            return ++epoch;
        }

        @Override
        public byte[] nextNonce() {
            byte[] nonce = new byte[Packets.NONCE_LENGTH];
            random.nextBytes(nonce);
            return nonce;
        }

        @Override
        public void send(Packet packet) {
            try {
                engine.send(Objects.requireNonNull(member), Packets.write(packet));
                frames++;
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        @Override
        public void sendTick(Packet.Tick tick) {
            send(tick);
        }

        @Override
        public void renew() {}

        @Override
        public boolean isTaken(String name) {
            return false;
        }

        @Override
        public boolean up(Packet.Hello self, Packet.Hello peer, Packet.Features features) {
            assertThat(current).isNull();
            current = new Pair(self.from(), peer.from());
            ups++;
            return true;
        }

        @Override
        public void down(String why) {
            assertThat(current).isNotNull();
            current = null;
            downs++;
        }

        @Override
        public void deliver(FrameReader signals) {
            throw new AssertionError("nobody sends signals");
        }

        @Override
        public void warn(String message) {
            throw new AssertionError(message);
        }
    }

    private static final class Pairing {
        private final MemoryNetwork network;
        private final Side a;
        private final Side b;
        private long now;

        Pairing(long seed) throws Exception {
            network = MemoryNetwork.manual(seed);
            a = new Side(network, "a", seed);
            b = new Side(network, "b", seed + 1);
        }

        void pass(Duration time) {
            for (Duration done = Duration.ZERO; done.compareTo(time) < 0; done = done.plus(STEP)) {
                now += STEP.toNanos();
                network.advance(STEP);
                a.pass(now);
                b.pass(now);
                boolean isMoving = true;
                while (isMoving) {
                    isMoving = network.step();
                }
            }
        }

        boolean isConnected() {
            return a.current != null && b.current != null && a.current.turned().equals(b.current);
        }
    }

    @Test
    void a_quiet_connection_stays_for_ever_and_costs_four_frames_in_the_tick_time()
            throws Exception {
        Pairing both = new Pairing(1);
        both.pass(TICK_TIME);
        assertThat(both.isConnected()).isTrue();
        long before = both.a.frames;
        both.pass(Duration.ofHours(1));
        assertThat(both.a.downs + both.b.downs).isZero();
        assertThat(both.a.frames - before).isEqualTo(3_600);
    }

    @Test
    void nothing_in_one_direction_is_noticed_by_both_sides_within_the_tick_time_and_one_tick()
            throws Exception {
        for (boolean isKept : new boolean[] {true, false}) {
            Pairing both = new Pairing(2);
            both.pass(TICK_TIME);
            if (isKept) {
                both.network.hold("a", "b");
            } else {
                both.network.drop("a", "b");
            }
            both.pass(TICK_TIME.plus(STEP));
            assertThat(List.of(both.a.downs, both.b.downs)).containsExactly(1, 1);
            both.pass(Duration.ofMinutes(1));
            assertThat(List.of(both.a.downs, both.b.downs)).containsExactly(1, 1);
            both.network.release("a", "b");
            both.network.restore("a", "b");
            both.pass(isKept ? STEP : Session.HELLO_LIMIT.plus(STEP));
            assertThat(both.isConnected()).isTrue();
            assertThat(List.of(both.a.ups, both.b.ups)).containsExactly(2, 2);
        }
    }

    @Test
    void directions_that_fail_and_recover_in_any_order_end_in_one_connection() throws Exception {
        int losses = 0;
        for (long seed = 0; seed < 1_000; seed++) {
            Pairing both = new Pairing(seed);
            Random random = new Random(seed);
            for (int i = 0; i < 30; i++) {
                String from = random.nextBoolean() ? "a" : "b";
                String to = from.equals("a") ? "b" : "a";
                switch (random.nextInt(6)) {
                    case 0 -> both.network.drop(from, to);
                    case 1 -> both.network.restore(from, to);
                    case 2 -> both.network.hold(from, to);
                    case 3 -> both.network.release(from, to);
                    default -> {}
                }
                both.pass(Duration.ofMillis(random.nextInt(6_000)));
            }
            for (String from : List.of("a", "b")) {
                String to = from.equals("a") ? "b" : "a";
                both.network.restore(from, to);
                both.network.release(from, to);
            }
            both.pass(TICK_TIME.plus(Session.HELLO_LIMIT).plus(TICK_TIME));
            assertThat(both.isConnected()).as("seed %d", seed).isTrue();
            for (Side side : List.of(both.a, both.b)) {
                assertThat(side.downs).as("seed %d", seed).isEqualTo(side.ups - 1);
            }
            int before = both.a.downs;
            both.pass(Duration.ofMinutes(1));
            assertThat(both.a.downs).as("seed %d", seed).isEqualTo(before);
            losses += before;
        }
        assertThat(losses).isGreaterThan(1_000);
    }
}
