package io.genserver.observer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.genserver.CallException;
import io.genserver.GenServer;
import io.genserver.Node;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Server;
import io.genserver.StartOption;
import io.genserver.Sys;
import io.genserver.spi.ProcessId;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.DynamicSupervisor;
import io.genserver.supervisor.DynamicSupervisorFlags;
import io.genserver.supervisor.ProcessRegistry;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@Timeout(60)
class ObserverTest {

    private static final String HOSTILE = "<img src=x onerror=alert(1)>";

    private final Node node = Node.start();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void close() throws Exception {
        for (AutoCloseable each : open.reversed()) {
            each.close();
        }
        node.close();
    }

    private ObserverOptions options() {
        return ObserverOptions.defaults().withNode(node);
    }

    private Observer observe(ObserverOptions options) {
        Observer observer = Observer.start(options);
        open.add(observer);
        return observer;
    }

    private Wire viewer() throws IOException {
        return Wire.enter(observe(options()));
    }

    private <T> T onNode(Supplier<T> body) {
        return node.call(body::get);
    }

    private Pid clerk(String text, StartOption... options) {
        return onNode(() -> GenServer.start(Clerk::new, text, options).pid());
    }

    private static long id(Pid pid) {
        return ((ProcessId) pid).number();
    }

    /// Makes a server busy until the test has ended.
    private void keepBusy(Pid clerk) throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        open.add(end::countDown);
        onNode(() -> {
            GenServer.cast(clerk, new Clerk.Wait(begun, end));
            return Ok.OK;
        });
        begun.await();
    }

    @Nested
    class access {

        @Test
        void the_address_works_once_and_gives_a_cookie_that_only_this_page_gets() throws Exception {
            Observer observer = observe(options());
            String path = observer.url().substring(observer.url().indexOf("/?"));
            Wire wire = new Wire(observer.port());

            Wire.Answer first = wire.get(path);
            assertThat(first.status()).isEqualTo(200);
            assertThat(first.header("Set-Cookie"))
                    .startsWith("genserver-observer-" + observer.port() + "=")
                    .endsWith("; Path=/; HttpOnly; SameSite=Strict");
            assertThat(wire.get(path).status()).isEqualTo(403);
            assertThat(observer.url()).doesNotContain(path);
            assertThat(Wire.enter(observer).get("/").status()).isEqualTo(200);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "/", "/app.js", "/api/session", "/api/overview", "/api/state?id=1",
                    "/stream/overview", "/top", "/nothing", "/?token=", "/?token=00"
                })
        void nothing_is_shown_without_a_session(String path) throws Exception {
            Wire stranger = new Wire(observe(options()).port());

            assertThat(stranger.get(path).status()).isEqualTo(403);
            assertThat(stranger.with("Cookie: genserver-observer-1=a; b=c").get(path).status())
                    .isEqualTo(403);
            assertThat(stranger.with("Authorization: Bearer a").get(path).status()).isEqualTo(403);
        }

        /// A page of evil.example can make its name point to 127.0.0.1. The browser then sends it
        /// to us as a page of that name.
        @ParameterizedTest
        @ValueSource(
                strings = {
                    "evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.",
                    "127.0.0.1:80@evil.example", "0.0.0.0", "[::2]", ""
                })
        void a_page_whose_name_was_rebound_to_this_machine_is_refused(String host)
                throws Exception {
            Observer observer = observe(options());
            Wire viewer = Wire.enter(observer).withHost(host);

            assertThat(viewer.get("/api/overview").status()).isIn(400, 403);
            String url = observer.url();
            assertThat(viewer.get(url.substring(url.indexOf("/?"))).status()).isIn(400, 403);
        }

        @Test
        void a_tunnel_from_another_port_works() throws Exception {
            Wire viewer = viewer();

            assertThat(viewer.withHost("localhost:9000").get("/api/session").status())
                    .isEqualTo(200);
            assertThat(
                            viewer.withHost("localhost:9000")
                                    .with("Origin: http://localhost:9000")
                                    .get("/api/session")
                                    .status())
                    .isEqualTo(200);
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "Origin: http://evil.example",
                    "Origin: http://127.0.0.1:1",
                    "Origin: null",
                    "Sec-Fetch-Site: cross-site",
                    "Sec-Fetch-Site: same-site"
                })
        void requests_of_other_pages_are_refused(String header) throws Exception {
            assertThat(viewer().with(header).get("/api/session").status()).isEqualTo(403);
        }

        @ParameterizedTest
        @ValueSource(strings = {"/", "/api/overview", "/nothing", "/?token=00"})
        void each_answer_forbids_what_the_page_does_not_need(String path) throws Exception {
            Wire.Answer answer = viewer().get(path);

            assertThat(answer.header("Content-Security-Policy"))
                    .startsWith("default-src 'none'")
                    .contains("script-src 'self';", "frame-ancestors 'none'")
                    .doesNotContain("unsafe", "http:");
            assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
            assertThat(answer.header("Referrer-Policy")).isEqualTo("no-referrer");
            assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
            assertThat(answer.header("Access-Control-Allow-Origin")).isEmpty();
        }

        @Test
        void only_the_loopback_address_is_bound() throws Exception {
            int port = observe(options()).port();

            for (NetworkInterface each : NetworkInterface.networkInterfaces().toList()) {
                for (InetAddress address : each.inetAddresses().toList()) {
                    if (!address.isLoopbackAddress()) {
                        assertThatThrownBy(() -> connect(address, port))
                                .isInstanceOf(IOException.class);
                    }
                }
            }
            connect(InetAddress.getLoopbackAddress(), port);
        }

        private static void connect(InetAddress address, int port) throws IOException {
            try (Socket socket = new Socket()) {
                socket.connect(new InetSocketAddress(address, port), 2_000);
            }
        }

        @Test
        void a_program_of_the_same_user_reads_with_the_key_of_the_file(@TempDir Path folder)
                throws Exception {
            Path file = folder.resolve("new").resolve("access");
            Observer observer = observe(options().withActions().withAccessFile(file));
            List<String> lines = Files.readAllLines(file);

            assertThat(lines.getFirst()).isEqualTo("http://127.0.0.1:" + observer.port());
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            Wire program = new Wire(observer.port()).with("Authorization: Bearer " + lines.get(1));
            assertThat(program.get("/api/overview").status()).isEqualTo(200);
            assertThat(program.get("/api/session").json().get("action").asString()).isEmpty();
            assertThat(program.with("X-Observer-Action: ").post("/api/action?do=kill").status())
                    .isEqualTo(403);
            observer.close();
            assertThat(file).doesNotExist();
        }
    }

    @Nested
    class limits {

        @Test
        void a_request_that_is_too_long_is_refused() throws Exception {
            Wire viewer = viewer();
            try (Socket socket = viewer.with("X-Long: " + "a".repeat(20_000)).open("GET", "/")) {
                assertThat(firstLine(socket)).doesNotContain("200");
            }
            assertThat(viewer.get("/").status()).isEqualTo(200);
        }

        private static String firstLine(Socket socket) {
            try {
                return String.valueOf(Wire.reader(socket).readLine());
            } catch (IOException closed) {
                return String.valueOf(closed.getMessage());
            }
        }

        @Test
        void connections_beyond_the_limit_are_closed() throws Exception {
            int port = observe(options()).port();
            List<Socket> sockets = new ArrayList<>();
            open.add(() -> {
                for (Socket each : sockets) {
                    each.close();
                }
            });
            for (int i = 0; i < 220; i++) {
                sockets.add(new Socket(InetAddress.getLoopbackAddress(), port));
            }
            Socket last = sockets.getLast();
            last.setSoTimeout(10_000);
            assertThat(firstLine(last)).isIn("null", "Connection reset");
        }

        @Test
        void there_are_at_most_twenty_streams_and_a_closed_one_makes_room() throws Exception {
            Wire viewer = viewer();
            List<Socket> streams = new ArrayList<>();
            for (int i = 0; i < Streams.MOST; i++) {
                Socket stream = viewer.open("GET", "/stream/overview");
                open.add(stream);
                streams.add(stream);
                assertThat(Wire.reader(stream).readLine()).contains("200");
            }
            assertThat(viewer.get("/stream/overview").status()).isEqualTo(503);
            assertThat(viewer.get("/api/overview").status()).isEqualTo(200);

            streams.getFirst().close();
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> {
                        try (Socket again = viewer.open("GET", "/stream/overview")) {
                            return Wire.reader(again).readLine().contains("200");
                        }
                    });
        }

        @ParameterizedTest
        @ValueSource(
                strings = {
                    "/api/processes?by=nonsense",
                    "/api/processes?from=-1",
                    "/api/processes?from=x",
                    "/api/processes?q=%zz",
                    "/top?width=1000000"
                })
        void a_wrong_parameter_is_refused(String path) throws Exception {
            assertThat(viewer().get(path).status()).isEqualTo(400);
        }

        @Test
        void only_the_files_of_the_page_are_served() throws Exception {
            Wire viewer = viewer();

            assertThat(viewer.get("/style.css").header("Content-Type")).startsWith("text/css");
            assertThat(viewer.get("/../Observer.class").status()).isIn(400, 404);
            assertThat(viewer.get("/%2e%2e/Observer.class").status()).isIn(400, 404);
            assertThat(viewer.get("/index.html").status()).isEqualTo(404);
            assertThat(viewer.send("DELETE", "/").status()).isEqualTo(405);
        }

        @Test
        void without_a_viewer_no_thread_works_and_no_process_is_added() throws Exception {
            observe(options());

            assertThat(onNode(Processes::list)).isEmpty();
            assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .filteredOn(name -> name.startsWith("genserver-observer-inspection"))
                    .isEmpty();
            assertThat(viewer().get("/api/processes").json().get("head").get("processes").asInt())
                    .isZero();
            assertThat(onNode(Processes::list)).isEmpty();
        }
    }

    @Nested
    class actions {

        private String token(Wire viewer) throws IOException {
            return viewer.get("/api/session").json().get("action").asString();
        }

        @Test
        void an_observer_is_read_only_unless_it_was_allowed_to_act() throws Exception {
            Pid clerk = clerk("a");
            Wire viewer = viewer();
            Wire acting = viewer.with("X-Observer-Action: " + token(viewer));

            assertThat(acting.post("/api/action?do=kill&id=" + id(clerk)).status()).isEqualTo(409);
            assertThat(Processes.isAlive(clerk)).isTrue();
        }

        @Test
        void an_action_needs_the_header_of_its_session() throws Exception {
            Pid clerk = clerk("a");
            Observer observer = observe(options().withActions());
            Wire viewer = Wire.enter(observer);
            Wire other = Wire.enter(observer);
            String kill = "/api/action?do=kill&id=" + id(clerk);

            assertThat(viewer.post(kill).status()).isEqualTo(403);
            assertThat(viewer.with("X-Observer-Action: " + token(other)).post(kill).status())
                    .isEqualTo(403);
            assertThat(viewer.with("X-Observer-Action: " + token(viewer)).get(kill).status())
                    .isEqualTo(404);
            assertThat(Processes.isAlive(clerk)).isTrue();

            assertThat(viewer.with("X-Observer-Action: " + token(viewer)).post(kill).status())
                    .isEqualTo(200);
            assertThat(Processes.isAlive(clerk)).isFalse();
        }

        @Test
        void a_server_is_suspended_traced_and_resumed() throws Exception {
            Pid clerk = clerk("a");
            Wire viewer = Wire.enter(observe(options().withActions()));
            Wire acting = viewer.with("X-Observer-Action: " + token(viewer));
            String path = "/api/action?id=" + id(clerk) + "&do=";

            assertThat(acting.post(path + "suspend").status()).isEqualTo(200);
            assertThat(Sys.getStatus(clerk).suspended()).isTrue();
            assertThat(acting.post(path + "trace").status()).isEqualTo(200);
            assertThat(acting.post(path + "untrace").status()).isEqualTo(200);
            assertThat(acting.post(path + "resume").status()).isEqualTo(200);
            assertThat(Sys.getStatus(clerk).suspended()).isFalse();
            assertThat(acting.post(path + "nonsense").status()).isEqualTo(409);
        }

        @Test
        void a_supervisor_is_never_asked() throws Exception {
            Pid supervisor =
                    onNode(() ->
                            Supervisor.startLink(
                                            List.of(), SupervisorFlags.of(Strategy.ONE_FOR_ONE))
                                    .pid());
            Wire viewer = Wire.enter(observe(options().withActions().withState()));
            Wire acting = viewer.with("X-Observer-Action: " + token(viewer));
            String path = "/api/action?id=" + id(supervisor) + "&do=";

            for (String action : List.of("suspend", "resume", "trace", "untrace")) {
                assertThat(acting.post(path + action).status()).isEqualTo(409);
            }
            assertThat(viewer.get("/api/state?id=" + id(supervisor)).status()).isEqualTo(409);
            assertThat(Sys.getStatus(supervisor).suspended()).isFalse();
        }
    }

    @Nested
    class data {

        @Test
        void states_messages_keys_and_requests_are_hidden_by_default() throws Exception {
            ProcessRegistry<String, Ok> registry = ProcessRegistry.unique("registry");
            Pid clerk = clerk("secret");
            keepBusy(clerk);
            onNode(() -> {
                registry.startLink();
                clerk("other", StartOption.name(registry.server("secret key", Clerk.class)));
                GenServer.cast(clerk, "secret message");
                Processes.sendAfter(clerk, "secret message", Duration.ofHours(1));
                assertThatThrownBy(() ->
                                GenServer.call(
                                        clerk,
                                        new Clerk.Ask("secret request"),
                                        Duration.ofMillis(10)))
                        .isInstanceOf(CallException.class);
                return Ok.OK;
            });
            Observer observer = observe(options());
            Wire viewer = Wire.enter(observer);
            Pid ended = clerk("ended");
            GenServer.stop(ended);
            onNode(() -> {
                Processes.send(ended, "secret message");
                return Ok.OK;
            });

            assertThat(viewer.get("/api/state?id=" + id(clerk)).status()).isEqualTo(409);
            assertThat(viewer.get("/api/messages?id=" + id(clerk)).status()).isEqualTo(409);
            for (String screen :
                    List.of(
                            "overview",
                            "waiting",
                            "timeline",
                            "names",
                            "process?id=" + id(clerk))) {
                assertThat(viewer.get("/api/" + screen).body().replace("label secret", ""))
                        .doesNotContain("secret");
            }
            assertThat(
                            viewer.get("/api/names")
                                    .screen()
                                    .get("registries")
                                    .get(0)
                                    .get("keys")
                                    .asInt())
                    .isEqualTo(1);
        }

        @Test
        void they_are_shown_on_demand_if_the_observer_may() throws Exception {
            Pid clerk = clerk("a");
            Wire viewer = Wire.enter(observe(options().withState()));

            JsonNode state = viewer.get("/api/state?id=" + id(clerk)).json();
            assertThat(state.get("state").asString()).isEqualTo("state a");
            assertThat(state.get("dictionary").get("key a").asString()).isEqualTo("value a");

            keepBusy(clerk);
            onNode(() -> {
                GenServer.cast(clerk, "wait");
                return Ok.OK;
            });
            JsonNode messages = viewer.get("/api/messages?id=" + id(clerk)).json();
            assertThat(messages.get("total").asInt()).isEqualTo(1);
            assertThat(messages.get("first").get(0).asString()).isEqualTo("wait");
        }

        @Test
        void a_busy_server_is_not_waited_for() throws Exception {
            Pid clerk = clerk("a");
            keepBusy(clerk);
            Wire viewer = Wire.enter(observe(options().withState()));

            Wire.Answer answer = viewer.get("/api/state?id=" + id(clerk));
            assertThat(answer.status()).isEqualTo(409);
            assertThat(answer.json().get("problem").asString()).contains("timeout");
        }
    }

    @Nested
    class screens {

        @Test
        void the_processes_are_ordered_searched_and_paged() throws Exception {
            for (int i = 0; i < 120; i++) {
                clerk("number " + i);
            }
            Pid busy = clerk("busy");
            keepBusy(busy);
            onNode(() -> {
                GenServer.cast(busy, "a");
                GenServer.cast(busy, "b");
                return Ok.OK;
            });
            Wire viewer = viewer();

            JsonNode first = viewer.get("/api/processes?by=mailbox").screen();
            assertThat(first.get("total").asInt()).isEqualTo(121);
            assertThat(first.get("rows")).hasSize(50);
            assertThat(first.get("rows").get(0).get("id").asLong()).isEqualTo(id(busy));
            assertThat(first.get("rows").get(0).get("mailbox").asInt()).isEqualTo(2);
            assertThat(first.get("rows").get(0).get("status").asString()).isEqualTo("RUNNING");
            assertThat(viewer.get("/api/processes?from=100").screen().get("rows")).hasSize(21);
            JsonNode found = viewer.get("/api/processes?q=NUMBER+77").screen();
            assertThat(found.get("total").asInt()).isEqualTo(1);
            assertThat(found.get("rows").get(0).get("label").asString())
                    .isEqualTo("label number 77");
        }

        @Test
        void the_tree_shows_children_and_collapses_many() throws Exception {
            Pid dynamic =
                    onNode(() -> {
                        Server<Supervisor> root =
                                Supervisor.startLink(
                                                List.of(
                                                        DynamicSupervisor.childSpec(
                                                                "many",
                                                                DynamicSupervisorFlags.DEFAULT,
                                                                StartOption.name("many")),
                                                        ChildSpec.worker(
                                                                "one",
                                                                () ->
                                                                        GenServer.startLink(
                                                                                Clerk::new,
                                                                                "one"))),
                                                SupervisorFlags.of(Strategy.ONE_FOR_ONE),
                                                StartOption.name("root"))
                                        .server();
                        Pid many = Processes.whereis("many").orElseThrow();
                        for (int i = 0; i < 60; i++) {
                            String name = "child " + i;
                            DynamicSupervisor.startChild(
                                    many,
                                    ChildSpec.worker(
                                            name, () -> GenServer.startLink(Clerk::new, name)));
                        }
                        assertThat(root).isNotNull();
                        return many;
                    });
            Wire viewer = viewer();

            JsonNode lines = viewer.get("/api/tree").screen().get("lines");
            assertThat(lines).hasSize(3);
            assertThat(lines.get(0).get("process").get("name").asString()).isEqualTo("root");
            assertThat(lines.get(1).get("depth").asInt()).isEqualTo(1);
            assertThat(lines.get(1).get("children").asInt()).isEqualTo(60);
            assertThat(lines.get(1).get("open").asBoolean()).isFalse();
            assertThat(lines.get(2).get("child").get("id").asString()).isEqualTo("one");
            JsonNode opened = viewer.get("/api/tree?open=" + id(dynamic)).screen().get("lines");
            assertThat(opened).hasSize(63);
            assertThat(opened.get(2).get("depth").asInt()).isEqualTo(2);
            assertThat(
                            viewer.get("/api/processes?parent=" + id(dynamic))
                                    .screen()
                                    .get("total")
                                    .asInt())
                    .isEqualTo(60);
        }

        @Test
        void a_crash_and_its_restart_are_in_the_time_line_and_at_the_successor() throws Exception {
            Observer observer = observe(options());
            onNode(() -> {
                Supervisor.startLink(
                        List.of(
                                ChildSpec.worker(
                                        "flaky",
                                        () ->
                                                GenServer.startLink(
                                                        Clerk::new,
                                                        "a",
                                                        StartOption.name("flaky")))),
                        SupervisorFlags.of(Strategy.ONE_FOR_ONE));
                Pid first = Processes.whereis("flaky").orElseThrow();
                GenServer.cast(first, new Clerk.Crash("no more paper"));
                await().until(() ->
                        onNode(() -> Processes.whereis("flaky"))
                                .filter(pid -> !pid.equals(first))
                                .isPresent());
                return Ok.OK;
            });
            Pid second = onNode(() -> Processes.whereis("flaky").orElseThrow());
            Wire viewer = Wire.enter(observer);

            await().until(() -> viewer.get("/api/timeline").screen().get("events").size() == 2);
            JsonNode events = viewer.get("/api/timeline").screen().get("events");
            assertThat(events.findValuesAsString("kind")).containsExactly("RESTART", "CRASH");
            assertThat(events.get(1).get("text").asString()).contains("no more paper");
            assertThat(viewer.get("/api/timeline?kinds=CRASH").screen().get("events")).hasSize(1);
            JsonNode process = viewer.get("/api/process?id=" + id(second)).screen();
            assertThat(process.get("ends").asInt()).isEqualTo(1);
            assertThat(process.get("lastEnd").asString()).contains("no more paper");
            assertThat(process.get("crash").get("detail").asString()).contains("Clerk.handleCast");
            assertThat(process.get("neighbours").get("ancestors")).hasSize(1);
            JsonNode problems = viewer.get("/api/overview").screen().get("problems");
            assertThat(problems.findValuesAsString("text"))
                    .contains("1 crash in the last minute: flaky (1)");
        }

        @Test
        void who_waits_for_whom_is_shown_with_all_waiters_of_a_server() throws Exception {
            Pid clerk = clerk("slow");
            keepBusy(clerk);
            for (int i = 0; i < 12; i++) {
                onNode(() ->
                        Processes.spawn(() ->
                                GenServer.call(clerk, new Clerk.Ask("a"), GenServer.INFINITY)));
            }
            await().until(() -> onNode(() -> Processes.mailboxLength(clerk)).orElse(0) == 12);
            Wire viewer = viewer();

            JsonNode group = viewer.get("/api/waiting").screen().get("groups").get(0);
            assertThat(group.get("process").get("id").asLong()).isEqualTo(id(clerk));
            assertThat(group.get("waiters").asInt()).isEqualTo(12);
            assertThat(
                            viewer.get("/api/overview")
                                    .screen()
                                    .get("problems")
                                    .findValuesAsString("text"))
                    .contains("12 processes wait for its replies");
            assertThat(
                            viewer.get("/api/process?id=" + id(clerk))
                                    .screen()
                                    .get("neighbours")
                                    .get("waited for by"))
                    .hasSize(12);
        }

        @Test
        void a_process_that_has_ended_is_said_to_have_ended() throws Exception {
            JsonNode process = viewer().get("/api/process?id=77").screen();

            assertThat(process.get("alive").asBoolean()).isFalse();
        }

        @Test
        void a_stream_sends_the_rates_of_the_second_look() throws Exception {
            Pid clerk = clerk("a");
            Wire viewer = viewer();
            try (Socket stream = viewer.open("GET", "/stream/processes?by=rate")) {
                BufferedReader lines = Wire.reader(stream);
                assertThat(data(lines)).contains("\"rate\":null");
                onNode(() -> {
                    for (int i = 0; i < 100; i++) {
                        GenServer.cast(clerk, "a");
                    }
                    return Ok.OK;
                });
                String look = data(lines);
                while (!look.contains("\"handled\":100")) {
                    look = data(lines);
                }
                assertThat(look).doesNotContain("\"rate\":null");
            }
        }

        private static String data(BufferedReader lines) throws IOException {
            String line = lines.readLine();
            while (line != null && !line.startsWith("data: ")) {
                line = lines.readLine();
            }
            return String.valueOf(line);
        }

        @Test
        void text_for_a_terminal_has_no_control_characters() throws Exception {
            clerk("\u001b[2Jred\u0007", StartOption.name("\u001b]0;title"));
            String text = viewer().get("/top?width=200").body();

            assertThat(text).contains("?[2Jred?", "?]0;title");
            assertThat(text.chars()).noneMatch(c -> Character.isISOControl(c) && c != '\n');
        }
    }

    @Nested
    class hostile {

        @Test
        void names_labels_failures_states_dictionaries_keys_and_messages_are_escaped()
                throws Exception {
            ProcessRegistry<String, Ok> registry = ProcessRegistry.unique("r" + HOSTILE);
            Observer observer = observe(options().withState());
            Pid clerk = clerk(HOSTILE, StartOption.name(HOSTILE));
            onNode(() -> {
                registry.startLink();
                clerk("a", StartOption.name(registry.server(HOSTILE, Clerk.class)));
                Pid crashed = clerk("b");
                GenServer.cast(crashed, new Clerk.Crash(HOSTILE));
                await().until(() -> !Processes.isAlive(crashed));
                Processes.send(crashed, HOSTILE);
                Processes.sendAfter(clerk, HOSTILE, Duration.ofHours(1));
                return Ok.OK;
            });
            Wire viewer = Wire.enter(observer);

            String id = "?id=" + id(clerk);
            for (String path :
                    List.of(
                            "overview",
                            "tree",
                            "processes",
                            "timeline",
                            "names",
                            "process" + id,
                            "state" + id)) {
                String body = viewer.get("/api/" + path).body();
                assertThat(body).as(path).contains("\\u003cimg").doesNotContain("<", ">");
            }
            keepBusy(clerk);
            onNode(() -> {
                GenServer.cast(clerk, HOSTILE);
                return Ok.OK;
            });
            assertThat(viewer.get("/api/messages" + id).body())
                    .contains("\\u003cimg")
                    .doesNotContain("<");
        }

        @Test
        void a_value_whose_text_fails_hides_nothing_else() throws Exception {
            Object bad =
                    new Object() {
                        @Override
                        public String toString() {
                            throw new IllegalStateException("no text");
                        }
                    };
            onNode(() ->
                    Processes.spawn(() -> {
                        Processes.setLabel(bad);
                        Processes.receive();
                    }));
            Wire viewer = viewer();
            await().untilAsserted(() ->
                    assertThat(viewer.get("/api/processes").body())
                            .contains("a value whose toString threw"));
        }
    }
}
