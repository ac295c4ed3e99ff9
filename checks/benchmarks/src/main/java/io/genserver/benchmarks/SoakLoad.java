package io.genserver.benchmarks;

import io.genserver.Agent;
import io.genserver.Down;
import io.genserver.Exit;
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
import io.genserver.supervisor.Restart;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;

/// One process of the load. It runs operations at random and checks every answer.
final class SoakLoad {

    /// The operations, each with its relative frequency.
    enum Kind {
        CALL(300),
        CAST(300),
        AGENT(100),
        MESSAGE(100),
        REQUEST(100),
        SPAWN(50),
        LINK(20),
        START_STOP(50),
        CHILD(20),
        TIMER(20),
        CANCEL(100),
        CRASH(5);

        private final int weight;

        Kind(int weight) {
            this.weight = weight;
        }
    }

    private record Tick(int number) {}

    private static final int ALL = Arrays.stream(Kind.values()).mapToInt(kind -> kind.weight).sum();
    private static final int COUNTERS = 16;
    private static final Duration LONG = Duration.ofSeconds(10);
    private static final Duration PAUSE = Duration.ofMillis(1);
    private static final ExitReason BOOM = ExitReason.of("boom");

    private final int number;
    private final Pid children; // a dynamic supervisor
    private final ServerRef supervised;
    private final SplittableRandom random;
    private final Pid[] counters = new Pid[COUNTERS];
    private final long[] counts = new long[COUNTERS];
    private final Pid agent;
    private long updates;
    private final Pid replying;
    private long replies;
    private final Pid echo;
    private int ticks;
    private final Map<Kind, Long> done = new EnumMap<>(Kind.class);

    /// Must be called by the process that runs the load.
    ///
    /// @param children a dynamic supervisor
    SoakLoad(int number, Pid children) {
        this.number = number;
        this.children = children;
        this.supervised = ServerRef.name(supervised(number));
        this.random = new SplittableRandom(number);
        Arrays.setAll(counters, _ -> CounterServer.begin());
        this.agent = Agent.<Long>start(() -> 0L).pid();
        this.replying = GenServer.start(ReplyServer::new, Ok.OK).pid();
        this.echo =
                Processes.spawn(() -> {
                    while (true) {
                        ReplyServer.Request request = Processes.receive(ReplyServer.Request.class);
                        Processes.send(request.from(), "echo");
                    }
                });
        Processes.trapExits(true);
    }

    static String supervised(int number) {
        return "soak" + number;
    }

    /// Returns how often each operation was run.
    Map<Kind, Long> done() {
        return new EnumMap<>(done);
    }

    void step() {
        int chance = random.nextInt(ALL);
        for (Kind kind : Kind.values()) {
            chance -= kind.weight;
            if (chance < 0) {
                run(kind);
                done.merge(kind, 1L, Long::sum);
                return;
            }
        }
    }

    private void run(Kind kind) {
        switch (kind) {
            case CALL -> {
                int i = random.nextInt(COUNTERS);
                Work.checkCount(++counts[i], CounterServer.increment(counters[i]));
            }
            case CAST -> {
                int i = random.nextInt(COUNTERS);
                counts[i]++;
                CounterServer.add(counters[i]);
            }
            case AGENT -> {
                Agent.<Long>update(agent, count -> count + 1);
                Work.checkCount(++updates, Agent.<Long, Long>get(agent, count -> count));
            }
            case MESSAGE -> {
                Processes.send(echo, new ReplyServer.Request(Processes.self()));
                Work.check(receive(String.class).equals("echo"), "an echo", "something else");
            }
            case REQUEST -> {
                Processes.send(replying, new ReplyServer.Request(Processes.self()));
                Work.checkCount(++replies, receive(ReplyServer.Reply.class).value());
            }
            case SPAWN -> spawn();
            case LINK -> link();
            case START_STOP -> startStop();
            case CHILD -> child();
            case TIMER -> timer();
            case CANCEL -> cancel();
            case CRASH -> {
                CounterServer.crash(supervised);
                Work.checkCount(1, firstAnswer());
            }
        }
    }

    private static <T> T receive(Class<T> type) {
        return Processes.receive(type, LONG)
                .orElseThrow(() -> new AssertionError("expected a message, got: none"));
    }

    /// Returns the first answer after a crash. Sleeps between two attempts because the other loads
    /// need the cores.
    private long firstAnswer() {
        while (true) {
            try {
                return CounterServer.increment(supervised);
            } catch (ExitException notYet) {
                Processes.sleep(PAUSE);
            }
        }
    }

    private void spawn() {
        ExitReason reason = random.nextBoolean() ? ExitReason.NORMAL : BOOM;
        Processes.Monitored child = Processes.spawnMonitor(() -> Processes.exit(reason));
        Down down = receive(Down.class);
        Work.check(down.ref().equals(child.ref()), child.ref(), down.ref());
        Work.check(down.reason().equals(reason), reason, down.reason());
    }

    private static void link() {
        Pid child = Processes.spawnLink(() -> Processes.exit(BOOM));
        Exit exit = receive(Exit.class);
        Work.check(exit.from().equals(child), child, exit.from());
        Work.check(exit.reason().equals(BOOM), BOOM, exit.reason());
    }

    private void startStop() {
        String name = "temporary" + number;
        Pid server = CounterServer.begin(StartOption.name(name));
        Work.checkCount(1, CounterServer.increment(ServerRef.name(name)));
        GenServer.stop(server);
        Work.check(Processes.whereis(name).isEmpty(), "no process of this name", name);
    }

    private void child() {
        ChildSpec<?> spec =
                ChildSpec.worker(
                                CounterServer.class,
                                () -> GenServer.startLink(CounterServer::new, Ok.OK))
                        .withRestart(Restart.TEMPORARY);
        Pid child = DynamicSupervisor.startChild(children, spec).pid();
        Work.checkCount(1, CounterServer.increment(child));
        Work.check(
                DynamicSupervisor.terminateChild(children, child).isEmpty(),
                "no error",
                "an error");
        Work.check(!Processes.isAlive(child), "a child that has stopped", child);
    }

    private void timer() {
        Processes.sendAfter(Processes.self(), new Tick(++ticks), Duration.ofMillis(1));
        Work.checkCount(ticks, receive(Tick.class).number());
    }

    private static void cancel() {
        Ref timer = Processes.sendAfter(Processes.self(), new Tick(-1), Duration.ofMinutes(1));
        Work.check(Processes.cancelTimer(timer).isPresent(), "a timer", "none");
    }

    /// Checks the values of all counters and of the agent. Any thread may call it during a pause.
    void check() {
        for (int i = 0; i < COUNTERS; i++) {
            Work.checkCount(counts[i], CounterServer.value(counters[i]));
        }
        Work.checkCount(updates, Agent.<Long, Long>get(agent, count -> count));
    }
}
