package io.genserver.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.Agent;
import io.genserver.Call;
import io.genserver.CallException;
import io.genserver.CallResult;
import io.genserver.CallServer;
import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Match;
import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.DynamicSupervisor;
import io.genserver.supervisor.DynamicSupervisorFlags;
import io.genserver.supervisor.KeyedSupervisor;
import io.genserver.supervisor.ProcessRegistry;
import io.genserver.supervisor.Shutdown;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.StreamOptions;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import io.genserver.supervisor.Task;
import io.genserver.supervisor.TaskResult;
import io.genserver.supervisor.TaskSupervisor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The parts of this library under many schedules, with crashes, each with ordinary and with
/// non-blocking servers.
class HouseSimulationTest {

    private static final int RUNS = 500;

    enum Servers {
        ORDINARY,
        NON_BLOCKING;

        StartOption[] options(StartOption... more) {
            List<StartOption> all = new ArrayList<>(List.of(more));
            if (this == NON_BLOCKING) {
                all.add(StartOption.nonBlocking());
            }
            return all.toArray(StartOption[]::new);
        }
    }

    private static ChildSpec<?> agent(Servers servers, String name) {
        return ChildSpec.worker(
                name, () -> Agent.startLink(() -> 0, servers.options(StartOption.name(name))));
    }

    private static void check(SimulationResult result) {
        assertThat(result.runs()).isEqualTo(RUNS);
    }

    @ParameterizedTest
    @EnumSource
    void calls_and_casts_of_several_clients_are_all_handled(Servers servers) {
        check(
                Simulation.runs(RUNS)
                        .check(run -> {
                            var counter = Agent.startLink(() -> 0, servers.options()).server();
                            List<Task<Integer>> clients = new ArrayList<>();
                            for (int i = 0; i < 3; i++) {
                                clients.add(
                                        Task.async(() -> {
                                            Agent.cast(counter, count -> count + 1);
                                            Agent.update(counter, count -> count + 1);
                                            return Agent.getAndUpdate(
                                                    counter,
                                                    count -> new Agent.Update<>(count, count + 1));
                                        }));
                            }
                            clients.forEach(Task::await);
                            assertThat((int) Agent.get(counter, count -> count)).isEqualTo(9);
                        }));
    }

    @ParameterizedTest
    @EnumSource
    void a_call_to_a_server_that_stops_ends_in_one_of_two_ways(Servers servers) {
        check(
                Simulation.runs(RUNS)
                        .check(run -> {
                            var server = Agent.start(() -> 7, servers.options()).server();
                            List<Task<Boolean>> clients = new ArrayList<>();
                            for (int i = 0; i < 2; i++) {
                                clients.add(Task.async(() -> answers(server)));
                            }
                            GenServer.stop(server);
                            clients.forEach(Task::await);
                            assertThat(Processes.isAlive(server.pid())).isFalse();
                        }));
    }

    private static boolean answers(io.genserver.Server<? extends Agent<Integer>> server) {
        try {
            return Agent.get(server, value -> value) == 7;
        } catch (CallException failed) {
            assertThat(failed.serverReason()).isIn(ExitReason.NORMAL, ExitReason.NOPROC);
            return false;
        }
    }

    @ParameterizedTest
    @EnumSource
    void links_and_monitors_tell_of_each_death_once(Servers servers) {
        check(
                Simulation.runs(RUNS)
                        .check(run -> {
                            Processes.trapExits(true);
                            var server = Agent.start(() -> 0, servers.options()).server();
                            Ref monitor = Processes.monitor(server);
                            Processes.link(server.pid());
                            run.mayCrash(server);
                            Processes.sleep(Duration.ofMillis(1));
                            Processes.exit(server.pid(), ExitReason.KILL);
                            Down down = Processes.receive(Down.class);
                            assertThat(down.ref()).isEqualTo(monitor);
                            assertThat(down.reason()).isEqualTo(ExitReason.KILLED);
                            Exit exit = Processes.receive(Exit.class);
                            assertThat(exit.from()).isEqualTo(server.pid());
                            Processes.sleep(Duration.ofMillis(1));
                            assertThat(Processes.flush()).isEmpty();
                        }));
    }

