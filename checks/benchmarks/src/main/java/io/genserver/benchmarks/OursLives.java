package io.genserver.benchmarks;

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
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// This library: start and end of processes, links, monitors and restarts.
final class OursLives {

    private OursLives() {}

    static @Nullable Work work(Operation operation) {
        Waiting waiting = Ours.waiting();
        return switch (operation) {
            case SPAWN -> timing -> waiting.inside(() -> spawn(timing));
            case LINK -> timing -> waiting.inside(() -> link(timing));
            case MONITOR -> timing -> waiting.inside(() -> monitor(timing));
            default -> null;
        };
    }

    /// @param options for every server
    static @Nullable Work servers(Operation operation, StartOption... options) {
        Waiting waiting = Ours.waiting();
        return switch (operation) {
            case START_STOP -> timing -> waiting.inside(() -> startStop(timing, options));
            case RESTART -> timing -> waiting.inside(() -> restart(timing, options));
            default -> null;
        };
    }

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

    private static Map<String, Double> startStop(Work.Timing timing, StartOption... options)
            throws Exception {
        return Work.each(
                1_000,
                timing,
                count -> {
                    for (int i = 0; i < count; i++) {
                        Pid server = CounterServer.begin(options);
                        GenServer.stop(server);
                        Work.check(!Processes.isAlive(server), "a server that has stopped", server);
                    }
                });
    }

    private static Map<String, Double> link(Work.Timing timing) throws Exception {
        Pid other = CounterServer.begin();
        return Work.each(
                10_000,
                timing,
                count -> {
                    for (int i = 0; i < count; i++) {
                        Processes.link(other);
                        Processes.unlink(other);
                    }
                    checkLinks(0);
                    Processes.link(other);
                    checkLinks(1);
                    Processes.unlink(other);
                    checkLinks(0);
                });
    }

    private static void checkLinks(int expected) {
        Work.checkCount(expected, Processes.info(Processes.self()).orElseThrow().links().size());
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

    private static Map<String, Double> restart(Work.Timing timing, StartOption... options) {
        ServerRef counter = ServerRef.name("counter");
        StartOption[] named = Ours.named("counter", options);
        ChildSpec<?> child =
                ChildSpec.worker(
                        CounterServer.class,
                        () -> GenServer.startLink(CounterServer::new, Ok.OK, named));
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

    /// Returns the first answer after a crash. Calls fail until the server has been restarted.
    @SuppressWarnings("ThreadPriorityCheck") // yields as the Erlang program does
    private static long firstAnswer(ServerRef counter) {
        while (true) {
            try {
                return CounterServer.increment(counter);
            } catch (ExitException notYet) {
                Thread.yield();
            }
        }
    }

    /// @param crash crashes the server and returns the first answer of the restarted server
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
            Work.checkCount(1, answer); // the first answer of a fresh state
        }
        return Work.percentiles(Arrays.copyOf(samples, count));
    }
}
