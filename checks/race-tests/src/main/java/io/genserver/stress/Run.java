package io.genserver.stress;

import com.sun.management.HotSpotDiagnosticMXBean;
import com.sun.management.HotSpotDiagnosticMXBean.ThreadDumpFormat;
import io.genserver.CallException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Pid;
import io.genserver.ProcessInfo;
import io.genserver.ProcessRef;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.stress.Echo.How;
import io.genserver.stress.Findings.Count;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// One run: clients that operate on the same servers and supervisors, trouble, and the audit.
final class Run {

    static final int SERVERS = 32;
    static final int CLIENTS = 64;
    private static final int PROCESSES = 48; // of the clients
    private static final long STACK = 256 * 1024; // of the others, units: bytes
    private static final Duration LIMIT = Duration.ofSeconds(30);
    private static final long STUCK = 60_000_000_000L; // units: ns

    final Findings findings = new Findings();
    final Tree tree = new Tree(findings);
    final AtomicReferenceArray<@Nullable Pid> servers = new AtomicReferenceArray<>(SERVERS);

    private final Client[] clients = new Client[CLIENTS];
    private final AtomicReferenceArray<@Nullable Thread> threads =
            new AtomicReferenceArray<>(CLIENTS);
    private final long seed;
    private final int fullEvery;
    final boolean trouble;
    private final Set<Pid> before = Set.copyOf(Processes.list());
    private final List<Pid> processes = new ArrayList<>();
    private final CountDownLatch operated = new CountDownLatch(CLIENTS);
    private final CountDownLatch quiet = new CountDownLatch(1);
    private final CountDownLatch finished = new CountDownLatch(CLIENTS);
    private final CountDownLatch killed = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(CLIENTS);

    /// @param fullEvery how many seconds pass at least between two moments at which the heap is
    ///   full; 0 for a run without any trouble
    Run(long seed, int fullEvery) {
        this.seed = seed;
        this.fullEvery = fullEvery;
        this.trouble = fullEvery > 0;
        SplittableRandom random = new SplittableRandom(seed);
        for (int i = 0; i < CLIENTS; i++) {
            clients[i] = new Client(this, i, i < PROCESSES, random.nextLong());
        }
    }

    static String name(int slot) {
        return "stress-" + slot;
    }

    /// Runs the operations and the audit.
    ///
    /// @param operations how many, of all clients together
    void run(long operations) throws InterruptedException, IOException {
        tree.ensureStarted();
        for (int i = 0; i < CLIENTS; i++) {
            int number = i;
            if (i < PROCESSES) {
                processes.add(Processes.spawn(() -> live(number, operations / CLIENTS)));
            } else {
                new Thread(null, () -> live(number, operations / CLIENTS), "client " + i, STACK)
                        .start();
            }
        }
        Trouble causes = new Trouble(this, seed, fullEvery);
        if (trouble) {
            causes.begin();
        }
        awaitOperations();
        if (trouble) {
            causes.end();
        }
        audit();
        for (Client client : clients) {
            for (long i = client.done; i > 0; i--) {
                findings.count(Count.OPERATIONS);
            }
        }
    }

    private void live(int number, long operations) {
        threads.set(number, Thread.currentThread());
        try {
            clients[number].operate(operations);
            pass(operated, quiet, number);
            clients[number].finish();
            pass(finished, killed, number);
            clients[number].finishMonitors();
        } catch (Throwable wrong) { // the run must learn of it
            findings.wrong("client " + number + " failed: " + wrong);
            wrong.printStackTrace(System.out);
        } finally {
            operated.countDown();
            finished.countDown();
            ended.countDown();
        }
    }

    private void pass(CountDownLatch mine, CountDownLatch next, int number) {
        threads.set(number, null);
        mine.countDown();
        while (next.getCount() > 0) {
            try {
                next.await();
            } catch (InterruptedException late) { // by a thread that has read the place before
                Thread.onSpinWait();
            }
        }
    }

    void interrupt(int client) {
        Thread thread = threads.get(client);
        if (thread != null) {
            thread.interrupt();
        }
    }

    // The audit

