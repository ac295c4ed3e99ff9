package io.genserver.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.genserver.Action;
import io.genserver.Agent;
import io.genserver.Attachment;
import io.genserver.Call;
import io.genserver.CallException;
import io.genserver.CallResult;
import io.genserver.CallServer;
import io.genserver.CastResult;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.From;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Match;
import io.genserver.Ok;
import io.genserver.Pace;
import io.genserver.Pid;
import io.genserver.ProcessInfo;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.supervisor.BackOff;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import io.genserver.supervisor.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TestTimeTest {

    private final TestTime time = TestTime.start();
    private final Thread caller = Thread.currentThread();

    @BeforeEach
    void attach() throws Exception {
        Attachment _ = time.call(Processes::attach);
    }

    @AfterEach
    void close() {
        time.close();
    }

    /// Returns a time that takes a thread for lost after 100 ms.
    private static TestTime impatient() {
        assumeFalse(Debugger.POSSIBLE); // it waits for ever then
        return new TestTime(5, 1_500, 1_000);
    }

    private interface Body {
        void run() throws Exception;
    }

    private void test(Body body) throws Exception {
        time.call(() -> {
            body.run();
            return Ok.OK;
        });
    }

    @Test
    void a_timer_fires_exactly_at_its_deadline() throws Exception {
        test(() -> {
            Processes.sendAfter(Processes.self(), "tick", Duration.ofMinutes(5));

            time.advance(Duration.ofMinutes(5).minusNanos(1));
            assertThat(Processes.flush()).isEmpty();

            time.advance(Duration.ofNanos(1));
            assertThat(Processes.flush()).containsExactly("tick");
        });
    }

    @Test
    void a_timer_without_a_delay_fires_at_once() throws Exception {
        test(() -> {
            Processes.sendAfter(Processes.self(), "first", Duration.ZERO);
            Processes.sendAfter(Processes.self(), "second", Duration.ZERO);
            time.advance(Duration.ZERO);
            assertThat(Processes.flush()).containsExactly("first", "second");

            time.advance(Duration.ofMinutes(1));
            Processes.sendAfter(Processes.self(), "third", Duration.ZERO);
            Processes.sendAfter(Processes.self(), "later", Duration.ofNanos(1));
            time.advance(Duration.ZERO);
            assertThat(Processes.flush()).containsExactly("third");
            time.advance(Duration.ofNanos(1));
            assertThat(Processes.flush()).containsExactly("later");
        });
    }

    @Test
    void a_timer_without_a_delay_can_be_cancelled() throws Exception {
        test(() -> {
            Ref timer = Processes.sendAfter(Processes.self(), "never", Duration.ZERO);

            assertThat(time.pending())
                    .containsExactly("in PT0S: message never for " + Processes.self());
            assertThat(Processes.cancelTimer(timer)).contains(Duration.ZERO);
            time.advance(Duration.ZERO);
            assertThat(Processes.flush()).isEmpty();
        });
    }

    /// Each timer is armed by the one before, without a delay.
    @Test
    void a_chain_of_timers_keeps_to_the_moment() throws Exception {
        test(() -> {
            List<Duration> ticks = new ArrayList<>();
            Processes.spawn(() -> {
                for (int tick = 0; tick < 3; tick++) {
                    Processes.sendAfter(Processes.self(), "now", Duration.ZERO);
                    Processes.receive(Match.value("now"), Duration.ofDays(1));
                    Processes.sendAfter(Processes.self(), "tick", Duration.ofMinutes(5));
                    Processes.receive(Match.value("tick"), Duration.ofDays(1));
                    ticks.add(time.elapsed());
                }
            });

            time.advance(Duration.ofMinutes(15));

            assertThat(ticks)
                    .containsExactly(
                            Duration.ofMinutes(5), Duration.ofMinutes(10), Duration.ofMinutes(15));
        });
    }

    @Test
    void timers_without_a_delay_that_never_end_fail_the_test() {
        try (TestTime limited = new TestTime(500, 1_500, 1_000)) {
            assertThatThrownBy(() ->
                            limited.call(() -> {
                                Processes.spawn(() -> {
                                    while (true) {
                                        Processes.sendAfter(
                                                Processes.self(), "again", Duration.ZERO);
                                        Processes.receive(Match.value("again"));
                                    }
                                });
                                limited.advance(Duration.ZERO);
                                return 1;
                            }))
                    .isInstanceOf(LivelockError.class)
                    .hasMessage(
                            "expected the processes to wait after at most 1000 steps of one moment,"
                                    + " got: more; it goes round in circles");
        }
    }

    @Test
    void takes_one_call_at_a_time() throws Exception {
        test(() -> {
            assertThatThrownBy(() -> time.call(() -> 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "expected a call of a TestTime after the last call has ended, got: one by"
                                    + " the thread \"test\" during a call by the thread \"%s\"",
                            caller.getName());
            assertThatThrownBy(time::close)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessage(
                            "expected a close of a TestTime after the last call has ended, got: one by"
                                    + " the thread \"test\" during a call by the thread \"%s\"",
                            caller.getName());
        });
        test(() -> time.advance(Duration.ofSeconds(1)));
    }

    @Test
    void refuses_a_call_and_a_close_of_another_thread_during_a_call() throws Exception {
        List<Throwable> refused = new ArrayList<>();
        Thread other =
                Thread.ofPlatform()
                        .name("other")
                        .unstarted(() -> {
                            refused.add(catchThrowable(() -> time.call(() -> 1)));
                            refused.add(catchThrowable(time::close));
                        });
        test(() -> {
            other.start();
            other.join();
        });

        assertThat(refused)
                .hasSize(2)
                .allSatisfy(it ->
                        assertThat(it)
                                .isInstanceOf(IllegalStateException.class)
                                .hasMessageEndingWith(
                                        "one by the thread \"other\" during a call by the thread"
                                                + " \"%s\"",
                                        caller.getName()));
    }

    @Test
    void all_that_follows_from_a_deadline_is_done() throws Exception {
        test(() -> {
            List<String> seen = new ArrayList<>();
            Pid last = Processes.spawn(() -> note(seen, "last"));
            Pid middle =
                    Processes.spawn(() -> {
                        note(seen, "middle");
                        Processes.sendAfter(last, "go", Duration.ofSeconds(1));
                    });
            Processes.sendAfter(middle, "go", Duration.ofSeconds(1));

            time.advance(Duration.ofSeconds(2));

            assertThat(seen).containsExactly("middle at PT1S", "last at PT2S");
        });
    }

    private void note(List<String> seen, String who) {
        Processes.receive(Match.value("go"), Duration.ofDays(1));
        seen.add(who + " at " + time.elapsed());
    }

    /// Answers after a while, and says when its time is over.
    private static final class Session implements CallServer<Boolean, Session.IsOpen> {
        record IsOpen() implements Call<Boolean> {}

        @Override
        public Init<Boolean> init() {
            return Init.ok(true, Action.timeout(Duration.ofMinutes(5)));
        }

        @Override
        public CallResult<Boolean> handleCall(IsOpen request, From from, Boolean open) {
            return CallResult.reply(request, open, open, Action.timeout(Duration.ofMinutes(5)));
        }

        @Override
        public CastResult<Boolean> handleInfo(Object message, Boolean open) {
            return CastResult.noreply(false);
        }
    }

    @Test
    void a_state_timeout_runs_on_this_time() throws Exception {
        test(() -> {
            var session = CallServer.start(Session::new).server();

            time.advance(Duration.ofMinutes(4));
            assertThat(GenServer.call(session, new Session.IsOpen())).isTrue();
            time.advance(Duration.ofMinutes(4));
            assertThat(GenServer.call(session, new Session.IsOpen())).isTrue();
            time.advance(Duration.ofMinutes(5));
            assertThat(GenServer.call(session, new Session.IsOpen())).isFalse();
        });
    }

    @Test
    void a_call_that_nobody_answers_times_out_at_once() throws Exception {
        test(() -> {
            var slow = Agent.start(() -> 0).server();
            Agent.cast(
                    slow,
                    count -> {
                        Processes.sleep(Duration.ofHours(1));
                        return count;
                    });

            assertThatThrownBy(() -> Agent.get(slow, count -> count))
                    .isInstanceOf(CallException.class)
                    .hasMessageEndingWith("timed out after 5 s");
            assertThat(time.elapsed()).isEqualTo(Duration.ofSeconds(5));
        });
    }

    @Test
    void restarts_and_their_limits_run_on_this_time() throws Exception {
        test(() -> {
            Processes.trapExits(true);
            Pid supervisor =
                    Supervisor.startLink(
                                    List.of(
                                            ChildSpec.worker(
                                                    "worker",
                                                    () ->
                                                            Agent.startLink(
                                                                    () -> 0,
                                                                    StartOption.name("worker")))),
                                    SupervisorFlags.of(Strategy.ONE_FOR_ONE)
                                            .withMaxRestarts(1, Duration.ofSeconds(5)))
                            .pid();
            for (int crash = 0; crash < 3; crash++) {
                Processes.exit(Processes.whereis("worker").orElseThrow(), ExitReason.KILL);
                time.advance(Duration.ofSeconds(6));
            }
            assertThat(Processes.isAlive(supervisor)).isTrue();

            Processes.exit(Processes.whereis("worker").orElseThrow(), ExitReason.KILL);
            time.advance(Duration.ofSeconds(4));
            Processes.exit(Processes.whereis("worker").orElseThrow(), ExitReason.KILL);
            time.advance(Duration.ZERO);
            assertThat(Processes.isAlive(supervisor)).isFalse();
        });
    }

    @Test
    void a_retry_waits_on_this_time() throws Exception {
        test(() -> {
            int[] attempts = new int[1];
            Task<String> result =
                    Task.retry(
                            () -> {
                                if (++attempts[0] < 4) {
                                    throw new IllegalStateException("not yet");
                                }
                                return "done at " + time.elapsed().toMinutes();
                            },
                            BackOff.of(Duration.ofMinutes(1), Duration.ofHours(1)).withJitter(0),
                            5);

            assertThat(result.await(Duration.ofHours(1))).isEqualTo("done at 7"); // 1 + 2 + 4
        });
    }

    @Test
    void periodic_messages_come_at_each_period() throws Exception {
        test(() -> {
            Processes.sendEvery(Processes.self(), "tick", Duration.ofSeconds(10), Pace.FIXED_RATE);
            List<Duration> ticks = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Processes.receive(Match.value("tick"), Duration.ofMinutes(1));
                ticks.add(time.elapsed());
            }
            assertThat(ticks)
                    .containsExactly(
                            Duration.ofSeconds(10), Duration.ofSeconds(20), Duration.ofSeconds(30));
        });
    }

    @Test
    void pending_shows_what_is_armed() throws Exception {
        test(() -> {
            Processes.sendAfter(Processes.self(), "later", Duration.ofMinutes(5));
            Pid sleeper = Processes.spawn(() -> Processes.sleep(Duration.ofMinutes(2)));
            time.advance(Duration.ofMinutes(1));

            assertThat(time.pending())
                    .containsExactly(
                            "in PT1M: sleep of " + sleeper,
                            "in PT4M: message later for " + Processes.self());
        });
    }

    @Test
    void pending_shows_timeouts() throws Exception {
        test(() -> {
            var session = CallServer.start(Session::new).server();
            var silent = GenServer.start(Silent::new, "start").server();
            Pid caller = Processes.spawn(() -> GenServer.callUntyped(silent.pid(), "call"));
            Processes.spawn(() -> {
                Start<?> _ =
                        GenServer.start(
                                Silent::new,
                                "slow start",
                                StartOption.initTimeout(Duration.ofMinutes(1)));
            });
            time.advance(Duration.ofSeconds(2));

            assertThat(time.pending())
                    .map(line -> line.replaceAll("PID<[0-9.]+>", "PID"))
                    .containsExactly(
                            "in PT3S: timeout of the call to #PID ("
                                    + Silent.class.getName()
                                    + ") with call",
                            "in PT58S: timeout of the start of a server",
                            "in PT4M58S: state timeout of #PID (" + Session.class.getName() + ")",
                            "in PT59M58S: sleep of #PID");
            assertThat(Processes.isAlive(caller)).isTrue();
            assertThat(Processes.isAlive(session.pid())).isTrue();
        });
    }

    /// Answers no call, and may take long to start.
    private static final class Silent implements GenServer<String, String, Object, Object> {
        @Override
        public Init<String> init(String start) {
            if (start.startsWith("slow")) {
                Processes.sleep(Duration.ofHours(1));
            }
            return Init.ok(start);
        }

        @Override
        public CallResult<String> handleCall(Object request, From from, String state) {
            return CastResult.noreply(state);
        }
    }

    @Test
    void hibernation_runs_on_this_time() throws Exception {
        test(() -> {
            Pid idle =
                    Agent.start(() -> 0, StartOption.hibernateAfter(Duration.ofMinutes(10))).pid();

            time.advance(Duration.ofMinutes(10).minusNanos(1));
            assertThat(Processes.info(idle).orElseThrow().status())
                    .isEqualTo(ProcessInfo.Status.WAITING);
            time.advance(Duration.ofNanos(1));
            assertThat(Processes.info(idle).orElseThrow().status())
                    .isEqualTo(ProcessInfo.Status.HIBERNATING);
        });
    }

    @Test
    void bad_use_is_refused() throws Exception {
        test(() ->
                assertThatThrownBy(() -> time.advance(Duration.ofNanos(-1)))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessage(
                                "expected the time to advance to be 0 or more, got: PT-0.000000001S"));
        assertThatThrownBy(() -> time.advance(Duration.ZERO))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "expected time to be advanced by the test's own thread, got: the thread"
                                + " \"%s\"",
                        Thread.currentThread().getName());
        time.close();
        assertThatThrownBy(() -> time.call(() -> 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("expected a time that is not closed, got: a closed one");
    }

    @Test
    void a_wait_without_an_end_fails_the_test() {
        assertThatThrownBy(() -> time.call(() -> Processes.receive(Match.value("never"))))
                .isInstanceOf(AssertionError.class)
                .hasMessage(
                        "expected the test to go on, got: a deadlock, because all wait and no timer"
                                + " is armed: test waits for a message");
    }

    @Test
    void a_deadlock_leaves_out_the_thread_that_fires_timers() {
        assertThatThrownBy(() ->
                        time.call(() -> {
                            Processes.sendAfter(Processes.self(), "tick", Duration.ofSeconds(1));
                            Processes.receive(Match.value("tick"));
                            return Processes.receive(Match.value("never"));
                        }))
                .hasMessage(
                        "expected the test to go on, got: a deadlock, because all wait and no timer"
                                + " is armed: test waits for a message");
    }

    @Test
    void a_deadlock_says_who_waits_for_whom() throws Exception {
        Pid agent = time.call(() -> Agent.start(() -> 0).pid());

        assertThatThrownBy(() ->
                        time.call(() ->
                                Agent.<Integer, Object>get(
                                        agent,
                                        _ -> Processes.receive(Match.value("never")),
                                        GenServer.INFINITY)))
                .hasMessage(
                        "expected the test to go on, got: a deadlock, because all wait and no timer"
                                + " is armed: test waits for a reply of "
                                + agent
                                + " (io.genserver.Agent); "
                                + agent
                                + " (io.genserver.Agent) waits for a message");
    }

    @Test
    void another_thread_must_not_use_the_processes() throws Exception {
        Pid agent = time.call(() -> Agent.start(() -> 0).pid());

        assertThatThrownBy(() -> Processes.send(agent, "hello"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "expected the processes of a simulation to be used by its own threads, got:"
                                + " the thread \"%s\"; start it with Processes.spawn or as a task",
                        Thread.currentThread().getName());
    }

    @Test
    void a_wait_for_something_else_is_reported_with_its_stack() {
        TestTime impatient = impatient();

        assertThatThrownBy(() -> impatient.call(() -> new CompletableFuture<Object>().join()))
                .isInstanceOf(AssertionError.class)
                .hasMessage(
                        "expected the code to wait only in this library, got: the thread \"test\","
                                + " which waits outside of the simulation; its stack is that of this"
                                + " error")
                .satisfies(failed ->
                        assertThat(failed.getStackTrace())
                                .anyMatch(frame -> frame.getMethodName().equals("join")));
    }

    @Test
    void after_a_wait_without_an_end_the_test_can_clean_up() throws Exception {
        List<String> seen = new ArrayList<>();

        assertThatThrownBy(() ->
                        time.call(() -> {
                            try {
                                return Processes.receive(Match.value("never"));
                            } finally {
                                seen.add("cleaned up");
                            }
                        }))
                .hasMessage(
                        "expected the test to go on, got: a deadlock, because all wait and no timer"
                                + " is armed: test waits for a message")
                .satisfies(failed ->
                        assertThat(failed.getSuppressed())
                                .singleElement()
                                .isInstanceOf(ExitException.class));

        assertThat(seen).containsExactly("cleaned up");
        assertThat(time.<Integer>call(() -> 1)).isEqualTo(1);
    }

    @Test
    void a_test_that_waits_for_something_else_is_interrupted_and_can_clean_up() throws Exception {
        try (TestTime impatient = impatient()) {
            Thread before = impatient.call(Thread::currentThread);

            assertThatThrownBy(() ->
                            impatient.call(() -> {
                                Thread.sleep(100_000);
                                return 1;
                            }))
                    .hasMessageContaining("which waits outside of the simulation")
                    .satisfies(failed ->
                            assertThat(failed.getSuppressed())
                                    .singleElement()
                                    .isInstanceOf(InterruptedException.class));

            assertThat(impatient.<Thread>call(Thread::currentThread)).isSameAs(before);
        }
    }

    /// Code that catches an interrupt sets the flag again, as it should.
    @Test
    void after_a_wait_for_something_else_the_next_call_is_not_interrupted() throws Exception {
        try (TestTime impatient = impatient()) {
            assertThatThrownBy(() ->
                            impatient.call(() -> {
                                try {
                                    Thread.sleep(100_000);
                                } catch (InterruptedException e) {
                                    Thread.currentThread().interrupt();
                                }
                                return 1;
                            }))
                    .hasMessageContaining("which waits outside of the simulation");

            impatient.call(() -> {
                Processes.sleep(Duration.ofHours(1));
                return 1;
            });
            assertThat(impatient.elapsed()).isEqualTo(Duration.ofHours(1));
        }
    }

    @Test
    void a_test_whose_wait_for_something_else_ignores_interrupts_is_given_up() throws Exception {
        try (TestTime impatient = impatient()) {
            Pid sleeper =
                    impatient.call(
                            () -> Processes.spawn(() -> Processes.sleep(Duration.ofDays(1))));

            assertThatThrownBy(() -> impatient.call(() -> new CompletableFuture<Object>().join()))
                    .hasMessageContaining("which waits outside of the simulation");

            assertThat(impatient.<Boolean>call(() -> Processes.isAlive(sleeper))).isTrue();
            impatient.call(() -> {
                impatient.advance(Duration.ofDays(1));
                return 1;
            });
            assertThat(impatient.<Boolean>call(() -> Processes.isAlive(sleeper))).isFalse();
        }
    }

    @Test
    void a_process_that_waits_for_something_else_fails_the_test() throws Exception {
        try (TestTime impatient = impatient()) {
            CompletableFuture<Object> never = new CompletableFuture<>();

            assertThatThrownBy(() ->
                            impatient.call(() -> {
                                Processes.spawn(never::join);
                                Processes.sleep(Duration.ofDays(1));
                                return 1;
                            }))
                    .hasMessageContaining("which waits outside of the simulation");

            assertThat(impatient.<Integer>call(() -> 2)).isEqualTo(2);
        }
    }

    @Test
    void a_process_that_waits_for_something_else_at_its_end_fails_the_end() throws Exception {
        TestTime impatient = impatient();
        CompletableFuture<Object> never = new CompletableFuture<>();
        impatient.call(() -> {
            Pid _ =
                    Processes.spawn(() -> {
                        try {
                            Processes.receive(Match.value("never"));
                        } finally {
                            never.join();
                        }
                    });
            Processes.sleep(Duration.ofDays(1));
            return 1;
        });

        assertThatThrownBy(impatient::close)
                .hasMessageContaining("which waits outside of the simulation");
    }

    /// Has a limit of two seconds without progress, because on a busy machine one may pass by
    /// itself.
    private static TestTime hurried() {
        assumeFalse(Debugger.POSSIBLE); // it waits for ever then
        return new TestTime(500, 100, 1_000);
    }

    @Test
    void a_test_that_computes_without_an_end_is_interrupted() throws Exception {
        try (TestTime hurried = hurried()) {
            assertThatThrownBy(() ->
                            hurried.call(() -> {
                                while (!Thread.currentThread().isInterrupted()) {
                                    Thread.onSpinWait();
                                }
                                return 1;
                            }))
                    .isInstanceOf(AssertionError.class)
                    .hasMessage(
                            "expected the code to wait only in this library, got: the thread"
                                    + " \"test\", which runs without a step outside"
                                    + " of the simulation; its stack is that of this error")
                    .hasNoSuppressedExceptions();

            hurried.call(() -> {
                Processes.sleep(Duration.ofHours(1));
                return 1;
            });
            assertThat(hurried.elapsed()).isEqualTo(Duration.ofHours(1));
        }
    }

    /// Each of its waits is short, so no limit for one wait ends them.
    @Test
    void a_test_that_waits_for_something_else_again_and_again_is_interrupted() throws Exception {
        try (TestTime hurried = hurried()) {
            assertThatThrownBy(() ->
                            hurried.call(() -> {
                                while (true) {
                                    Thread.sleep(1);
                                }
                            }))
                    .isInstanceOf(AssertionError.class)
                    .hasMessageContaining("outside of the simulation")
                    .satisfies(failed ->
                            assertThat(failed.getSuppressed())
                                    .singleElement()
                                    .isInstanceOf(InterruptedException.class));

            assertThat(hurried.<Integer>call(() -> 1)).isEqualTo(1);
        }
    }

    /// The end of the time waits for one after the other.
    @Test
    void each_process_that_does_not_end_is_interrupted() throws Exception {
        TestTime impatient = impatient();
        CountDownLatch ended = new CountDownLatch(2);
        impatient.call(() -> {
            for (int i = 0; i < 2; i++) {
                Pid _ =
                        Processes.spawn(() -> {
                            try {
                                Processes.receive(Match.value("never"));
                            } finally {
                                awaitInterrupt();
                                ended.countDown();
                            }
                        });
            }
            Processes.sleep(Duration.ofDays(1));
            return 1;
        });

        assertThatThrownBy(impatient::close)
                .hasMessageContaining("which waits outside of the simulation")
                .satisfies(failed -> assertThat(failed.getSuppressed()).hasSize(1));
        assertThat(ended.await(20, TimeUnit.SECONDS)).isTrue();
    }

    private static void awaitInterrupt() {
        try {
            Thread.sleep(100_000);
        } catch (InterruptedException expected) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void a_process_that_computes_without_an_end_is_given_up() throws Exception {
        AtomicBoolean enough = new AtomicBoolean();
        try (TestTime hurried = hurried()) {
            assertThatThrownBy(() ->
                            hurried.call(() -> {
                                Processes.spawn(() -> spin(enough));
                                Processes.sleep(Duration.ofDays(1));
                                return 1;
                            }))
                    .hasMessageContaining("which runs without a step")
                    .satisfies(failed ->
                            assertThat(failed.getStackTrace())
                                    .anyMatch(frame -> frame.getMethodName().equals("spin")));

            enough.set(true); // it may have the only processor
            assertThat(hurried.<Integer>call(() -> 2)).isEqualTo(2);
        } finally {
            enough.set(true);
        }
    }

    private static void spin(AtomicBoolean enough) {
        while (!enough.get()) {
            Thread.onSpinWait();
        }
    }

    /// A limit of JUnit's interrupts the caller.
    @Test
    void an_interrupt_of_the_caller_ends_a_process_that_computes_without_an_end() throws Exception {
        Thread caller = Thread.currentThread();
        AtomicBoolean enough = new AtomicBoolean();
        try {
            assertThatThrownBy(() ->
                            time.call(() -> {
                                Processes.spawn(() -> {
                                    caller.interrupt();
                                    spin(enough);
                                });
                                Processes.sleep(Duration.ofDays(1));
                                return 1;
                            }))
                    .hasMessage("the test was interrupted")
                    .satisfies(failed ->
                            assertThat(failed.getSuppressed())
                                    .anySatisfy(shown ->
                                            assertThat(shown.getStackTrace())
                                                    .anyMatch(frame ->
                                                            frame.getMethodName().equals("spin"))));

            assertThat(Thread.interrupted()).isTrue();
            enough.set(true); // it may have the only processor
            assertThat(time.<Integer>call(() -> 1)).isEqualTo(1);
        } finally {
            enough.set(true);
        }
    }

    @Test
    void an_interrupt_of_the_caller_ends_a_test_that_goes_on_and_on() throws Exception {
        Thread caller = Thread.currentThread();

        assertThatThrownBy(() ->
                        time.call(() -> {
                            while (true) {
                                Processes.sleep(Duration.ofSeconds(1));
                                if (time.elapsed().equals(Duration.ofHours(1))) {
                                    caller.interrupt();
                                }
                            }
                        }))
                .isInstanceOf(AssertionError.class)
                .hasMessage("the test was interrupted");

        assertThat(Thread.interrupted()).isTrue();
        assertThat(time.<Integer>call(() -> 1)).isEqualTo(1);
    }
}
