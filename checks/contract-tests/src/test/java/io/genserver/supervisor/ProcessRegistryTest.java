package io.genserver.supervisor;

import static io.genserver.Kid.started;
import static io.genserver.test.MessageAssertions.assertReceive;
import static io.genserver.test.MessageAssertions.refuteReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.genserver.Agent;
import io.genserver.Call;
import io.genserver.CallException;
import io.genserver.DeadLetter;
import io.genserver.DeadLetters;
import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Kid;
import io.genserver.Logs;
import io.genserver.Match;
import io.genserver.Node;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.Sys;
import io.genserver.Via;
import io.genserver.WhenFull;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Cases that Elixir's tests do not have: deaths during a registration, crashes of the registry,
/// names of servers.
@ExtendWith(GenServerExtension.class)
@Timeout(60)
class ProcessRegistryTest {

    private static final String NAME = "ProcessRegistryTest";

    private final ProcessRegistry<String, Integer> unique = ProcessRegistry.unique(NAME);
    private final ProcessRegistry<String, Integer> duplicate = ProcessRegistry.duplicate(NAME);

    @SuppressWarnings("NullAway.Init") // set by the extension
    private TestSupervisor test;

    private static Pid partition(int number) {
        return Supervisor.whichChildren(ServerRef.name(NAME)).stream()
                .filter(child -> child.id().equals(number))
                .flatMap(child -> child.pid().stream())
                .findFirst()
                .orElseThrow();
    }

    /// Starts a process that registers itself, tells the test the result, and stays alive.
    private static Pid registered(ProcessRegistry<String, Integer> in, String key, boolean traps) {
        Pid me = Processes.self();
        Pid pid =
                Processes.spawn(() -> {
                    Processes.trapExits(traps);
                    Processes.send(me, in.register(key, 1));
                    Processes.receive(Match.value("end"));
                });
        assertThat(assertReceive(Registration.class)).isInstanceOf(Registration.Ok.class);
        return pid;
    }

    private static void kill(Pid pid) {
        Processes.monitor(pid);
        Processes.exit(pid, ExitReason.KILL);
        assertReceive(Down.class, down -> pid.equals(down.object()));
    }

    @Nested
    class topics {

        private final ProcessRegistry<String, Void> topics = ProcessRegistry.duplicate(NAME);

        @Test
        void a_message_reaches_every_process_of_a_key_as_often_as_it_registered() {
            test.startSupervised(topics.childSpec());
            Pid me = Processes.self();
            topics.register("news");
            topics.register("news");
            topics.register("weather");
            Pid other =
                    Processes.spawn(() -> {
                        topics.register("news");
                        Processes.send(me, "registered");
                        Processes.send(me, List.of("other", Processes.receive()));
                    });
            assertReceive("registered");
            assertThat(topics.lookup("news"))
                    .allSatisfy(entry -> assertThat(entry.value()).isNull())
                    .extracting(ProcessRegistry.Entry::pid)
                    .containsExactly(me, me, other);

            topics.broadcast("news", "flash");
            topics.broadcast("nobody's", "lost");

            assertReceive("flash");
            assertReceive("flash");
            assertReceive(List.of("other", "flash"));
            refuteReceive(Object.class);
        }

        @Test
        void a_full_mailbox_keeps_a_message_from_no_other_process() {
            test.startSupervised(topics.childSpec());
            Pid full =
                    test.startSupervised(() ->
                                    Agent.startLink(
                                            () -> topics.register("news"),
                                            StartOption.mailbox(1, WhenFull.fail())))
                            .pid();
            Sys.suspend(full);
            Processes.send(full, "first");
            topics.register("news");

            assertThatThrownBy(() -> topics.broadcast("news", "flash"))
                    .isInstanceOf(ExitException.class)
                    .hasMessageContaining("mailbox is full");

            assertReceive("flash");
        }
    }

    @Nested
    class a_process_that_dies {

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void while_it_registers_leaves_nothing_behind(boolean one) {
            ProcessRegistry<String, Integer> registry =
                    (one ? unique : duplicate).withPartitions(2);
            test.startSupervised(registry.childSpec());
            List<Pid> victims = new ArrayList<>();
            for (int i = 0; i < 2_000; i++) {
                String own = "own " + i % 50;
                Pid victim =
                        Processes.spawn(() -> {
                            registry.register(own, 1);
                            registry.register("second", 2);
                            registry.unregister(own);
                            registry.register(own, 3);
                        });
                victims.add(victim);
                spin(ThreadLocalRandom.current().nextInt(20_000));
                Processes.exit(victim, ExitReason.KILL);
            }

            await().untilAsserted(() -> assertThat(registry.select(_ -> true)).isEmpty());
            for (Pid victim : victims) {
                assertThat(registry.keys(victim)).isEmpty();
            }
        }

