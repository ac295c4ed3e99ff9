package io.genserver.benchmarks;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import io.genserver.GenServer;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// This library: servers whose turns block in a socket. Such servers must not be non-blocking ones.
final class OursBlocked {

    private static final int SERVERS = 1_000; // that block, and as many that answer
    private static final Duration TURN = Duration.ofMillis(10);
    private static final int CLIENTS = 8;
    private static final int CALLS = 2_000; // of each client in a batch

    private OursBlocked() {}

    static @Nullable Work work(Operation operation) {
        return switch (operation) {
            case BEHIND_BLOCKED -> timing -> Blocked.behind(timing, new Trios());
            case BLOCKED_1000 -> OursBlocked::thousand;
            default -> null;
        };
    }

    private static final class Trios implements Blocked.Trios {
        private final List<Pid> blocking = new ArrayList<>();
        private final List<Pid> noting = new ArrayList<>();

        Trios() throws IOException {
            for (SlowPeer.Wire wire : Blocked.wires()) {
                blocking.add(GenServer.start(BlockingServer::new, wire).pid());
                noting.add(GenServer.start(NotingServer::new, Ok.OK).pid());
            }
        }

        @Override
        public void run(int rounds, Blocked.Latencies latencies) throws Exception {
            Ours.waiting()
                    .insideEach(
                            Blocked.TRIOS,
                            trio -> {
                                for (int i = 0; i < rounds; i++) {
                                    round(blocking.get(trio), noting.get(trio), latencies);
                                }
                            });
        }

        private static void round(Pid blocking, Pid noting, Blocked.Latencies latencies) {
            long begin = System.nanoTime();
            GenServer.cast(
                    blocking,
                    new BlockingServer.Block(noting, latencies.inside(), Processes.self()));
            GenServer.cast(noting, new NotingServer.Sent(begin, latencies.outside()));
            Processes.receive(BlockingServer.Done.class);
        }

        @Override
        public long handled() {
            return noting.stream()
                    .mapToLong(server -> GenServer.call(server, new NotingServer.Handled()))
                    .sum();
        }
    }

    /// Measures calls alone, and then beside servers that block. Checks that those block all the
    /// time, as far as the cores can do the input and output.
    private static Map<String, Double> thousand(Work.Timing timing) throws Exception {
        List<Pid> answering =
                IntStream.range(0, SERVERS).mapToObj(_ -> CounterServer.begin()).toList();
        Map<String, Double> measured = new LinkedHashMap<>();
        long[] done = new long[1];
        measured.put("alone", calls(answering, done, timing));
        LongAdder turns = new LongAdder();
        for (SlowPeer.Wire wire : Blocked.wires(SERVERS, TURN)) {
            GenServer.cast(
                    GenServer.start(BlockingServer::new, wire).pid(),
                    new BlockingServer.Loop(turns));
        }
        long begin = System.nanoTime();
        long before = turns.sum();
        measured.put("beside", calls(answering, done, timing));
        measured.put("threads", (double) threads());
        double elapsed = System.nanoTime() - begin;
        double turn = elapsed * SERVERS / (turns.sum() - before);
        Work.check(turn >= TURN.toNanos(), "turns of " + TURN + " or more", turn + " ns");
        measured.put("turn", turn);
        return measured;
    }

    /// @param done the number of calls that the servers have answered
    private static double calls(List<Pid> servers, long[] done, Work.Timing timing)
            throws Exception {
        return Work.mean(
                CLIENTS * CALLS,
                timing,
                count -> {
                    Ours.waiting()
                            .insideEach(
                                    CLIENTS,
                                    client -> {
                                        for (int i = 0; i < CALLS; i++) {
                                            int server = (i * CLIENTS + client) % servers.size();
                                            CounterServer.increment(servers.get(server));
                                        }
                                    });
                    done[0] += count;
                    Work.checkCount(
                            done[0], servers.stream().mapToLong(CounterServer::value).sum());
                });
    }

    /// Returns the number of live threads, platform and virtual ones.
    private static long threads() throws IOException {
        Path folder = Files.createTempDirectory("bench");
        Path dump = folder.resolve("threads.json");
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .dumpThreads(dump.toString(), ThreadDumpFormat.JSON);
        try (Stream<String> lines = Files.lines(dump)) {
            return lines.filter(line -> line.contains("\"tid\"")).count();
        } finally {
            Files.delete(dump);
            Files.delete(folder);
        }
    }
}
