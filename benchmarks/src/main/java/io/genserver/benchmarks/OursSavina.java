package io.genserver.benchmarks;

import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.Processes;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/// Benchmarks of the Savina suite as one would write them with this library: servers where there is
/// state, plain processes elsewhere. One run includes starting and ending what takes part.
final class OursSavina {

    private record Ping(Pid from) {}

    private record Next(Pid pid) {}

    private record Token(int left) {}

    private record Others(List<Pid> pids) {}

    private record Pong() {}

    private static final Pong PONG = new Pong();

    private OursSavina() {}

    static @Nullable Work work(Operation operation) {
        return switch (operation) {
            case SAVINA_PING_PONG -> runs(OursSavina::pingPong);
            case SAVINA_COUNTING -> runs(() -> throughput(1, 1_000_000));
            case SAVINA_THROUGHPUT -> runs(() -> throughput(60, 10_000));
            case SAVINA_FORK_JOIN -> runs(OursSavina::forkJoin);
            case SAVINA_THREAD_RING -> runs(OursSavina::threadRing);
            case SAVINA_BIG -> runs(OursSavina::big);
            case SAVINA_FIBONACCI -> runs(OursSavina::fibonacci);
            case SKYNET -> runs(OursSavina::skynet);
            default -> null;
        };
    }

    /// The mean time of one run, begun by a process.
    private static Work runs(Work.Body body) {
        return timing ->
                Work.each(
                        1,
                        timing,
                        _ -> {
                            CompletableFuture<Boolean> done = new CompletableFuture<>();
                            Processes.spawn(() -> {
                                try {
                                    body.run();
                                    done.complete(true);
                                } catch (Throwable failed) { // the waiting thread has to know
                                    done.completeExceptionally(failed);
                                }
                            });
                            done.get();
                        });
    }

    private static void pingPong() {
        int pings = 40_000;
        Pid server =
                Processes.spawn(() -> {
                    for (int i = 0; i < pings; i++) {
                        Processes.send(Processes.receive(Ping.class).from(), PONG);
                    }
                });
        Ping ping = new Ping(Processes.self());
        for (int i = 0; i < pings; i++) {
            Processes.send(server, ping);
            Processes.receive(Pong.class);
        }
    }

    private static void throughput(int servers, int messages) {
        List<Pid> counters = new ArrayList<>();
        for (int i = 0; i < servers; i++) {
            counters.add(CounterServer.begin());
        }
        for (int i = 0; i < messages; i++) {
            for (Pid counter : counters) {
                CounterServer.add(counter);
            }
        }
        for (Pid counter : counters) {
            Work.checkCount(messages, CounterServer.value(counter));
            GenServer.stop(counter);
        }
    }

    private static void forkJoin() throws InterruptedException {
        int count = 40_000;
        CountDownLatch left = new CountDownLatch(count);
        for (int i = 0; i < count; i++) {
            Pid child =
                    Processes.spawn(() -> {
                        double angle = Processes.receive(Double.class);
                        Work.check(Math.sin(angle) * Math.sin(angle) <= 1, "a sine", angle);
                        left.countDown();
                    });
            Processes.send(child, 37.2);
        }
        left.await();
    }

    private static void threadRing() {
        int size = 100;
        Pid self = Processes.self();
        Pid last = Processes.spawn(() -> pass(Processes.receive(Next.class).pid(), self));
        Pid next = last;
        for (int i = 1; i < size; i++) {
            Pid after = next;
            next = Processes.spawn(() -> pass(after, self));
        }
        Processes.send(last, new Next(next));
        Processes.send(next, new Token(100_000));
        Processes.receive(Pong.class);
    }

    private static void pass(Pid next, Pid starter) {
        int left;
        do {
            left = Processes.receive(Token.class).left();
            Processes.send(next, new Token(left - 1));
            if (left == 0) {
                Processes.send(starter, PONG);
            }
        } while (left > 0);
    }

    private static void big() {
        int count = 120;
        Pid self = Processes.self();
        List<Pid> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(Processes.spawn(() -> pingOthers(self)));
        }
        all.forEach(pid -> Processes.send(pid, new Others(all)));
        for (int i = 0; i < count; i++) {
            Processes.receive(Pong.class);
        }
        all.forEach(pid -> Processes.send(pid, "end"));
    }

    private static void pingOthers(Pid starter) {
        List<Pid> others = Processes.receive(Others.class).pids();
        Ping ping = new Ping(Processes.self());
        int left = 20_000;
        Processes.send(any(others), ping);
        while (true) {
            switch (Processes.receive()) {
                case Ping(Pid from) -> Processes.send(from, PONG);
                case Pong _ -> Processes.send(--left > 0 ? any(others) : starter, next(left, ping));
                default -> {
                    return;
                }
            }
        }
    }

    private static Object next(int left, Ping ping) {
        return left > 0 ? ping : PONG;
    }

    private static Pid any(List<Pid> all) {
        return all.get(ThreadLocalRandom.current().nextInt(all.size()));
    }

    private static void fibonacci() {
        Pid self = Processes.self();
        Processes.spawn(() -> fibonacci(25, self));
        Work.checkCount(75_025, Processes.receive(Integer.class));
    }

    private static void fibonacci(int n, Pid parent) {
        if (n <= 2) {
            Processes.send(parent, 1);
            return;
        }
        Pid self = Processes.self();
        Processes.spawn(() -> fibonacci(n - 1, self));
        Processes.spawn(() -> fibonacci(n - 2, self));
        int sum = Processes.receive(Integer.class) + Processes.receive(Integer.class);
        Processes.send(parent, sum);
    }

    private static void skynet() {
        Pid self = Processes.self();
        Processes.spawn(() -> skynet(0, 1_000_000, self));
        Work.checkCount(499_999_500_000L, Processes.receive(Long.class));
    }

    private static void skynet(long number, int size, Pid parent) {
        if (size == 1) {
            Processes.send(parent, number);
            return;
        }
        Pid self = Processes.self();
        int part = size / 10;
        for (int i = 0; i < 10; i++) {
            long first = number + (long) i * part;
            Processes.spawn(() -> skynet(first, part, self));
        }
        long sum = 0;
        for (int i = 0; i < 10; i++) {
            sum += Processes.receive(Long.class);
        }
        Processes.send(parent, sum);
    }
}