    @ParameterizedTest
    @EnumSource
    void a_supervisor_brings_back_what_crashes(Servers servers) {
        for (Strategy strategy : Strategy.values()) {
            check(
                    Simulation.runs(RUNS)
                            .check(run -> {
                                List<String> names = List.of("one", "two", "three");
                                Pid supervisor =
                                        Supervisor.startLink(
                                                        names.stream()
                                                                .map(name -> agent(servers, name))
                                                                .toList(),
                                                        SupervisorFlags.of(strategy)
                                                                .withMaxRestarts(
                                                                        100, Duration.ofSeconds(1)))
                                                .pid();
                                names.forEach(name -> run.mayCrash(new Name(name)));
                                run.eventually(
                                        "all run",
                                        () ->
                                                Supervisor.countChildren(supervisor).active() == 3
                                                        && names.stream()
                                                                .allMatch(
                                                                        HouseSimulationTest
                                                                                ::isAlive));
                                for (String name : names) {
                                    try {
                                        Agent.update(new Name(name), (Integer count) -> count + 1);
                                    } catch (CallException crashed) {
                                        Processes.sleep(Duration.ofMillis(1));
                                    }
                                }
                            }));
        }
    }

    private static boolean isAlive(String name) {
        return Processes.whereis(name).filter(Processes::isAlive).isPresent();
    }

    @ParameterizedTest
    @EnumSource
    void a_key_of_a_registry_has_one_owner_and_is_free_after_its_death(Servers servers) {
        check(
                Simulation.runs(RUNS)
                        .check(run -> {
                            ProcessRegistry<String, Integer> names =
                                    ProcessRegistry.unique("Names");
                            Supervisor.startLink(
                                    List.of(names.childSpec()),
                                    SupervisorFlags.of(Strategy.ONE_FOR_ONE));
                            List<Task<Boolean>> tasks = new ArrayList<>();
                            for (int i = 0; i < 3; i++) {
                                tasks.add(
                                        Task.async(() ->
                                                Agent.start(
                                                                () -> 0,
                                                                servers.options(
                                                                        StartOption.name(
                                                                                names.via("key"))))
                                                        instanceof Start.Ok));
                            }
                            long owners =
                                    tasks.stream().map(Task::await).filter(won -> won).count();
                            assertThat(owners).isEqualTo(1);
                            Pid owner = names.whereisName("key").orElseThrow();
                            Processes.exit(owner, ExitReason.KILL);
                            run.eventually("the key is free", () -> names.lookup("key").isEmpty());
                        }));
    }

    /// Records which servers of a key have begun.
    private static final class Keyed implements CallServer<Integer, Keyed.Next> {
        record Next() implements Call<Integer> {}

        private final Map<String, List<Pid>> begun;
        private final String key;

        Keyed(Map<String, List<Pid>> begun, String key) {
            this.begun = begun;
            this.key = key;
        }

        @Override
        public Init<Integer> init() {
            begun.computeIfAbsent(key, _ -> new ArrayList<>()).add(Processes.self());
            return Init.ok(0);
        }

