package io.genserver.benchmarks;

import io.genserver.Agent;
import io.genserver.Down;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.ServerRef;
import io.genserver.StartOption;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.DynamicSupervisor;
import io.genserver.supervisor.DynamicSupervisorFlags;
import io.genserver.supervisor.ProcessRegistry;
import io.genserver.supervisor.Restart;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// This library.
final class Ours {

    private record Ping(Pid from) {}

    private record Token(int hops) {}

    private enum Signal {
        DATA,
        END,
        PONG
    }

    private Ours() {}

    static @Nullable Work work(Operation operation) {
        Waiting waiting =
                new Waiting(
                        () -> new CounterServer.Client(CounterServer.begin()),
                        body -> Processes.spawn(body::run));
        return switch (operation) {
            case CALL_PROCESS -> waiting::callInside;
            case CALL_THREAD -> waiting::callOutside;
            case CALL_8X1 -> waiting.calls(8, 1);
            case CALL_8X8 -> waiting.calls(8, 8);
            case CAST_1X1 -> waiting::cast;
            case CAST_4X1 -> waiting.casts(4);
            case OUTSIDE_2 -> waiting.outside(2);
            case OUTSIDE_8 -> waiting.outside(8);
            case OUTSIDE_64 -> waiting.outside(64);
            case SEND -> timing -> waiting.inside(() -> send(timing));
            case PING_PONG -> timing -> waiting.inside(() -> pingPong(timing));
            case RING -> timing -> waiting.inside(() -> ring(503, 50_300, timing));
            case SPAWN -> timing -> waiting.inside(() -> spawn(timing));
            case START_STOP -> timing -> waiting.inside(() -> startStop(timing));
            case LINK -> timing -> waiting.inside(() -> link(timing));
            case MONITOR -> timing -> waiting.inside(() -> monitor(timing));
            case TIMER -> timing -> waiting.inside(() -> timer(timing));
            case AGENT_GET -> timing -> waiting.inside(() -> Cell.gets(new MapAgent(), timing));
            case AGENT_UPDATE ->
                    timing -> waiting.inside(() -> Cell.updates(new MapAgent(), timing));
            case LOOKUP -> Ours::lookup;
            case WHEREIS -> Ours::whereis;
            case IDLE -> _ -> waiting.inside(() -> idle(100_000, Ours::startAlone, Ours::stopEach));
            case IDLE_SUPERVISED -> _ -> waiting.inside(Ours::idleSupervised);
            case MILLION ->
                    _ -> waiting.inside(() -> idle(1_000_000, Ours::startAlone, Ours::stopEach));
            case RESTART -> timing -> waiting.inside(() -> restart(timing));
            default -> Savina.ours(operation);
        };
    }

    // ---------------------------------------------------------------- messages

    private static Map<String, Double> send(Work.Timing timing) throws Exception {
        Pid self = Processes.self();
        Pid sink =
                Processes.spawn(() -> {
                    long count = 0;
                    while (true) {
                        if (Processes.receive(Signal.class) == Signal.DATA) {
                            count++;
                        } else {
                            Processes.send(self, count);
                        }
                    }
                });
        long[] sent = new long[1];
        return Work.each(
                100_000,
                timing,
                count -> {
                    for (int i = 0; i < count; i++) {
                        Processes.send(sink, Signal.DATA);
                    }
                    Processes.send(sink, Signal.END);
                    sent[0] += count;
                    Work.checkCount(sent[0], Processes.receive(Long.class));
                });
    }

    private static Map<String, Double> pingPong(Work.Timing timing) throws Exception {
        Pid server =
                Processes.spawn(() -> {
                    while (true) {
                        Processes.send(Processes.receive(Ping.class).from(), Signal.PONG);
                    }
                });
        Ping ping = new Ping(Processes.self());
        return Work.each(
                5_000,
                timing,
                count -> {
                    for (int i = 0; i < count; i++) {
                        Processes.send(server, ping);
                        Signal answer = Processes.receive(Signal.class);
                        Work.check(answer == Signal.PONG, Signal.PONG, answer);
                    }
                });
    }

