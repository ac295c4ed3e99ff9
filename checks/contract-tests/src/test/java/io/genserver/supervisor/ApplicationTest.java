package io.genserver.supervisor;

import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.genserver.Agent;
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
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
@Timeout(30)
class ApplicationTest {

    private static final Configuration NOTHING = Configuration.of(Map.of(), Map.of());
    private final List<String> seen = new CopyOnWriteArrayList<>();

    /// An application with one agent, which is named as the application is.
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
        public Start start(Configuration configuration) {
            seen.add("start " + name);
            ChildSpec agent =
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
        Start again = Applications.start(base, NOTHING);

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
                .isEqualTo(new Start.Failed(ExitReason.of(new Applications.NotStarted("base"))));
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
                    public Start start(Configuration configuration) {
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

            assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.SHUTDOWN);
            assertThat(logs.with("application base exited: shutdown")).hasSize(1);
        }
        assertThat(seen).containsExactly("start base", "stop base alive false");
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

    @Nested
    class run {

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
                                    },
                                    Duration.ofSeconds(5)));

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
                        public Start start(Configuration configuration) {
                            return new Start.Failed(ExitReason.of("no disk"));
                        }
                    };

            assertThat(Application.run(broken, NOTHING)).isEqualTo(1);
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