        @Override
        public CallResult<Integer> handleCall(Next request, From from, Integer count) {
            return CallResult.reply(request, count + 1, count + 1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_key_has_one_server_and_no_call_is_lost(Servers servers) {
        for (int limit = 1; limit <= 3; limit++) {
            int places = limit;
            check(Simulation.runs(RUNS).check(run -> callKeyed(run, servers, places, false)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_key_has_one_server_although_servers_are_killed(Servers servers) {
        for (int limit = 1; limit <= 3; limit++) {
            int places = limit;
            check(Simulation.runs(RUNS).check(run -> callKeyed(run, servers, places, true)));
        }
    }

    @ParameterizedTest
    @EnumSource
    void a_server_of_a_key_ends_although_its_clients_are_killed(Servers servers) {
        for (int limit = 1; limit <= 2; limit++) {
            int places = limit;
            check(
                    Simulation.runs(RUNS)
                            .check(run -> {
                                KeyedSupervisor<String, Keyed> family =
                                        startKeyed(run, servers, places);
                                Pid tasks =
                                        TaskSupervisor.startLink(DynamicSupervisorFlags.DEFAULT)
                                                .pid();
                                for (String key : List.of("a", "b", "c")) {
                                    Task<Integer> client =
                                            TaskSupervisor.asyncNolink(
                                                    tasks, () -> callKeyed(family, key, false));
                                    run.mayCrash(client.pid().orElseThrow());
                                }
                                for (String key : List.of("a", "b", "c")) {
                                    assertThat(callKeyed(family, key, false)).isEqualTo(3);
                                }
                                run.eventually(
                                        "all servers are passivated", () -> family.count() == 0);
                            }));
        }
    }

    /// A client that lends its thread may be killed before the init of the server.
    @ParameterizedTest
    @EnumSource
    void a_client_that_is_killed_does_not_end_the_server_of_others(Servers servers) {
        check(
                Simulation.runs(RUNS)
                        .check(run -> {
                            KeyedSupervisor<String, Keyed> family = startKeyed(run, servers, 1);
                            Pid tasks =
                                    TaskSupervisor.startLink(DynamicSupervisorFlags.DEFAULT).pid();
                            Task<Integer> client =
                                    TaskSupervisor.asyncNolink(
                                            tasks,
                                            () ->
                                                    GenServer.call(
                                                            family.server("a"), new Keyed.Next()));
                            run.mayCrash(client.pid().orElseThrow());

                            assertThat(GenServer.call(family.server("a"), new Keyed.Next()))
                                    .isBetween(1, 2);
                        }));
    }

    private static void callKeyed(SimulationRun run, Servers servers, int limit, boolean kills) {
        KeyedSupervisor<String, Keyed> family = startKeyed(run, servers, limit);
        List<Task<Integer>> clients = new ArrayList<>();
        for (String key : List.of("a", "b", "b", "c")) {
            if (kills) {
                run.mayCrash(family.server(key));
            }
            clients.add(Task.async(() -> callKeyed(family, key, kills)));
        }
        clients.forEach(client -> assertThat((int) client.await()).isEqualTo(3));
        run.eventually("all servers are passivated", () -> family.count() == 0);
    }

    private static KeyedSupervisor<String, Keyed> startKeyed(
            SimulationRun run, Servers servers, int limit) {
        Map<String, List<Pid>> begun = new HashMap<>();
        KeyedSupervisor<String, Keyed> family =
                KeyedSupervisor.of(
                                "Family", (String key) -> new Keyed(begun, key), servers.options())
                        .withIdleTimeout(Duration.ofMillis(10))
                        .withLimit(limit, KeyedSupervisor.AtLimit.PASSIVATE);
        Supervisor.startLink(List.of(family.childSpec()), SupervisorFlags.of(Strategy.ONE_FOR_ONE));
        run.always(() -> {
            begun.values().forEach(ofKey -> ofKey.removeIf(pid -> !Processes.isAlive(pid)));
            assertThat(begun.values()).allMatch(alive -> alive.size() <= 1);
            assertThat(begun.values().stream().mapToInt(List::size).sum())
                    .isLessThanOrEqualTo(limit);
        });
        return family;
    }

    private static int callKeyed(KeyedSupervisor<String, Keyed> family, String key, boolean kills) {
        int answered = 0;
        for (int call = 0; call < 3; call++) {
            try {
                int _ = GenServer.call(family.server(key), new Keyed.Next());
            } catch (CallException killed) {
                assertThat(kills).isTrue();
                assertThat(killed.serverReason()).isEqualTo(ExitReason.KILLED);
            }
            answered++;
            Processes.sleep(Duration.ofMillis(5L * call));
        }
        return answered;
    }

    @ParameterizedTest
    @EnumSource
    void a_task_gives_its_result_or_its_reason(Servers servers) {
        check(
                Simulation.runs(RUNS)
                        .check(run -> {
                            Pid supervisor =
                                    TaskSupervisor.startLink(DynamicSupervisorFlags.DEFAULT).pid();
                            List<Task<Integer>> tasks = new ArrayList<>();
                            var source = Agent.startLink(() -> 0, servers.options()).server();
                            for (int i = 0; i < 3; i++) {
                                int mine = i;
                                Task<Integer> task =
                                        TaskSupervisor.asyncNolink(
                                                supervisor,
                                                () -> mine + Agent.get(source, number -> number));
                                run.mayCrash(task.pid().orElseThrow());
                                tasks.add(task);
                            }
                            for (int i = 0; i < 3; i++) {
                                TaskResult<Integer> result =
                                        tasks.get(i).yield(Duration.ofSeconds(1)).orElseThrow();
                                if (result instanceof TaskResult.Ok<Integer>(Integer value)) {
                                    assertThat(value).isEqualTo(i);
                                } else {
                                    assertThat(((TaskResult.Exit<Integer>) result).reason())
                                            .isEqualTo(ExitReason.KILLED);
                                }
                            }
                            Processes.sleep(Duration.ofMillis(1));
                            assertThat(Processes.flush()).isEmpty();
                            run.eventually(
                                    "no task is left",
                                    () -> TaskSupervisor.children(supervisor).isEmpty());
                        }));
    }

    @ParameterizedTest
    @EnumSource
    void a_stream_of_tasks_keeps_its_order(Servers servers) {
        check(
                Simulation.runs(RUNS)
                        .check(run -> {
                            var source = Agent.startLink(() -> 0, servers.options()).server();
                            List<Integer> results =
                                    Task.asyncStream(
                                                    IntStream.range(0, 6).boxed().toList(),
                                                    number ->
                                                            number
                                                                    + Agent.get(
                                                                            source, zero -> zero),
                                                    StreamOptions.defaults())
                                            .map(result ->
                                                    ((TaskResult.Ok<Integer>) result).value())
                                            .toList();
                            assertThat(results).containsExactly(0, 1, 2, 3, 4, 5);
                        }));
    }

    @ParameterizedTest
    @EnumSource
    void one_of_several_starts_under_a_name_wins(Servers servers) {
        check(
                Simulation.runs(RUNS)
                        .check(run -> {
                            Pid supervisor =
                                    DynamicSupervisor.startLink(DynamicSupervisorFlags.DEFAULT)
                                            .pid();
                            Set<Pid> found = new HashSet<>();
                            List<Task<Pid>> starters = new ArrayList<>();
                            for (int i = 0; i < 3; i++) {
                                starters.add(
                                        Task.async(() ->
                                                DynamicSupervisor.startChild(
                                                                supervisor, agent(servers, "only"))
                                                        .serverOrExisting()
                                                        .pid()));
                            }
                            starters.forEach(starter -> found.add(starter.await()));
                            assertThat(found).hasSize(1);
                            assertThat(DynamicSupervisor.countChildren(supervisor).active())
                                    .isEqualTo(1);
                        }));
    }

    @ParameterizedTest
    @EnumSource
    void a_tree_that_stops_leaves_nothing_behind(Servers servers) {
        check(
                Simulation.runs(RUNS)
                        .check(run -> {
                            Processes.trapExits(true);
                            Pid supervisor =
                                    Supervisor.startLink(
                                                    List.of(
                                                            agent(servers, "one"),
                                                            agent(servers, "two")),
                                                    SupervisorFlags.of(Strategy.REST_FOR_ONE))
                                            .pid();
                            run.mayCrash(new Name("one"));
                            Task<Boolean> client =
                                    Task.async(() -> {
                                        try {
                                            Agent.cast(new Name("two"), (Integer n) -> n + 1);
                                            return true;
                                        } catch (CallException gone) {
                                            return false;
                                        }
                                    });
                            GenServer.stop(supervisor, ExitReason.SHUTDOWN, Duration.ofMinutes(1));
                            client.await();
                            assertThat(isAlive("one")).isFalse();
                            assertThat(isAlive("two")).isFalse();
                            Match<Exit> ofTheTree =
                                    Match.type(Exit.class, exit -> exit.from().equals(supervisor));
                            Processes.receive(ofTheTree);
                            assertThat(Processes.receive(ofTheTree, Duration.ZERO)).isEmpty();
                        }));
    }

    /// The owner is killed at any moment of the shutdown: before, while or after its guard starts.
    @Test
    void a_task_learns_why_its_owner_ended_while_it_was_shutting_the_task_down() {
        check(
                Simulation.runs(RUNS)
                        .check(run -> {
                            Pid test = Processes.self();
                            Pid owner = Processes.spawn(() -> startAndShutDown(test));
                            Processes.receive(Match.value(ExitReason.SHUTDOWN));
                            Processes.exit(owner, ExitReason.KILL);
                            assertThat(Processes.receive(ExitReason.class))
                                    .isEqualTo(ExitReason.KILLED);
                        }));
    }

    private static void startAndShutDown(Pid test) {
        Pid owner = Processes.self();
        Task<Boolean> task =
                Task.async(() -> {
                    Processes.trapExits(true);
                    Processes.send(owner, "ready");
                    return untilKilled(test);
                });
        Processes.receive(Match.value("ready"));
        task.shutdown(Shutdown.infinity());
    }

    private static boolean untilKilled(Pid test) {
        while (true) {
            ExitReason reason = Processes.receive(Exit.class).reason();
            Processes.send(test, reason);
            if (reason.equals(ExitReason.KILLED)) {
                return true;
            }
        }
    }
}
