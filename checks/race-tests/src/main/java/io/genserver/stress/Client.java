package io.genserver.stress;

import io.genserver.CallException;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.ProcessRef;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.RequestId;
import io.genserver.Response;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.Sys;
import io.genserver.stress.Findings.Count;
import io.genserver.supervisor.DynamicSupervisor;
import java.time.Duration;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Runs random operations, on a thread of its own: of a process, or of none. What it waits for it
/// keeps in places that exist from the start, because the heap may be full.
final class Client {

    static final int MOST = 64;

    private enum Operation {
        START(3),
        CALL(24),
        CALL_CHILD(8),
        CALL_KEY(8),
        ASYNC(8),
        CAST(16),
        SEND(12),
        EXIT_OF(2),
        KILL(2),
        SIGNAL(1),
        STOP(1),
        CHILD_OF_DYNAMIC(2),
        KILL_CHILD(1),
        KILL_KEY(1),
        LOOK(2),
        SPAWN(4),
        // Those that only a process can run
        REQUEST(8),
        LINK(2),
        UNLINK(2),
        MONITOR(6),
        DEMONITOR(3),
        TIMER(6),
        CANCEL(3);

        private final int weight;

        Operation(int weight) {
            this.weight = weight;
        }
    }

    /// An asynchronous call.
    private record Asked(long answer, CompletableFuture<Long> future) {}

    private static final Operation[] ALL = Operation.values();
    private static final Echo.How[] HOWS = Echo.How.values();
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final Run run;
    private final Findings findings;
    private final int number;
    private final boolean process;
    private final SplittableRandom random;
    private final Inbox inbox;
    private final Slots<Asked> asked = new Slots<>();
    private final Slots<CompletableFuture<ExitReason>> ends = new Slots<>();
    private final int weights;
    private long messages;

    /// How many operations it has begun. Only this thread writes it.
    volatile long done;

    /// What it does. Read by the thread that reports that the run is stuck.
    volatile @Nullable Object doing;

    Client(Run run, int number, boolean process, long seed) {
        this.run = run;
        this.findings = run.findings;
        this.number = number;
        this.process = process;
        this.random = new SplittableRandom(seed);
        this.inbox = new Inbox(findings);
        int sum = 0;
        for (Operation operation : ALL) {
            sum += process || operation.compareTo(Operation.REQUEST) < 0 ? operation.weight : 0;
        }
        this.weights = sum;
    }

    // Operating

