package io.genserver.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.Name;
import io.genserver.spi.distribution.Signal;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;

/// The session of two nodes, with each order of what can happen between them.
class SessionTest {

    private static final Cookies COOKIE = new Cookies(List.of("secret"));
    private static final PayloadTypes TYPES = PayloadTypes.of();
    private static final Duration TICK_TIME = Duration.ofSeconds(4);
    private static final Duration TICK = TICK_TIME.dividedBy(Session.TICKS);
    private static final Signals SIGNALS = new Signals(TYPES, 1 << 16);

    /// A connection as one side sees it.
    private record Pair(long own, long peer) {
        Pair turned() {
            return new Pair(/* own= */ peer, /* peer= */ own);
        }
    }

    /// One of the two nodes, with the frames that it has sent and that did not arrive yet.
    private static final class Side implements Session.Effects {
        final Session session;
        final Deque<byte[]> sent = new ArrayDeque<>();
        final List<byte[]> recorded = new ArrayList<>();

        /// Frames of a lost connection that the engine repeats at any later time.
        final Deque<byte[]> late = new ArrayDeque<>();

        final Set<Pair> pairs = new HashSet<>();
        final List<String> warnings = new ArrayList<>();
        final Random random;
        final Ends ends;
        @Nullable Pair current;
        @Nullable Side other;
        boolean isMember;
        boolean isNameTaken;
        boolean isLossy;
        long epoch;
        long nextNumber;
        long lastNumber;
        int ups;
        int downs;
        int delivered;
        int renewals;

        Side(String name, long seed, Cookies cookies) {
            random = new Random(seed);
            session =
                    new Session(
                            new Session.Self(name, 1L << 40, cookies, 1 << 16, TICK_TIME, TYPES),
                            this);
            FakeDistribution distribution =
                    new FakeDistribution(new FakeDistribution.World(), name, 1L << 40);
            ends = new Ends(distribution, name, 1L << 40, "peer", 1, _ -> true);
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
            transmit(Packets.write(packet));
        }

        @Override
        public void sendTick(Packet.Tick tick) {
            transmit(Packets.write(tick));
        }

        @Override
        public void renew() {
            renewals++;
        }

        private void transmit(byte[] bytes) {
            sent.add(bytes);
            recorded.add(bytes);
        }

        @Override
        public boolean isTaken(String name) {
            return isNameTaken;
        }

        @Override
        public boolean up(Packet.Hello self, Packet.Hello peer, Packet.Features features) {
            if (isNameTaken) {
                return false;
            }
            assertThat(current).as("one connection at a time").isNull();
            current = new Pair(self.from(), peer.from());
            assertThat(pairs.add(current)).as("a pair of epochs is used once").isTrue();
            ups++;
            nextNumber = 1;
            lastNumber = 0;
            return true;
        }

        @Override
        public void down(String why) {
            assertThat(current).as("a connection is lost once").isNotNull();
            current = null;
            downs++;
        }

        @Override
        public void deliver(FrameReader content) {
            Side sender = Objects.requireNonNull(other);
            Pair here = Objects.requireNonNull(current);
            assertThat(sender.pairs)
                    .as("the sender was up with the same epochs")
                    .contains(here.turned());
            while (!content.isAtEnd()) {
                try {
                    Signal signal = SIGNALS.read(content.readPart(), ends);
                    accept((Signal.Send) signal, here);
                } catch (FrameException e) {
                    throw new AssertionError(e);
                }
            }
        }

        private void accept(Signal.Send signal, Pair here) {
            List<?> content = (List<?>) signal.message();
            assertThat(new Pair((Long) content.get(1), (Long) content.get(0)))
                    .as("sent in the connection in which it arrives")
                    .isEqualTo(here);
            long number = (Long) content.get(2);
            assertThat(number).as("in order, once").isGreaterThan(lastNumber);
            if (!isLossy) {
                assertThat(number).as("none is left out").isEqualTo(lastNumber + 1);
            }
            lastNumber = number;
            delivered++;
        }

        @Override
        public void warn(String message) {
            warnings.add(message);
        }

        void sendSignal() {
            Pair pair = Objects.requireNonNull(current);
            Object content = List.of(pair.own(), pair.peer(), nextNumber++);
            byte[] signal =
                    SIGNALS.write(new Signal.Send(new Name("x"), content, null), ends, 1 << 16);
            transmit(Packets.writeData(pair.own(), pair.peer(), List.of(signal)));
        }
    }

