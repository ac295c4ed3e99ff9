package io.genserver.test;

import static io.genserver.test.InnerTests.SEEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Match;
import io.genserver.Name;
import io.genserver.Pace;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.StartOption;
import io.genserver.supervisor.ChildSpec;
import io.genserver.supervisor.Shutdown;
import io.genserver.supervisor.Strategy;
import io.genserver.supervisor.Supervisor;
import io.genserver.supervisor.SupervisorFlags;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;

/// Everything a test started is down when the next test begins, whatever the test did.
@Timeout(30)
class CleanUpTest {

    /// Ends when the test's thread waits for it and has been interrupted as often as asked for.
    private record Slow(Thread test, int interrupts)
            implements GenServer<Object, Object, Object, Object> {

        @Override
        public Init<Object> init(Object argument) {
            Processes.trapExits(true);
            return Init.ok(argument);
        }

        @Override
        public void terminate(ExitReason reason, Object state) {
            for (int i = 0; i < interrupts; i++) {
                awaitWaiting();
                test.interrupt();
                await().atMost(Duration.ofSeconds(2)).until(() -> !test.isInterrupted());
            }
            awaitWaiting();
            SEEN.add("stopped");
        }

        private void awaitWaiting() {
            await().atMost(Duration.ofSeconds(2))
                    .until(() -> test.getState() == Thread.State.WAITING);
        }

        static Pid start(TestSupervisor test, int interrupts) {
            Slow slow = new Slow(Thread.currentThread(), interrupts);
            return test.startSupervised(
                            () -> GenServer.startLink(() -> slow, "", StartOption.name("fixture")))
                    .pid();
        }
    }

    private static void expectFreeName() {
        assertThat(Processes.whereis("fixture")).isEmpty();
    }

    @Test
    void waits_after_a_test_that_left_its_thread_interrupted() {
        InnerTests inner = InnerTests.run(LeavesItsInterruptFlagSet.class);

        assertThat(inner.failures()).isEmpty();
        assertThat(inner.succeeded()).hasSize(2);
        assertThat(SEEN).containsExactly("stopped", "interrupted");
    }

    @Test
    void waits_on_a_thread_that_is_interrupted_meanwhile() {
        InnerTests inner = InnerTests.run(IsInterrupted.class);

        assertThat(inner.failures()).isEmpty();
        assertThat(inner.succeeded()).hasSize(2);
        assertThat(SEEN).containsExactly("stopped", "interrupted");
    }

    @Test
    void waits_for_the_children_of_a_supervisor_that_was_killed() {
        InnerTests inner = InnerTests.run(KillsTheSupervisor.class);

        assertThat(inner.failures()).isEmpty();
        assertThat(inner.succeeded()).hasSize(2);
        assertThat(SEEN).containsExactly("stopped");
    }

    /// Reports that it was told to stop, and does not end.
    private static final class Stuck implements GenServer<Pid, Pid, Object, Object> {

        @Override
        public Init<Pid> init(Pid test) {
            Processes.trapExits(true);
            return Init.ok(test);
        }

        @Override
        public void terminate(ExitReason reason, Pid test) {
            Processes.send(test, "stopping");
            Processes.receive(Match.value("never comes"));
        }

        static ChildSpec<?> spec() {
            Pid test = Processes.self();
            return ChildSpec.worker(
                            "stuck",
                            () ->
                                    GenServer.startLink(
                                            Stuck::new, test, StartOption.name("fixture")))
                    .withShutdown(Shutdown.infinity());
        }
    }

    @Test
    void kills_what_does_not_stop_in_time_and_fails() {
        Duration limit = Duration.ofMillis(20);
        TestLife life =
                TestLife.begin(
                        null,
                        null,
                        new Settings(true, false, true, true, false, false),
                        "stuck",
                        limit);
        TestSupervisor test = new TestSupervisor(life);
        Pid outer = test.pid();
        ChildSpec<?> child = Stuck.spec();
        Pid inner =
                test.startSupervised(
                                ChildSpec.supervisor(
                                        "inner",
                                        () ->
                                                Supervisor.startLink(
                                                        List.of(child),
                                                        SupervisorFlags.of(Strategy.ONE_FOR_ONE))))
                        .pid();
        Pid stuck = Processes.whereis("fixture").orElseThrow();
        Processes.spawn(() -> Supervisor.terminateChild(inner, "stuck"));
        Processes.receive(Match.value("stopping"));

        assertThatThrownBy(() -> life.end(null))
                .isInstanceOf(AssertionError.class)
                .hasMessage(
                        "expected everything the test started to stop within PT0.02S, got still"
                                + " running: "
                                + stuck
                                + " (io.genserver.test.CleanUpTest$Stuck), "
                                + inner
                                + " (io.genserver.supervisor.Supervisor), "
                                + outer
                                + " (io.genserver.supervisor.Supervisor); they were killed; find out"
                                + " why they do not end, or give them a shorter Shutdown")
                .satisfies(error ->
                        assertThat(error.getSuppressed()[0])
                                .hasMessageContaining("Stuck) was doing")
                                .hasStackTraceContaining("Stuck.terminate"));
        assertThat(List.of(stuck, inner, outer)).noneMatch(Processes::isAlive);
        expectFreeName();
    }

