package io.genserver;

import static io.genserver.test.MessageAssertions.assertReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import io.genserver.GenServerTest.Doer;
import io.genserver.GenServerTest.Task;
import io.genserver.spi.RuntimeListener;
import io.genserver.spi.TurnListener;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Shutdown;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import io.genserver.supervisor.SupervisorSnapshot.ChildSnapshot;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordingFile;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/// What listeners and the flight recorder are told.
@ExtendWith(Alone.class)
@Timeout(60)
class ListenersTest {

    private static final String DOER = Doer.class.getName();

    private static Pid doer(StartOption... options) {
        return GenServer.start(Doer::new, Ok.OK, options).pid();
    }

    private static @Nullable Object ask(Pid server, Task task) {
        return GenServer.callUntyped(server, task);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /// Keeps as text what is told about this test's node.
    private static final class Told implements RuntimeListener {
        private final Node mine = Node.current();
        private final Queue<String> texts = new ConcurrentLinkedQueue<>();

        private void add(Node node, String text) {
            if (node == mine) {
                texts.add(text);
            }
        }

        @Override
        public void serverInitialized(Node node, Pid pid, String server) {
            add(node, "initialized " + pid + " " + server);
        }

        @Override
        public void processEnded(Node node, Pid pid, String initialCall, ExitReason reason) {
            add(node, "ended " + pid + " " + initialCall + " " + reason);
        }

        @Override
        public void crashed(Node node, CrashReport report) {
            add(node, "crashed " + report.pid());
        }

        @Override
        public void callTimedOut(Node node, String server, Object request, Duration waited) {
            add(node, "timed out " + server + " " + !waited.isNegative());
        }

        @Override
        public void callCycle(Node node, List<Pid> cycle) {
            add(node, "cycle " + cycle);
        }

        @Override
        public void childRestarting(
                Node node,
                Pid supervisor,
                Object child,
                ExitReason reason,
                int attempt,
                Duration delay) {
            add(node, "restarting " + supervisor + " " + child + " " + attempt + " " + delay);
        }

        @Override
        public void supervisorGaveUp(Node node, Pid supervisor, Object child, ExitReason reason) {
            add(node, "gave up " + supervisor + " " + child);
        }

        @Override
        public void childOverdue(
                Node node,
                Pid supervisor,
                Object child,
                Pid pid,
                Duration limit,
                List<StackTraceElement> stack) {
            add(
                    node,
                    "overdue "
                            + supervisor
                            + " "
                            + child
                            + " "
                            + pid
                            + " "
                            + limit
                            + " "
                            + (stack.isEmpty() ? "?" : stack.getFirst().getMethodName()));
        }
    }

    private record Never() implements Call<String>, Task {
        @Override
        public Object run(From from) {
            return Doer.NO_REPLY;
        }
    }

    @Nested
    class a_runtime_listener {

        @Test
        void is_told_of_a_server_from_its_init_to_its_end_until_it_is_closed() {
            Told told = new Told();
            Pid server;
            try (RuntimeListener.Subscription _ = RuntimeListener.add(told)) {
                server = doer();
                GenServer.stop(server);
                await().until(() -> told.texts.size() >= 2);
            }
            GenServer.stop(doer());

            assertThat(told.texts)
                    .containsExactly(
                            "initialized " + server + " " + DOER,
                            "ended " + server + " " + DOER + " normal");
        }

        @Test
        void is_told_once_that_a_node_is_closed() {
            Queue<Node> closed = new ConcurrentLinkedQueue<>();
            RuntimeListener listener =
                    new RuntimeListener() {
                        @Override
                        public void nodeClosed(Node node) {
                            assertThat(node.isOpen()).isFalse();
                            closed.add(node);
                        }
                    };
            Node node = Node.start();
            try (RuntimeListener.Subscription _ = RuntimeListener.add(listener)) {
                node.close();
                node.close();
            }

            assertThat(closed).containsOnlyOnce(node);
        }

        @Test
        void that_was_added_twice_is_told_twice_and_closes_each_on_its_own() {
            Told told = new Told();
            RuntimeListener.Subscription one = RuntimeListener.add(told);
            RuntimeListener.Subscription other = RuntimeListener.add(told);
            Pid server = doer();
            one.close();
            one.close();
            Pid next = doer();
            other.close();
            doer();

            String initialized = "initialized " + server + " " + DOER;
            assertThat(told.texts)
                    .containsExactly(initialized, initialized, "initialized " + next + " " + DOER);
        }

        @Test
        void is_told_of_calls_that_time_out_also_of_those_that_nobody_waits_for() {
            Told told = new Told();
            try (RuntimeListener.Subscription _ = RuntimeListener.add(told)) {
                Pid silent = doer();
                Duration aMoment = Duration.ofMillis(1);
                assertThatThrownBy(() -> GenServer.callUntyped(silent, new Never(), aMoment))
                        .isInstanceOf(CallException.class);
                assertThat(GenServer.callAsync(silent, new Never(), aMoment))
                        .failsWithin(Duration.ofSeconds(30));
                await().until(() -> told.texts.size() >= 3);
            }
            assertThat(told.texts)
                    .filteredOn(text -> text.startsWith("timed out"))
                    .containsExactly("timed out " + DOER + " true", "timed out " + DOER + " true");
        }

        @Test
        void is_told_of_a_cycle_of_calls() {
            Told told = new Told();
            try (RuntimeListener.Subscription _ = RuntimeListener.add(told)) {
                Pid one = doer();
                Pid other = doer();
                ask(
                        one,
                        _ ->
                                ask(
                                        other,
                                        _ -> {
                                            assertThatThrownBy(() -> ask(one, _ -> "never"))
                                                    .isInstanceOf(CallException.class);
                                            return "seen";
                                        }));
                assertThat(told.texts).contains("cycle " + List.of(other, one, other));
            }
        }

        @Test
        void is_told_of_restarts_and_of_a_supervisor_that_gives_up() {
            Told told = new Told();
            try (RuntimeListener.Subscription _ = RuntimeListener.add(told)) {
                Processes.trapExits(true);
                Pid supervisor =
                        Supervisor.startLink(
                                        List.of(Kid.spec("kid")),
                                        SupervisorFlags.of(Strategy.ONE_FOR_ONE)
                                                .withMaxRestarts(1, Duration.ofHours(1)))
                                .pid();
                Kid.end(Kid.started("kid"), ExitReason.of("once"));
                Kid.end(Kid.started("kid"), ExitReason.of("twice"));
                assertReceive(Exit.class);

                assertThat(told.texts)
                        .contains(
                                "restarting " + supervisor + " kid 1 PT0S",
                                "gave up " + supervisor + " kid");
            }
        }

        @Test
        void is_told_of_a_child_that_takes_too_long_to_stop() {
            Told told = new Told();
            try (RuntimeListener.Subscription _ = RuntimeListener.add(told)) {
                ChildSpec<Slow> slow =
                        ChildSpec.worker("slow", () -> GenServer.startLink(Slow::new, Ok.OK))
                                .withShutdown(Shutdown.within(Duration.ofMillis(20)));
                Pid supervisor =
                        Supervisor.startLink(
                                        List.of(slow), SupervisorFlags.of(Strategy.ONE_FOR_ONE))
                                .pid();
                Pid child = Supervisor.whichChildren(supervisor).getFirst().pid().orElseThrow();
                GenServer.stop(supervisor);

                assertThat(told.texts)
                        .anyMatch(text ->
                                text.startsWith(
                                        "overdue " + supervisor + " slow " + child + " PT0.02S "));
            }
        }
    }

    private static final class Slow implements GenServer<Ok, Ok, Object, Object> {
        @Override
        public Init<Ok> init(Ok ok) {
            Processes.trapExits(true);
            return Init.ok(ok);
        }

        @Override
        public void terminate(ExitReason reason, Ok ok) {
            Processes.receive(_ -> null);
        }
    }

    @Test
    void the_snapshot_of_a_supervisor_is_there_while_it_is_busy() throws Exception {
        CountDownLatch starting = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Pid supervisor =
                Supervisor.startLink(
                                List.of(Kid.spec("kid")), SupervisorFlags.of(Strategy.ONE_FOR_ONE))
                        .pid();
        Kid.end(Kid.started("kid"), ExitReason.of("crash"));
        Pid again = Kid.started("kid");
        ChildSpec<?> slow =
                ChildSpec.worker(
                        "slow",
                        () -> {
                            starting.countDown();
                            awaitQuietly(goOn);
                            return new Start.Ignore<>();
                        });
        Pid starter = Processes.spawnLink(() -> Supervisor.startChild(supervisor, slow));
        starting.await();

        var snapshot = Supervisor.snapshot(supervisor).orElseThrow();

        assertThat(snapshot.restarts()).isEqualTo(1);
        assertThat(snapshot.children())
                .extracting(
                        ChildSnapshot::id, child -> child.pid().orElse(null), ChildSnapshot::ends)
                .containsExactly(tuple("kid", again, 1));
        assertThat(snapshot.children().getFirst().lastEnd().orElseThrow().reason())
                .isEqualTo(ExitReason.of("crash"));
        assertThat(Supervisor.snapshot(starter)).isEmpty();
        goOn.countDown();
    }

    @Nested
    class a_turn_listener {

        private @Nullable Node mine; // other tests have servers, too
        private final List<String> seen = new ArrayList<>(); // non-blocking servers: one thread

        private final TurnListener all =
                new TurnListener() {
                    @Override
                    public @Nullable Object turnBegins(
                            Node node,
                            Pid pid,
                            String server,
                            Kind kind,
                            Object message,
                            long queued) {
                        assertThat(queued).isGreaterThanOrEqualTo(kind == Kind.INFO ? -1 : 0);
                        return node == mine && message instanceof Task ? kind : null;
                    }

                    @Override
                    public void turnEnds(Object begun, @Nullable ExitReason ended) {
                        seen.add("turn " + begun + " " + ended);
                    }

                    @Override
                    public @Nullable Object callBegins(
                            Node node, ServerRef server, Object request) {
                        return node == mine ? "call" : null;
                    }

                    @Override
                    public void callEnds(
                            Object begun, @Nullable String server, @Nullable ExitReason failure) {
                        seen.add(begun + " " + server + " " + failure);
                    }
                };

        private RuntimeListener.Subscription listen(TurnListener listener) {
            mine = Node.current();
            return TurnListener.add(listener);
        }

        @Test
        void sees_turns_and_calls_while_it_is_there() {
            Pid server = doer(StartOption.nonBlocking());
            ask(server, _ -> "before");
            try (RuntimeListener.Subscription _ = listen(all)) {
                ask(server, _ -> "seen");
                GenServer.stop(server);
                assertThatThrownBy(() -> ask(server, _ -> "too late"))
                        .isInstanceOf(CallException.class);
            }
            ask(doer(StartOption.nonBlocking()), _ -> "after");

            assertThat(seen)
                    .containsExactly(
                            "turn CALL null", "call " + DOER + " null", "call null noproc");
        }

        @Test
        void does_not_have_a_registry_asked_once_more() {
            AtomicInteger asked = new AtomicInteger();
            Pid server = doer(StartOption.nonBlocking());
            ViaRegistry registry =
                    new ViaRegistry() {
                        @Override
                        public boolean registerName(Object key, Pid pid) {
                            return false;
                        }

                        @Override
                        public void unregisterName(Object key) {}

                        @Override
                        public Optional<Pid> whereisName(Object key) {
                            asked.incrementAndGet();
                            return Optional.of(server);
                        }
                    };
            ServerRef via = ServerRef.via(registry, "key");
            try (RuntimeListener.Subscription _ = listen(all)) {
                assertThat(GenServer.callUntyped(via, (Task) _ -> "seen")).isEqualTo("seen");
            }

            assertThat(seen).containsExactly("turn CALL null", "call " + DOER + " null");
            assertThat(asked).hasValue(1);
        }

        @Test
        void sees_the_turn_in_which_a_server_ends() {
            Pid server = doer(StartOption.nonBlocking());
            try (RuntimeListener.Subscription _ = listen(all)) {
                assertThatThrownBy(() ->
                                ask(
                                        server,
                                        _ -> {
                                            throw new ExitException(ExitReason.SHUTDOWN);
                                        }))
                        .isInstanceOf(CallException.class);
            }
            assertThat(seen).containsExactly("turn CALL shutdown", "call " + DOER + " shutdown");
        }

        @Test
        void that_fails_is_removed() {
            TurnListener failing =
                    new TurnListener() {
                        @Override
                        public @Nullable Object turnBegins(
                                Node node,
                                Pid pid,
                                String server,
                                Kind kind,
                                Object message,
                                long queued) {
                            if (node == mine) {
                                seen.add("failing");
                                throw new IllegalStateException("as planned");
                            }
                            return null;
                        }
                    };
            Pid server = doer(StartOption.nonBlocking());
            try (Logs logs = Logs.of(TurnListener.class);
                    RuntimeListener.Subscription _ = listen(failing)) {
                ask(server, _ -> "one");
                ask(server, _ -> "two");
                assertThat(logs.with("because it failed")).hasSize(1);
            }
            assertThat(seen).containsExactly("failing");
        }

        @Test
        void that_wants_one_turn_in_four_sees_as_many() {
            TurnListener some =
                    new TurnListener() {
                        @Override
                        public int oneTurnIn() {
                            return 4;
                        }

                        @Override
                        public @Nullable Object turnBegins(
                                Node node,
                                Pid pid,
                                String server,
                                Kind kind,
                                Object message,
                                long queued) {
                            if (node == mine) {
                                seen.add("turn");
                            }
                            return null;
                        }
                    };
            Pid server = doer(StartOption.nonBlocking());
            try (RuntimeListener.Subscription _ = listen(some)) {
                for (int i = 0; i < 40; i++) {
                    ask(server, _ -> "done");
                }
            }
            assertThat(seen).hasSize(10);
        }

        @Test
        void that_wants_another_share_is_refused() {
            TurnListener wrong =
                    new TurnListener() {
                        @Override
                        public int oneTurnIn() {
                            return 3;
                        }
                    };
            assertThatThrownBy(() -> TurnListener.add(wrong))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(
                            "expected oneTurnIn of a listener to be a power of two from 1 to 64,"
                                    + " got: 3");
        }
    }

    @Nested
    class the_flight_recorder {

        @Test
        void has_the_events_of_a_recording_with_the_settings_of_the_jdk(@TempDir Path folder)
                throws Exception {
            Path file = folder.resolve("events.jfr");
            // Its turns run here, so a turn has been recorded when its caller goes on.
            Pid crashing = doer(StartOption.nonBlocking());
            Pid slow = doer();
            try (Recording recording = new Recording()) {
                recording.enable("io.genserver.Turn").withThreshold(Duration.ZERO);
                recording.start();
                assertThatThrownBy(() ->
                                ask(
                                        crashing,
                                        _ -> {
                                            throw new IllegalStateException("planned");
                                        }))
                        .isInstanceOf(CallException.class);
                Processes.send(crashing, "too late");
                assertThatThrownBy(() ->
                                GenServer.callUntyped(
                                        slow, (Task) _ -> Doer.NO_REPLY, Duration.ofMillis(25)))
                        .isInstanceOf(CallException.class);
                recording.stop();
                recording.dump(file);
            }
            String mine = Node.current().name(); // other tests are recorded, too
            List<RecordedEvent> events =
                    RecordingFile.readAllEvents(file).stream()
                            .filter(event -> event.getEventType().getName().startsWith("io.gen"))
                            .filter(event -> mine.equals(event.getString("node")))
                            .toList();
            assertThat(named(events, "Turn"))
                    .anySatisfy(turn -> {
                        assertThat(turn.getString("server")).isEqualTo(DOER);
                        assertThat(turn.getString("process")).isEqualTo(crashing.toString());
                        assertThat(turn.getString("kind")).isEqualTo("CALL");
                        assertThat(turn.getString("exitReason"))
                                .isEqualTo("java.lang.IllegalStateException");
                    });
            assertThat(named(events, "Crash"))
                    .singleElement()
                    .satisfies(crash -> {
                        assertThat(crash.getString("exception"))
                                .isEqualTo("java.lang.IllegalStateException");
                        assertThat(crash.getString("stack")).contains("ListenersTest");
                    });
            assertThat(named(events, "DeadLetter"))
                    .anySatisfy(letter ->
                            assertThat(letter.getString("reason")).isEqualTo("DEAD_PROCESS"));
            assertThat(named(events, "CallTimeout")).hasSize(1);
            assertThat(named(events, "Call"))
                    .anySatisfy(call -> assertThat(call.getString("failure")).isEqualTo("timeout"));
            assertThat(named(events, "ProcessEnd")).isEmpty(); // it is off
        }

        private List<RecordedEvent> named(List<RecordedEvent> events, String name) {
            return events.stream()
                    .filter(event -> event.getEventType().getName().equals("io.genserver." + name))
                    .toList();
        }
    }
}
