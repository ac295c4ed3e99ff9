package io.genserver.parity;

import static io.genserver.test.MessageAssertions.assertReceive;
import static io.genserver.test.MessageAssertions.refuteReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.genserver.Agent;
import io.genserver.CallException;
import io.genserver.Down;
import io.genserver.Exit;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Match;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.Sys;
import io.genserver.Via;
import io.genserver.supervisor.Child;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.ProcessRegistry;
import io.genserver.supervisor.ProcessRegistry.Entry;
import io.genserver.supervisor.Registration;
import io.genserver.supervisor.RegistryEvent;
import io.genserver.supervisor.Supervisor;
import io.genserver.test.GenServerExtension;
import io.genserver.test.TestSupervisor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/// The numbers are those of the cases in `registry/unique_test.exs` and
/// `registry/duplicate_test.exs`. A test that replaces several match specifications names all of
/// them.
@Tag("parity")
@ParameterizedClass
@ValueSource(ints = {1, 8})
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class ElixirRegistryTest {

    private static final String NAME = "ElixirRegistryTest";
    private static final String LISTENER = "ElixirRegistryTest listener";

    @Parameter private int partitions;

    @SuppressWarnings("NullAway.Init") // set by the extension
    private TestSupervisor test;

    private static Pid me() {
        return Processes.self();
    }

    private static Entry<Object, Object> entry(Object key, Object value) {
        return new Entry<>(key, me(), value);
    }

    private static List<Pid> links() {
        return Processes.info(me()).orElseThrow().links();
    }

    private static Pid owner(Registration registration) {
        return ((Registration.Ok) registration).owner();
    }

    private static List<Pid> partitionPids() {
        return Supervisor.whichChildren(ServerRef.name(NAME)).stream()
                .flatMap(child -> child.pid().stream())
                .toList();
    }

    /// Spawns another process that registers itself and stays alive.
    private static Pid elsewhere(ProcessRegistry<Object, Object> in, Object key, Object value) {
        Pid me = me();
        Pid pid =
                Processes.spawn(() -> {
                    Processes.send(me, in.register(key, value));
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

    private static void assertUnknown(Runnable use) {
        assertThatThrownBy(use::run)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("expected the registry " + NAME + " to run");
    }

    private static Predicate<Object> is(Object wanted) {
        return wanted::equals;
    }

    private static Predicate<Object> over(int limit) {
        return value -> value instanceof Integer number && number > limit;
    }

    /// A value of three parts.
    private record Three(Object a, Object b, Object c) {}

    private static Predicate<Object> three(Predicate<Three> test) {
        return value -> value instanceof Three parts && test.test(parts);
    }

    private static final List<Object> ODD_KEYS =
            List.of("_", "$1", List.of(1, "_"), Map.of("a", 1), 'x', 1.5, 1L);

    @Nested
    class unique {

        @SuppressWarnings("NullAway.Init") // set before each test
        private ProcessRegistry<Object, Object> registry;

        @BeforeEach
        void start() {
            registry =
                    ProcessRegistry.unique(NAME).withPartitions(partitions).withListener(LISTENER);
            test.startSupervised(registry.childSpec());
        }

        /// Source: `registry_test.exs`, 1 "clean up registry on process crash", for a unique
        /// registry; `unique_test.exs`, 34 and 35 "already registered leaves no garbage".
        @Test
        void a_process_that_crashed_or_was_refused_leaves_nothing_behind() {
            Pid one = elsewhere(registry, "one", 1);
            Pid two = elsewhere(registry, "two", 2);
            registry.register("mine", 3);
            assertThat(registry.register("mine", 4))
                    .isInstanceOf(Registration.AlreadyRegistered.class);
            assertThat(registry.register("one", 4))
                    .isInstanceOf(Registration.AlreadyRegistered.class);
            assertThat(registry.keys(me())).containsExactly("mine");

            kill(one);
            kill(two);

            await().untilAsserted(() -> assertThat(registry.count()).isEqualTo(1));
            await().untilAsserted(() -> assertThat(registry.keys(one)).isEmpty());
            await().untilAsserted(() -> assertThat(registry.keys(two)).isEmpty());
        }

        /// Source: `unique_test.exs`, 1 "starts configured number of partitions".
        @Test
        void there_are_as_many_partitions_as_wanted() {
            assertThat(Supervisor.whichChildren(ServerRef.name(NAME)))
                    .extracting(Child::id)
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, partitions).boxed().toList());
        }

        /// Source: `unique_test.exs`, 2 "counts 0 keys in an empty registry", 3 "counts the number
        /// of keys in a registry".
        @Test
        void entries_are_counted() {
            assertThat(registry.count()).isZero();
            registry.register("hello", "value");
            registry.register("world", "value");
            assertThat(registry.count()).isEqualTo(2);
        }

        /// Source: `unique_test.exs`, 4 "has unique registrations".
        @Test
        void a_key_is_for_one_entry_until_it_is_unregistered() {
            assertThat(partitionPids()).contains(owner(registry.register("hello", "value")));
            assertThat(registry.keys(me())).containsExactly("hello");
            assertThat(registry.values("hello", me())).containsExactly("value");
            assertThat(registry.register("hello", "value"))
                    .isEqualTo(new Registration.AlreadyRegistered(me()));
            assertThat(registry.keys(me())).containsExactly("hello");

            registry.register("world", "value");

            assertThat(registry.keys(me())).containsExactlyInAnyOrder("hello", "world");
            registry.unregister("hello");
            assertThat(registry.register("hello", "again")).isInstanceOf(Registration.Ok.class);
        }

        /// Source: `unique_test.exs`, 5 "has unique registrations across processes".
        @Test
        void a_key_is_for_one_process_until_that_is_dead() {
            Pid other = elsewhere(registry, "hello", "value");
            assertThat(registry.register("hello", "mine"))
                    .isEqualTo(new Registration.AlreadyRegistered(other));
            assertThat(registry.keys(me())).isEmpty();
            assertThat(registry.values("hello", me())).isEmpty();
            assertThat(links()).doesNotContainAnyElementsOf(partitionPids());
            assertThat(registry.register("world", "mine")).isInstanceOf(Registration.Ok.class);
            assertThat(registry.keys(me())).containsExactly("world");

            kill(other);

            assertThat(registry.register("hello", "mine")).isInstanceOf(Registration.Ok.class);
        }

        /// Source: `unique_test.exs`, 6 "has unique registrations even if partition is delayed".
        @Test
        void a_key_of_a_dead_process_is_free_though_the_partition_is_late() {
            Pid other = elsewhere(registry, "hello", "value");
            List<Pid> all = partitionPids();
            all.forEach(Sys::suspend);
            kill(other);

            assertThat(registry.register("hello", "mine")).isInstanceOf(Registration.Ok.class);

            all.forEach(Sys::resume);
            all.forEach(Sys::getState); // they have handled the exit when they reply
            assertThat(registry.lookup("hello")).containsExactly(entry("hello", "mine"));
            assertThat(registry.register("hello", "again"))
                    .isEqualTo(new Registration.AlreadyRegistered(me()));
        }

        /// Source: `unique_test.exs`, 7 "supports match patterns", 8 "supports guard conditions",
        /// 10 and 11 the same for count_match.
        @Test
        void values_are_matched() {
            Three value = new Three(1, "atom", 1);
            registry.register("hello", value);
            registry.register("number", 1);

            assertMatches(
                    "hello", three(v -> v.b().equals("atom")), List.of(entry("hello", value)));
            assertMatches("hello", three(v -> v.a().equals(v.c())), List.of(entry("hello", value)));
            assertMatches(
                    "hello", three(v -> v.a() instanceof Integer), List.of(entry("hello", value)));
            assertMatches("hello", _ -> true, List.of(entry("hello", value)));
            assertMatches("hello", three(v -> v.b().equals("other")), List.of());
            assertMatches("nobody", _ -> true, List.of());
            assertMatches("number", is(1), List.of(entry("number", 1)));
            assertMatches("number", is(1.0), List.of());
        }

        private void assertMatches(
                Object key, Predicate<Object> test, List<Entry<Object, Object>> expected) {
            assertThat(registry.match(key, test)).isEqualTo(expected);
            assertThat(registry.countMatch(key, test)).isEqualTo(expected.size());
        }

        /// Source: `unique_test.exs`, 9 "works with reserved atoms and complex keys".
        @Test
        void a_key_is_what_it_is_equal_to() {
            for (Object key : ODD_KEYS) {
                registry.register(key, "of " + key);
            }
            for (Object key : ODD_KEYS) {
                assertThat(registry.lookup(key)).containsExactly(entry(key, "of " + key));
                assertThat(registry.match(key, _ -> true)).hasSize(1);
            }
        }

        /// Source: `unique_test.exs`, 12 "unregister_match supports patterns", 13 "unregister_match
        /// supports guards".
        @Test
        void an_entry_is_unregistered_if_its_value_matches() {
            registry.register("hello", 5);

            registry.unregisterMatch("hello", over(5));
            assertThat(registry.lookup("hello")).hasSize(1);
            registry.unregisterMatch("hello", over(4));
            assertThat(registry.lookup("hello")).isEmpty();
            assertThat(links()).doesNotContainAnyElementsOf(partitionPids());
        }

        /// Source: `unique_test.exs`, 14 "compares using ===".
        @Test
        void numbers_of_different_kinds_are_different_keys() {
            registry.register(1.0, "float");
            registry.register(1, "int");

            assertThat(registry.keys(me())).containsExactlyInAnyOrder(1, 1.0);
            assertThat(registry.lookup(1)).containsExactly(entry(1, "int"));
        }

        /// Source: `unique_test.exs`, 15 "updates current process value".
        @Test
        void a_process_updates_its_own_values_only() {
            assertThat(registry.updateValue("hello", _ -> 9)).isEmpty();
            elsewhere(registry, "other", 1);
            assertThat(registry.updateValue("other", _ -> 9)).isEmpty();
            registry.register("hello", 1);

            assertThat(registry.updateValue("hello", value -> List.of(value, 2)))
                    .contains(new ProcessRegistry.Updated<>(List.of(1, 2), 1));

            assertThat(registry.lookup("hello")).containsExactly(entry("hello", List.of(1, 2)));
        }

        /// Source: `unique_test.exs`, 16 "dispatches to a single key".
        @Test
        void a_dispatch_reaches_the_one_that_has_the_key() {
            registry.dispatch("hello", _ -> Processes.send(me(), "for nobody"));
            refuteReceive(Match.value("for nobody"), Duration.ZERO);
            registry.register("hello", "value");

            registry.dispatch("hello", entries -> Processes.send(me(), entries));

            assertReceive(List.of(entry("hello", "value")));
            refuteReceive(Match.type(List.class), Duration.ZERO);
        }

        /// Source: `unique_test.exs`, 17 "unregisters process by key", 18 "unregisters with no
        /// entries".
        @Test
        void a_key_is_unregistered_if_there_is_one() {
            registry.register("hello", "value");
            registry.register("world", "value");
            registry.unregister("hello");
            assertThat(registry.keys(me())).containsExactly("world");
            registry.unregister("world");
            assertThat(registry.keys(me())).isEmpty();
            registry.unregister("hello");
            assertThat(registry.count()).isZero();
        }

        /// Source: `unique_test.exs`, 19 "allows listeners".
        @Test
        void a_listener_hears_of_registering_and_unregistering() {
            Processes.register(me(), LISTENER);
            assertListenerHears(registry);
            registry.register("hello", "again");
            assertThat(registry.register("hello", "taken"))
                    .isInstanceOf(Registration.AlreadyRegistered.class);
            assertThat(Processes.flush())
                    .containsExactly(new RegistryEvent.Registered(NAME, "hello", me(), "again"));
        }

        /// Source: `unique_test.exs`, 20 "links and unlinks on register/unregister".
        @Test
        void the_first_key_links_and_the_last_unlinks() {
            assertLinksWithTheFirstKeyAndUnlinksWithTheLast(registry);
        }

        /// Source: `unique_test.exs`, 21 "raises on unknown registry name".
        @Test
        void a_registry_that_does_not_run_is_refused() {
            test.stopSupervised(NAME);
            assertRefusesWhenItDoesNotRun(registry);
            assertUnknown(() -> registry.whereis("hello"));
            assertUnknown(() -> registry.updateValue("hello", v -> v));
        }

        /// Source: `unique_test.exs`, 22 "via callbacks".
        @Test
        void it_serves_as_names() {
            Via name = registry.via("hello");
            Pid agent = Agent.startLink(() -> 0, StartOption.name(name)).pid();
            assertThat(registry.whereisName("hello")).contains(agent);
            assertThat(GenServer.whereis(name)).contains(agent);
            Agent.<Integer>update(name, value -> value + 1);
            assertThat(Agent.<Integer, Integer>get(agent, value -> value)).isEqualTo(1);
            assertThat(registry.keys(agent)).containsExactly("hello");

            assertThat(Agent.start(() -> 0, StartOption.name(name)))
                    .isEqualTo(new Start.Failed<>(new ExitReason.AlreadyStarted(agent)));
            assertThat(registry.keys(me())).isEmpty();

            Processes.unlink(agent);
            kill(agent);
            assertThat(registry.whereisName("hello")).isEmpty();
            assertThat(
                            catchThrowableOfType(
                                            CallException.class,
                                            () -> Agent.<Integer, Integer>get(name, value -> value))
                                    .serverReason())
                    .isEqualTo(ExitReason.NOPROC);
            assertThatThrownBy(() -> Processes.send(name, "hello"))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(
                            Agent.start(
                                    () -> {
                                        throw new IllegalStateException("init");
                                    },
                                    StartOption.name(name)))
                    .isInstanceOf(Start.Failed.class);
            assertThat(registry.register("hello", 1)).isInstanceOf(Registration.Ok.class);
        }

        /// Source: `unique_test.exs`, 23 "uses value provided in via".
        @Test
        void a_name_may_have_a_value() {
            Pid agent =
                    Agent.startLink(() -> 0, StartOption.name(registry.via("hello", "value")))
                            .pid();

            assertThat(registry.lookup("hello"))
                    .containsExactly(new Entry<>("hello", agent, "value"));
            assertThat(
                            Agent.<Integer, Integer>get(
                                    registry.via("hello", "whatever"), value -> value))
                    .isZero();
        }

        /// Source: `unique_test.exs`, 24 "empty list for empty registry", 25 "select all", 26
        /// "select supports full match specs", 27 "guards", 28 "several", 30 to 32 the same for
        /// count_select.
        @Test
        void entries_are_selected_by_key_process_and_value() {
            assertThat(registry.select(_ -> true)).isEmpty();
            registry.register("hello", 1);
            registry.register("world", 2);
            Pid other = elsewhere(registry, "other", 1);

            assertSelects(
                    _ -> true,
                    List.of(entry("hello", 1), entry("world", 2), new Entry<>("other", other, 1)));
            assertSelects(e -> e.key().equals("hello"), List.of(entry("hello", 1)));
            assertSelects(e -> e.pid().equals(other), List.of(new Entry<>("other", other, 1)));
            assertSelects(e -> over(1).test(e.value()), List.of(entry("world", 2)));
            assertSelects(
                    e -> e.key().equals("hello") || e.value().equals(2),
                    List.of(entry("hello", 1), entry("world", 2)));
            assertSelects(e -> e.value().equals(1.0), List.of());
        }

        private void assertSelects(
                Predicate<Entry<Object, Object>> test, List<Entry<Object, Object>> expected) {
            assertThat(registry.select(test)).containsExactlyInAnyOrderElementsOf(expected);
            assertThat(registry.countSelect(test)).isEqualTo(expected.size());
        }
    }

    @Nested
    class duplicate {

        @SuppressWarnings("NullAway.Init") // set before each test
        private ProcessRegistry<Object, Object> registry;

        @BeforeEach
        void start() {
            registry =
                    ProcessRegistry.duplicate(NAME)
                            .withPartitions(partitions)
                            .withListener(LISTENER);
            test.startSupervised(registry.childSpec());
        }

        /// Source: `registry_test.exs`, 1 "clean up registry on process crash", for a duplicate
        /// registry.
        @Test
        void a_process_that_crashed_leaves_nothing_behind() {
            List<Pid> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                all.add(elsewhere(registry, "hello", i));
            }
            registry.register("hello", "mine");

            all.forEach(ElixirRegistryTest::kill);

            Entry<Object, Object> mine = entry("hello", "mine");
            await().untilAsserted(
                            () -> assertThat(registry.select(_ -> true)).containsExactly(mine));
            for (Pid pid : all) {
                await().untilAsserted(() -> assertThat(registry.keys(pid)).isEmpty());
            }
        }

        /// Source: `duplicate_test.exs`, 1 "starts configured number of partitions".
        @Test
        void there_are_as_many_partitions_as_wanted() {
            assertThat(Supervisor.whichChildren(ServerRef.name(NAME)))
                    .extracting(Child::id)
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, partitions).boxed().toList());
        }

        /// Source: `duplicate_test.exs`, 2 "counts 0 keys in an empty registry", 3 "counts the
        /// number of keys in a registry".
        @Test
        void entries_are_counted() {
            assertThat(registry.count()).isZero();
            registry.register("hello", "value");
            registry.register("hello", "value");
            assertThat(registry.count()).isEqualTo(2);
        }

        /// Source: `duplicate_test.exs`, 4 "has duplicate registrations".
        @Test
        void a_process_may_have_a_key_more_than_once() {
            assertThat(partitionPids()).contains(owner(registry.register("hello", "value")));
            assertThat(registry.register("hello", "value")).isInstanceOf(Registration.Ok.class);
            assertThat(registry.keys(me())).containsExactly("hello", "hello");
            assertThat(registry.values("hello", me())).containsExactly("value", "value");
            registry.register("world", "value");
            assertThat(registry.keys(me())).containsExactlyInAnyOrder("hello", "hello", "world");

            registry.unregister("hello");

            assertThat(registry.keys(me())).containsExactly("world");
        }

        /// Source: `duplicate_test.exs`, 5 "has duplicate registrations across processes".
        @Test
        void several_processes_may_have_a_key() {
            Pid other = elsewhere(registry, "hello", "value");
            assertThat(registry.lookup("hello"))
                    .containsExactly(new Entry<>("hello", other, "value"));

            assertThat(registry.register("hello", "mine")).isInstanceOf(Registration.Ok.class);

            assertThat(registry.lookup("hello"))
                    .containsExactlyInAnyOrder(
                            new Entry<>("hello", other, "value"), entry("hello", "mine"));
            assertThat(registry.keys(other)).containsExactly("hello");
            assertThat(registry.values("hello", other)).containsExactly("value");
        }

        /// Source: `duplicate_test.exs`, 6 "compares using ===".
        @Test
        void numbers_of_different_kinds_are_different_keys() {
            registry.register(1.0, "float");
            registry.register(1, "int");

            assertThat(registry.keys(me())).containsExactlyInAnyOrder(1, 1.0);
            assertThat(registry.lookup(1.0)).containsExactly(entry(1.0, "float"));
        }

        /// Source: `duplicate_test.exs`, 7 "dispatches to multiple keys in serial".
        @Test
        void a_dispatch_reaches_all_that_have_the_key_in_the_caller() {
            registry.dispatch("hello", _ -> Processes.send(me(), "for nobody"));
            List<Entry<Object, Object>> all = registerEight();
            List<Entry<Object, Object>> reached = new ArrayList<>();
            Pid me = me();

            registry.dispatch(
                    "hello",
                    entries -> {
                        assertThat(entries).isNotEmpty();
                        assertThat(Processes.self()).isEqualTo(me);
                        reached.addAll(entries);
                    });

            assertThat(reached).containsExactlyInAnyOrderElementsOf(all);
            refuteReceive(Match.value("for nobody"), Duration.ZERO);
        }

        private List<Entry<Object, Object>> registerEight() {
            List<Entry<Object, Object>> all = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                all.add(new Entry<>("hello", elsewhere(registry, "hello", i), i));
            }
            elsewhere(registry, "world", "not this");
            return all;
        }

        /// Source: `duplicate_test.exs`, 8 "dispatches to multiple keys in parallel".
        @Test
        void a_parallel_dispatch_reaches_all_in_a_task_for_each_partition() {
            registry.dispatchParallel("hello", _ -> Processes.send(me(), "for nobody"));
            List<Entry<Object, Object>> all = registerEight();
            ConcurrentLinkedQueue<Entry<Object, Object>> reached = new ConcurrentLinkedQueue<>();
            ConcurrentLinkedQueue<Pid> tasks = new ConcurrentLinkedQueue<>();

            registry.dispatchParallel(
                    "hello",
                    entries -> {
                        tasks.add(Processes.self());
                        reached.addAll(entries);
                    });

            assertThat(reached).containsExactlyInAnyOrderElementsOf(all);
            assertThat(tasks).doesNotHaveDuplicates().hasSizeBetween(1, partitions);
            assertThat(tasks).doesNotContain(me());
            assertThat(Processes.flush()).isEmpty();
        }

        /// Source: `duplicate_test.exs`, 9 "unregisters by key", 10 "unregisters with no entries".
        @Test
        void a_key_is_unregistered_if_there_is_one() {
            registry.register("hello", "value");
            registry.register("hello", "other");
            registry.register("world", "value");
            registry.unregister("hello");
            assertThat(registry.keys(me())).containsExactly("world");
            registry.unregister("world");
            registry.unregister("hello");
            assertThat(registry.count()).isZero();
        }

        /// Source: `duplicate_test.exs`, 11 "supports match patterns", 12 "supports guards", 14 and
        /// 15 the same for count_match.
        @Test
        void values_are_matched() {
            registry.register("hello", 1);
            registry.register("hello", 2);
            registry.register("hello", new Three(1, "atom", 1));

            assertThat(registry.match("hello", is(1))).containsExactly(entry("hello", 1));
            assertThat(registry.match("hello", over(0))).hasSize(2);
            assertThat(registry.match("hello", over(1))).containsExactly(entry("hello", 2));
            assertThat(registry.match("hello", three(v -> v.a().equals(v.c())))).hasSize(1);
            assertThat(registry.match("hello", _ -> true)).hasSize(3);
            assertThat(registry.match("world", _ -> true)).isEmpty();
            assertThat(registry.countMatch("hello", over(0))).isEqualTo(2);
            assertThat(registry.countMatch("hello", is(1.0))).isZero();
        }

        /// Source: `duplicate_test.exs`, 13 "complex keys", 32 "reserved keys", 33 and 34 the same
        /// for select and count_select.
        @Test
        void a_key_is_what_it_is_equal_to() {
            for (Object key : ODD_KEYS) {
                registry.register(key, 1);
                registry.register(key, 2);
            }
            for (Object key : ODD_KEYS) {
                assertThat(registry.lookup(key)).containsExactly(entry(key, 1), entry(key, 2));
                assertThat(registry.match(key, is(2))).containsExactly(entry(key, 2));
                assertThat(registry.select(e -> e.key().equals(key))).hasSize(2);
                assertThat(registry.countSelect(e -> e.key().equals(key))).isEqualTo(2);
            }
        }

        /// Source: `duplicate_test.exs`, 16 "unregister_match supports patterns", 17
        /// "unregister_match supports guards".
        @Test
        void those_entries_are_unregistered_whose_value_matches() {
            for (int i = 1; i <= 4; i++) {
                registry.register("hello", i);
            }
            registry.unregisterMatch("hello", is(2));
            assertThat(registry.values("hello", me())).containsExactly(1, 3, 4);
            registry.unregisterMatch("hello", over(2));
            assertThat(registry.values("hello", me())).containsExactly(1);
            assertThat(registry.keys(me())).containsExactly("hello");
            assertThat(links()).containsAnyElementsOf(partitionPids());
            registry.unregisterMatch("hello", _ -> true);
            assertThat(links()).doesNotContainAnyElementsOf(partitionPids());
        }

        /// Source: `duplicate_test.exs`, 18 "allows listeners".
        @Test
        void a_listener_hears_of_registering_and_unregistering() {
            Processes.register(me(), LISTENER);
            assertListenerHears(registry);
        }

        /// Source: `duplicate_test.exs`, 19 "links and unlinks on register/unregister".
        @Test
        void the_first_key_links_and_the_last_unlinks() {
            assertLinksWithTheFirstKeyAndUnlinksWithTheLast(registry);
        }

        /// Source: `duplicate_test.exs`, 20 "raises on unknown registry name".
        @Test
        void a_registry_that_does_not_run_is_refused() {
            test.stopSupervised(NAME);
            assertRefusesWhenItDoesNotRun(registry);
        }

        /// Source: `duplicate_test.exs`, 21 "raises if via is used", 31 "update_value raises".
        @Test
        void it_is_refused_where_a_unique_one_is_needed() {
            assertNeedsUnique("via", () -> registry.via("hello"));
            assertNeedsUnique("via", () -> registry.via("hello", 1));
            assertNeedsUnique("whereis", () -> registry.whereis("hello"));
            assertNeedsUnique("updateValue", () -> registry.updateValue("hello", v -> v));
        }

        private static void assertNeedsUnique(String what, Runnable use) {
            assertThatThrownBy(use::run)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "expected a unique registry for "
                                    + what
                                    + ", got: "
                                    + NAME
                                    + ", a duplicate");
        }

        /// Source: `duplicate_test.exs`, 22 "empty list for empty registry", 23 "select all", 24
        /// "full match specs", 25 "guards", 26 "several", 27 to 29 the same for count_select.
        @Test
        void entries_are_selected_by_key_process_and_value() {
            assertThat(registry.select(_ -> true)).isEmpty();
            registry.register("hello", 1);
            registry.register("hello", 2);
            Pid other = elsewhere(registry, "hello", 1);
            Entry<Object, Object> theirs = new Entry<>("hello", other, 1);

            assertSelects(_ -> true, List.of(entry("hello", 1), entry("hello", 2), theirs));
            assertSelects(e -> e.value().equals(1), List.of(entry("hello", 1), theirs));
            assertSelects(e -> e.pid().equals(other), List.of(theirs));
            assertSelects(e -> over(1).test(e.value()), List.of(entry("hello", 2)));
            assertSelects(
                    e -> e.pid().equals(other) || e.value().equals(2),
                    List.of(theirs, entry("hello", 2)));
            assertSelects(e -> e.key().equals("world"), List.of());
        }

        private void assertSelects(
                Predicate<Entry<Object, Object>> test, List<Entry<Object, Object>> expected) {
            assertThat(registry.select(test)).containsExactlyInAnyOrderElementsOf(expected);
            assertThat(registry.countSelect(test)).isEqualTo(expected.size());
        }
    }

    /// Source: `registry.ex`, the examples of child_spec, meta, put_meta and delete_meta.
    @Test
    void it_is_supervised_by_its_name_and_keeps_metadata() {
        ProcessRegistry<Object, Object> registry = ProcessRegistry.unique(NAME);
        ChildSpec<?> spec = registry.childSpec();

        assertThat(spec.id()).isEqualTo(NAME);
        assertThat(spec.type()).isEqualTo(ChildSpec.Type.SUPERVISOR);
        assertThat(registry.meta("custom")).isEmpty();
        registry.putMeta("custom", "value");
        assertThat(registry.meta("custom")).isEqualTo(Optional.of("value"));
        registry.deleteMeta("custom");
        assertThat(registry.meta("custom")).isEmpty();
    }

    private static void assertListenerHears(ProcessRegistry<Object, Object> registry) {
        registry.register("hello", "world");
        assertReceive(new RegistryEvent.Registered(NAME, "hello", me(), "world"));
        registry.unregister("hello");
        assertReceive(new RegistryEvent.Unregistered(NAME, "hello", me()));
        registry.unregister("unknown");
        assertReceive(new RegistryEvent.Unregistered(NAME, "unknown", me()));
        Pid dying = elsewhere(registry, "dying", 1);
        assertReceive(new RegistryEvent.Registered(NAME, "dying", dying, 1));
        kill(dying);
        await().untilAsserted(() -> assertThat(registry.count()).isZero());
        refuteReceive(Match.type(RegistryEvent.class), Duration.ZERO);
    }

    private static void assertLinksWithTheFirstKeyAndUnlinksWithTheLast(
            ProcessRegistry<Object, Object> registry) {
        Pid owner = owner(registry.register("hello", "value"));
        assertThat(links()).contains(owner);
        assertThat(owner(registry.register("world", "value"))).isEqualTo(owner);
        registry.unregister("hello");
        assertThat(links()).contains(owner);
        registry.unregister("world");
        assertThat(links()).doesNotContain(owner);
        registry.register("hello", "value");
        Processes.trapExits(true);
        Processes.exit(owner, ExitReason.KILL);
        assertThat(assertReceive(Exit.class)).isEqualTo(new Exit(owner, ExitReason.KILLED));
    }

    private static void assertRefusesWhenItDoesNotRun(ProcessRegistry<Object, Object> registry) {
        assertUnknown(() -> registry.register("hello", "value"));
        assertUnknown(() -> registry.unregister("hello"));
        assertUnknown(() -> registry.lookup("hello"));
        assertUnknown(() -> registry.keys(me()));
        assertUnknown(() -> registry.values("hello", me()));
        assertUnknown(() -> registry.count());
        assertUnknown(() -> registry.match("hello", _ -> true));
        assertUnknown(() -> registry.select(_ -> true));
        assertUnknown(() -> registry.dispatch("hello", _ -> {}));
    }
}
