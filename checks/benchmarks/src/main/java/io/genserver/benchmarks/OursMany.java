package io.genserver.benchmarks;

import io.genserver.GenServer;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.StartOption;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.DynamicSupervisor;
import io.genserver.supervisor.DynamicSupervisorFlags;
import io.genserver.supervisor.Restart;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// This library: many servers.
final class OursMany {

    private OursMany() {}

    /// @param options for every server
    static @Nullable Work servers(Operation operation, StartOption... options) {
        Step startAlone = servers -> Arrays.setAll(servers, _ -> CounterServer.begin(options));
        Waiting waiting = Ours.waiting();
        return switch (operation) {
            case IDLE -> _ -> waiting.inside(() -> idle(100_000, startAlone, OursMany::stopEach));
            case IDLE_SUPERVISED -> _ -> waiting.inside(() -> idleSupervised(options));
            case IDLE_NAMED -> _ -> waiting.inside(() -> idleNamed(options));
            case MILLION ->
                    _ -> waiting.inside(() -> idle(1_000_000, startAlone, OursMany::stopEach));
            case IDLE_CPU -> _ -> waiting.inside(() -> idleCpu(startAlone));
            case ACTIVE_100000 -> timing -> active(timing, options);
            default -> null;
        };
    }

    private static void stopEach(Pid[] servers) {
        for (Pid server : servers) {
            GenServer.stop(server);
        }
    }

    private static Map<String, Double> idleSupervised(StartOption... options) throws Exception {
        Pid supervisor = DynamicSupervisor.start(DynamicSupervisorFlags.DEFAULT).pid();
        ChildSpec<?> child =
                ChildSpec.worker(
                                CounterServer.class,
                                () -> GenServer.startLink(CounterServer::new, Ok.OK, options))
                        .withRestart(Restart.TEMPORARY);
        return idle(
                100_000,
                servers ->
                        Arrays.setAll(
                                servers,
                                _ -> DynamicSupervisor.startChild(supervisor, child).pid()),
                _ -> DynamicSupervisor.stop(supervisor));
    }

    private static Map<String, Double> idleNamed(StartOption... options) throws Exception {
        Map<String, Double> measured =
                idle(
                        100_000,
                        servers ->
                                Arrays.setAll(
                                        servers,
                                        i ->
                                                CounterServer.begin(
                                                        Ours.named("server" + i, options))),
                        OursMany::stopEach);
        Work.checkCount(0, Processes.registered().size());
        return measured;
    }

    @FunctionalInterface
    private interface Step {
        void run(Pid[] servers);
    }

    private static Map<String, Double> idle(int count, Step start, Step stop) throws Exception {
        Pid[] few = new Pid[10_000];
        Arrays.setAll(few, _ -> CounterServer.begin());
        stopEach(few);
        Arrays.fill(few, null);
        Pid[] servers = new Pid[count];
        long before = Work.usedHeap();
        long begin = System.nanoTime();
        start.run(servers);
        double started = System.nanoTime() - begin;
        double bytes = Work.usedHeap() - before;
        for (int i = 0; i < count; i += count / 100) {
            Work.checkCount(1, CounterServer.increment(servers[i]));
        }
        begin = System.nanoTime();
        stop.run(servers);
        double stopped = System.nanoTime() - begin;
        for (Pid server : servers) {
            Work.check(!Processes.isAlive(server), "a server that has stopped", server);
        }
        Map<String, Double> measured = new LinkedHashMap<>();
        measured.put("bytes", bytes / count);
        measured.put("start", started / count);
        measured.put("stop", stopped / count);
        return measured;
    }

    private static Map<String, Double> idleCpu(Step startAlone) throws Exception {
        Pid[] servers = new Pid[IdleCpu.SERVERS];
        startAlone.run(servers);
        return IdleCpu.measure(i -> CounterServer.increment(servers[i]));
    }

    private static Map<String, Double> active(Work.Timing timing, StartOption... options)
            throws Exception {
        Active.Handled handled = new Active.Handled();
        Pid[] servers = new Pid[Active.SERVERS];
        Arrays.setAll(servers, _ -> GenServer.start(ActiveServer::new, handled, options).pid());
        Active.Servers all =
                new Active.Servers() {
                    @Override
                    public void call(int server) {
                        CounterServer.increment(servers[server]);
                    }

                    @Override
                    public void cast(int server) {
                        CounterServer.add(servers[server]);
                    }

                    @Override
                    public long value(int server) {
                        return CounterServer.value(servers[server]);
                    }
                };
        return Active.measure(timing, new Active.Waiters(Ours.waiting(), all, handled));
    }
}