    @Test
    void a_child_that_does_not_stop_in_its_time_fails_the_test_that_ends() {
        InnerTests inner = InnerTests.run(LeavesStuck.class);

        assertThat(inner.failuresWithoutPids())
                .containsExactly(
                        "a_leaves_it(TestSupervisor): java.lang.AssertionError: expected the child"
                                + " stuck to stop within PT5S, got: #PID was still running and was"
                                + " killed; find out why it does not end, or give it a longer"
                                + " Shutdown",
                        "b_leaves_it_deeper(TestSupervisor): java.lang.AssertionError: expected the"
                                + " child stuck to stop within PT5S, got: #PID was still running"
                                + " and was killed; find out why it does not end, or give it a"
                                + " longer Shutdown");
        assertThat(inner.thrownBy("a_leaves_it(TestSupervisor)").getSuppressed()[0])
                .hasStackTraceContaining("Stuck.terminate");
        assertThat(inner.succeeded()).containsExactly("c_stops_it_itself(TestSupervisor)");
    }

    /// That of a worker.
    private static final Shutdown DEFAULT = Shutdown.within(Duration.ofSeconds(5));

    /// Time is virtual, so the five seconds take none.
    @ExtendWith(GenServerExtension.class)
    @TestMethodOrder(MethodOrderer.MethodName.class)
    @VirtualTime
    static class LeavesStuck {

        @Test
        void a_leaves_it(TestSupervisor test) {
            test.startSupervised(Stuck.spec().withShutdown(DEFAULT));
        }

        @Test
        void b_leaves_it_deeper(TestSupervisor test) {
            ChildSpec<?> child = Stuck.spec().withShutdown(DEFAULT);
            test.startSupervised(
                    ChildSpec.supervisor(
                            "tree",
                            () ->
                                    Supervisor.startLink(
                                            List.of(child),
                                            SupervisorFlags.of(Strategy.ONE_FOR_ONE))));
        }

        @Test
        void c_stops_it_itself(TestSupervisor test) {
            test.startSupervised(Stuck.spec().withShutdown(DEFAULT));
            test.stopSupervised("stuck");
        }
    }

    @Test
    void no_timer_fires_in_the_next_test() {
        InnerTests inner = InnerTests.run(LeavesTimers.class);

        assertThat(inner.failures()).isEmpty();
        assertThat(inner.succeeded()).hasSize(2);
    }

    @ExtendWith(GenServerExtension.class)
    @TestMethodOrder(MethodOrderer.MethodName.class)
    static class LeavesTimers {
        private static final List<Ref> TIMERS = new ArrayList<>();

        @BeforeEach
        void take_the_name() {
            Processes.register(Processes.self(), "fixture");
        }

        @Test
        void a_leaves_them() {
            Name fixture = new Name("fixture");
            TIMERS.add(Processes.sendAfter(fixture, "left over", Duration.ofMinutes(1)));
            TIMERS.add(
                    Processes.sendEvery(
                            fixture, "left over", Duration.ofMinutes(1), Pace.FIXED_RATE));
            assertThat(TIMERS).allMatch(timer -> Processes.readTimer(timer).isPresent());
        }

        @Test
        void b_is_not_disturbed() {
            assertThat(TIMERS).hasSize(2).allMatch(timer -> Processes.readTimer(timer).isEmpty());
        }
    }

    @Test
    void has_nothing_to_do_if_another_extension_failed_before() {
        Throwable failure = InnerTests.run(FailsBefore.class).failure();

        assertThat(failure).hasMessage("on purpose");
        assertThat(failure.getSuppressed()).isEmpty();
    }

    /// Records whether an extension around [GenServerExtension] sees the thread interrupted.
    static final class SeesInterrupt implements AfterEachCallback {
        @Override
        public void afterEach(ExtensionContext context) {
            if (Thread.currentThread().isInterrupted()) {
                SEEN.add("interrupted");
            }
        }
    }

    @ExtendWith({SeesInterrupt.class, GenServerExtension.class})
    @TestMethodOrder(MethodOrderer.MethodName.class)
    static class LeavesItsInterruptFlagSet {

        @Test
        void a_leaves_it(TestSupervisor test) {
            Slow.start(test, 0);
            Thread.currentThread().interrupt();
        }

        @Test
        void b_finds_the_name_free() {
            expectFreeName();
        }
    }

    @ExtendWith({SeesInterrupt.class, GenServerExtension.class})
    @TestMethodOrder(MethodOrderer.MethodName.class)
    static class IsInterrupted {

        @Test
        void a_passes(TestSupervisor test) {
            Slow.start(test, 2);
        }

        @Test
        void b_finds_the_name_free() {
            expectFreeName();
        }
    }

    @AllowCrashes
    @ExtendWith(GenServerExtension.class)
    @TestMethodOrder(MethodOrderer.MethodName.class)
    static class KillsTheSupervisor {

        @Test
        void a_kills_it(TestSupervisor test) {
            Processes.trapExits(true);
            Slow.start(test, 0);
            Processes.exit(test.pid(), ExitReason.KILL);
        }

        @Test
        void b_finds_the_name_free() {
            expectFreeName();
        }
    }

    static final class Failing implements BeforeEachCallback {
        @Override
        public void beforeEach(ExtensionContext context) {
            throw new IllegalStateException("on purpose");
        }
    }

    @ExtendWith({Failing.class, GenServerExtension.class})
    static class FailsBefore {
        @Test
        void does_not_run() {
            SEEN.add("ran");
        }
    }
}
