package io.genserver.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.genserver.cluster.engine.Engine;
import io.genserver.cluster.engine.Member;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A lane to a member that takes a frame when the test lets it.
class LaneTest {

    private static final long CAPACITY = 1_000;
    private static final long BOUND = 100_000;
    private static final Duration LONG = Duration.ofSeconds(10);

    private final Semaphore permits = new Semaphore(0);
    private final List<byte[]> taken = new CopyOnWriteArrayList<>();
    private final AtomicLong now = new AtomicLong();

    private final Engine engine =
            new Engine() {
                @Override
                public Member start(Handler handler) {
                    throw new UnsupportedOperationException("the lane does not start it");
                }

                @Override
                public void send(Member to, byte[] frame) throws InterruptedException {
                    permits.acquire();
                    taken.add(frame);
                }

                @Override
                public void close() {
                    throw new UnsupportedOperationException("the lane does not close it");
                }
            };

    private final Lane lane =
            new Lane("lane", engine, new Member() {}, CAPACITY, BOUND, now::get, _ -> {});

    private final Link link =
            new Link(
                    new Ends(
                            new FakeDistribution(new FakeDistribution.World(), "a@x", 1),
                            "a@x",
                            1,
                            "b@x",
                            2,
                            _ -> true),
                    new Signals(PayloadTypes.of(), 1 << 16),
                    1 << 16,
                    1,
                    2,
                    lane,
                    _ -> {});

    @AfterEach
    void close() {
        lane.close();
        lane.join();
    }

    private void pass(Duration time) {
        now.addAndGet(time.toNanos());
    }

    private void post(int bytes) {
        assertThat(lane.post(link, new byte[bytes])).isNull();
    }

    @Test
    void takes_far_more_than_its_capacity_without_waiting_while_the_member_takes_something() {
        lane.start();
        int frames = 20;
        for (int i = 0; i < frames; i++) {
            post(Lane.BATCH / 10); // ten to a frame
        }
        for (int i = 0; i < 5; i++) {
            int before = taken.size();
            pass(Lane.PATIENCE.minusSeconds(1));
            post(Lane.BATCH / 10);
            long waiting = lane.queued();
            permits.release();
            await().atMost(LONG)
                    .until(() ->
                            taken.size() > before
                                    && (lane.queued() == 0 || lane.queued() < waiting));
        }
    }

    /// Starts the lane, and waits until its thread is in the engine with a first frame.
    private void startAndBlock() {
        lane.start();
        post(500);
        await().atMost(LONG).until(() -> lane.queued() == 0);
    }

    @Test
    void gives_up_a_member_that_takes_nothing_for_long_while_too_much_waits() {
        startAndBlock();
        while (lane.queued() <= Lane.OVERFLOW * CAPACITY) {
            post(500);
        }
        pass(Lane.PATIENCE);
        post(1);
        pass(Duration.ofNanos(1));
        assertThat(lane.post(link, new byte[1])).startsWith("it has taken nothing for 10 s, and ");
    }

    @Test
    void waits_for_ever_while_little_is_queued() {
        lane.start();
        post(500);
        pass(Duration.ofDays(1));
        post(500);
    }

    @Test
    void has_a_bound_that_nothing_exceeds() {
        startAndBlock();
        for (int i = 0; i < BOUND / 500; i++) {
            lane.post(link, new byte[500]);
        }
        long before = lane.queued();
        assertThat(lane.post(link, new byte[(int) (BOUND - before) + 1]))
                .isEqualTo("expected 100000 bytes at most to wait for it, got more");
        assertThat(lane.queued()).isEqualTo(before);
    }

    @Test
    void sends_a_tick_only_if_nothing_else_shows_that_this_node_lives() {
        byte[] tick = Packets.write(new Packet.Tick(1, 2));
        post(10);
        lane.tick(tick); // signals wait
        lane.start();
        permits.release(10);
        await().atMost(LONG).until(() -> taken.size() == 1);
        lane.tick(tick); // signals were sent
        for (int ticks = 1; ticks < 5; ticks++) {
            int count = ticks + 1;
            lane.tick(tick);
            await().atMost(LONG).until(() -> taken.size() == count);
            assertThat(taken.getLast()).isEqualTo(tick);
        }
    }

    @Test
    void keeps_few_packets_and_each_once() {
        for (int i = 0; i < 1_000; i++) {
            lane.send(Packets.write(new Packet.Reset(7, 1)));
        }
        for (int i = 2; i < 1_000; i++) {
            lane.send(Packets.write(new Packet.Reset(7, i)));
        }
        post(10);
        lane.start();
        permits.release(1_000);
        await().atMost(LONG).until(() -> taken.size() == Lane.MAX_PACKETS + 1);
        assertThat(taken.get(Lane.MAX_PACKETS - 1))
                .isEqualTo(Packets.write(new Packet.Reset(7, 999)));
        lane.send(Packets.write(new Packet.Reset(7, 999)));
        await().atMost(LONG).until(() -> taken.size() == Lane.MAX_PACKETS + 2);
    }

    @Test
    void a_repeated_packet_is_sent_once() {
        for (int i = 0; i < 1_000; i++) {
            lane.send(Packets.write(new Packet.Reset(7, i % 2)));
        }
        post(10);
        lane.start();
        permits.release(1_000);
        await().atMost(LONG).until(() -> taken.size() == 3);
    }
}
