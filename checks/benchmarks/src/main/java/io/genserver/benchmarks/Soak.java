package io.genserver.benchmarks;

import io.genserver.GenServer;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.StartOption;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.DynamicSupervisor;
import io.genserver.supervisor.DynamicSupervisorFlags;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.IntStream;

/// Runs a mixed load. Every ten seconds the load pauses, all counts are checked, and the live heap
/// is read. At the end the live heap must not have grown.
final class Soak {

    private static final int LOADS = 8;
    private static final long PERIOD = 10_000; // units: ms

    /// The wait before the heap is read. The runtime drops servers that have ended, some megabytes,
    /// once a second, and an idle server gives up its thread after two seconds. Units: ms.
    private static final long SETTLING = 2_500;

    private static final int BURST = 50; // steps

    private final CompletableFuture<Boolean> failed = new CompletableFuture<>();
    private final ReadWriteLock gate = new ReentrantReadWriteLock(true); // pauses by the write lock
    private final SoakLoad[] loads = new SoakLoad[LOADS];
    private final List<Long> heaps = new ArrayList<>();
    private Map<SoakLoad.Kind, Long> done = new EnumMap<>(SoakLoad.Kind.class);

    private Soak() {}

    /// Runs for the given time. Exits with 1 if the heap grew or a check failed.
    ///
    /// @param arguments the number of minutes, 1 or more
    public static void main(String[] arguments) throws Exception {
        double minutes = Argument.decimal(arguments[0], "minutes", 1);
        boolean flat = new Soak().run((int) Math.ceil(minutes * 60_000 / PERIOD));
        System.out.flush();
        Runtime.getRuntime().halt(flat ? 0 : 1); // the load still runs
    }

    private boolean run(int periods) throws Exception {
        int processes = begin();
        System.out.println("   time   live heap  processes  threads   operations");
        for (int i = 1; i <= periods; i++) {
            Thread.sleep(PERIOD);
            if (failed.isDone()) {
                failed.get(); // throws the failure
            }
            int period = i;
            whilePaused(() -> look(period, processes));
        }
        done.forEach((kind, count) ->
                System.out.println(count + " " + kind.name().toLowerCase(Locale.ROOT)));
        return Trend.isFlat(heaps);
    }

    /// Starts the load.
    ///
    /// @return the number of processes during a pause
    private int begin() throws Exception {
        List<ChildSpec<?>> children =
                IntStream.range(0, LOADS).mapToObj(SoakLoad::supervised).map(Soak::child).toList();
        SupervisorFlags flags =
                SupervisorFlags.of(Strategy.ONE_FOR_ONE)
                        .withMaxRestarts(Integer.MAX_VALUE, Duration.ofSeconds(1));
        Supervisor.start(children, flags).pid();
        Pid dynamic = DynamicSupervisor.start(DynamicSupervisorFlags.DEFAULT).pid();
        CountDownLatch begun = new CountDownLatch(LOADS);
        for (int i = 0; i < LOADS; i++) {
            int number = i;
            Processes.spawn(() -> {
                loads[number] = new SoakLoad(number, dynamic);
                begun.countDown();
                run(loads[number]);
            });
        }
        Work.check(
                begun.await(10, TimeUnit.SECONDS),
                "all loads to begin",
                begun.getCount() + " waiting");
        int[] processes = new int[1];
        whilePaused(() -> processes[0] = Processes.list().size());
        return processes[0];
    }

    private void whilePaused(Work.Body body) throws Exception {
        Work.check(
                gate.writeLock().tryLock(60, TimeUnit.SECONDS),
                "the load to pause within 60 s",
                "a load that still runs");
        try {
            body.run();
        } finally {
            gate.writeLock().unlock();
        }
    }

    private static ChildSpec<?> child(String name) {
        return ChildSpec.worker(
                name, () -> GenServer.startLink(CounterServer::new, Ok.OK, StartOption.name(name)));
    }

    private void run(SoakLoad load) {
        try {
            while (true) {
                gate.readLock().lock();
                try {
                    for (int i = 0; i < BURST; i++) {
                        load.step();
                    }
                } finally {
                    gate.readLock().unlock();
                }
            }
        } catch (Throwable wrong) { // errors too: the main thread must learn of them
            failed.completeExceptionally(wrong);
        }
    }

    /// Checks all counts and reads the heap during a pause.
    private void look(int period, int processes) throws InterruptedException {
        done = new EnumMap<>(SoakLoad.Kind.class);
        for (SoakLoad load : loads) {
            load.check();
            load.done().forEach((kind, count) -> done.merge(kind, count, Long::sum));
        }
        Thread.sleep(SETTLING);
        int now = Processes.list().size();
        Work.checkCount(processes, now);
        long heap = Work.usedHeap();
        heaps.add(heap);
        System.out.printf(
                Locale.ROOT,
                "%5d s %8d KB %10d %8d %12d%n",
                period * PERIOD / 1_000,
                heap / 1024,
                now,
                ManagementFactory.getThreadMXBean().getThreadCount(),
                done.values().stream().mapToLong(count -> count).sum());
    }
}