    /// Does not wait for the latch, because its timed wait may never end if memory ends in it.
    private void awaitOperations() throws InterruptedException, IOException {
        long seen = -1;
        long since = System.nanoTime();
        while (operated.getCount() > 0) {
            Thread.sleep(100);
            long now = 0;
            for (Client client : clients) {
                now += client.done;
            }
            if (now != seen) {
                seen = now;
                since = System.nanoTime();
            } else if (System.nanoTime() - since > STUCK) {
                stuck("nothing has happened for a minute");
            }
        }
    }

    private void audit() throws InterruptedException, IOException {
        tree.ensureStarted();
        quiet.countDown();
        if (!finished.await(5, TimeUnit.MINUTES)) {
            stuck("clients wait");
        }
        for (int i = 0; i < SERVERS; i++) {
            Pid server = servers.get(i);
            if (server != null && Processes.isAlive(server) && !answers(server)) {
                findings.wrong("a server that lives does not answer: " + server);
            }
        }
        for (int i = 0; i < Tree.CHILDREN; i++) {
            ServerRef child = ServerRef.name(Tree.child(i));
            await("the child " + child + " to answer", () -> answers(child));
        }
        for (int i = 0; i < Keys.MANY; i++) {
            ProcessRef server = tree.ofKey(i);
            await("the server of a key to answer", () -> answers(server));
        }
        await("all processes to have a thread or to wait", () -> orphan() == null);
        tree.stop();
        for (Pid pid : Processes.list()) {
            if (!before.contains(pid) && !processes.contains(pid)) {
                Processes.exit(pid, ExitReason.KILL);
            }
        }
        killed.countDown();
        if (!ended.await(5, TimeUnit.MINUTES)) {
            stuck("clients wait for deaths");
        }
        await("no process to be left", () -> before.containsAll(Processes.list()));
        await(
                "no name to be left",
                () -> Processes.registered().stream().noneMatch(name -> name.startsWith("stress")));
        await("all clean-ups to have run", this::cleaned);
        if (findings.get(Count.CLEAN_UPS_RUN) > findings.get(Count.CLEAN_UPS_BEGUN)) {
            findings.wrong("more clean-ups ran than were registered");
        }
    }

    private boolean cleaned() {
        return findings.get(Count.CLEAN_UPS_RUN) >= findings.get(Count.CLEAN_UPS_REGISTERED);
    }

    /// Returns whether a server answers. It may end while it does, if a client has asked for that.
    private static boolean answers(ProcessRef server) {
        Echo.Say say = new Echo.Say(-1, 1, How.REPLY, null);
        try {
            return GenServer.call(server.untyped(), say, LIMIT) == say.answer();
        } catch (CallException ended) {
            return !ended.serverReason().equals(ExitReason.TIMEOUT)
                    && server instanceof Pid pid
                    && !Processes.isAlive(pid);
        }
    }

    /// Returns a process that is at work but has no thread.
    private @Nullable ProcessInfo orphan() {
        for (Pid pid : Processes.list()) {
            ProcessInfo info = Processes.info(pid).orElse(null);
            if (info != null
                    && info.status() == ProcessInfo.Status.RUNNING
                    && info.currentStacktrace().isEmpty()) {
                return info;
            }
        }
        return null;
    }

    private void await(String what, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - end > 0) {
                findings.wrong("expected " + what);
                Processes.list().forEach(pid -> System.out.println(Processes.info(pid)));
                return;
            }
            Thread.sleep(10);
        }
    }

    private void stuck(String what) throws IOException {
        findings.wrong(what);
        for (Client client : clients) {
            System.out.println(client.done + " " + client.doing);
        }
        Path dump = Files.createTempDirectory("stress").resolve("threads.txt");
        ManagementFactory.getPlatformMXBean(HotSpotDiagnosticMXBean.class)
                .dumpThreads(dump.toString(), ThreadDumpFormat.TEXT_PLAIN);
        System.out.println("threads: " + dump);
        Processes.list().forEach(pid -> System.out.println(Processes.info(pid)));
        System.out.flush();
        Runtime.getRuntime().halt(1);
    }
}
