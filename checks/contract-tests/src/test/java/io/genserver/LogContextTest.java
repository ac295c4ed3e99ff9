package io.genserver;

import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.supervisor.Task;
import io.genserver.test.GenServerExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/// Runs with logback here and with log4j2 in `checks/log4j-tests`. What a log line shows is read
/// from the file that the configuration of either names, with a pattern that knows nothing of
/// processes but the keys.
@ExtendWith(GenServerExtension.class)
@Timeout(60)
class LogContextTest {

    private static final Logger log = LoggerFactory.getLogger(LogContextTest.class);
    private static final Path LINES = Path.of("target", "log-context.log");

    /// What a server sees of the log context, and what the line shows that it logs.
    record Seen(Map<String, String> mdc, Line line) {}

    /// The part of a log line that comes from the log context. An absent entry is empty.
    record Line(String pid, String name, String request) {}

    private static Seen look() {
        Map<String, String> copy = MDC.getCopyOfContextMap();
        return new Seen(copy == null ? Map.of() : copy, line());
    }

    private static Line line() {
        String text = UUID.randomUUID().toString();
        log.info(text);
        try {
            List<String> lines =
                    Files.readAllLines(LINES).stream().filter(line -> line.contains(text)).toList();
            assertThat(lines).hasSize(1);
            String[] parts = lines.getFirst().split("\\|", -1);
            return new Line(parts[1], parts[2], parts[3]);
        } catch (IOException unreadable) {
            throw new AssertionError(unreadable);
        }
    }

    /// What a test has the server do in a callback.
    interface Work {
        Object run() throws Exception;
    }

    /// Runs the work that it is sent. What it is cast or told returns an action.
    static final class Doer implements GenServer<Work, Object, Work, Work> {
        @Override
        public Init<Object> init(Work work) throws Exception {
            return Init.ok(work.run());
        }

        @Override
        public CallResult<Object> handleCall(Work work, From from, Object state) throws Exception {
            return CallResult.replyUntyped(work.run(), state);
        }

        @Override
        public CastResult<Object> handleCast(Work work, Object state) throws Exception {
            return after(work, state);
        }

        @Override
        public CastResult<Object> handleInfo(Object message, Object state) throws Exception {
            return after((Work) message, state);
        }

        @Override
        public CastResult<Object> handleContinue(Object message, Object state) throws Exception {
            return after((Work) message, state);
        }

        private static CastResult<Object> after(Work work, Object state) throws Exception {
            return work.run() instanceof Action action
                    ? CastResult.noreply(state, action)
                    : CastResult.noreply(state);
        }
    }

    /// The kinds of servers, because their turns run on different threads.
    enum Kind {
        ORDINARY,
        NON_BLOCKING,
        ON_PLATFORM_THREAD;

        Pid start(Work init) {
            return switch (this) {
                case ORDINARY -> GenServer.startLink(Doer::new, init).pid();
                case NON_BLOCKING ->
                        GenServer.startLink(Doer::new, init, StartOption.nonBlocking()).pid();
                case ON_PLATFORM_THREAD ->
                        GenServer.startLink(Doer::new, init, StartOption.platformThread()).pid();
            };
        }

        Pid start() {
            return start(() -> "started");
        }
    }

    private static Object ask(Pid server, Work work) {
        return Objects.requireNonNull(GenServer.callUntyped(server, work));
    }

    /// A cast that reports to the test what the server sees.
    private static Work report() {
        Pid test = Processes.self();
        return () -> {
            Seen seen = look();
            Processes.send(test, seen);
            return seen;
        };
    }

    private static Seen reported() {
        return Processes.receive(Seen.class);
    }

    private static Seen seenBy(Pid server, Map<String, String> mdc) {
        return new Seen(mdc, new Line(server.toString(), "", mdc.getOrDefault("request", "")));
    }

    private static final Map<String, String> NOTHING = Map.of();
    private static final Map<String, String> SEVENTEEN = Map.of("request", "17");

    @BeforeEach
    @AfterEach
    void clear() {
        MDC.clear();
    }

    @Nested
    class a_line {

        @ParameterizedTest
        @EnumSource(Kind.class)
        void shows_the_process_that_wrote_it(Kind kind) {
            CompletableFuture<Seen> init = new CompletableFuture<>();
            Pid server = kind.start(() -> init.complete(look()));

            assertThat(init.join()).isEqualTo(seenBy(server, NOTHING));
            assertThat(ask(server, LogContextTest::look)).isEqualTo(seenBy(server, NOTHING));
            GenServer.cast(server, report());
            assertThat(reported()).isEqualTo(seenBy(server, NOTHING));
            Processes.send(server, report());
            assertThat(reported()).isEqualTo(seenBy(server, NOTHING));
            assertThat(line()).isEqualTo(new Line(Processes.self().toString(), "", ""));
        }

