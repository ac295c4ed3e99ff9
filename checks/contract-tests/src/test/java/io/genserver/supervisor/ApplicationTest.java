package io.genserver.supervisor;

import static io.genserver.test.MessageAssertions.assertReceive;
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
import io.genserver.StartOption;
import io.genserver.Sys;
import io.genserver.test.GenServerExtension;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(GenServerExtension.class)
@Timeout(30)
class ApplicationTest {

    private static final Configuration NOTHING = Configuration.of(Map.of(), Map.of());
    private final List<String> seen = new CopyOnWriteArrayList<>();

    /// An application with one agent, which has the application's name.
    private class App implements Application {
        private final String name;
        private final List<Application> needs;

        App(String name, Application... needs) {
            this.name = name;
            this.needs = List.of(needs);
        }

        @Override
        public String name() {
            return name;
        }

        @Override
        public List<Application> dependencies() {
            return needs;
        }

        @Override
        public Start<?> start(Configuration configuration) {
            seen.add("start " + name);
            ChildSpec<?> agent =
                    ChildSpec.worker(
                            "agent",
                            () ->
                                    Agent.startLink(
                                            () -> name, StartOption.name("agent of " + name)));
            return Supervisor.startLink(
                    List.of(agent),
                    SupervisorFlags.of(Strategy.ONE_FOR_ONE)
                            .withMaxRestarts(0, Duration.ofSeconds(1)));
        }

        @Override
        public void prepStop() {
            seen.add("prepStop " + name + " alive " + agent(name).isPresent());
        }

        @Override
        public void stop() {
            seen.add("stop " + name + " alive " + agent(name).isPresent());
        }
    }

    private static java.util.Optional<Pid> agent(String name) {
        return Processes.whereis("agent of " + name);
    }

    private final App base = new App("base");
    private final App store = new App("store", base);
    private final App web = new App("web", store, base);

    @AfterEach
    void stop() {
        List.of(web, store, base).forEach(application -> Applications.stop(application));
    }

    @Test
    void is_started_once_and_stopped_in_order() {
        assertThat(Applications.start(base, NOTHING)).isInstanceOf(Start.Ok.class);
        Start<?> again = Applications.start(base, NOTHING);

        assertThat(again)
                .isInstanceOfSatisfying(
                        Start.Failed.class,
                        failed ->
                                assertThat(failed.reason())
                                        .isInstanceOf(ExitReason.AlreadyStarted.class));
        assertThat(Applications.isStarted(base)).isTrue();
        assertThat(Agent.<String, String>get(agent("base").orElseThrow(), name -> name))
                .isEqualTo("base");
        assertThat(Applications.stop(base)).isTrue();
        assertThat(Applications.stop(base)).isFalse();
        assertThat(Applications.isStarted(base)).isFalse();
        assertThat(seen)
                .containsExactly("start base", "prepStop base alive true", "stop base alive false");
    }

    @Test
    void does_not_start_without_what_it_needs() {
        assertThat(Applications.start(store, NOTHING))
                .isEqualTo(new Start.Failed<>(ExitReason.of(new Applications.NotStarted("base"))));
    }

    @Test
    void is_started_with_everything_it_needs_in_order() {
        assertThat(Applications.ensureAllStarted(web, NOTHING)).containsExactly(base, store, web);
        assertThat(Applications.ensureAllStarted(web, NOTHING)).isEmpty();
        assertThat(seen).containsExactly("start base", "start store", "start web");
    }

    @Test
    void that_fails_stops_those_that_were_started_for_it() {
        App broken =
                new App("broken", store) {
                    @Override
                    public Start<?> start(Configuration configuration) {
                        throw new IllegalStateException("no disk");
                    }
                };

        assertThatThrownBy(() -> Applications.ensureAllStarted(broken, NOTHING))
                .isInstanceOf(ApplicationStartException.class)
                .hasMessage("broken did not start: java.lang.IllegalStateException: no disk")
                .hasRootCauseMessage("no disk");
        assertThat(seen)
                .endsWith(
                        "prepStop store alive true",
                        "stop store alive false",
                        "prepStop base alive true",
                        "stop base alive false");
    }