    void operate(long operations) {
        if (process) {
            Processes.trapExits(true);
        }
        while (done < operations) {
            try {
                // Only on platform threads: the JVM may crash when it continues a virtual thread
                // that
                // has parked with its stack used up.
                if (run.trouble && !process && random.nextInt(400) == 0) {
                    Deep.run(this::step, 1 + random.nextInt(3));
                } else {
                    step();
                }
                if (process) {
                    inbox.drain();
                }
            } catch (OutOfMemoryError full) {
                findings.count(Count.OUT_OF_MEMORY);
            }
            if (Thread.interrupted()) {
                findings.count(Count.INTERRUPTS);
            }
        }
        doing = "done";
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // only this thread writes it
    private void step() {
        Operation operation = next();
        done++;
        doing = operation;
        // Nobody knows how much of an operation was done that an error ends. Counted before it, in
        // fields, because there may be no stack left for a call afterwards.
        inbox.strayDowns++;
        inbox.strayTicks++;
        inbox.strayAnswers++;
        try {
            run(operation);
            inbox.strayDowns--;
            inbox.strayTicks--;
            inbox.strayAnswers--;
        } catch (StackOverflowError end) {
            findings.count(Count.OVERFLOWS);
        } catch (OutOfMemoryError full) {
            findings.count(Count.OUT_OF_MEMORY);
        } catch (ExitException failed) {
            findings.count(Count.FAILED_CALLS);
            if (!failed.reason().equals(ExitReason.INTERRUPTED)
                    && !(failed instanceof CallException)) {
                findings.wrong(operation + " failed with " + failed);
            }
        } catch (RuntimeException wrong) {
            findings.wrong(operation + " failed with " + wrong);
        }
    }

    private Operation next() {
        int chance = random.nextInt(weights);
        for (Operation operation : ALL) {
            chance -= operation.weight;
            if (chance < 0) {
                return operation;
            }
        }
        return Operation.CALL;
    }

    private void run(Operation operation) {
        int slot = random.nextInt(Run.SERVERS);
        Pid server = run.servers.get(slot);
        if (operation == Operation.START || server == null || !Processes.isAlive(server)) {
            start(slot);
            return;
        }
        switch (operation) {
            case START -> start(slot);
            case CALL -> call(server);
            case CALL_CHILD -> call(ServerRef.name(Tree.child(random.nextInt(Tree.CHILDREN))));
            case CALL_KEY -> call(run.tree.ofKey(random.nextInt(Keys.MANY)));
            case ASYNC -> callAsync(server);
            case CAST -> GenServer.cast(server, say());
            case SEND -> Processes.send(server, say());
            case EXIT_OF -> exitOf(server);
            case KILL -> Processes.exit(server, ExitReason.KILL);
            case SIGNAL -> Processes.exit(server, ExitReason.of("signal"));
            case STOP -> GenServer.stop(server, ExitReason.NORMAL, LIMIT);
            case CHILD_OF_DYNAMIC -> childOfDynamic();
            case KILL_CHILD ->
                    Processes.whereis(Tree.child(random.nextInt(Tree.CHILDREN)))
                            .ifPresent(pid -> Processes.exit(pid, ExitReason.KILL));
            case KILL_KEY ->
                    GenServer.whereis(run.tree.ofKey(random.nextInt(Keys.MANY)))
                            .ifPresent(pid -> Processes.exit(pid, ExitReason.KILL));
            case LOOK -> {
                Sys.getState(server, Duration.ofMillis(50));
                Processes.info(server);
            }
            case SPAWN -> spawn();
            case REQUEST -> request(server);
            case LINK -> Processes.link(server);
            case UNLINK -> Processes.unlink(server);
            case MONITOR -> {
                int place = inbox.monitors.free();
                if (place >= 0) {
                    inbox.monitors.put(place, Processes.monitor(server));
                }
            }
            case DEMONITOR -> demonitor();
            case TIMER -> inbox.arm(random.nextInt(20));
            case CANCEL -> inbox.cancel(random.nextInt(Slots.MANY));
        }
    }

    private Echo.Say say() {
        int choice = random.nextInt(80);
        Echo.How how = choice < HOWS.length ? HOWS[choice] : Echo.How.REPLY;
        ServerRef other = how == Echo.How.THROUGH_ANOTHER ? other() : null;
        return new Echo.Say(number, ++messages, how, other);
    }

    private @Nullable ServerRef other() {
        return run.servers.get(random.nextInt(Run.SERVERS));
    }

    private void start(int slot) {
        StartOption[] options =
                switch (random.nextInt(4)) {
                    case 0 -> new StartOption[] {StartOption.name(Run.name(slot))};
                    case 1 ->
                            new StartOption[] {
                                StartOption.name(Run.name(slot)), StartOption.nonBlocking()
                            };
                    case 2 -> new StartOption[] {StartOption.nonBlocking()};
                    default -> new StartOption[0];
                };
        Start<Echo> start =
                process && random.nextInt(4) == 0
                        ? GenServer.startLink(run.tree::echo, Ok.OK, options)
                        : GenServer.start(run.tree::echo, Ok.OK, options);
        switch (start) {
            case Start.Ok<Echo> started -> {
                run.servers.set(slot, started.pid());
                findings.count(Count.SERVERS_STARTED);
            }
            case Start.Failed<Echo>(ExitReason.AlreadyStarted(Pid pid)) ->
                    run.servers.set(slot, pid);
            default -> findings.count(Count.FAILED_CALLS);
        }
    }

    private void call(ProcessRef server) {
        Echo.Say say = say();
        long reply =
                GenServer.call(server.untyped(), say, Duration.ofMillis(1 + random.nextInt(12)));
        check(reply, say.answer());
    }

    private void check(long reply, long expected) {
        findings.count(Count.REPLIES);
        if (reply != expected) {
            findings.wrong("client %d got %d, not %d".formatted(number, reply, expected));
        }
    }

    private void request(Pid server) {
        Echo.Say say = say();
        RequestId<Long> request = GenServer.sendRequest(server, say);
        if (request.receiveResponse(Duration.ofMillis(random.nextInt(12)))
                instanceof Response.Reply<Long>(Long reply)) {
            check(reply, say.answer());
        }
    }

    private void callAsync(Pid server) {
        int place = random.nextInt(Slots.MANY);
        Asked before = asked.at(place);
        if (before != null) {
            await(before, place);
            return;
        }
        Echo.Say say = say();
        asked.put(
                place,
                new Asked(
                        say.answer(),
                        GenServer.callAsync(
                                server, say, Duration.ofMillis(1 + random.nextInt(12)))));
    }

    private void await(Asked call, int place) {
        try {
            long reply = call.future().get(LIMIT.toSeconds(), TimeUnit.SECONDS);
            asked.clear(place);
            check(reply, call.answer());
        } catch (ExecutionException failed) {
            asked.clear(place);
            if (!(failed.getCause() instanceof CallException)) {
                findings.wrong("an asynchronous call failed with " + failed.getCause());
            }
        } catch (TimeoutException never) {
            asked.clear(place);
            findings.wrong("an asynchronous call did not end");
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void exitOf(Pid server) {
        int place = random.nextInt(Slots.MANY);
        CompletableFuture<ExitReason> before = ends.at(place);
        if (before == null || before.isDone()) {
            ends.put(place, Processes.exitOf(server));
        }
    }

    private void childOfDynamic() {
        Start<Echo> start =
                DynamicSupervisor.startChild(
                        Tree.dynamic(), run.tree.temporary(random.nextBoolean()), LIMIT);
        if (start instanceof Start.Ok<Echo> started) {
            if (random.nextBoolean()) {
                call(started.pid());
            }
            DynamicSupervisor.terminateChild(Tree.dynamic(), started.pid());
        }
    }

    private void spawn() {
        int place = inbox.monitors.free();
        if (process && place >= 0) {
            inbox.monitors.put(place, Processes.spawnMonitor(() -> {}).ref());
        } else {
            Processes.spawn(() -> {});
        }
    }

    private void demonitor() {
        int place = random.nextInt(Slots.MANY);
        Ref monitor = inbox.monitors.at(place);
        if (monitor != null) {
            inbox.monitors.clear(place);
            Processes.demonitorFlush(monitor);
            inbox.retire(monitor);
        }
    }

    // Closing

    /// Waits for everything that has been asked for. There is memory again, and no interrupt.
    void finish() {
        doing = "finishing";
        for (int i = 0; i < Slots.MANY; i++) {
            Asked call = asked.at(i);
            if (call != null) {
                await(call, i);
            }
        }
        if (process) {
            inbox.awaitTimers(LIMIT);
        }
    }

    /// Waits for what tells of the death of the servers, which are all dead.
    void finishMonitors() {
        doing = "waiting for deaths";
        for (int i = 0; i < Slots.MANY; i++) {
            CompletableFuture<ExitReason> end = ends.at(i);
            if (end != null) {
                awaitEnd(end);
            }
        }
        if (process) {
            inbox.awaitDowns(LIMIT);
        }
    }

    private void awaitEnd(CompletableFuture<ExitReason> end) {
        try {
            end.orTimeout(LIMIT.toSeconds(), TimeUnit.SECONDS).join();
            findings.count(Count.FUTURES);
        } catch (CompletionException never) {
            findings.wrong("the future of a dead server's end did not complete");
        }
    }
}
