package io.genserver;

import static io.genserver.CallResult.reply;
import static io.genserver.CallResult.replyUntyped;
import static io.genserver.CastResult.noreply;
import static io.genserver.test.MessageAssertions.assertReceive;
import static io.genserver.test.MessageAssertions.refuteReceive;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.genserver.test.GenServerExtension;
import io.genserver.test.VirtualTime;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(GenServerExtension.class)
@Timeout(30)
class GenServerTest {

    /// The server from the documentation.
    static final class Stack
            implements GenServer<List<String>, Deque<String>, Stack.Request, Stack.Push> {
        sealed interface Request {}

        record Pop() implements Request, Call<Optional<String>> {}

        record Size() implements Request, Call<Integer> {}

        record Push(String element) {}

        @Override
        public Init<Deque<String>> init(List<String> elements) {
            return Init.ok(new ArrayDeque<>(elements));
        }

        @Override
        public CallResult<Deque<String>> handleCall(
                Request request, From from, Deque<String> stack) {
            return switch (request) {
                case Pop pop -> reply(pop, Optional.ofNullable(stack.poll()), stack);
                case Size size -> reply(size, stack.size(), stack);
            };
        }

        @Override
        public CastResult<Deque<String>> handleCast(Push push, Deque<String> stack) {
            stack.push(push.element());
            return noreply(stack);
        }
    }

    /// A function that the server runs in its process.
    interface Task {
        @Nullable Object run(From from) throws Exception;
    }

    static final class Doer implements GenServer<Ok, String, Task, Task> {
        static final Object NO_REPLY = new Object();

        @Override
        public Init<String> init(Ok ok) {
            return Init.ok("state");
        }

        @Override
        public CallResult<String> handleCall(Task task, From from, String state) throws Exception {
            Object result = task.run(from);
            return result == NO_REPLY ? noreply(state) : replyUntyped(result, state);
        }
    }

    private static Pid doer(StartOption... options) {
        return GenServer.start(Doer::new, Ok.OK, options).pid();
    }

    private static @Nullable Object ask(ServerRef server, Task task) {
        return GenServer.callUntyped(server, task);
    }

    @Nested
    class call {

        @Test
        void returns_the_reply_of_the_type_the_request_names() {
            Pid stack = GenServer.startLink(Stack::new, List.of("hello")).pid();

            Optional<String> top = GenServer.call(stack, new Stack.Pop());
            GenServer.cast(stack, new Stack.Push("world"));
            int size = GenServer.call(stack, new Stack.Size());

            assertThat(top).contains("hello");
            assertThat(size).isEqualTo(1);
        }

        @Test
        void works_from_a_thread_that_is_no_process() throws Exception {
            Pid stack = GenServer.startLink(Stack::new, List.of("hello")).pid();

            Integer size =
                    Outside.run(() -> GenServer.call(stack, new Stack.Size()))
                            .get(10, TimeUnit.SECONDS);

            assertThat(size).isEqualTo(1);
        }

        @Test
        void a_reply_may_be_null_if_the_request_is_untyped() {
            assertThat(ask(doer(), _ -> null)).isNull();
        }

        @Test
        void to_an_unknown_name_fails_with_noproc() {
            CallException failure =
                    catchThrowableOfType(
                            CallException.class,
                            () -> GenServer.call(ServerRef.name("nobody"), new Stack.Pop()));

            assertThat(failure.serverReason()).isEqualTo(ExitReason.NOPROC);
            assertThat(failure)
                    .hasMessage(
                            "call to nobody with Pop[] failed: there is no such process, or it has ended");
        }

        @Test
        void to_a_dead_pid_fails_with_noproc() {
            Pid stack = GenServer.startLink(Stack::new, List.<String>of()).pid();
            GenServer.stop(stack);

            CallException failure =
                    catchThrowableOfType(
                            CallException.class, () -> GenServer.call(stack, new Stack.Pop()));

            assertThat(failure.serverReason()).isEqualTo(ExitReason.NOPROC);
        }