    /// Both nodes, and what can happen next.
    private static final class World {
        static final int ACTIONS = 12;

        final Side a;
        final Side b;
        long now;

        /// Whether the engine keeps what is on the way when it reports that a member is gone.
        boolean keepsLate;

        World(long seed) {
            this(new Side("a@x", seed, COOKIE), new Side("b@x", seed + 1, COOKIE));
        }

        World(Side a, Side b) {
            this.a = a;
            this.b = b;
            a.other = b;
            b.other = a;
        }

        /// Lets something happen.
        ///
        /// @return false if it can not happen now
        boolean act(int action) {
            Side side = action % 2 == 0 ? a : b;
            return switch (action / 2) {
                case 0 -> deliver(side);
                case 1 -> toggle(side);
                case 2 -> send(side);
                case 3 -> merge(side);
                case 4 -> disconnect(side);
                default -> pass(action);
            };
        }

        /// Mostly lets frames arrive and signals be sent, so that connections come about.
        void actMostlyWell(Random random) {
            int side = random.nextInt(2);
            int kind = random.nextInt(100);
            if (!(side == 0 ? a : b).isMember) {
                act(2 * (kind < 50 ? 1 : 0) + side);
            } else if (kind < 60) {
                act(side);
            } else if (kind < 92) {
                act(4 + side);
            } else {
                act(2 + random.nextInt(ACTIONS - 2));
            }
        }

        void deliverLate(Side from) {
            byte[] frame = from.late.poll();
            if (frame != null) {
                Objects.requireNonNull(from.other).session.received(frame, now);
            }
        }

        boolean deliver(Side from) {
            byte[] frame = from.sent.poll();
            if (frame != null) {
                Objects.requireNonNull(from.other).session.received(frame, now);
            }
            return frame != null;
        }

        boolean toggle(Side side) {
            side.isMember = !side.isMember;
            if (!side.isMember && keepsLate) {
                Side other = Objects.requireNonNull(side.other);
                other.late.addAll(other.sent);
                other.sent.clear();
            }
            if (side.isMember) {
                side.session.joined(now);
            } else {
                side.session.left();
            }
            return true;
        }

        private static boolean send(Side side) {
            if (side.current != null) {
                side.sendSignal();
            }
            return side.current != null;
        }

        private boolean merge(Side side) {
            if (side.isMember) {
                side.session.merged(now);
            }
            return side.isMember;
        }

        private boolean disconnect(Side side) {
            boolean wasUp = side.current != null;
            side.session.fail("a test", now);
            return wasUp;
        }

        private boolean pass(int action) {
            now += (action % 2 == 0 ? Session.PAUSE : Session.HELLO_LIMIT).toNanos();
            a.session.tick(now);
            b.session.tick(now);
            return true;
        }

        /// Lets everything arrive and enough time pass, and checks that both sides agree then.
        void settle() {
            for (Side side : List.of(a, b)) {
                if (!side.isMember) {
                    toggle(side);
                }
            }
            for (int i = 0; i < 20 && !(isQuiet() && isConnected()); i++) {
                while (!isQuiet()) {
                    deliver(a);
                    deliver(b);
                }
                if (!isConnected()) {
                    now += Session.PAUSE.toNanos();
                    a.session.tick(now);
                    b.session.tick(now);
                }
            }
            assertThat(isConnected()).as("both are up in the end, with the same epochs").isTrue();
            for (Side side : List.of(a, b)) {
                assertThat(side.downs).as("each connection is lost once").isEqualTo(side.ups - 1);
            }
        }

        boolean isQuiet() {
            return a.sent.isEmpty() && b.sent.isEmpty();
        }

        boolean isConnected() {
            return a.current != null && b.current != null && a.current.turned().equals(b.current);
        }
    }

    @Test
    void every_order_of_few_events_keeps_the_rules() {
        long runs = 0;
        for (boolean isConnected : new boolean[] {false, true}) {
            runs += explore(new int[6], 0, isConnected);
        }
        assertThat(runs).isGreaterThan(50_000);
    }