        @Test
        void shows_the_name_of_the_process() {
            Pid server =
                    GenServer.startLink(Doer::new, () -> "", StartOption.name("context")).pid();

            assertThat(ask(server, LogContextTest::line))
                    .isEqualTo(new Line(server.toString(), "context", ""));
            Processes.unregister("context");
            assertThat(ask(server, LogContextTest::line))
                    .isEqualTo(new Line(server.toString(), "", ""));
        }

        @Test
        void shows_a_spawned_process() {
            Pid me = Processes.self();
            Pid spawned = Processes.spawn(() -> Processes.send(me, look()));

            assertThat(reported()).isEqualTo(seenBy(spawned, NOTHING));
        }

        @Test
        void shows_nothing_of_a_thread_that_is_no_process() {
            assertThat(Outside.run(LogContextTest::look).join())
                    .isEqualTo(new Seen(NOTHING, new Line("", "", "")));
        }

        @Test
        void shows_what_the_user_has_put_under_the_same_key() {
            Pid server = Kind.ORDINARY.start();
            MDC.put("pid", "mine");

            assertThat(line()).isEqualTo(new Line("mine", "", ""));
            assertThat(ask(server, LogContextTest::line)).isEqualTo(new Line("mine", "", ""));
        }

        @Test
        void can_be_made_by_any_library_from_the_entries_of_the_process() {
            Pid server =
                    GenServer.startLink(Doer::new, () -> "", StartOption.name("context")).pid();

            assertThat(ask(server, Processes::logEntries))
                    .isEqualTo(Map.of("pid", server.toString(), "registered_name", "context"));
            assertThat(Processes.logEntries())
                    .isEqualTo(Map.of("pid", Processes.self().toString()));
            assertThat(Outside.run(Processes::logEntries).join()).isEmpty();
        }
    }

    @Nested
    class what_the_sender_has {

        @ParameterizedTest
        @EnumSource(Kind.class)
        void comes_with_everything_it_sends(Kind kind) {
            MDC.put("request", "17");
            CompletableFuture<Seen> init = new CompletableFuture<>();
            Pid server = kind.start(() -> init.complete(look()));

            assertThat(init.join()).isEqualTo(seenBy(server, SEVENTEEN));
            assertThat(ask(server, LogContextTest::look)).isEqualTo(seenBy(server, SEVENTEEN));
            GenServer.cast(server, report());
            assertThat(reported()).isEqualTo(seenBy(server, SEVENTEEN));
            Processes.send(server, report());
            assertThat(reported()).isEqualTo(seenBy(server, SEVENTEEN));
            Work look = LogContextTest::look;
            assertThat(
                            GenServer.sendRequestUntyped(server, look)
                                    .receiveResponse(Duration.ofSeconds(30))
                                    .reply())
                    .isEqualTo(seenBy(server, SEVENTEEN));
        }

        @Test
        void comes_with_the_message_of_a_timer() {
            Pid server = Kind.ORDINARY.start();
            MDC.put("request", "17");
            Processes.sendAfter(server, report(), Duration.ofMillis(5));
            MDC.clear();

            assertThat(reported()).isEqualTo(seenBy(server, SEVENTEEN));
        }

        @Test
        void goes_to_what_it_spawns_and_to_its_tasks() throws Exception {
            Pid me = Processes.self();
            MDC.put("request", "17");
            Pid spawned = Processes.spawn(() -> Processes.send(me, look()));

            assertThat(reported()).isEqualTo(seenBy(spawned, SEVENTEEN));
            assertThat(Task.async(LogContextTest::look).await().mdc()).isEqualTo(SEVENTEEN);
        }

        @ParameterizedTest
        @EnumSource(Kind.class)
        void goes_on_from_server_to_server(Kind kind) {
            Pid first = kind.start();
            Pid second = Kind.ORDINARY.start();
            Pid last = kind.start();
            MDC.put("request", "17");

            for (int i = 0; i < 3; i++) { // the same map travels again
                assertThat(ask(first, () -> ask(second, () -> ask(last, LogContextTest::look))))
                        .isEqualTo(seenBy(last, SEVENTEEN));
            }
        }