        @Test
        void that_is_not_answered_in_time_says_which_server_which_request_and_how_long() {
            Pid server = doer();
            Task never =
                    new Task() {
                        @Override
                        public Object run(From from) {
                            return Doer.NO_REPLY;
                        }

                        @Override
                        public String toString() {
                            return "Never";
                        }
                    };

            CallException failure =
                    catchThrowableOfType(
                            CallException.class,
                            () -> GenServer.callUntyped(server, never, Duration.ofMillis(50)));

            assertThat(failure.serverReason()).isEqualTo(ExitReason.TIMEOUT);
            assertThat(failure.getMessage())
                    .startsWith(
                            "call to "
                                    + server
                                    + " (io.genserver.GenServerTest$Doer) with Never timed out after ");
            assertThat(failure.server()).isEqualTo(server);
            assertThat(failure.request()).isSameAs(never);
            assertThat(failure.waited()).isBetween(Duration.ofMillis(50), Duration.ofSeconds(20));
            assertThat(failure.getStackTrace())
                    .anyMatch(frame -> frame.getMethodName().contains("how_long"));
        }

        @Test
        void a_late_reply_vanishes() {
            Pid server = doer();
            AtomicReference<From> kept = new AtomicReference<>();
            assertThatThrownBy(() ->
                            GenServer.callUntyped(
                                    server,
                                    (Task)
                                            from -> {
                                                kept.set(from);
                                                return Doer.NO_REPLY;
                                            },
                                    Duration.ofMillis(20)))
                    .isInstanceOf(CallException.class);

            Sys.getState(server); // it has handled the call by now
            GenServer.replyUntyped(kept.get(), "late");

            assertThat(ask(server, _ -> "on time")).isEqualTo("on time");
            assertThat(Processes.flush()).isEmpty();
        }

        @Test
        void of_oneself_fails_at_once() {
            Pid server = doer();

            Object reason =
                    ask(
                            server,
                            _ ->
                                    catchThrowableOfType(
                                                    CallException.class,
                                                    () -> ask(Processes.self(), _ -> "x"))
                                            .serverReason());

            assertThat(reason).isEqualTo(ExitReason.CALLING_SELF);
        }

        @Test
        void to_a_server_that_crashes_fails_with_its_exception_as_the_cause() {
            Pid server = doer();

            CallException failure =
                    catchThrowableOfType(
                            CallException.class,
                            () ->
                                    ask(
                                            server,
                                            _ -> {
                                                throw new IOException("disk on fire");
                                            }));

            assertThat(failure)
                    .hasCauseInstanceOf(IOException.class)
                    .hasMessageContaining("disk on fire");
            assertThat(failure.serverReason()).isInstanceOf(ExitReason.Crash.class);
        }

        @Test
        void every_waiting_caller_learns_of_the_death_at_once() throws Exception {
            Pid server = doer();
            CountDownLatch busy = new CountDownLatch(1);
            CompletableFuture<ExitReason> handled =
                    failing(
                            server,
                            _ -> {
                                busy.countDown();
                                Thread.sleep(Duration.ofMinutes(1));
                                return "never";
                            });
            assertThat(busy.await(10, TimeUnit.SECONDS)).isTrue();
            CompletableFuture<ExitReason> queued = failing(server, _ -> "never");

            while (Processes.info(server).orElseThrow().messageQueueLength() == 0) {
                Processes.receive(_ -> null, Duration.ofMillis(1));
            }
            Processes.exit(server, ExitReason.KILL);

            assertThat(handled.get(10, TimeUnit.SECONDS)).isEqualTo(ExitReason.KILLED);
            assertThat(queued.get(10, TimeUnit.SECONDS)).isEqualTo(ExitReason.KILLED);
        }

        private static CompletableFuture<ExitReason> failing(Pid server, Task task) {
            return Outside.run(() ->
                    catchThrowableOfType(
                                    CallException.class,
                                    () -> GenServer.callUntyped(server, task, GenServer.INFINITY))
                            .serverReason());
        }

        @Test
        void a_caller_that_is_owed_a_deferred_reply_learns_of_the_death() {
            Pid server = doer();
            Pid me = Processes.self();
            Processes.spawn(() -> {
                CallException failure =
                        catchThrowableOfType(
                                CallException.class,
                                () ->
                                        ask(
                                                server,
                                                from -> {
                                                    Processes.send(me, "deferred");
                                                    return Doer.NO_REPLY;
                                                }));
                Processes.send(me, failure.serverReason());
            });
            assertReceive("deferred");

            GenServer.stop(server, ExitReason.of("done"));

            assertThat(assertReceive(ExitReason.class)).isEqualTo(ExitReason.of("done"));
        }

