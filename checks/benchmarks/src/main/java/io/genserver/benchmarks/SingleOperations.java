package io.genserver.benchmarks;

import io.genserver.Down;
import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.supervisor.ProcessRegistry;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullUnmarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/// Single operations under JMH, for profiles and for bytes per operation (`-prof gc`).
///
/// JMH's threads are platform threads. Most invocations therefore have a process run a thousand
/// operations and wait for it. Only `callFromThread` and `lookup` run on JMH's own threads.
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(2)
@NullUnmarked // JMH calls setUp before everything else
public class SingleOperations {

    static final int BATCH = 1_000;

    private Pid counter;
    private Pid sink;
    private ProcessRegistry<String, Integer> registry;
    private final Waiting waiting =
            new Waiting(
                    () -> new CounterServer.Client(counter), body -> Processes.spawn(body::run));

    /// Starts the processes all benchmarks use.
    @Setup
    public void setUp() throws Exception {
        counter = CounterServer.begin();
        registry = ProcessRegistry.unique("registry");
        registry.startLink().pid();
        sink = Processes.spawn(SingleOperations::sink);
        waiting.inside(() -> {
            Pid self = Processes.self();
            Processes.spawn(() -> {
                registry.register("milk", 1);
                Processes.send(self, "registered");
                Processes.receive();
            });
            return Processes.receive(String.class);
        });
    }

    /// Checks that the registry has not lost its entry.
    @TearDown(Level.Iteration)
    public void check() {
        Work.checkCount(1, registry.count());
    }

    private static void sink() {
        while (true) {
            if (Processes.receive() instanceof Pid asking) {
                Processes.send(asking, "done");
            }
        }
    }

    /// A call from a platform thread.
    @Benchmark
    public long callFromThread() {
        return CounterServer.increment(counter);
    }

    /// A call from a process.
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long call() throws Exception {
        return waiting.inside(() -> {
            long last = 0;
            for (int i = 0; i < BATCH; i++) {
                last = CounterServer.increment(counter);
            }
            return last;
        });
    }

    /// A cast from a process, until all casts have been handled.
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long cast() throws Exception {
        return waiting.inside(() -> {
            for (int i = 0; i < BATCH; i++) {
                CounterServer.add(counter);
            }
            return CounterServer.value(counter);
        });
    }

    /// A message to a process, until all messages have been received.
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public String send() throws Exception {
        return waiting.inside(() -> {
            for (int i = 0; i < BATCH; i++) {
                Processes.send(sink, "message");
            }
            Processes.send(sink, Processes.self());
            return Processes.receive(String.class);
        });
    }

    /// The spawn of a process with a monitor, until the process has ended.
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public Down spawn() throws Exception {
        return waiting.inside(() -> {
            Down last = null;
            for (int i = 0; i < BATCH; i++) {
                Processes.spawnMonitor(() -> {});
                last = Processes.receive(Down.class);
            }
            return last;
        });
    }

    /// The start and stop of a server.
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public Pid startStop() throws Exception {
        return waiting.inside(() -> {
            Pid last = null;
            for (int i = 0; i < BATCH; i++) {
                last = CounterServer.begin();
                GenServer.stop(last);
            }
            return last;
        });
    }

    /// A lookup in a registry.
    @Benchmark
    public List<ProcessRegistry.Entry<String, Integer>> lookup() {
        return registry.lookup("milk");
    }
}
