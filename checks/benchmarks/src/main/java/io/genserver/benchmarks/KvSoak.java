package io.genserver.benchmarks;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/// Lets a thousand clients open connections to kv, work, break off and subscribe, for minutes.
/// Every ten seconds they pause, and the server's live heap is read. At the end it must not have
/// grown. An answer that is wrong or does not come ends the run.
final class KvSoak {

    private static final int CLIENTS = 1_000;
    private static final long PERIOD = 10_000; // units: ms
    private static final long SETTLING = 2_500; // until the processes of ended connections are gone

    private final CompletableFuture<Boolean> failed = new CompletableFuture<>();
    private final ReadWriteLock gate = new ReentrantReadWriteLock(true); // pauses by the write lock
    private final List<KvVisitor> clients = new ArrayList<>();
    private final List<Long> heaps = new ArrayList<>();
    private final Service kv;

    private KvSoak(Service kv) {
        this.kv = kv;
    }

    /// Runs for the given time. Exits with 1 if the heap grew or an answer was wrong or lost.
    ///
    /// @param arguments the directory of the packaged kv, and the number of minutes, 1 or more
    public static void main(String[] arguments) throws Exception {
        double minutes = Argument.decimal(arguments[1], "minutes", 1);
        boolean flat;
        try (Service kv = Service.kv(Path.of(arguments[0]))) {
            flat = new KvSoak(kv).run((int) Math.ceil(minutes * 60_000 / PERIOD));
        }
        System.out.flush();
        Runtime.getRuntime().halt(flat ? 0 : 1); // the clients still wait
    }

    private boolean run(int periods) throws Exception {
        for (int i = 0; i < CLIENTS; i++) {
            KvVisitor client = new KvVisitor(kv.socketAddress(), i);
            client.prepare();
            clients.add(client);
        }
        clients.forEach(client -> Thread.ofVirtual().start(() -> run(client)));
        System.out.println("   time   live heap    resident       visits      answers");
        for (int i = 1; i <= periods; i++) {
            Thread.sleep(PERIOD);
            int period = i;
            pause(() -> look(period));
        }
        Map<KvVisitor.Kind, Long> visits = visits();
        visits.forEach((kind, count) ->
                System.out.println(count + " " + kind.name().toLowerCase(Locale.ROOT)));
        return Trend.isFlat(heaps);
    }

    private void run(KvVisitor client) {
        try {
            while (true) {
                gate.readLock().lock();
                try {
                    client.visit();
                } finally {
                    gate.readLock().unlock();
                }
            }
        } catch (Throwable wrong) { // errors too: the main thread must learn of them
            failed.completeExceptionally(wrong);
        }
    }

    private void pause(Work.Body body) throws Exception {
        if (failed.isDone()) {
            failed.get(); // throws the failure
        }
        Work.check(
                gate.writeLock().tryLock(120, TimeUnit.SECONDS),
                "the clients to pause within 120 s",
                "a client that waits for an answer");
        try {
            body.run();
        } finally {
            gate.writeLock().unlock();
        }
        if (failed.isDone()) {
            failed.get();
        }
    }

    private Map<KvVisitor.Kind, Long> visits() {
        Map<KvVisitor.Kind, Long> all = new EnumMap<>(KvVisitor.Kind.class);
        for (KvVisitor client : clients) {
            client.visits().forEach((kind, count) -> all.merge(kind, count, Long::sum));
        }
        return all;
    }

    /// Reads the server's memory during a pause, when it has no connections.
    private void look(int period) throws Exception {
        Thread.sleep(SETTLING);
        long heap = kv.liveHeap();
        heaps.add(heap);
        System.out.printf(
                Locale.ROOT,
                "%5d s %8d KB %8d KB %12d %12d%n",
                period * PERIOD / 1_000,
                heap / 1024,
                kv.resident() / 1024,
                visits().values().stream().mapToLong(count -> count).sum(),
                clients.stream().mapToLong(KvVisitor::answers).sum());
    }
}