        /// units: ns
        private static void spin(int time) {
            long until = System.nanoTime() + time;
            while (System.nanoTime() - until < 0) {
                Thread.onSpinWait();
            }
        }

        @Test
        void never_blocks_its_key_even_if_nobody_has_cleaned_up() {
            test.startSupervised(unique.childSpec());
            Sys.suspend(partition(0)); // so it removes no entries
            for (int i = 0; i < 300; i++) {
                Pid holder = registered(unique, "key", false);
                assertThat(unique.whereis("key")).contains(holder);

                kill(holder);

                assertThat(unique.whereis("key")).isEmpty();
            }
            assertThat(unique.register("key", 2)).isInstanceOf(Registration.Ok.class);

            Sys.resume(partition(0));

            assertThat(Sys.getState(partition(0))).isNotNull(); // all exits are handled
            assertThat(unique.lookup("key"))
                    .containsExactly(new ProcessRegistry.Entry<>("key", Processes.self(), 2));
            assertThat(unique.keys(Processes.self())).containsExactly("key");
        }

        @Test
        void is_forgotten_with_all_its_keys() {
            test.startSupervised(duplicate.childSpec());
            Pid me = Processes.self();
            Pid pid =
                    Processes.spawn(() -> {
                        duplicate.register("a", 1);
                        duplicate.register("a", 2);
                        duplicate.register("b", 3);
                        Processes.send(me, "registered");
                        Processes.receive();
                    });
            assertReceive("registered");
            assertThat(duplicate.count()).isEqualTo(3);

            kill(pid);

            await().untilAsserted(() -> assertThat(duplicate.count()).isZero());
            assertThat(duplicate.keys(pid)).isEmpty();
        }
    }

    @Nested
    class a_crash {

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void of_a_partition_takes_the_registered_along(boolean one) {
            ProcessRegistry<String, Integer> registry = one ? unique : duplicate;
            test.startSupervised(registry.childSpec());
            Pid pid = registered(registry, "key", false);
            Processes.monitor(pid);
            Pid before = partition(0);

            Processes.exit(before, ExitReason.KILL);

            assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.KILLED);
            await().until(() -> !partition(0).equals(before));
            assertThat(registry.count()).isZero();
            assertThat(registry.register("key", 2)).isInstanceOf(Registration.Ok.class);
            assertThat(registry.lookup("key")).hasSize(1);
        }

        @ParameterizedTest
        @ValueSource(booleans = {true, false})
        void of_a_partition_forgets_those_that_live_on(boolean one) {
            ProcessRegistry<String, Integer> registry = one ? unique : duplicate;
            test.startSupervised(registry.childSpec());
            Processes.trapExits(true);
            registry.register("key", 1);
            Pid before = partition(0);

            Processes.exit(before, ExitReason.KILL);

            assertThat(assertReceive(Exit.class)).isEqualTo(new Exit(before, ExitReason.KILLED));
            await().until(() -> !partition(0).equals(before));
            await().untilAsserted(() -> assertThat(registry.lookup("key")).isEmpty());
            assertThat(registry.keys(Processes.self())).isEmpty();
            assertThat(registry.register("key", 2)).isEqualTo(new Registration.Ok(partition(0)));
        }

        @Test
        void of_one_partition_ends_all_of_a_unique_registry() {
            ProcessRegistry<String, Integer> registry = unique.withPartitions(4);
            test.startSupervised(registry.childSpec());
            List<Pid> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                all.add(registered(registry, "key " + i, false));
            }

            Processes.exit(partition(0), ExitReason.KILL);