    /// Runs each sequence of events that begins with some, and returns how many there were.
    private static long explore(int[] events, int length, boolean isConnected) {
        long runs = 0;
        for (int action = 0; action < World.ACTIONS - 2; action++) {
            events[length] = action;
            World world = replay(events, length + 1, isConnected);
            if (world == null) {
                continue;
            }
            if (length + 1 < events.length) {
                runs += explore(events, length + 1, isConnected);
            } else {
                world.settle();
                runs++;
            }
        }
        return runs;
    }

    private static @Nullable World replay(int[] events, int length, boolean isConnected) {
        World world = new World(1);
        if (isConnected) {
            world.settle();
        }
        for (int i = 0; i < length; i++) {
            if (!world.act(events[i])) {
                return null;
            }
        }
        return world;
    }

    @Test
    void long_random_histories_keep_the_rules() {
        int delivered = 0;
        int lost = 0;
        long stale = 0;
        for (long seed = 0; seed < 4_000; seed++) {
            Random random = new Random(seed);
            World world = new World(seed);
            try {
                world.keepsLate = seed % 2 == 0;
                for (int i = 0; i < 200; i++) {
                    if (random.nextInt(10) == 0) {
                        world.deliverLate(random.nextBoolean() ? world.a : world.b);
                    } else {
                        world.actMostlyWell(random);
                    }
                }
                world.settle();
                while (!world.a.late.isEmpty() || !world.b.late.isEmpty()) {
                    world.deliverLate(world.a);
                    world.deliverLate(world.b);
                }
                world.settle();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
            delivered += world.a.delivered + world.b.delivered;
            lost += world.a.downs;
            stale += world.a.session.stale();
        }
        assertThat(delivered).isGreaterThan(1_000);
        assertThat(lost).isGreaterThan(1_000);
        assertThat(stale).isGreaterThan(1_000);
    }

    /// An engine that loses frames without a word breaks its promise. Signals may then be lost, but
    /// nothing else happens to them, and time brings the nodes together again.
    @Test
    void frames_that_vanish_bring_nothing_into_disorder() {
        int delivered = 0;
        int lost = 0;
        for (long seed = 0; seed < 2_000; seed++) {
            Random random = new Random(seed);
            World world = new World(seed);
            try {
                world.a.isLossy = true;
                world.b.isLossy = true;
                for (int i = 0; i < 200; i++) {
                    if (random.nextInt(20) == 0) {
                        lost +=
                                (random.nextBoolean() ? world.a : world.b).sent.poll() == null
                                        ? 0
                                        : 1;
                    } else {
                        world.actMostlyWell(random);
                    }
                }
                world.a.session.disconnect("the end of the faults", world.now);
                world.settle();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
            delivered += world.a.delivered + world.b.delivered;
        }
        assertThat(delivered).isGreaterThan(1_000);
        assertThat(lost).isGreaterThan(1_000);
    }

    @Test
    void frames_of_a_lost_connection_are_dropped_and_answered() {
        World world = new World(1);
        world.settle();
        world.a.sendSignal();
        byte[] late = Objects.requireNonNull(world.a.sent.poll());
        world.toggle(world.a);
        world.toggle(world.b);
        world.b.session.received(late, world.now);
        assertThat(world.b.delivered).isZero();
        assertThat(world.b.session.stale()).isEqualTo(1);

        world.settle();
        world.b.sent.clear();
        world.b.session.received(late, world.now);
        assertThat(world.b.delivered).isZero();
        assertThat(world.b.session.stale()).isEqualTo(2);
        world.deliver(world.b); // the reset, which is for a connection that is over
        assertThat(world.isConnected()).isTrue();
    }

    @Test
    void a_member_that_is_reported_gone_is_told() {
        World world = new World(1);
        world.settle();
        world.toggle(world.a);
        world.deliver(world.a);
        assertThat(world.a.downs).isEqualTo(1);
        assertThat(world.b.downs).isEqualTo(1);
    }

    @Test
    void a_side_that_noticed_nothing_learns_of_the_loss() {
        World world = new World(1);
        world.settle();
        world.toggle(world.a);
        assertThat(world.a.downs).isEqualTo(1);
        world.b.sendSignal();
        world.deliver(world.b);
        assertThat(world.a.delivered).isZero();
        world.deliver(world.a);
        assertThat(world.b.downs).isEqualTo(1);
        world.settle();
        assertThat(world.b.downs).isEqualTo(1);
    }

    @Nested
    class ticks {

        private final World world = new World(1);

        ticks() {
            world.settle();
        }

        /// Lets the time of one tick pass on both sides.
        private void pass() {
            world.now += TICK.toNanos();
            world.a.session.tick(world.now);
            world.b.session.tick(world.now);
        }

        private void deliverAll() {
            while (!world.isQuiet()) {
                world.deliver(world.a);
                world.deliver(world.b);
            }
        }

        @Test
        void keep_a_connection_that_carries_nothing_else() {
            for (int i = 0; i < 1_000; i++) {
                pass();
                assertThat(world.a.sent).as("no more than needed").hasSize(1);
                assertThat(world.b.sent).hasSize(1);
                deliverAll();
            }
            assertThat(world.a.downs + world.b.downs).isZero();
        }

        @Test
        void that_do_not_come_cost_both_sides_the_connection() {
            for (int i = 1; i < Session.TICKS; i++) {
                pass();
                world.a.sent.clear();
                deliverAll();
            }
            assertThat(world.b.downs).as("not yet").isZero();
            pass();
            assertThat(world.b.downs).isEqualTo(1);
            assertThat(world.b.renewals).isEqualTo(1);
            world.a.sent.clear();
            world.deliver(world.b);
            assertThat(world.a.downs).as("the hello tells it").isEqualTo(1);
            assertThat(world.a.renewals).isZero();
        }

        @Test
        void that_come_again_bring_a_new_connection() {
            for (int i = 0; i < 20; i++) {
                pass();
                world.a.sent.clear();
                world.b.sent.clear();
            }
            assertThat(world.a.ups + world.b.ups).isEqualTo(2);
            assertThat(world.a.renewals).as("one at each attempt").isGreaterThan(1);
            world.settle();
            assertThat(world.a.ups + world.b.ups).isEqualTo(4);
            assertThat(world.a.downs + world.b.downs).isEqualTo(2);
        }

        @Test
        void are_replaced_by_signals() {
            for (int i = 0; i < 20; i++) {
                world.a.sendSignal();
                deliverAll();
                world.now += TICK.toNanos();
                world.b.session.tick(world.now);
            }
            assertThat(world.b.downs).isZero();
        }

        @Test
        void are_not_missed_while_this_node_was_stopped() {
            world.now += Duration.ofMinutes(1).toNanos();
            world.a.session.tick(world.now);
            assertThat(world.a.downs).isZero();
        }

        @Test
        void are_not_missed_while_a_packet_is_handled() {
            for (int i = 0; i < 20; i++) {
                world.now += TICK.toNanos();
                world.a.session.heard(world.now);
                world.a.session.tick(world.now);
            }
            assertThat(world.a.downs).isZero();
        }

        /// A tick of a lost connection tells its sender that it is lost.
        @Test
        void of_a_lost_connection_are_answered() {
            world.toggle(world.a);
            world.a.sent.clear(); // the reset is lost
            world.now += TICK.toNanos();
            world.b.session.tick(world.now);
            world.deliver(world.b);
            world.deliver(world.a);
            assertThat(world.b.downs).isEqualTo(1);
        }
    }

    @Nested
    class without_the_cookie {

        @Test
        void nobody_is_let_in() {
            World world =
                    new World(
                            new Side("a@x", 1, COOKIE),
                            new Side("b@x", 2, new Cookies(List.of("guess"))));
            world.toggle(world.a);
            world.toggle(world.b);
            for (int second = 0; second < 100; second++) {
                while (!world.isQuiet()) {
                    world.deliver(world.a);
                    world.deliver(world.b);
                }
                world.now += Duration.ofSeconds(1).toNanos();
                world.a.session.tick(world.now);
                world.b.session.tick(world.now);
            }
            assertThat(world.a.ups + world.b.ups).isZero();
            assertThat(world.a.warnings)
                    .containsExactly("expected a proof that it has the cookie, got a wrong one");
            assertThat(world.a.epoch).as("an attempt each 30 s").isBetween(3L, 5L);
        }

        @Test
        void a_changed_cookie_is_accepted_while_it_is_second() {
            World world =
                    new World(
                            new Side("a@x", 1, new Cookies(List.of("new", "old"))),
                            new Side("b@x", 2, new Cookies(List.of("old", "new"))));
            world.settle();
            assertThat(world.a.warnings).isEmpty();
        }

        /// A member that has recorded a whole conversation sends its packets again, also those of
        /// the node that it talks to.
        @Test
        void recorded_packets_prove_nothing() {
            World world = new World(1);
            world.settle();
            world.b.sendSignal();
            List<byte[]> recorded = new ArrayList<>(world.b.recorded);
            recorded.addAll(world.a.recorded);
            int banned = 0;
            for (long seed = 0; seed < 3_000; seed++) {
                Random random = new Random(seed);
                Side victim = new Side("a@x", 100 + seed, COOKIE);
                victim.isMember = true;
                victim.session.joined(0);
                for (int i = 0; i < 12; i++) {
                    byte[] frame = recorded.get(random.nextInt(recorded.size()));
                    victim.session.received(frame, 0);
                }
                for (byte[] frame : world.b.recorded) {
                    victim.session.received(frame, 0);
                }
                assertThat(victim.ups).isZero();
                assertThat(victim.delivered).isZero();
                banned += victim.warnings.size();
            }
            assertThat(banned).isEqualTo(3_000);
        }

        @Test
        void a_reflected_conversation_proves_nothing() {
            Side side = new Side("a@x", 1, COOKIE);
            side.session.joined(0);
            for (int i = 0; i < 20; i++) {
                byte[] frame = side.sent.poll();
                if (frame != null) {
                    side.session.received(frame, 0);
                }
            }
            assertThat(side.ups).isZero();
            assertThat(side.warnings)
                    .containsExactly("expected another name than that of this node, got: a@x");
        }

        @Test
        void garbage_is_banned_with_one_line() {
            Side side = new Side("a@x", 1, COOKIE);
            side.session.joined(0);
            for (long seed = 0; seed < 5_000; seed++) {
                byte[] frame = new byte[new Random(seed).nextInt(100)];
                new Random(seed).nextBytes(frame);
                side.session.received(frame, 0);
            }
            assertThat(side.warnings).hasSize(1);
            assertThat(side.warnings.getFirst()).contains("a packet that is refused");
        }
    }

    @Test
    void changed_packets_of_a_handshake_are_refused_or_ignored() {
        World recording = new World(1);
        recording.settle();
        for (long seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            World world = new World(1);
            world.toggle(world.a);
            world.toggle(world.b);
            int at = random.nextInt(6);
            try {
                for (int i = 0; i < 20; i++) {
                    byte[] frame = world.b.sent.poll();
                    if (frame != null) {
                        if (i == at) {
                            frame[random.nextInt(frame.length)] ^= (byte) (1 << random.nextInt(8));
                        }
                        world.a.session.received(frame, 0);
                    }
                    world.deliver(world.a);
                }
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed, e);
            }
            if (world.a.current != null && world.b.current != null) {
                assertThat(world.isConnected()).isTrue();
            }
        }
    }

    @Test
    void a_second_member_with_the_name_of_a_connected_one_is_refused_until_that_is_gone() {
        World world = new World(1);
        world.a.isNameTaken = true;
        world.toggle(world.a);
        world.toggle(world.b);
        for (int i = 0; i < 10; i++) {
            while (!world.isQuiet()) {
                world.deliver(world.a);
                world.deliver(world.b);
            }
            world.now += Session.PAUSE.toNanos();
            world.a.session.tick(world.now);
            world.b.session.tick(world.now);
        }
        assertThat(world.a.ups + world.b.ups).isZero();
        assertThat(world.a.warnings)
                .containsExactly("expected a name that no other member has, got: b@x");
        assertThat(world.b.warnings)
                .containsExactly(
                        "it refuses this node: expected a name that no other member has, got: b@x");
        world.a.isNameTaken = false;
        world.settle();
    }

    @Test
    void a_node_of_another_protocol_is_refused() {
        Side side = new Side("a@x", 1, COOKIE);
        side.session.joined(0);
        Packet hello = new Packet.Hello(1, 0, 2, 3, "b@x", 5, new byte[Packets.NONCE_LENGTH]);
        side.session.received(Packets.write(hello), 0);
        assertThat(side.warnings)
                .containsExactly("expected version 1 of the protocol, got: 2 to 3");
    }

    @Test
    void a_hello_may_come_before_the_engine_reports_its_member() {
        World world = new World(1);
        world.toggle(world.a);
        world.deliver(world.a);
        assertThat(world.b.sent).isEmpty();
        world.settle();
        assertThat(world.a.ups).isEqualTo(1);
    }
}
