package io.genserver.benchmarks;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Measures whether a turn that blocks in a socket holds up messages for another server.
///
/// In each round of a trio, a process casts to the first server and then to the second. The first
/// server casts to the second as well and then blocks. The process begins the next round when the
/// first server has finished. The latency is the time from the cast until the second server handles
/// it.
final class Blocked {

    /// The number of trios, which run concurrently.
    static final int TRIOS = 8;

    private static final Duration TURN = Duration.ofMillis(30);
    private static final int ENOUGH = 1_000; // so that p99 differs from the worst
    private static final int ROUNDS = 5; // of each trio in a batch

    private Blocked() {}

    /// The latencies of the casts.
    ///
    /// @param inside takes those from the first server, made before its turn blocks
    /// @param outside takes those from the process, timed from before its cast to the first server
    record Latencies(Samples inside, Samples outside) {

        static Latencies of(long time, int enough) {
            return new Latencies(new Samples(time, enough), new Samples(time, enough));
        }
    }

    /// Trios of one contestant.
    interface Trios {

        /// Runs `rounds` rounds of each trio. All trios run concurrently.
        void run(int rounds, Latencies latencies) throws Exception;

        /// Returns the number of casts that all second servers have handled.
        long handled() throws Exception;
    }

    /// Returns a connection for each trio.
    static List<SlowPeer.Wire> wires() throws IOException {
        return wires(TRIOS, TURN);
    }

    /// @param turn how long each use of a connection blocks
    static List<SlowPeer.Wire> wires(int count, Duration turn) throws IOException {
        SlowPeer peer = SlowPeer.start(turn);
        List<SlowPeer.Wire> wires = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            wires.add(peer.connect());
        }
        return wires;
    }

    static Map<String, Double> behind(Work.Timing timing, Trios trios) throws Exception {
        long rounds = rounds(trios, Latencies.of(timing.warmUp(), 0));
        Latencies latencies = Latencies.of(timing.time(), ENOUGH);
        rounds += rounds(trios, latencies);
        Work.checkCount(2 * rounds, trios.handled());
        Map<String, Double> points = new LinkedHashMap<>(latencies.inside().percentiles("inside "));
        points.putAll(latencies.outside().percentiles("outside "));
        return points;
    }

    private static long rounds(Trios trios, Latencies latencies) throws Exception {
        long rounds = 0;
        while (!latencies.inside().isDone() || !latencies.outside().isDone()) {
            trios.run(ROUNDS, latencies);
            rounds += TRIOS * ROUNDS;
        }
        return rounds;
    }
}
