package io.genserver.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.Agent;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Start;
import io.genserver.Sys;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// What reports, `Sys` and messages show of this module's servers must be readable.
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class ReadableStatesTest {

    @SuppressWarnings("NullAway.Init") // set by the extension
    private TestSupervisor test;

    private static ChildSpec<?> agent(Object id) {
        return ChildSpec.worker(id, () -> Agent.startLink(() -> 1));
    }

    private static void assertReadable(Object shown) {
        assertThat(shown.toString())
                .doesNotContain("$$Lambda")
                .doesNotContainPattern("@[0-9a-f]{5,}");
    }

    private static void assertShows(Pid server, String state) {
        assertThat(Sys.getState(server)).hasToString(state);
        assertReadable(Sys.getStatus(server));
        assertReadable(Processes.info(server).orElseThrow().initialCall());
    }

    private Pid supervisor(ChildSpec<?>... children) {
        return test.startSupervised(() ->
                        Supervisor.startLink(
                                List.of(children), SupervisorFlags.of(Strategy.ONE_FOR_ONE)))
                .pid();
    }

    @Test
    void a_supervisor_shows_its_children_in_the_order_of_their_start() {
        Pid supervisor = supervisor(agent("a"), agent(Agent.class), agent("c"));
        List<Child> children = Supervisor.whichChildren(supervisor).reversed();
        Supervisor.terminateChild(supervisor, "c");

        assertShows(
                supervisor,
                "[a "
                        + children.get(0).pid().orElseThrow()
                        + ", io.genserver.Agent "
                        + children.get(1).pid().orElseThrow()
                        + ", c not running]");
    }

    @Test
    void a_dynamic_supervisor_shows_how_many_children_it_has() {
        Pid supervisor =
                test.startSupervised(
                                DynamicSupervisor.childSpec("dyn", DynamicSupervisorFlags.DEFAULT))
                        .pid();
        DynamicSupervisor.startChild(supervisor, agent("a"));
        DynamicSupervisor.startChild(supervisor, agent("a"));

        assertShows(supervisor, "2 children, 0 of them restarting");
    }

    @Test
    void a_registry_shows_its_name_and_how_much_it_knows() {
        ProcessRegistry<String, Integer> registry = ProcessRegistry.duplicate("ReadableStates");
        Pid supervisor = test.startSupervised(registry.childSpec()).pid();
        registry.register("a", 1);
        registry.register("a", 2);
        Registration.Ok ok = (Registration.Ok) registry.register("b", 3);

        assertShows(ok.owner(), "ProcessRegistry[ReadableStates] with 2 keys of 1 processes");
        assertShows(supervisor, "[0 " + ok.owner() + "]");
        assertThat(Processes.info(supervisor).orElseThrow().initialCall())
                .isEqualTo("io.genserver.supervisor.ProcessRegistry");
    }

    @Test
    void a_partition_supervisor_is_shown_as_one() {
        Pid supervisor =
                test.startSupervised(
                                PartitionSupervisor.of("ReadableStates", ReadableStatesTest::agent)
                                        .withPartitions(1)
                                        .childSpec())
                        .pid();

        assertThat(Processes.info(supervisor).orElseThrow().initialCall())
                .isEqualTo("io.genserver.supervisor.PartitionSupervisor");
    }

    @Test
    void the_master_of_an_application_shows_its_name_and_root() {
        Application application =
                new Application() {
                    @Override
                    public String name() {
                        return "ReadableStates";
                    }

                    @Override
                    public Start<?> start(Configuration configuration) {
                        return Agent.startLink(() -> 1);
                    }
                };
        Pid master = Applications.start(application, Configuration.of(Map.of(), Map.of())).pid();
        Pid root = Processes.info(master).orElseThrow().links().getFirst();

        assertShows(master, "application ReadableStates with the root supervisor " + root);

        Applications.stop(application);
    }

    @Test
    void what_users_build_is_shown_without_its_functions() {
        assertThat(agent("a").withBackOff(BackOff.of(Duration.ofMillis(1), Duration.ofMillis(2))))
                .hasToString(
                        "ChildSpec[id=a, restart=PERMANENT, shutdown=Within[limit=PT5S],"
                                + " type=WORKER, significant=false, backOff=BackOff[initial=PT0.001S,"
                                + " maximum=PT0.002S, factor=2.0, jitter=0.1, resetAfter=PT1M,"
                                + " maxAttempts=2147483647]]");
        assertThat(
                        SupervisorFlags.of(Strategy.ONE_FOR_ALL)
                                .withListener(_ -> {})
                                .withMaxRestarts(1, Duration.ofSeconds(2)))
                .hasToString(
                        "SupervisorFlags[strategy=ONE_FOR_ALL, maxRestarts=1, period=PT2S,"
                                + " autoShutdown=NEVER, listeners=1]");
        assertThat(DynamicSupervisorFlags.DEFAULT.withMaxChildren(7).withListener(_ -> {}))
                .hasToString(
                        "DynamicSupervisorFlags[maxRestarts=3, period=PT5S, maxChildren=7,"
                                + " extraArgument=ok, listeners=1]");
        assertThat(
                        Configuration.of(Map.of("a", "secret"), Map.of())
                                .with(Setting.of("b.c", text -> text, "d"), "e"))
                .hasToString("Configuration[from code: b.c]");
        assertThat(RetryOptions.of(BackOff.of(Duration.ofMillis(1), Duration.ofMillis(2)), 3))
                .hasToString(
                        "RetryOptions[backOff=BackOff[initial=PT0.001S, maximum=PT0.002S,"
                                + " factor=2.0, jitter=0.1, resetAfter=PT1M,"
                                + " maxAttempts=2147483647], maxAttempts=3,"
                                + " attemptTimeout=infinity]");
    }
}
