package io.genserver.benchmarks;

import io.genserver.Agent;
import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.Match;
import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Server;
import io.genserver.StartOption;
import io.genserver.simulation.SimulationRun;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import io.genserver.supervisor.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/// Small programs, each with one fault that shows in some orders of events only.
enum PlantedBug {
    /// A table still holds a dead process when somebody who knows of the death reads it.
    STALE_TABLE("a table read at once after the owner's death"),
    STALE_TABLE_10("a table read 10 calls after the owner's death"),
    /// Two clients read a value, and write it back changed.
    CHECK_THEN_ACT("check, then act, at once"),
    CHECK_THEN_ACT_20("check, then act, 20 calls apart"),
    /// Three servers call each other in a circle.
    CIRCLE("a circle of three calls, at once"),
    CIRCLE_6_12("a circle of three calls, 6 and 12 calls apart"),
    /// A cast is lost if its receiver is killed and started again.
    LOST_OVER_RESTART("a message lost over a restart"),
    /// A supervisor gives up if a late timer lets two crashes fall in one window.
    RESTART_LIMIT("a restart limit that trips if a timer is late");

    /// How long one unit of time is for real threads. A simulation's time costs nothing.
    private static final Duration UNIT = Duration.ofMillis(10);

    private static final String WORKER = "worker";

    final String text;

    PlantedBug(String text) {
        this.text = text;
    }

    /// Runs the program. The current thread is a process.
    ///
    /// @param run the simulation; null for real threads
    /// @throws RuntimeException or an [AssertionError] if the fault has shown
    void run(@Nullable SimulationRun run) {
        switch (this) {
            case STALE_TABLE -> staleTable(0);
            case STALE_TABLE_10 -> staleTable(10);
            case CHECK_THEN_ACT -> checkThenAct(0);
            case CHECK_THEN_ACT_20 -> checkThenAct(20);
            case CIRCLE -> circle(0);
            case CIRCLE_6_12 -> circle(6);
            case LOST_OVER_RESTART -> lostOverRestart(run);
            case RESTART_LIMIT -> restartLimit(run);
        }
    }

    private static void check(boolean holds, String fault) {
        if (!holds) {
            throw new AssertionError(fault);
        }
    }

    private interface Numbers extends Agent<Integer> {}

    private static Server<? extends Agent<Integer>> number() {
        return Agent.startLink(() -> 0).server();
    }

    private static void call(Server<? extends Agent<Integer>> server, int times) {
        for (int i = 0; i < times; i++) {
            Agent.get(server, number -> number);
        }
    }

    private static void staleTable(int callsApart) {
        Server<? extends Agent<Integer>> other = number();
        Map<String, Pid> table = new ConcurrentHashMap<>();
        Pid owner = Processes.spawn(() -> Processes.receive(Match.value("stop")));
        table.put("owner", owner);
        Processes.spawn(() -> {
            Processes.monitor(owner);
            Processes.receive(Down.class);
            table.remove("owner");
        });
        Processes.monitor(owner);
        Processes.send(owner, "stop");
        Processes.receive(Down.class);
        call(other, callsApart);
        check(!table.containsKey("owner"), "the table holds a dead process");
    }

    /// The second client makes some calls before it begins. So the fault shows only if the first
    /// one stands still in between for as long.
    private static void checkThenAct(int callsApart) {
        Server<? extends Agent<Integer>> other = number();
        Server<? extends Agent<Integer>> counter = number();
        awaitAll(
                2,
                client -> {
                    call(other, client * callsApart);
                    int seen = Agent.get(counter, count -> count);
                    Agent.update(counter, _ -> seen + 1);
                });
        check(Agent.get(counter, count -> count) == 2, "an update was lost");
    }

    /// The second and the third client make some calls before they begin.
    private static void circle(int callsApart) {
        Server<? extends Agent<Integer>> other = number();
        List<Server<? extends Agent<Integer>>> servers = List.of(number(), number(), number());
        awaitAll(
                3,
                place -> {
                    call(other, place * callsApart);
                    Agent.get(
                            servers.get(place),
                            _ -> Agent.get(servers.get((place + 1) % 3), number -> number));
                });
    }

    private interface Work {
        void run(int number);
    }

    private static void awaitAll(int tasks, Work work) {
        List<Task<Integer>> running = new ArrayList<>();
        for (int number = 0; number < tasks; number++) {
            int mine = number;
            running.add(
                    Task.async(() -> {
                        work.run(mine);
                        return mine;
                    }));
        }
        running.forEach(Task::await);
    }

    private static Pid supervisor(SupervisorFlags flags) {
        return Supervisor.startLink(
                        List.of(
                                ChildSpec.worker(
                                        WORKER,
                                        () -> Agent.startLink(() -> 0, StartOption.name(WORKER)))),
                        flags)
                .pid();
    }

    private static void kill() {
        Processes.whereis(WORKER).ifPresent(pid -> Processes.exit(pid, ExitReason.KILL));
    }

    private static void lostOverRestart(@Nullable SimulationRun run) {
        int messages = 5;
        AtomicInteger seen = new AtomicInteger();
        supervisor(SupervisorFlags.of(Strategy.ONE_FOR_ONE));
        if (run == null) {
            Processes.spawn(PlantedBug::kill);
        } else {
            run.mayCrash(new Name(WORKER));
            run.eventually("each message is handled", () -> seen.get() == messages);
        }
        Server<Numbers> worker = Server.named(WORKER, Numbers.class);
        for (int i = 0; i < messages; i++) {
            Agent.cast(
                    worker,
                    number -> {
                        seen.incrementAndGet();
                        return number;
                    });
        }
        if (run == null) {
            Processes.sleep(UNIT);
            check(seen.get() == messages, "a message was lost");
        }
    }

    private static void restartLimit(@Nullable SimulationRun run) {
        if (run != null) {
            run.delayTimers(UNIT.multipliedBy(3));
        }
        Processes.trapExits(true);
        Pid supervisor =
                supervisor(
                        SupervisorFlags.of(Strategy.ONE_FOR_ONE)
                                .withMaxRestarts(1, UNIT.multipliedBy(5)));
        Processes.sendAfter(Processes.self(), "crash", UNIT);
        Processes.sendAfter(Processes.self(), "crash", UNIT.multipliedBy(7));
        for (int crash = 0; crash < 2; crash++) {
            Processes.receive(Match.value("crash"));
            kill();
        }
        Processes.sleep(UNIT);
        check(Processes.isAlive(supervisor), "the supervisor has given up");
    }
}
