package io.genserver.supervisor;

import static io.genserver.test.MessageAssertions.assertReceive;
import static io.genserver.test.MessageAssertions.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.Agent;
import io.genserver.CallException;
import io.genserver.Down;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Logs;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// A mistake of a caller must not end a tree.
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class CallersMistakesTest {

    private static final SupervisorFlags FLAGS = SupervisorFlags.of(Strategy.ONE_FOR_ONE);

    @SuppressWarnings("NullAway.Init") // set by the extension
    private TestSupervisor test;

    private static ChildSpec<?> agent() {
        return ChildSpec.worker("agent", () -> Agent.startLink(() -> 1));
    }

    private Pid plain() {
        return test.startSupervised(
                        ChildSpec.supervisor(
                                        "plain",
                                        () -> Supervisor.startLink(List.of(agent()), FLAGS))
                                .withRestart(Restart.TEMPORARY))
                .pid();
    }

    private Pid dynamic() {
        Pid supervisor =
                test.startSupervised(
                                DynamicSupervisor.childSpec(
                                                "dynamic", DynamicSupervisorFlags.DEFAULT)
                                        .withRestart(Restart.TEMPORARY))
                        .pid();
        DynamicSupervisor.startChild(supervisor, agent());
        return supervisor;
    }

    private static void assertUntouched(Pid supervisor) {
        assertThat(Supervisor.countChildren(supervisor)).isEqualTo(new ChildCount(1, 1, 0, 1));
    }

    @Nested
    class the_wrong_kind_of_supervisor {

        @SuppressWarnings("ImmutableEnumChecker") // lambdas without state
        enum ForDynamic {
            START(supervisor -> DynamicSupervisor.startChild(supervisor, agent())),
            START_MADE(supervisor -> DynamicSupervisor.startChild(supervisor, _ -> agent())),
            TERMINATE(supervisor -> DynamicSupervisor.terminateChild(supervisor, Processes.self())),
            START_TASK(supervisor -> TaskSupervisor.startChild(supervisor, () -> {})),
            ASYNC(supervisor -> TaskSupervisor.async(supervisor, () -> 1)),
            ASYNC_NOLINK(supervisor -> TaskSupervisor.asyncNolink(supervisor, () -> 1)),
            ASYNC_STREAM(supervisor ->
                    TaskSupervisor.asyncStream(
                                    supervisor,
                                    List.of(1),
                                    element -> element,
                                    StreamOptions.defaults())
                            .forEach(_ -> {})),
            TERMINATE_TASK(
                    supervisor -> TaskSupervisor.terminateChild(supervisor, Processes.self()));

            final Consumer<Pid> request;

            ForDynamic(Consumer<Pid> request) {
                this.request = request;
            }
        }

        @SuppressWarnings("ImmutableEnumChecker") // lambdas without state
        enum ForOrdered {
            START(supervisor -> Supervisor.startChild(supervisor, agent())),
            TERMINATE(supervisor -> Supervisor.terminateChild(supervisor, "agent")),
            RESTART(supervisor -> Supervisor.restartChild(supervisor, "agent")),
            DELETE(supervisor -> Supervisor.deleteChild(supervisor, "agent"));

            final Consumer<Pid> request;

            ForOrdered(Consumer<Pid> request) {
                this.request = request;
            }
        }

        @ParameterizedTest
        @EnumSource
        void refuses_what_only_a_dynamic_one_can_do(ForDynamic what) {
            Pid supervisor = plain();

            assertThatThrownBy(() -> what.request.accept(supervisor))
                    .isInstanceOf(CallException.class)
                    .hasMessageStartingWith("call to " + supervisor + " with ")
                    .hasMessageEndingWith(
                            "failed: expected a dynamic supervisor, got one that knows its children"
                                    + " by id: use the methods of Supervisor");
            assertUntouched(supervisor);
        }

        @ParameterizedTest
        @EnumSource
        void refuses_what_only_a_plain_one_can_do(ForOrdered what) {
            Pid supervisor = dynamic();

            assertThatThrownBy(() -> what.request.accept(supervisor))
                    .isInstanceOf(CallException.class)
                    .hasMessageStartingWith("call to " + supervisor + " with ")
                    .hasMessageEndingWith(
                            "failed: expected a supervisor that knows its children by id, got a"
                                    + " dynamic one: use the methods of DynamicSupervisor");
            assertUntouched(supervisor);
        }

        @Test
        void answers_what_both_can_do() {
            assertThat(DynamicSupervisor.whichChildren(plain())).hasSize(1);
            assertThat(Supervisor.whichChildren(dynamic())).hasSize(1);
        }
    }

    @Nested
    class what_a_server_of_a_tree_does_not_expect {

        private final ProcessRegistry<String, Integer> registry =
                ProcessRegistry.unique("CallersMistakesTest.registry");
        private final PartitionSupervisor partitions =
                PartitionSupervisor.of("CallersMistakesTest.partitions", _ -> agent())
                        .withPartitions(1);

        private final Application application =
                new Application() {
                    @Override
                    public String name() {
                        return "CallersMistakesTest";
                    }

                    @Override
                    public Start<?> start(Configuration configuration) {
                        return Supervisor.startLink(List.of(agent()), FLAGS);
                    }
                };

        enum Server {
            SUPERVISOR,
            DYNAMIC_SUPERVISOR,
            REGISTRY,
            PARTITION_OF_A_REGISTRY,
            PARTITION_SUPERVISOR,
            APPLICATION
        }

        @BeforeEach
        void start() {
            test.startSupervised(registry.childSpec());
            test.startSupervised(partitions.childSpec());
            Applications.start(application, Configuration.of(Map.of(), Map.of())).pid();
        }

        @AfterEach
        void stop() {
            Applications.stop(application);
        }

        private Pid pid(Server server) {
            return switch (server) {
                case SUPERVISOR -> plain();
                case DYNAMIC_SUPERVISOR -> dynamic();
                case REGISTRY -> Processes.whereis(registry.name()).orElseThrow();
                case PARTITION_OF_A_REGISTRY ->
                        ((Registration.Ok) registry.register("key", 1)).owner();
                case PARTITION_SUPERVISOR ->
                        Processes.whereis("CallersMistakesTest.partitions").orElseThrow();
                case APPLICATION ->
                        Processes.whereis("application CallersMistakesTest").orElseThrow();
            };
        }

        @ParameterizedTest
        @EnumSource
        void is_logged_and_it_goes_on(Server server) {
            Pid pid = pid(server);
            Processes.monitor(pid);
            try (Logs logs = Logs.of(Supervisor.class)) {
                GenServer.cast(pid, "stray");
                Processes.send(pid, "lost");
                assertThatThrownBy(
                                () -> GenServer.callUntyped(pid, "what?", Duration.ofMillis(100)))
                        .isInstanceOfSatisfying(
                                CallException.class,
                                failed ->
                                        assertThat(failed.serverReason())
                                                .isEqualTo(ExitReason.TIMEOUT));

                eventually(() -> {
                    assertThat(logs.with(pid + " received an unexpected cast: stray")).hasSize(1);
                    assertThat(logs.with(pid + " received an unexpected message: lost")).hasSize(1);
                    assertThat(
                                    logs.with(
                                            pid
                                                    + " received an unexpected call from "
                                                    + Processes.self()
                                                    + ", which gets no answer: what?"))
                            .hasSize(1);
                });
            }
            assertThat(Processes.isAlive(pid)).isTrue();
            assertThat(Processes.flush()).noneMatch(Down.class::isInstance);
        }
    }

    @Nested
    class a_start_that_returns_no_result {

        @SuppressWarnings("NullAway") // the compiler of a user may allow it
        private static List<Supplier<? extends Start<?>>> starts() {
            return List.of(
                    () -> null,
                    () -> new Start.Ok<>(null),
                    () -> new Start.Failed<>(null),
                    () -> new Start.Ok<>(Processes.self()));
        }

        private static ChildSpec<?> child(Supplier<? extends Start<?>> start) {
            return ChildSpec.worker("wrong", start);
        }

        private static void assertBad(Start<?> start) {
            assertThat(start)
                    .isInstanceOfSatisfying(
                            Start.Failed.class,
                            failed ->
                                    assertThat(failed.reason())
                                            .isInstanceOf(ExitReason.BadReturnValue.class));
        }

        @Test
        void fails_under_a_supervisor() {
            Pid supervisor = plain();

            starts().forEach(start -> assertBad(Supervisor.startChild(supervisor, child(start))));

            assertUntouched(supervisor);
        }

        @Test
        void fails_under_a_dynamic_supervisor() {
            Pid supervisor = dynamic();

            starts().forEach(start ->
                    assertBad(DynamicSupervisor.startChild(supervisor, child(start))));

            assertUntouched(supervisor);
        }

        @Test
        void fails_for_an_application() {
            for (Supplier<? extends Start<?>> start : starts()) {
                Application application =
                        new Application() {
                            @Override
                            public String name() {
                                return "CallersMistakesTest.wrong";
                            }

                            @Override
                            public Start<?> start(Configuration configuration) {
                                return start.get();
                            }
                        };

                assertBad(Applications.start(application, Configuration.of(Map.of(), Map.of())));
            }
        }

        @Test
        @SuppressWarnings("NullAway") // as above
        void fails_when_a_dynamic_supervisor_is_to_make_the_child() {
            Pid supervisor = dynamic();

            Start<?> start = DynamicSupervisor.startChild(supervisor, _ -> null);

            assertThat(start)
                    .isInstanceOfSatisfying(
                            Start.Failed.class,
                            failed ->
                                    assertThat(failed.reason())
                                            .hasToString(
                                                    "java.lang.NullPointerException: expected a"
                                                            + " value for the child made from the"
                                                            + " extra argument, got: null"));
            assertUntouched(supervisor);
        }

        @Test
        @SuppressWarnings("NullAway") // as above
        void fails_when_a_partition_supervisor_is_to_make_the_child() {
            Processes.trapExits(true);

            Start<?> start = PartitionSupervisor.of("CallersMistakesTest", _ -> null).startLink();

            assertThat(start)
                    .isInstanceOfSatisfying(
                            Start.Failed.class,
                            failed ->
                                    assertThat(failed.reason())
                                            .hasToString(
                                                    "java.lang.NullPointerException: expected a"
                                                            + " value for the child of partition 0,"
                                                            + " got: null"));
        }
    }

    @Test
    void a_request_to_a_server_that_is_no_supervisor_is_that_servers_business() {
        Pid server =
                test.startSupervised(
                                ChildSpec.worker("agent", () -> Agent.startLink(() -> 1))
                                        .withRestart(Restart.TEMPORARY))
                        .pid();
        Processes.monitor(server);

        assertThatThrownBy(() -> Supervisor.countChildren(server))
                .isInstanceOf(CallException.class);

        assertReceive(Down.class);
    }

    @Test
    void a_resize_inside_a_resize_is_refused_and_blocks_nobody() {
        PartitionSupervisor[] partitions = new PartitionSupervisor[1];
        Pid me = Processes.self();
        partitions[0] =
                PartitionSupervisor.of(
                                "CallersMistakesTest.resize",
                                i ->
                                        ChildSpec.worker(
                                                i,
                                                () -> {
                                                    if (Processes.whereis(
                                                                            "CallersMistakesTest.resize")
                                                                    .isPresent()
                                                            && i == 1) {
                                                        Processes.send(me, nested(partitions[0]));
                                                    }
                                                    return Agent.startLink(() -> i);
                                                }))
                        .withPartitions(2);
        test.startSupervised(partitions[0].childSpec());
        Processes.flush();
        partitions[0].resize(1);

        assertThat(partitions[0].resize(2)).isEqualTo(1);

        assertThat(assertReceive(CallException.class).serverReason())
                .isEqualTo(ExitReason.CALLING_SELF);
        assertThat(partitions[0].partitions()).isEqualTo(2);
    }

    private static Object nested(PartitionSupervisor partitions) {
        try {
            return partitions.resize(0);
        } catch (CallException | IllegalStateException refused) {
            return refused;
        }
    }

    @Test
    void a_negative_timeout_is_refused() {
        Duration negative = Duration.ofMillis(-1);
        Task<Integer> task = Task.completed(1);
        List<ThrowingCallable> waits =
                List.of(
                        () -> task.await(negative),
                        () -> task.yield(negative),
                        () -> Task.awaitMany(List.of(task), negative),
                        () -> Task.yieldMany(List.of(task), negative),
                        () ->
                                Supervisor.stop(
                                        ServerRef.name("nobody"), ExitReason.NORMAL, negative));

        for (ThrowingCallable wait : waits) {
            assertThatThrownBy(wait)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("expected timeout to be 0 or more, got: PT-0.001S");
        }
    }

    @Test
    void an_id_that_cannot_be_shown_ends_no_supervisor() {
        Object id =
                new Object() {
                    @Override
                    public String toString() {
                        throw new IllegalStateException("not me");
                    }
                };
        Pid supervisor = plain();
        ChildSpec<?> failing = ChildSpec.worker(id, () -> new Start.Failed<>(ExitReason.of("no")));

        assertThat(Supervisor.startChild(supervisor, failing))
                .isEqualTo(new Start.Failed<>(ExitReason.of("no")));
        assertThat(
                        Supervisor.startChild(
                                supervisor,
                                failing.withRestart(Restart.TEMPORARY).withSignificant(true)))
                .isInstanceOf(Start.Failed.class);

        assertUntouched(supervisor);
    }

    @Test
    void a_supervisor_is_named_as_it_was_by_the_caller() {
        assertThatThrownBy(() -> Supervisor.startChild(ServerRef.name("nobody"), agent()))
                .isInstanceOf(CallException.class)
                .hasMessageStartingWith("call to nobody with StartChild[child=ChildSpec[id=agent,");
    }
}