    /// @param hops a multiple of the size
    static Map<String, Double> ring(int size, int hops, Work.Timing timing) throws Exception {
        Pid self = Processes.self();
        Pid next = self;
        for (int i = 1; i < size; i++) {
            Pid after = next;
            next =
                    Processes.spawn(() -> {
                        while (true) {
                            int left = Processes.receive(Token.class).hops();
                            Processes.send(after, new Token(left - 1));
                        }
                    });
        }
        Pid first = next;
        return Work.each(
                hops,
                timing,
                count -> {
                    int left = count;
                    while (left > 0) {
                        Processes.send(first, new Token(left - 1));
                        left = Processes.receive(Token.class).hops();
                    }
                    Work.checkCount(0, left);
                });
    }

    // ---------------------------------------------------------------- lives

    private static Map<String, Double> spawn(Work.Timing timing) throws Exception {
        return Work.each(
                1_000,
                timing,
                count -> {
                    for (int i = 0; i < count; i++) {
                        Processes.Monitored child = Processes.spawnMonitor(() -> {});
                        Down down = Processes.receive(Down.class);
                        Work.check(down.ref().equals(child.ref()), child.ref(), down.ref());
                        Work.check(
                                down.reason() == ExitReason.NORMAL,
                                ExitReason.NORMAL,
                                down.reason());
                    }
                });
    }

    private static Map<String, Double> startStop(Work.Timing timing) throws Exception {
        return Work.each(
                1_000,
                timing,
                count -> {
                    Pid last = Processes.self();
                    for (int i = 0; i < count; i++) {
                        last = CounterServer.begin();
                        GenServer.stop(last);
                    }
                    Work.check(!Processes.isAlive(last), "a server that has stopped", last);
                });
    }

    private static Map<String, Double> link(Work.Timing timing) throws Exception {
        Pid other = CounterServer.begin();
        Pid self = Processes.self();
        return Work.each(
                10_000,
                timing,
                count -> {
                    for (int i = 0; i < count; i++) {
                        Processes.link(other);
                        Processes.unlink(other);
                    }
                    int links = Processes.info(self).orElseThrow().links().size();
                    Work.checkCount(0, links);
                });
    }

    private static Map<String, Double> monitor(Work.Timing timing) throws Exception {
        Pid other = CounterServer.begin();
        return Work.each(
                10_000,
                timing,
                count -> {
                    int removed = 0;
                    for (int i = 0; i < count; i++) {
                        Ref monitor = Processes.monitor(other);
                        removed += Processes.demonitor(monitor) ? 1 : 0;
                    }
                    Work.checkCount(count, removed);
                });
    }

    private static Map<String, Double> timer(Work.Timing timing) throws Exception {
        Pid self = Processes.self();
        return Work.each(
                100_000,
                timing,
                count -> {
                    Ref[] armed = new Ref[count];
                    for (int i = 0; i < count; i++) {
                        Duration delay = Duration.ofSeconds(60 + i % 60);
                        armed[i] = Processes.sendAfter(self, Signal.END, delay);
                    }
                    int cancelled = 0;
                    for (Ref timer : armed) {
                        cancelled += Processes.cancelTimer(timer).isPresent() ? 1 : 0;
                    }
                    Work.checkCount(count, cancelled);
                });
    }

    private record MapAgent(Pid agent) implements Cell {

        MapAgent() {
            this(Agent.<Map<String, Long>>start(() -> new HashMap<>(Map.of(KEY, 0L))).pid());
        }

        @Override
        public long get() {
            return Agent.<Map<String, Long>, Long>get(agent, map -> map.getOrDefault(KEY, 0L));
        }

        @Override
        public void update() {
            Agent.<Map<String, Long>>run(agent, map -> map.merge(KEY, 1L, Long::sum));
        }
    }