            for (Pid pid : all) {
                await().until(() -> !Processes.isAlive(pid));
            }
            await().untilAsserted(() -> assertThat(registry.count()).isZero());
        }

        @Test
        void of_one_partition_leaves_the_others_of_a_duplicate_registry() {
            ProcessRegistry<String, Integer> registry = duplicate.withPartitions(4);
            test.startSupervised(registry.childSpec());
            List<Pid> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                all.add(registered(registry, "key", false));
            }
            Pid killed = partition(0);
            List<Pid> linked = Processes.info(killed).orElseThrow().links();

            Processes.exit(killed, ExitReason.KILL);

            await().until(() -> all.stream().noneMatch(p -> linked.contains(p) && lives(p)));
            await().untilAsserted(() ->
                    assertThat(registry.lookup("key"))
                            .extracting(ProcessRegistry.Entry::pid)
                            .containsExactlyElementsOf(
                                    all.stream().filter(p -> !linked.contains(p)).toList()));
        }

        private static boolean lives(Pid pid) {
            return Processes.isAlive(pid);
        }

        @Test
        void of_the_supervisor_takes_the_registered_along_and_the_next_run_is_empty() {
            Pid supervisor = test.startSupervised(unique.childSpec()).pid();
            Pid pid = registered(unique, "key", false);
            Processes.monitor(pid);

            Processes.exit(supervisor, ExitReason.KILL);

            assertReceive(Down.class);
            await().until(() ->
                    Processes.whereis(NAME).filter(p -> !p.equals(supervisor)).isPresent());
            await().ignoreException(IllegalStateException.class)
                    .untilAsserted(() -> assertThat(unique.count()).isZero());
            await().ignoreException(CallException.class)
                    .until(() -> Supervisor.countChildren(ServerRef.name(NAME)).active() == 1);
            assertThat(unique.register("key", 2)).isInstanceOf(Registration.Ok.class);
        }

        @Test
        void of_a_stranger_changes_nothing() {
            test.startSupervised(unique.childSpec());
            unique.register("key", 1);
            Pid partition = partition(0);

            Processes.exit(partition, ExitReason.of("a stranger's"));
            Processes.send(partition, "what is this?");

            assertThat(Sys.getState(partition)).isNotNull();
            assertThat(unique.lookup("key")).hasSize(1);
        }
    }

    @Nested
    class a_stop {

        @Test
        void takes_the_registered_along_with_its_own_reason() {
            Processes.trapExits(true);
            test.startSupervised(unique.childSpec());
            Registration.Ok mine = (Registration.Ok) unique.register("key", 1);

            test.stopSupervised(NAME);

            assertThat(assertReceive(Exit.class))
                    .isEqualTo(new Exit(mine.owner(), ExitReason.SHUTDOWN));
            assertThatThrownBy(() -> unique.lookup("key"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "expected the registry "
                                    + NAME
                                    + " to run, but it does not: start it, or have it as a child of"
                                    + " a supervisor");
        }

        @Test
        void leaves_the_metadata_for_the_next_run() {
            test.startSupervised(unique.childSpec());
            unique.putMeta("version", 7);
            test.stopSupervised(NAME);
            test.startSupervised(unique.childSpec());

            assertThat(unique.meta("version")).contains(7);
        }

        @Test
        void and_a_second_start_of_one_that_runs_change_nothing() {
            Processes.trapExits(true);
            Pid supervisor = test.startSupervised(unique.childSpec()).pid();
            unique.register("key", 1);

            assertThat(unique.startLink())
                    .isEqualTo(new Start.Failed<>(new ExitReason.AlreadyStarted(supervisor)));

            assertThat(unique.lookup("key")).hasSize(1);
        }
    }

    @Nested
    class as_names {

        private ChildSpec<?> agent(String key) {
            Pid me = Processes.self();
            return ChildSpec.worker(
                    key,
                    () -> {
                        Start<?> start =
                                Agent.startLink(() -> key, StartOption.name(unique.via(key)));
                        Processes.send(me, start);
                        return start;
                    });
        }

        private static String state(ServerRef agent) {
            return Agent.<String, String>get(agent, state -> state);
        }

        @Test
        void they_reach_a_server_and_the_one_that_is_restarted_in_its_place() {
            test.startSupervised(unique.childSpec());
            Pid first = test.startSupervised(agent("milk")).pid();
            assertReceive(new Start.Ok<>(first));
            assertThat(state(unique.via("milk"))).isEqualTo("milk");

            Processes.exit(first, ExitReason.KILL);

            Pid second = assertReceive(Start.Ok.class).pid();
            assertThat(second).isNotEqualTo(first);
            assertThat(unique.whereis("milk")).contains(second);
            assertThat(state(unique.via("milk"))).isEqualTo("milk");
        }

        @Test
        void a_restart_never_finds_its_own_key_taken() {
            test.startSupervised(unique.childSpec());
            Pid running = test.startSupervised(agent("milk")).pid();
            assertReceive(new Start.Ok<>(running));

            for (int i = 0; i < 300; i++) {
                Processes.exit(running, ExitReason.KILL);
                running = assertReceive(Start.class).pid(); // throws if the start failed
            }
        }

        @Test
        void a_taken_one_is_refused_with_its_holder() {
            Processes.trapExits(true);
            test.startSupervised(unique.childSpec());
            Pid holder = test.startSupervised(agent("milk")).pid();

            assertThat(Agent.startLink(() -> 2, StartOption.name(unique.via("milk"))))
                    .isEqualTo(new Start.Failed<>(new ExitReason.AlreadyStarted(holder)));

            assertThat(unique.count()).isEqualTo(1);
            refuteReceive(Exit.class);
        }

        @Test
        void they_may_come_with_a_value() {
            test.startSupervised(unique.childSpec());
            Pid pid =
                    test.startSupervised(() ->
                                    Agent.startLink(
                                            () -> 1, StartOption.name(unique.via("key", 7))))
                            .pid();

            assertThat(unique.lookup("key"))
                    .containsExactly(new ProcessRegistry.Entry<>("key", pid, 7));
        }

        @Test
        void they_are_free_when_the_start_fails() {
            Processes.trapExits(true);
            test.startSupervised(unique.childSpec());

            Start<?> failed = failing(() -> Init.stop(ExitReason.of("no")));
            Start<?> ignored = failing(Init::ignore);

            assertThat(failed).isEqualTo(new Start.Failed<>(ExitReason.of("no")));
            assertThat(ignored).isEqualTo(new Start.Ignore<>());
            assertThat(unique.lookup("key")).isEmpty();
        }

        @Test
        void a_registry_that_ends_during_an_init_does_not_change_how_that_fails() {
            Processes.trapExits(true);
            test.startSupervised(unique.childSpec());
            Pid supervisor = Processes.whereis(NAME).orElseThrow();

            Start<?> failed =
                    failing(() -> {
                        Processes.trapExits(true);
                        Supervisor.stop(supervisor);
                        return Init.stop(ExitReason.of("no"));
                    });

            assertThat(failed).isEqualTo(new Start.Failed<>(ExitReason.of("no")));
        }

        /// The `init` of a server.
        interface Begin {
            Init<Integer> run();
        }

        private Start<?> failing(Begin begin) {
            return GenServer.startLink(Failing::new, begin, StartOption.name(unique.via("key")));
        }

        private static final class Failing implements GenServer<Begin, Integer, Object, Object> {
            @Override
            public Init<Integer> init(Begin begin) {
                return begin.run();
            }
        }

        @Test
        void an_unknown_one_fails_a_call_and_not_a_cast() {
            test.startSupervised(unique.childSpec());

            CallException failed =
                    catchThrowableOfType(CallException.class, () -> state(unique.via("nobody")));

            assertThat(failed.serverReason()).isEqualTo(ExitReason.NOPROC);
            GenServer.cast(unique.via("nobody"), "lost");
        }

        @Test
        void of_a_registry_that_does_not_run_lead_to_no_process() {
            String why = "expected the registry " + NAME + " to run, but it does not";
            Via via = unique.via("key");
            assertNoProcess(why, () -> state(via));
            assertNoProcess(why, () -> GenServer.stop(via));
            assertNoProcess(why, () -> Sys.getState(via));
            assertThat(GenServer.multiCall(List.of(via), new Ask(), Duration.ofSeconds(1)).failed())
                    .isEqualTo(Map.of(via, ExitReason.NOPROC));
            assertThat(GenServer.whereis(via)).isEmpty();
            Ref monitor = Processes.monitor(via);
            assertReceive(new Down(monitor, via, ExitReason.NOPROC));

            assertThatThrownBy(() -> unique.whereis("key"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining(why);
            assertThat(Agent.start(() -> 1, StartOption.name(via)))
                    .isInstanceOfSatisfying(
                            Start.Failed.class,
                            failed -> assertThat(failed.reason().toString()).contains(why));
        }

        record Ask() implements Call<Ok> {}

        private static void assertNoProcess(String why, ThrowingCallable call) {
            assertThatThrownBy(call)
                    .isInstanceOfSatisfying(
                            CallException.class,
                            failed ->
                                    assertThat(failed.serverReason()).isEqualTo(ExitReason.NOPROC))
                    .hasMessageContaining(why);
        }

        @Test
        void of_a_registry_that_does_not_run_make_dead_letters() {
            List<DeadLetter> letters = new CopyOnWriteArrayList<>();
            Via via = unique.via("key");
            try (DeadLetters.Subscription _ = DeadLetters.listen(letters::add);
                    Logs logs = Logs.of(Node.class)) {
                GenServer.cast(via, "cast");
                Processes.send(via, "sent");
                Processes.sendAfter(via, "later", Duration.ZERO);
                await().until(() -> letters.size() == 3);

                assertThat(letters)
                        .extracting(DeadLetter::message)
                        .containsExactly("cast", "sent", "later");
                assertThat(letters)
                        .extracting(DeadLetter::reason)
                        .containsOnly(DeadLetter.Reason.UNKNOWN_NAME);
                assertThat(logs.with(NAME)).isEmpty();
            }
        }

        @Test
        void of_a_registry_under_kills_fail_calls_in_one_way_only() throws Exception {
            test.startSupervised(unique.childSpec());
            test.startSupervised(agent("milk"));
            AtomicBoolean over = new AtomicBoolean();
            Set<ExitReason> reasons = ConcurrentHashMap.newKeySet();
            Thread caller =
                    Thread.startVirtualThread(() -> {
                        while (!over.get()) {
                            try {
                                Agent.get(unique.via("milk"), value -> value);
                            } catch (CallException failed) {
                                reasons.add(failed.serverReason());
                            } catch (RuntimeException other) {
                                reasons.add(ExitReason.of(other));
                            }
                        }
                    });
            for (int i = 0; i < 20; i++) {
                kill(Processes.whereis(NAME).orElseThrow());
                await().until(() -> Processes.whereis(NAME).isPresent());
            }
            over.set(true);
            caller.join();

            assertThat(reasons)
                    .isNotEmpty()
                    .allMatch(reason -> !(reason instanceof ExitReason.Crash), "no crash");
        }

        @Test
        void of_a_dynamic_supervisor_find_each_child_by_its_key() {
            test.startSupervised(unique.childSpec());
            Pid supervisor =
                    test.startSupervised(
                                    DynamicSupervisor.childSpec(
                                            "dyn", DynamicSupervisorFlags.DEFAULT))
                            .pid();
            for (String key : List.of("milk", "eggs")) {
                DynamicSupervisor.startChild(supervisor, agent(key)).pid();
            }

            assertThat(state(unique.via("milk"))).isEqualTo("milk");
            assertThat(state(unique.via("eggs"))).isEqualTo("eggs");
            assertThat(DynamicSupervisor.startChild(supervisor, agent("milk")))
                    .isEqualTo(
                            new Start.Failed<>(
                                    new ExitReason.AlreadyStarted(
                                            unique.whereis("milk").orElseThrow())));
        }
    }

    /// A key that throws when it is asked for its hash code for the given time, for good if it says
    /// so, and whenever it is broken.
    private static final class Hostile {
        private final int throwsAt;
        private int calls;
        private boolean failsForGood;
        private volatile boolean broken;

        Hostile(int throwsAt) {
            this.throwsAt = throwsAt;
        }

        @Override
        public int hashCode() {
            calls++;
            if (broken || calls == throwsAt || (failsForGood && calls > throwsAt)) {
                throw new IllegalStateException("hostile key");
            }
            return 7;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return this == other;
        }
    }

    @Nested
    class a_key_that_throws {

        private final ProcessRegistry<Object, Integer> registry = ProcessRegistry.duplicate(NAME);

        private static List<Pid> links() {
            return Processes.info(Processes.self()).orElseThrow().links();
        }

        @ParameterizedTest
        @CsvSource({"1, false", "1, true", "2, false", "2, true"})
        void leaves_no_link_and_no_entry_of_a_failed_register(int call, boolean forGood) {
            test.startSupervised(registry.childSpec());
            Hostile key = new Hostile(call);
            key.failsForGood = forGood;

            assertThatThrownBy(() -> registry.register(key, 1)).hasMessage("hostile key");

            assertThat(links()).doesNotContain(partition(0));
            assertThat(registry.count()).isZero();
            assertThat(registry.keys(Processes.self())).isEmpty();
            registry.register("good", 2);
            assertThat(links()).contains(partition(0));
            assertThatThrownBy(() -> registry.register(new Hostile(call), 1))
                    .hasMessage("hostile key");
            assertThat(links()).contains(partition(0));
            assertThat(registry.keys(Processes.self())).containsExactly("good");
        }

        @Test
        void later_does_not_end_the_partition_and_keeps_no_entry_of_the_dead() {
            test.startSupervised(registry.childSpec());
            Pid partition = partition(0);
            registry.register("mine", 1);
            Hostile key = new Hostile(0);
            Pid me = Processes.self();
            Pid pid =
                    Processes.spawn(() -> {
                        registry.register("before", 1);
                        registry.register(key, 2);
                        registry.register("after", 3);
                        Processes.send(me, "registered");
                        Processes.receive();
                    });
            assertReceive("registered");
            key.broken = true;

            kill(pid);

            await().untilAsserted(() -> assertThat(registry.count()).isEqualTo(1));
            assertThat(registry.lookup("after")).isEmpty();
            assertThat(Sys.getState(partition)).isNotNull();
            assertThat(registry.keys(me)).containsExactly("mine");
        }
    }

    @Nested
    class registering {

        @Test
        void is_for_processes_only_and_in_their_own_name() {
            test.startSupervised(unique.childSpec());
            Pid other = test.startSupervised(Kid.spec("kid")).pid();
            assertThat(started("kid")).isEqualTo(other);

            assertThatThrownBy(() -> unique.registerName("key", other))
                    .hasMessage(
                            "expected a process to register itself, "
                                    + Processes.self()
                                    + ", got: "
                                    + other);
        }

        @Test
        void links_once_and_a_refused_one_does_not_link() {
            test.startSupervised(unique.childSpec());
            Pid holder = registered(unique, "taken", false);

            assertThat(unique.register("taken", 2))
                    .isEqualTo(new Registration.AlreadyRegistered(holder));
            assertThat(links()).doesNotContain(partition(0));
            unique.register("mine", 1);
            assertThat(unique.register("taken", 2))
                    .isEqualTo(new Registration.AlreadyRegistered(holder));
            assertThat(links()).contains(partition(0));
        }

        private static List<Pid> links() {
            return Processes.info(Processes.self()).orElseThrow().links();
        }

        @Test
        void by_many_at_once_lets_one_have_a_unique_key() {
            test.startSupervised(unique.childSpec());
            Pid me = Processes.self();
            for (int round = 0; round < 50; round++) {
                String key = "key " + round;
                for (int i = 0; i < 8; i++) {
                    Processes.spawnLink(() -> {
                        Processes.send(me, unique.register(key, 1));
                        Processes.receive();
                    });
                }
                int won = 0;
                for (int i = 0; i < 8; i++) {
                    won += assertReceive(Registration.class) instanceof Registration.Ok ? 1 : 0;
                }
                assertThat(won).isEqualTo(1);
            }
        }

        @Test
        void with_no_value_at_all_is_possible() {
            ProcessRegistry<String, @Nullable Object> registry = ProcessRegistry.unique(NAME);
            test.startSupervised(registry.childSpec());
            registry.register("key", null);

            assertThat(registry.lookup("key").getFirst().value()).isNull();
            assertThat(registry.updateValue("key", _ -> "now")).isPresent();
            assertThat(registry.values("key", Processes.self())).containsExactly("now");
        }

        @Test
        void of_a_bad_declaration_says_what_was_expected() {
            assertThatThrownBy(() -> unique.withPartitions(0))
                    .hasMessage("expected 1 partition or more, got: 0");
            assertThatThrownBy(() -> ProcessRegistry.unique(" "))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> unique.withListener(" "))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void a_value_is_updated_while_others_read_and_no_reader_finds_none() {
        test.startSupervised(unique.childSpec());
        unique.register("key", 0);
        Pid me = Processes.self();
        Pid reader =
                Processes.spawnLink(() -> {
                    while (Processes.receive(Match.value("stop"), Duration.ZERO).isEmpty()) {
                        if (unique.lookup("key").isEmpty()) {
                            Processes.send(me, "found none");
                        }
                    }
                    Processes.send(me, "stopped");
                });

        for (int i = 0; i < 10_000; i++) {
            unique.updateValue("key", value -> value + 1);
        }

        Processes.send(reader, "stop");
        assertReceive("stopped");
        assertThat(Processes.flush()).isEmpty();
        assertThat(unique.values("key", me)).containsExactly(10_000);
    }
}