        @Test
        void may_be_answered_by_another_process() {
            Pid server = doer();

            Object answer =
                    ask(
                            server,
                            from -> {
                                Processes.spawn(
                                        () -> GenServer.replyUntyped(from, "from elsewhere"));
                                return Doer.NO_REPLY;
                            });

            assertThat(answer).isEqualTo("from elsewhere");
        }

        @Test
        void an_interrupted_caller_gives_up_and_stays_interrupted() throws Exception {
            Pid server = doer();
            CompletableFuture<String> outcome = new CompletableFuture<>();
            Thread caller =
                    Thread.ofPlatform()
                            .start(() -> {
                                CallException failure =
                                        catchThrowableOfType(
                                                CallException.class,
                                                () ->
                                                        GenServer.callUntyped(
                                                                server,
                                                                (Task) _ -> Doer.NO_REPLY,
                                                                GenServer.INFINITY));
                                outcome.complete(
                                        failure.serverReason()
                                                + " "
                                                + Thread.currentThread().isInterrupted());
                            });
            caller.interrupt();

            assertThat(outcome.get(10, TimeUnit.SECONDS)).isEqualTo("interrupted true");
        }

        @Test
        void refuses_a_negative_timeout() {
            Pid server = doer();

            assertThatThrownBy(() -> GenServer.callUntyped(server, "x", Duration.ofMillis(-1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("expected a call's timeout to be 0 or more, got: PT-0.001S");
        }
    }

    @Nested
    class defaults {

        /// Implements only init.
        static final class Silent implements GenServer<Ok, String, Object, Object> {
            @Override
            public Init<String> init(Ok ok) {
                return Init.ok("state");
            }
        }

        private final Pid silent = GenServer.start(Silent::new, Ok.OK).pid();

        @Test
        void a_call_crashes_the_server_and_says_why() {
            assertThatThrownBy(() -> GenServer.callUntyped(silent, "anything"))
                    .hasMessageContaining(
                            "attempted to call io.genserver.GenServerTest$defaults$Silent with anything");
            assertThat(Processes.isAlive(silent)).isFalse();
        }

        @Test
        void a_cast_crashes_the_server() {
            Processes.monitor(silent);

            GenServer.cast(silent, "anything");

            assertThat(assertReceive(Down.class).reason().cause())
                    .hasMessageContaining("attempted to cast anything");
        }

        @Test
        void any_other_message_is_logged_and_dropped() {
            Processes.send(silent, "hello");
            GenServer.stop(silent);
            assertThat(Processes.isAlive(silent)).isFalse();
        }
    }

    @Nested
    class start {

        /// The body of an init.
        interface Beginning {
            Object run() throws Exception;
        }

        /// Returns from init what the [Beginning] returns.
        static final class Starter implements GenServer<Beginning, String, Object, Object> {
            @Override
            public Init<String> init(Beginning beginning) throws Exception {
                return switch (beginning.run()) {
                    case ExitReason reason -> Init.stop(reason);
                    case Action action -> Init.ok("state", action);
                    default -> Init.ok("state");
                };
            }

            @Override
            public CastResult<String> handleContinue(Object continuation, String state) {
                Processes.send((Pid) continuation, "continued");
                return noreply(state);
            }
        }

        @Test
        void without_a_link_survives_its_starter() {
            Pid me = Processes.self();
            Pid starter = Processes.spawn(() -> Processes.send(me, doer()));
            Processes.monitor(starter);
            Pid server = assertReceive(Pid.class);
            assertReceive(Down.class);

            assertThat(ask(server, _ -> "alive")).isEqualTo("alive");
        }

        @Test
        void with_a_link_goes_down_with_its_starter() {
            Pid me = Processes.self();
            Processes.spawn(() -> {
                Processes.send(me, GenServer.startLink(Doer::new, Ok.OK).pid());
                Processes.receive();
                Processes.exit(ExitReason.of("boom"));
            });
            Pid server = assertReceive(Pid.class);
            Pid parent = Processes.info(server).orElseThrow().links().getFirst();
            Processes.monitor(server);

            Processes.send(parent, "end");

            assertThat(assertReceive(Down.class).reason()).isEqualTo(ExitReason.of("boom"));
        }

        @Test
        void of_a_taken_name_answers_who_has_it_and_never_runs_init() {
            Pid first = doer(StartOption.name("taken"));

            Start<?> second =
                    GenServer.start(
                            Starter::new,
                            (Beginning)
                                    () -> {
                                        throw new AssertionError("init ran");
                                    },
                            StartOption.name("taken"));

            assertThat(second).isEqualTo(new Start.Failed<>(new ExitReason.AlreadyStarted(first)));
            GenServer.stop(first);
        }

        @Test
        void whose_init_takes_too_long_is_killed_and_its_name_is_free() {
            Start<?> start =
                    GenServer.startLink(
                            Starter::new,
                            (Beginning)
                                    () -> {
                                        Thread.sleep(Duration.ofMinutes(1));
                                        return "too late";
                                    },
                            StartOption.initTimeout(Duration.ofMillis(50)),
                            StartOption.name("slow"));

            assertThat(start).isEqualTo(new Start.Failed<>(ExitReason.TIMEOUT));
            assertThat(Processes.whereis("slow")).isEmpty();
            assertThat(Processes.info(Processes.self()).orElseThrow().links()).isEmpty();
        }

        @Test
        void that_fails_leaves_no_exit_behind_for_a_starter_that_traps_exits() {
            Processes.trapExits(true);

            Start<?> start =
                    GenServer.startLink(Starter::new, (Beginning) () -> ExitReason.of("boom"));

            assertThat(start).isEqualTo(new Start.Failed<>(ExitReason.of("boom")));
            refuteReceive(Exit.class);
        }

        @Test
        void continues_before_anything_that_is_queued() {
            Pid me = Processes.self();

            GenServer.startLink(Starter::new, (Beginning) () -> Action.continueWith(me)).pid();

            assertReceive("continued");
        }

        @Test
        void a_pid_that_must_have_started_says_why_it_did_not() {
            assertThatThrownBy(() ->
                            GenServer.start(
                                            Starter::new,
                                            (Beginning)
                                                    () -> {
                                                        throw new IOException("no disk");
                                                    })
                                    .pid())
                    .isInstanceOf(StartException.class)
                    .hasMessage(
                            "expected the process to start, but it failed: java.io.IOException: no disk")
                    .hasCauseInstanceOf(IOException.class);
        }
    }

    @Nested
    class start_monitor {

        @Test
        void sets_the_monitor_together_with_the_start() {
            MonitoredStart<?> started =
                    GenServer.startMonitor(Stack::new, List.of(), StartOption.name("watched"));
            GenServer.stop(started.pid(), ExitReason.SHUTDOWN);

            assertThat(Processes.receive())
                    .isEqualTo(new Down(started.ref(), started.pid(), ExitReason.SHUTDOWN));
        }

        @Test
        void that_fails_leaves_no_down_behind() {
            MonitoredStart<?> failed =
                    GenServer.startMonitor(
                            start.Starter::new,
                            () -> {
                                throw new IOException("no");
                            });

            assertThat(failed.start()).isInstanceOf(Start.Failed.class);
            assertThat(failed.monitor()).isEmpty();
            assertThatThrownBy(failed::ref).isInstanceOf(StartException.class);
            assertThat(Processes.flush()).isEmpty();
            assertThat(Processes.info(Processes.self()).orElseThrow().monitors()).isEmpty();
        }

        @Test
        void of_a_taken_name_says_who_has_it() {
            Pid holder =
                    GenServer.startLink(Doer::new, Ok.OK, StartOption.name("watched already"))
                            .pid();

            assertThat(
                            GenServer.startMonitor(
                                            Doer::new, Ok.OK, StartOption.name("watched already"))
                                    .start())
                    .isEqualTo(new Start.Failed<>(new ExitReason.AlreadyStarted(holder)));
        }
    }

    @Nested
    class hibernation {

        private static void assertHibernates(Pid server) {
            org.awaitility.Awaitility.await()
                    .untilAsserted(() ->
                            assertThat(Processes.info(server).orElseThrow().status())
                                    .isEqualTo(ProcessInfo.Status.HIBERNATING));
        }

        @Test
        void comes_after_the_idle_time_and_ends_with_a_message() {
            Pid server = doer(StartOption.hibernateAfter(Duration.ofMillis(20)));
            for (int i = 0; i < 3; i++) {
                assertThat(ask(server, _ -> "awake")).isEqualTo("awake");
                assertHibernates(server);
            }
        }

        @Test
        void refuses_a_negative_idle_time() {
            assertThatThrownBy(() -> StartOption.hibernateAfter(Duration.ofMillis(-1)))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("expected hibernateAfter to be 0 or more, got: PT-0.001S");
        }
    }

    @Nested
    class state_timeouts {

        /// Returns the action it is cast, and reports what handleInfo gets.
        static final class Idler implements GenServer<Pid, Pid, Object, Action> {
            @Override
            public Init<Pid> init(Pid report) {
                return Init.ok(report);
            }

            @Override
            public CastResult<Pid> handleCast(Action action, Pid report) {
                return noreply(report, action);
            }

            @Override
            public CastResult<Pid> handleInfo(Object message, Pid report) {
                Processes.send(report, message);
                return noreply(report);
            }
        }

        @Test
        void deliver_the_message_they_were_given() {
            Pid idler = GenServer.startLink(Idler::new, Processes.self()).pid();
            GenServer.cast(idler, Action.timeout(Duration.ofMillis(5), "first"));
            assertReceive("first");
            GenServer.cast(idler, Action.timeout(Duration.ZERO, "second"));
            assertReceive("second");
            GenServer.cast(idler, Action.timeout(Duration.ofMillis(5)));
            assertReceive(StateTimeout.TIMEOUT);
        }

        @Test
        void may_hibernate_meanwhile() {
            Pid idler = GenServer.startLink(Idler::new, Processes.self()).pid();
            GenServer.cast(idler, Action.hibernate(Duration.ofMillis(50), "awake"));
            assertReceive("awake");
        }

        @Test
        @VirtualTime
        void are_cancelled_by_any_message() {
            Pid idler = GenServer.startLink(Idler::new, Processes.self()).pid();
            GenServer.cast(idler, Action.timeout(Duration.ofMillis(100), "never"));
            Processes.send(idler, "message");

            assertReceive("message");
            refuteReceive(Match.value("never"), Duration.ofMillis(200));
        }
    }

    @Nested
    class stop {

        @Test
        void returns_when_the_server_has_ended() {
            Pid server = doer(StartOption.name("short-lived"));

            GenServer.stop(server);

            assertThat(Processes.isAlive(server)).isFalse();
            assertThat(Processes.whereis("short-lived")).isEmpty();
        }

        @Test
        void of_a_dead_server_fails_with_noproc() {
            Pid server = doer();
            GenServer.stop(server);

            assertThatThrownBy(() -> GenServer.stop(server))
                    .hasMessage(
                            "stop of "
                                    + server
                                    + " with reason normal failed: there is no such process, or it has ended");
        }

        @Test
        void that_takes_too_long_leaves_the_server_alone() throws InterruptedException {
            Pid server = doer();
            CountDownLatch entered = new CountDownLatch(1);
            CountDownLatch free = new CountDownLatch(1);
            Processes.spawn(() ->
                    ask(
                            server,
                            _ -> {
                                entered.countDown();
                                free.await();
                                return "done";
                            }));
            entered.await();

            CallException failure =
                    catchThrowableOfType(
                            CallException.class,
                            () -> GenServer.stop(server, ExitReason.NORMAL, Duration.ofMillis(30)));

            assertThat(failure.serverReason()).isEqualTo(ExitReason.TIMEOUT);
            assertThat(Processes.isAlive(server)).isTrue();
            free.countDown();
        }
    }

    @Nested
    class a_from {

        @Test
        void is_a_message_like_any_other_and_can_be_answered_by_whoever_gets_it() {
            Pid server = doer();
            Pid worker =
                    Processes.spawn(() ->
                            GenServer.replyUntyped(Processes.receive(From.class), "by the worker"));

            Object answer =
                    ask(
                            server,
                            from -> {
                                Processes.send(worker, from);
                                return Doer.NO_REPLY;
                            });

            assertThat(answer).isEqualTo("by the worker");
        }

        /// Sends each `From` to itself, and replies when it arrives as a message.
        static final class Detour implements GenServer<Ok, Ok, Object, Object> {
            @Override
            public Init<Ok> init(Ok ok) {
                return Init.ok(ok);
            }

            @Override
            public CallResult<Ok> handleCall(Object request, From from, Ok ok) {
                Processes.sendAfter(Processes.self(), from, Duration.ofMillis(1));
                return noreply(ok);
            }

            @Override
            public CastResult<Ok> handleInfo(Object message, Ok ok) {
                GenServer.replyUntyped((From) message, "after a detour");
                return noreply(ok);
            }
        }

        @Test
        void can_be_sent_to_the_server_itself() {
            Pid server = GenServer.startLink(Detour::new, Ok.OK).pid();

            assertThat(GenServer.callUntyped(server, "any")).isEqualTo("after a detour");
        }
    }

    @Nested
    class requests {

        /// Replies to every request as if it were another.
        static final class Confused implements GenServer<Ok, Ok, Stack.Size, Stack.Push> {
            @Override
            public Init<Ok> init(Ok ok) {
                return Init.ok(ok);
            }

            @Override
            public CallResult<Ok> handleCall(Stack.Size request, From from, Ok ok) {
                return reply(new Stack.Pop(), Optional.of("not a size"), ok);
            }

            @Override
            public CastResult<Ok> handleCast(Stack.Push push, Ok ok) {
                return noreply(ok);
            }
        }

        private final Pid confused = GenServer.start(Confused::new, Ok.OK).pid();

        @Test
        void a_reply_to_another_request_stops_the_server_and_not_the_types() {
            assertThatThrownBy(() -> GenServer.call(confused, new Stack.Size()))
                    .isInstanceOf(CallException.class)
                    .hasMessageContaining("expected a reply to Size[], got one to Pop[]");
        }

        @Test
        void a_request_the_server_does_not_take_says_so() {
            assertThatThrownBy(() -> GenServer.call(confused, new Stack.Pop()))
                    .isInstanceOf(CallException.class)
                    .hasMessageContaining(
                            "io.genserver.GenServerTest$requests$Confused does not handle the call Pop[]");
        }

        @Test
        void a_cast_the_server_does_not_take_says_so() {
            Processes.monitor(confused);

            GenServer.cast(confused, "text");

            assertThat(assertReceive(Down.class).reason().cause())
                    .hasMessageContaining("does not handle the cast text");
        }
    }

    @Nested
    class init_that_does_more {

        /// Runs a function in init.
        static final class Beginner implements GenServer<Runnable, Ok, Object, Object> {
            @Override
            public Init<Ok> init(Runnable first) {
                first.run();
                return Init.ok(Ok.OK);
            }

            @Override
            public CastResult<Ok> handleInfo(Object message, Ok ok) {
                Processes.send((Pid) message, "handled");
                return noreply(ok);
            }
        }

        @Test
        void a_message_passed_over_by_a_receive_in_init_is_handled() {
            Pid me = Processes.self();

            GenServer.startLink(
                    Beginner::new,
                    (Runnable)
                            () -> {
                                Processes.send(Processes.self(), me);
                                Processes.receive(String.class, Duration.ZERO);
                            });

            assertReceive("handled");
        }

        @Test
        void a_link_broken_in_init_ends_the_server_without_a_further_message() {
            Processes.trapExits(true);

            GenServer.startLink(
                    Beginner::new,
                    (Runnable)
                            () -> {
                                Pid child = Processes.spawnLink(Processes::receive);
                                Processes.exit(child, ExitReason.of("bang"));
                            });

            assertThat(assertReceive(Exit.class).reason()).isEqualTo(ExitReason.of("bang"));
        }
    }

    @Nested
    class via {

        /// A registry that is a map.
        static final class MapRegistry implements ViaRegistry {
            private final java.util.concurrent.ConcurrentHashMap<Object, Pid> pids =
                    new java.util.concurrent.ConcurrentHashMap<>();

            @Override
            public boolean registerName(Object key, Pid pid) {
                return pids.putIfAbsent(key, pid) == null;
            }

            @Override
            public void unregisterName(Object key) {
                pids.remove(key);
            }

            @Override
            public Optional<Pid> whereisName(Object key) {
                if (key.equals("broken")) {
                    throw new IllegalStateException("no registry today");
                }
                return Optional.ofNullable(pids.get(key));
            }
        }

        private final MapRegistry registry = new MapRegistry();

        @Test
        void a_server_is_found_by_its_key() {
            Via key = ServerRef.via(registry, 42);
            Pid server = doer(StartOption.name(key));

            assertThat(ask(key, _ -> "found")).isEqualTo("found");
            assertThat(GenServer.start(Doer::new, Ok.OK, StartOption.name(key)))
                    .isEqualTo(new Start.Failed<>(new ExitReason.AlreadyStarted(server)));
            GenServer.stop(key);
        }

        @Test
        void a_key_is_free_again_when_the_start_failed() {
            Via key = ServerRef.via(registry, "once");

            GenServer.start(
                    init_that_does_more.Beginner::new,
                    (Runnable)
                            () -> {
                                throw new IllegalStateException("no start");
                            },
                    StartOption.name(key));

            assertThat(registry.pids).isEmpty();
        }

        @Test
        void a_cast_through_a_broken_registry_does_not_fail() {
            GenServer.cast(ServerRef.via(registry, "broken"), "lost");
        }

        @Test
        void a_call_through_a_broken_registry_says_what_the_registry_threw() {
            Via broken = ServerRef.via(registry, "broken");

            assertThatThrownBy(() -> ask(broken, _ -> "x"))
                    .isInstanceOfSatisfying(
                            CallException.class,
                            failed -> {
                                assertThat(failed.server()).isEqualTo(broken);
                                assertThat(failed.serverReason())
                                        .isInstanceOf(ExitReason.Crash.class);
                            })
                    .hasMessageContaining("failed: its registry threw ")
                    .cause()
                    .hasMessage("no registry today");
            RequestId<?> sent = GenServer.sendRequestUntyped(broken, "x");
            assertThat(sent.receiveResponse(Duration.ofSeconds(5)))
                    .isInstanceOfSatisfying(
                            Response.Failed.class,
                            failed ->
                                    assertThat(failed.reason().cause())
                                            .hasMessage("no registry today"));
            assertThatThrownBy(() -> GenServer.whereis(broken)).hasMessage("no registry today");
        }
    }

    @Nested
    class any_throwable {

        @Test
        void a_stack_overflow_ends_the_server_properly() {
            assertEndsWith(StackOverflowError.class, _ -> overflow(1));
        }

        @Test
        void an_assertion_error_ends_the_server_properly() {
            assertEndsWith(
                    AssertionError.class,
                    _ -> {
                        throw new AssertionError("wrong");
                    });
        }

        @Test
        void an_out_of_memory_error_ends_the_server_properly() {
            assertEndsWith(OutOfMemoryError.class, _ -> new long[Integer.MAX_VALUE][]);
        }

        @Test
        void an_exception_whose_message_throws_ends_the_server_properly() {
            assertEndsWith(
                    Hostile.class,
                    _ -> {
                        throw new Hostile();
                    });
        }

        @SuppressWarnings("InfiniteRecursion") // until the stack is full
        private static int overflow(int depth) {
            return 1 + overflow(depth + 1);
        }

        private static void assertEndsWith(Class<? extends Throwable> type, Task task) {
            Pid server = doer();
            Processes.monitor(server);

            CallException failure =
                    catchThrowableOfType(CallException.class, () -> ask(server, task));

            assertThat(failure.getCause()).isInstanceOf(type);
            assertThat(assertReceive(Down.class).reason().cause()).isInstanceOf(type);
        }

        static final class Hostile extends RuntimeException {
            private static final long serialVersionUID = 1L;

            @Override
            public String getMessage() {
                throw new IllegalStateException("no message");
            }

            @Override
            public String toString() {
                throw new IllegalStateException("no text");
            }
        }
    }

    /// A registry of the user's that cannot unregister.
    record Sticky() implements ViaRegistry {
        @Override
        public boolean registerName(Object key, Pid pid) {
            return true;
        }

        @Override
        public void unregisterName(Object key) {
            throw new IllegalStateException("cannot unregister " + key);
        }

        @Override
        public Optional<Pid> whereisName(Object key) {
            return Optional.empty();
        }
    }

    @Test
    void what_init_did_is_told_although_the_registry_fails_to_unregister() {
        Start<?> start =
                Agent.start(
                        () -> {
                            throw new IllegalArgumentException("no such file");
                        },
                        StartOption.name(new Via(new Sticky(), "key")));

        assertThat(start)
                .isInstanceOfSatisfying(
                        Start.Failed.class,
                        failed -> assertThat(failed.reason().cause()).hasMessage("no such file"));
    }
}