    // ---------------------------------------------------------------- names

    private static Map<String, Double> lookup(Work.Timing timing) throws Exception {
        ProcessRegistry<String, Integer> registry = ProcessRegistry.unique("registry");
        registry.startLink().pid();
        CountDownLatch ready = new CountDownLatch(Lookups.KEYS.size());
        for (String key : Lookups.KEYS) {
            Processes.spawn(() -> {
                registry.register(key, 1);
                ready.countDown();
                Processes.receive();
            });
        }
        ready.await();
        return Lookups.measure(timing, key -> registry.lookup(key).size() == 1);
    }

    private static Map<String, Double> whereis(Work.Timing timing) throws Exception {
        for (String key : Lookups.KEYS) {
            GenServer.start(CounterServer::new, Ok.OK, StartOption.name(key)).pid();
        }
        return Lookups.measure(timing, key -> Processes.whereis(key).isPresent());
    }

    // ---------------------------------------------------------------- many

    private static void startAlone(Pid[] servers) {
        Arrays.setAll(servers, _ -> CounterServer.begin());
    }

    private static void stopEach(Pid[] servers) {
        for (Pid server : servers) {
            GenServer.stop(server);
        }
    }

    private static Map<String, Double> idleSupervised() throws Exception {
        Pid supervisor = DynamicSupervisor.start(DynamicSupervisorFlags.DEFAULT).pid();
        ChildSpec child =
                ChildSpec.worker(
                                CounterServer.class,
                                () -> GenServer.startLink(CounterServer::new, Ok.OK))
                        .withRestart(Restart.TEMPORARY);
        return idle(
                100_000,
                servers ->
                        Arrays.setAll(
                                servers,
                                _ -> DynamicSupervisor.startChild(supervisor, child).pid()),
                _ -> DynamicSupervisor.stop(supervisor));
    }

    @FunctionalInterface
    private interface Step {
        void run(Pid[] servers);
    }

    private static Map<String, Double> idle(int count, Step start, Step stop) throws Exception {
        Pid[] few = new Pid[10_000];
        startAlone(few);
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

    // ---------------------------------------------------------------- restarts

    private static Map<String, Double> restart(Work.Timing timing) {
        ServerRef counter = ServerRef.name("counter");
        ChildSpec child =
                ChildSpec.worker(
                        CounterServer.class,
                        () ->
                                GenServer.startLink(
                                        CounterServer::new, Ok.OK, StartOption.name("counter")));
        SupervisorFlags flags =
                SupervisorFlags.of(Strategy.ONE_FOR_ONE)
                        .withMaxRestarts(Integer.MAX_VALUE, Duration.ofSeconds(1));
        Supervisor.start(List.of(child), flags).pid();
        return restarts(
                timing,
                () -> {
                    CounterServer.crash(counter);
                    return firstAnswer(counter);
                });
    }

    /// The first answer of a server that is perhaps about to crash, and then not there for a while.
    @SuppressWarnings("ThreadPriorityCheck") // lets the others go on, as the Erlang program does
    private static long firstAnswer(ServerRef counter) {
        while (true) {
            try {
                return CounterServer.increment(counter);
            } catch (ExitException notYet) {
                Thread.yield();
            }
        }
    }

    /// @param crash crashes the server and returns the answer of the next
    static Map<String, Double> restarts(Work.Timing timing, Supplier<Long> crash) {
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < timing.warmUp()) {
            Work.checkCount(1, crash.get());
        }
        long[] samples = new long[200_000];
        int count = 0;
        long start = System.nanoTime();
        while (count < samples.length && System.nanoTime() - start < timing.time()) {
            long crashed = System.nanoTime();
            long answer = crash.get();
            samples[count++] = System.nanoTime() - crashed;
            Work.checkCount(1, answer); // of a fresh state
        }
        return Work.percentiles(Arrays.copyOf(samples, count));
    }
}