    @Test
    void that_needs_itself_is_refused() {
        App[] circle = new App[1];
        circle[0] =
                new App("circle") {
                    @Override
                    public List<Application> dependencies() {
                        return List.of(circle[0]);
                    }
                };

        assertThatThrownBy(() -> Applications.ensureAllStarted(circle[0], NOTHING))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected dependencies without a circle, got: [circle]");
    }

    @Test
    void whose_tree_gives_up_ends_and_is_told_to_stop_only() {
        Pid master = Applications.start(base, NOTHING).pid();
        Processes.monitor(master);
        try (Logs logs = Logs.of(Application.class)) {
            Processes.exit(agent("base").orElseThrow(), ExitReason.of("crash"));

            ExitReason reason = assertReceive(Down.class).reason();
            assertThat(reason.isOrderly()).isTrue();
            assertThat(reason)
                    .isEqualTo(
                            ExitReason.shutdown(
                                    new ReachedMaxRestartIntensity(
                                            "agent", ExitReason.of("crash"))));
            assertThat(
                            logs.with(
                                    "application base exited: {shutdown,"
                                            + " {reached_max_restart_intensity, agent, crash}}"))
                    .hasSize(1);
        }
        assertThat(seen).containsExactly("start base", "stop base alive false");
    }

    @Test
    void whose_supervisor_is_stopped_ends_with_shutdown_only() {
        Pid master = Applications.start(base, NOTHING).pid();
        Pid root = Processes.info(master).orElseThrow().links().getFirst();
        Processes.monitor(master);

        Supervisor.stop(root, ExitReason.SHUTDOWN);

        assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.SHUTDOWN);
    }

    @Test
    void whose_own_stop_fails_is_stopped_all_the_same() {
        App failing =
                new App("failing") {
                    @Override
                    public void prepStop() {
                        throw new IllegalStateException("not now");
                    }
                };
        Applications.start(failing, NOTHING);
        Pid agent = agent("failing").orElseThrow();
        try (Logs logs = Logs.of(Application.class)) {
            assertThat(Applications.stop(failing)).isTrue();

            assertThat(logs.with("prepStop of application failing failed")).hasSize(1);
        }
        assertThat(Processes.isAlive(agent)).isFalse();
    }

    @Test
    void whose_stop_fails_with_an_error_is_stopped_in_order_all_the_same() {
        App failing =
                new App("failing") {
                    @Override
                    public void prepStop() {
                        super.prepStop();
                        throw new AssertionError("not now");
                    }

                    @Override
                    public void stop() {
                        super.stop();
                        throw new StackOverflowError("nor now");
                    }
                };
        Applications.start(failing, NOTHING);
        Pid agent = agent("failing").orElseThrow();
        Processes.monitor(agent);
        try (Logs logs = Logs.of(Application.class)) {
            assertThat(Applications.stop(failing)).isTrue();

            assertThat(logs.with("prepStop of application failing failed")).hasSize(1);
            assertThat(logs.with("stop of application failing failed")).hasSize(1);
        }
        assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.SHUTDOWN);
        assertThat(seen)
                .containsExactly(
                        "start failing", "prepStop failing alive true", "stop failing alive false");
    }

    @Test
    void that_fails_says_so_although_one_that_was_started_for_it_does_not_stop() {
        App unstoppable =
                new App("unstoppable") {
                    @Override
                    public void prepStop() {
                        Processes.exit(Processes.self(), ExitReason.KILL);
                    }
                };
        App broken =
                new App("broken", base, unstoppable) {
                    @Override
                    public Start<?> start(Configuration configuration) {
                        throw new IllegalStateException("no disk");
                    }
                };

        assertThatThrownBy(() -> Applications.ensureAllStarted(broken, NOTHING))
                .isInstanceOf(ApplicationStartException.class)
                .hasMessage("broken did not start: java.lang.IllegalStateException: no disk")
                .satisfies(failed -> assertThat(failed.getSuppressed()).hasSize(1));
        assertThat(Applications.isStarted(base)).isFalse();
    }

    @Test
    void with_dependencies_that_meet_again_and_again_is_started_at_once() {
        List<Application> layer = List.of();
        for (int i = 0; i < 40; i++) {
            layer = List.of(new Node("left " + i, layer), new Node("right " + i, layer));
        }
        Node top = new Node("top", layer);

        List<Application> started =
                org.junit.jupiter.api.Assertions.assertTimeoutPreemptively(
                        Duration.ofSeconds(10), () -> Applications.ensureAllStarted(top, NOTHING));

        assertThat(started).hasSize(81);
        started.reversed().forEach(application -> Applications.stop(application));
    }

    /// An application whose equals and hashCode visit all applications it depends on.
    record Node(String name, List<Application> dependencies) implements Application {
        @Override
        public Start<?> start(Configuration configuration) {
            return Agent.startLink(() -> name);
        }
    }

    @Test
    void that_needs_itself_under_the_same_name_is_refused() {
        class Again extends App {
            Again() {
                super("again");
            }

            @Override
            public List<Application> dependencies() {
                return List.of(new Again());
            }
        }

        assertThatThrownBy(() -> Applications.ensureAllStarted(new Again(), NOTHING))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("expected dependencies without a circle, got: [again] and again again");
    }

    /// An application that reads one setting. Instances with an equal size are equal.
    record Cache(int size) implements Application {
        static final Setting<Integer> PORT = Setting.of("cache.port", Integer::valueOf, 1);

        @Override
        public String name() {
            return "cache";
        }

        @Override
        public Start<?> start(Configuration configuration) {
            int port = configuration.get(PORT);
            return Supervisor.startLink(
                    List.of(ChildSpec.worker("port", () -> Agent.startLink(() -> port))),
                    SupervisorFlags.of(Strategy.ONE_FOR_ONE));
        }
    }

    record Other(String name, List<Application> dependencies) implements Application {
        @Override
        public Start<?> start(Configuration configuration) {
            return Supervisor.startLink(List.of(), SupervisorFlags.of(Strategy.ONE_FOR_ONE));
        }
    }

    @Nested
    class of_the_name_of_another {

        private final Cache cache = new Cache(1);
        private final Other other = new Other("cache", List.of());
        private final Setting<Integer> unread = Setting.of("unread", Integer::valueOf, 1);

        @AfterEach
        void stop() {
            Applications.stop(cache);
            Applications.stop(new Cache(2));
            Applications.stop(other);
        }

        private void assertRefused(Application application, Configuration with, String why) {
            assertThatThrownBy(() -> Applications.ensureAllStarted(application, with))
                    .isInstanceOf(ApplicationStartException.class)
                    .hasMessageContaining(why);
            assertThat(Applications.start(application, with))
                    .isInstanceOfSatisfying(
                            Start.Failed.class,
                            failed -> {
                                assertThat(failed.reason().toString()).contains(why);
                                assertThat(failed.reason())
                                        .isNotInstanceOf(ExitReason.AlreadyStarted.class);
                            });
        }

        @Test
        void but_of_another_class_is_refused() {
            Applications.ensureAllStarted(cache, NOTHING);

            assertRefused(
                    other,
                    NOTHING,
                    "expected no other application with the name cache to run, got: one of the"
                            + " class "
                            + Cache.class.getName());
            assertThat(Applications.isStarted(other)).isFalse();
            assertThat(Applications.stop(other)).isFalse();
            assertThat(Applications.isStarted(cache)).isTrue();
        }

        @Test
        void but_not_equal_is_refused() {
            Applications.ensureAllStarted(cache, NOTHING);

            assertRefused(new Cache(2), NOTHING, "got: another instance of the class");
            assertThat(Applications.stop(new Cache(2))).isFalse();
            assertThat(Applications.isStarted(cache)).isTrue();
            assertThat(Applications.ensureAllStarted(new Cache(1), NOTHING)).isEmpty();
            assertThat(Applications.stop(new Cache(1))).isTrue();
            assertThat(Applications.isStarted(cache)).isFalse();
        }

        @Test
        void with_another_value_of_a_setting_is_refused() {
            Applications.ensureAllStarted(cache, NOTHING);

            assertRefused(
                    cache,
                    Configuration.of(Map.of("cache.port", "2"), Map.of()),
                    "other values of the settings [cache.port]");
            assertRefused(
                    cache,
                    NOTHING.with(Cache.PORT, 2),
                    "other values of the settings [cache.port]");
            Applications.stop(cache);
            assertThat(Applications.ensureAllStarted(cache, NOTHING.with(Cache.PORT, 2)))
                    .containsExactly(cache);
        }

        @Test
        void with_the_same_values_of_the_settings_it_reads_is_the_same() {
            Applications.ensureAllStarted(cache, NOTHING.with(unread, 1));

            assertThat(Applications.ensureAllStarted(cache, NOTHING.with(unread, 2))).isEmpty();
            assertThat(Applications.start(cache, NOTHING.with(unread, 3)))
                    .isInstanceOfSatisfying(
                            Start.Failed.class,
                            failed ->
                                    assertThat(failed.reason())
                                            .isInstanceOf(ExitReason.AlreadyStarted.class));
        }

        @Test
        void as_a_dependency_is_refused() {
            Applications.ensureAllStarted(cache, NOTHING);
            Other top = new Other("top", List.of(new Cache(2)));

            assertRefused(top, NOTHING, "got: another instance of the class");
            assertThat(Applications.isStarted(top)).isFalse();
        }

        @Test
        void twice_among_the_dependencies_is_refused() {
            Other top = new Other("top", List.of(cache, new Other("left", List.of(other))));

            assertThatThrownBy(() -> Applications.ensureAllStarted(top, NOTHING))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("expected one application with the name cache, got: ");
            assertThat(Applications.isStarted(cache)).isFalse();
        }
    }

    @Test
    void without_a_name_or_dependencies_is_refused() {
        assertThatThrownBy(() -> Applications.start(new App(" "), NOTHING))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageMatching("expected the name of .*App not to be blank, got: \" \"");
        assertThatThrownBy(() -> Applications.start(new Nothing(), NOTHING))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("expected a value for the dependencies of nothing, got: null");
    }

    private final class Nothing extends App {
        Nothing() {
            super("nothing");
        }

        @Override
        @SuppressWarnings("NullAway") // the compiler of a user may allow it
        public List<Application> dependencies() {
            return null;
        }
    }

    @Nested
    class run {

        /// How a program ended.
        private record Ran(int status, List<String> errors) {}

        private static Ran ran(Application application, Callable<Integer> body) throws Exception {
            PrintStream before = System.err;
            ByteArrayOutputStream errors = new ByteArrayOutputStream();
            System.setErr(new PrintStream(errors, true, StandardCharsets.UTF_8));
            try {
                int status =
                        CompletableFuture.supplyAsync(() ->
                                        Application.run(
                                                application, NOTHING, body, Duration.ofSeconds(5)))
                                .get(10, TimeUnit.SECONDS);
                return new Ran(status, errors.toString(StandardCharsets.UTF_8).lines().toList());
            } finally {
                System.setErr(before);
            }
        }

        private static void crash(String name) {
            Processes.spawn(
                    () -> Processes.exit(agent(name).orElseThrow(), ExitReason.of("disk full")));
        }

        @Test
        void says_why_the_tree_ended_when_its_body_waits_in_the_jdk() throws Exception {
            try (Logs logs = Logs.of(Application.class)) {
                Ran ran =
                        ran(
                                base,
                                () -> {
                                    crash("base");
                                    return new LinkedBlockingQueue<Integer>().take();
                                });

                assertThat(ran)
                        .isEqualTo(
                                new Ran(
                                        1,
                                        List.of(
                                                "base gave up: the supervision tree ended:"
                                                        + " {shutdown,"
                                                        + " {reached_max_restart_intensity,"
                                                        + " agent, disk full}}")));
                assertThat(logs.with("failed")).isEmpty();
            }
        }

        @Test
        void is_refused_while_another_application_has_its_name_and_leaves_that_one_running()
                throws Exception {
            Cache cache = new Cache(1);
            Applications.ensureAllStarted(cache, NOTHING);

            Ran ran = ran(new Other("cache", List.of()), () -> 0);

            assertThat(ran.status()).isEqualTo(1);
            assertThat(ran.errors())
                    .singleElement()
                    .asString()
                    .startsWith("cache did not start: expected no other application");
            assertThat(Applications.stop(cache)).isTrue();
        }

        @Test
        void is_refused_while_it_runs_with_another_configuration_and_leaves_it_running()
                throws Exception {
            Cache cache = new Cache(1);
            Applications.ensureAllStarted(cache, NOTHING.with(Cache.PORT, 2));

            assertThat(ran(cache, () -> 0).status()).isEqualTo(1);
            assertThat(Applications.stop(cache)).isTrue();
        }

        @Test
        void says_whose_tree_ended_if_it_was_not_its_own() throws Exception {
            Ran ran =
                    ran(
                            web,
                            () -> {
                                crash("store");
                                Processes.sleep(Duration.ofSeconds(8));
                                return 0;
                            });

            assertThat(ran)
                    .isEqualTo(
                            new Ran(
                                    1,
                                    List.of(
                                            "web gave up: the supervision tree of store ended:"
                                                    + " {shutdown, {reached_max_restart_intensity,"
                                                    + " agent, disk full}}")));
        }

        @Test
        void says_why_a_tree_ended_before_the_body_began() throws Exception {
            App shortLived =
                    new App("short-lived") {
                        @Override
                        public Start<?> start(Configuration configuration) {
                            return new Start.Ok<>(
                                    Processes.spawnLink(
                                            () -> Processes.exit(ExitReason.of("no disk"))));
                        }
                    };
            App slow =
                    new App("slow", shortLived) {
                        @Override
                        public Start<?> start(Configuration configuration) {
                            org.awaitility.Awaitility.await()
                                    .until(() -> !Applications.isStarted(shortLived));
                            return super.start(configuration);
                        }
                    };

            Ran ran = ran(slow, () -> new LinkedBlockingQueue<Integer>().take());

            assertThat(ran)
                    .isEqualTo(
                            new Ran(
                                    1,
                                    List.of(
                                            "slow gave up: the supervision tree of short-lived"
                                                    + " ended: no disk")));
            Applications.stop(slow);
        }

        @Test
        void says_that_a_call_of_the_body_failed() throws Exception {
            try (Logs logs = Logs.of(Application.class)) {
                Ran ran =
                        ran(
                                base,
                                () -> {
                                    GenServer.callUntyped(ServerRef.name("typo"), "x");
                                    return 0;
                                });

                assertThat(ran)
                        .isEqualTo(
                                new Ran(
                                        1,
                                        List.of(
                                                "base failed: call to typo with x failed: there is"
                                                        + " no such process, or it has ended")));
                assertThat(logs.with("base failed").getFirst().thrown())
                        .isInstanceOf(CallException.class);
            }
        }

        @Test
        void says_that_the_body_failed_with_what_it_has_thrown() throws Exception {
            assertThat(
                            ran(
                                    base,
                                    () -> {
                                        throw new AssertionError("impossible");
                                    }))
                    .isEqualTo(
                            new Ran(
                                    1,
                                    List.of("base failed: java.lang.AssertionError: impossible")));
        }

        @Test
        @SuppressWarnings("NullAway") // the compiler of a user may allow it
        void says_that_the_body_returned_no_status() throws Exception {
            assertThat(ran(base, () -> null).errors())
                    .containsExactly(
                            "base failed: java.lang.NullPointerException: expected a value for the"
                                    + " exit status, got: null");
        }

        @Test
        void says_why_the_body_exited() throws Exception {
            Ran wrong =
                    ran(
                            base,
                            () -> {
                                throw Processes.exit(ExitReason.of("config wrong"));
                            });
            Applications.stop(base);
            Ran orderly =
                    ran(
                            base,
                            () -> {
                                throw Processes.exit(ExitReason.SHUTDOWN);
                            });

            assertThat(wrong)
                    .isEqualTo(new Ran(1, List.of("base failed: its body exited: config wrong")));
            assertThat(orderly).isEqualTo(new Ran(0, List.of()));
        }

        @Test
        void says_that_a_process_of_the_body_has_ended_it() throws Exception {
            Ran ran =
                    ran(
                            base,
                            () -> {
                                Processes.spawnLink(
                                        () -> Processes.exit(ExitReason.of("out of ideas")));
                                return new LinkedBlockingQueue<Integer>().take();
                            });

            assertThat(ran)
                    .isEqualTo(
                            new Ran(
                                    1,
                                    List.of(
                                            "base failed: an exit signal ended its body: out of"
                                                    + " ideas")));
        }

        @Test
        void returns_the_status_of_a_body_that_stops_the_application_itself() throws Exception {
            Ran stopped =
                    ran(
                            web,
                            () -> {
                                Applications.stop(web);
                                Applications.stop(store);
                                return Processes.isProcess() ? 3 : 4;
                            });
            List.of(web, store, base).forEach(application -> Applications.stop(application));
            Ran normal =
                    ran(
                            base,
                            () -> {
                                List<ServerRef> above =
                                        Processes.info(agent("base").orElseThrow())
                                                .orElseThrow()
                                                .ancestors();
                                Supervisor.stop(above.getFirst());
                                return 3;
                            });

            assertThat(stopped).isEqualTo(new Ran(3, List.of()));
            assertThat(normal).isEqualTo(new Ran(3, List.of()));
        }

        @Test
        void without_a_body_ends_with_0_when_the_application_is_stopped() throws Exception {
            CompletableFuture<Integer> status =
                    CompletableFuture.supplyAsync(() -> Application.run(web, NOTHING));
            org.awaitility.Awaitility.await().until(() -> agent("web").isPresent());

            Applications.stop(web);

            assertThat(status.get(10, TimeUnit.SECONDS)).isZero();
        }

        @Test
        void refuses_a_negative_limit() {
            assertThatThrownBy(
                            () -> Application.run(base, NOTHING, () -> 0, Duration.ofSeconds(-1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("expected stopLimit to be 0 or more, got: PT-1S");
        }

        @Test
        void does_what_there_is_to_do_in_a_process_and_returns_its_status() throws Exception {
            CompletableFuture<Integer> status =
                    CompletableFuture.supplyAsync(() ->
                            Application.run(
                                    web,
                                    NOTHING,
                                    () -> {
                                        seen.add("body " + Processes.isProcess());
                                        return 7;
                                    }));

            assertThat(status.get(10, TimeUnit.SECONDS)).isEqualTo(7);
            assertThat(seen).containsExactly("start base", "start store", "start web", "body true");
        }

        @Test
        void ends_with_1_when_an_application_gives_up() throws Exception {
            CompletableFuture<Integer> status =
                    CompletableFuture.supplyAsync(() -> Application.run(web, NOTHING));
            org.awaitility.Awaitility.await().until(() -> agent("web").isPresent());

            Processes.exit(agent("store").orElseThrow(), ExitReason.of("crash"));

            assertThat(status.get(10, TimeUnit.SECONDS)).isEqualTo(1);
        }

        @Test
        void ends_with_1_when_the_tree_gave_up_before_the_body_was_done() throws Exception {
            CompletableFuture<Pid> suspended = new CompletableFuture<>();
            CompletableFuture<Integer> status =
                    CompletableFuture.supplyAsync(() ->
                            Application.run(
                                    base,
                                    NOTHING,
                                    () -> {
                                        Pid agent = agent("base").orElseThrow();
                                        List<ServerRef> above =
                                                Processes.info(agent).orElseThrow().ancestors();
                                        Processes.monitor(above.getFirst());
                                        Sys.suspend(above.getLast());
                                        Processes.exit(agent, ExitReason.of("crash"));
                                        Processes.receive(Down.class);
                                        suspended.complete(
                                                GenServer.whereis(above.getLast()).orElseThrow());
                                        return 0;
                                    },
                                    Duration.ofSeconds(5)));
            Pid master = suspended.get(10, TimeUnit.SECONDS);
            org.awaitility.Awaitility.await()
                    .until(() ->
                            status.isDone()
                                    || Processes.info(master).orElseThrow().messageQueueLength()
                                            == 2);

            Sys.resume(master);

            assertThat(status.get(10, TimeUnit.SECONDS)).isEqualTo(1);
        }

        @Test
        void ends_with_1_when_it_does_not_start() {
            App broken =
                    new App("broken") {
                        @Override
                        public Start<?> start(Configuration configuration) {
                            return new Start.Failed<>(ExitReason.of("no disk"));
                        }
                    };

            assertThat(Application.run(broken, NOTHING)).isEqualTo(1);
        }
    }

    @Nested
    class sigterm {

        @ParameterizedTest
        @ValueSource(strings = {"waiting", "closed", "starting"})
        void is_no_failure_of_the_body(String argument) throws Exception {
            List<String> command = new ArrayList<>();
            command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
            command.addAll(List.of("-cp", System.getProperty("java.class.path")));
            command.add(WaitingProgram.class.getName());
            command.add(argument);
            Process program = new ProcessBuilder(command).start();
            try (BufferedReader output = program.inputReader(StandardCharsets.UTF_8);
                    BufferedReader errors = program.errorReader(StandardCharsets.UTF_8)) {
                assertThat(output.readLine()).isEqualTo("ready");

                program.toHandle().destroy(); // Process.destroy would also close the output

                assertThat(program.waitFor(20, TimeUnit.SECONDS)).isTrue();
                assertThat(program.exitValue()).isEqualTo(143);
                assertThat(output.readAllLines())
                        .contains("stopped")
                        .noneMatch(line -> line.contains("ERROR") || line.contains("Exception"));
                assertThat(errors.readAllLines()).isEmpty();
            } finally {
                program.destroyForcibly();
            }
        }
    }

    @Nested
    class settings {

        private static final Setting<Integer> PORT =
                Setting.of("app.http-port", Integer::valueOf, 4040);

        @Test
        void come_from_outside_before_they_come_from_the_code() {
            Map<String, String> property = Map.of("app.http-port", "1");
            Map<String, String> variable = Map.of("APP_HTTP_PORT", "2");

            assertThat(Configuration.of(property, variable).with(PORT, 3).get(PORT)).isEqualTo(1);
            assertThat(Configuration.of(Map.of(), variable).with(PORT, 3).get(PORT)).isEqualTo(2);
            assertThat(NOTHING.with(PORT, 3).get(PORT)).isEqualTo(3);
            assertThat(NOTHING.get(PORT)).isEqualTo(4040);
        }

        @Test
        void that_cannot_be_read_say_where_they_came_from() {
            assertThatThrownBy(() ->
                            Configuration.of(Map.of("app.http-port", "x"), Map.of()).get(PORT))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith(
                            "expected a value for app.http-port in the system property app.http-port, got: \"x\"");
        }

        @Test
        void that_have_to_be_given_say_how() {
            Setting<String> secret = Setting.required("app.secret", text -> text);

            assertThatThrownBy(() -> NOTHING.get(secret))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "expected a value for app.secret, got none: give it with -Dapp.secret=... or as the"
                                    + " environment variable APP_SECRET");
        }

        @Test
        void of_the_system_are_its_properties_and_environment() {
            Setting<String> version = Setting.required("java.version", text -> text);

            assertThat(Configuration.ofTheSystem().get(version))
                    .isEqualTo(System.getProperty("java.version"));
        }
    }
}