        @ParameterizedTest
        @EnumSource(Kind.class)
        void is_there_in_the_continuation_and_the_timeout_of_a_turn(Kind kind) {
            Pid server = kind.start();
            Work report = report();
            MDC.put("request", "17");
            GenServer.cast(server, (Work) () -> Action.continueWith(report));
            MDC.put("request", "18");
            ask(server, LogContextTest::look);
            assertThat(reported()).isEqualTo(seenBy(server, SEVENTEEN));

            MDC.put("request", "17");
            GenServer.cast(server, (Work) () -> Action.timeout(Duration.ofMillis(5), report));
            MDC.clear();
            assertThat(reported()).isEqualTo(seenBy(server, SEVENTEEN));

            MDC.put("request", "17");
            GenServer.cast(server, (Work) () -> Action.timeout(Duration.ZERO, report));
            assertThat(reported()).isEqualTo(seenBy(server, SEVENTEEN));

            MDC.put("request", "17");
            GenServer.cast(server, (Work) () -> Action.hibernate(Duration.ofMillis(5), report));
            MDC.clear();
            assertThat(reported()).isEqualTo(seenBy(server, SEVENTEEN));
        }
    }

    @Nested
    class nothing_leaks {

        @ParameterizedTest
        @EnumSource(Kind.class)
        void from_one_message_to_the_next(Kind kind) {
            Pid server = kind.start();
            Map<String, String> eighteen = Map.of("request", "18", "user", "ada");

            for (int i = 0; i < 3; i++) {
                MDC.setContextMap(SEVENTEEN);
                assertThat(ask(server, LogContextTest::look)).isEqualTo(seenBy(server, SEVENTEEN));
                MDC.setContextMap(eighteen);
                assertThat(ask(server, LogContextTest::look)).isEqualTo(seenBy(server, eighteen));
                MDC.clear();
                assertThat(ask(server, LogContextTest::look)).isEqualTo(seenBy(server, NOTHING));
            }
        }

        @ParameterizedTest
        @EnumSource(Kind.class)
        void from_a_callback_that_changes_the_context(Kind kind) {
            Pid server = kind.start();
            Work leave =
                    () -> {
                        MDC.put("left", "behind");
                        return "";
                    };
            Work replace =
                    () -> {
                        MDC.put("request", "20");
                        return "";
                    };
            Work empty =
                    () -> {
                        MDC.clear();
                        return "";
                    };

            for (Work change : List.of(leave, replace, empty)) {
                for (Map<String, String> mine : List.of(NOTHING, SEVENTEEN)) {
                    MDC.setContextMap(mine);
                    ask(server, change);
                    assertThat(look()).isEqualTo(seenBy(Processes.self(), mine));
                    assertThat(ask(server, LogContextTest::look)).isEqualTo(seenBy(server, mine));
                    GenServer.cast(server, change);
                    GenServer.cast(server, report());
                    assertThat(reported()).isEqualTo(seenBy(server, mine));
                    assertThat(look()).isEqualTo(seenBy(Processes.self(), mine));
                }
            }
        }

        @Test
        void from_one_server_to_another_that_is_sent_something_in_its_turn() {
            Pid first = Kind.NON_BLOCKING.start();
            Pid second = Kind.NON_BLOCKING.start();
            Work report = report();
            MDC.put("request", "17");
            Work pass =
                    () -> {
                        MDC.put("request", "18");
                        GenServer.cast(second, report);
                        MDC.put("request", "19");
                        return "";
                    };

            ask(first, pass);

            assertThat(reported()).isEqualTo(seenBy(second, Map.of("request", "18")));
            assertThat(look()).isEqualTo(seenBy(Processes.self(), SEVENTEEN));
        }

        @ParameterizedTest
        @EnumSource(Kind.class)
        void to_a_thread_that_is_no_process(Kind kind) {
            Pid server = kind.start();
            Work change =
                    () -> {
                        Seen seen = look();
                        MDC.put("left", "behind");
                        MDC.remove("request");
                        return seen;
                    };

            Outside.run(
                            () -> {
                                Map<String, String> mine = new HashMap<>(SEVENTEEN);
                                MDC.setContextMap(mine);
                                assertThat(ask(server, change)).isEqualTo(seenBy(server, mine));
                                assertThat(look())
                                        .isEqualTo(new Seen(mine, new Line("", "", "17")));
                                MDC.put("user", "ada");
                                mine.put("user", "ada");
                                assertThat(ask(server, change)).isEqualTo(seenBy(server, mine));
                                assertThat(look())
                                        .isEqualTo(new Seen(mine, new Line("", "", "17")));
                                MDC.clear();
                                assertThat(ask(server, change)).isEqualTo(seenBy(server, NOTHING));
                                assertThat(look())
                                        .isEqualTo(new Seen(NOTHING, new Line("", "", "")));
                                return "";
                            })
                    .join();
        }
    }
}
