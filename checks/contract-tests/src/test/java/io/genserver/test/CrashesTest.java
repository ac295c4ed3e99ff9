package io.genserver.test;

import static io.genserver.test.MessageAssertions.awaitDown;
import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.Agent;
import io.genserver.CastResult;
import io.genserver.DeadLetter;
import io.genserver.DeadLetters;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Init;
import io.genserver.Name;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.Server;
import io.genserver.StartOption;
import io.genserver.supervisor.ChildSpec;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.slf4j.event.Level;

/// A crash that nobody expects fails the test, even if a supervisor has repaired it.
@Timeout(30)
class CrashesTest {

    private static final class Fragile implements GenServer<String, String, Object, String> {
        @Override
        public Init<String> init(String name) {
            return Init.ok(name);
        }

        @Override
        public CastResult<String> handleCast(String request, String name) {
            throw new IllegalStateException(request);
        }

        @Override
        public Level crashLevel(ExitReason reason) {
            return reason.toString().contains("minor") ? Level.INFO : Level.ERROR;
        }
    }

    private static final Server<Fragile> FRAGILE = Server.named("fragile", Fragile.class);

    private static void start(TestSupervisor test) {
        test.startSupervised(
                ChildSpec.worker(
                        "fragile",
                        () -> GenServer.startLink(Fragile::new, "x", StartOption.name(FRAGILE))));
    }

    private static void crash(String message) {
        Ref monitor = Processes.monitor(FRAGILE);
        GenServer.cast(FRAGILE, message);
        awaitDown(monitor);
    }

    private static String crashed(String message) {
        return "java.lang.AssertionError: expected no process to crash, got: GenServer #PID"
                + " (io.genserver.test.CrashesTest$Fragile), registered as fragile terminating\n"
                + "  reason: java.lang.IllegalStateException: "
                + message
                + "\n  last message (from #PID): cast java.lang.String, "
                + message.length()
                + " characters\n"
                + "  state: java.lang.String, 1 characters\n"
                + "  ancestors: #PID, #PID\n"
                + "  links: #PID\n"
                + "  messages waiting: 0\n"
                + "  if the test is meant to crash it, call expectCrash or annotate the test with"
                + " @AllowCrashes";
    }

    @Test
    void fail_the_test_with_their_reports_unless_expected() {
        InnerTests inner = InnerTests.run(Crashes.class);

        assertThat(inner.failuresWithoutPids())
                .containsExactly(
                        "a_behind_the_tests_back(TestSupervisor): " + crashed("boom"),
                        "b_another_than_the_expected_one(TestSupervisor): " + crashed("other"),
                        "c_that_did_not_come(TestSupervisor): java.lang.AssertionError: expected a"
                                + " crash of fragile with java.lang.IllegalStateException,"
                                + " got: no such crash",
                        "l_of_any_process_that_did_not_come(TestSupervisor):"
                                + " java.lang.AssertionError: expected a crash of any process with"
                                + " java.lang.IllegalStateException, got: no such crash");
        assertThat(inner.thrownBy("a_behind_the_tests_back(TestSupervisor)"))
                .hasRootCauseMessage("boom");
        assertThat(inner.succeeded())
                .containsExactly(
                        "d_by_name(TestSupervisor)",
                        "e_by_pid_afterwards(TestSupervisor)",
                        "f_by_exception(TestSupervisor)",
                        "g_allowed(TestSupervisor)",
                        "h_below_the_level_warn(TestSupervisor)",
                        "i_ended_by_an_exit_signal(TestSupervisor)",
                        "j_below_the_level_warn_and_expected(TestSupervisor)",
                        "k_are_objects(TestSupervisor)");
    }

    @Test
    void of_a_child_of_a_class_are_expected_by_the_class_or_any_of_its_running_tests() {
        assertThat(InnerTests.run(ExpectedByClass.class).failures()).isEmpty();
        assertThat(InnerTests.runInParallel(ExpectedByAnother.class).failures()).isEmpty();
    }

    @ExtendWith(GenServerExtension.class)
    static class ExpectedByClass {
        @BeforeAll
        static void start(TestSupervisor tests) {
            CrashesTest.start(tests);
            tests.expectCrash(FRAGILE);
        }

        @Test
        void crashes() {
            crash("boom");
        }
    }

    /// One test declares the crash of the class's child and waits until the other one, which knows
    /// nothing of it, has ended.
    @ExtendWith(GenServerExtension.class)
    @Execution(ExecutionMode.CONCURRENT)
    static class ExpectedByAnother {
        private static final CountDownLatch CRASHED = new CountDownLatch(1);
        private static final CountDownLatch ENDED = new CountDownLatch(1);

        @BeforeAll
        static void start(TestSupervisor tests) {
            CrashesTest.start(tests);
        }

        @RegisterExtension
        static final AfterEachCallback TELLS_THE_END =
                context -> {
                    if (context.getRequiredTestMethod().getName().startsWith("ends")) {
                        ENDED.countDown();
                    }
                };

        @Test
        void declares(TestSupervisor test) throws InterruptedException {
            test.expectCrash(FRAGILE);
            crash("boom");
            CRASHED.countDown();
            assertThat(ENDED.await(20, TimeUnit.SECONDS)).isTrue();
        }

        @Test
        void ends_first() throws InterruptedException {
            assertThat(CRASHED.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @ExtendWith(GenServerExtension.class)
    @TestMethodOrder(MethodOrderer.MethodName.class)
    static class Crashes {

        @Test
        void a_behind_the_tests_back(TestSupervisor test) {
            start(test);
            crash("boom");
        }

        @Test
        void b_another_than_the_expected_one(TestSupervisor test) {
            Pid agent = test.startSupervised(() -> Agent.startLink(() -> 1)).pid();
            test.expectCrash(agent);
            Ref monitor = Processes.monitor(agent);
            Agent.cast(
                    agent,
                    (Integer _) -> {
                        throw new IllegalStateException("expected");
                    });
            awaitDown(monitor);
            start(test);
            crash("other");
        }

        @Test
        void c_that_did_not_come(TestSupervisor test) {
            test.expectCrash(FRAGILE, IllegalStateException.class);
        }

        @Test
        void l_of_any_process_that_did_not_come(TestSupervisor test) {
            test.expectCrash(IllegalStateException.class);
        }

        @Test
        void d_by_name(TestSupervisor test) {
            start(test);
            test.expectCrash(FRAGILE);
            crash("boom");
            MessageAssertions.eventually(
                    () -> assertThat(Processes.whereis("fragile")).isPresent());
            crash("again");
        }

        @Test
        void e_by_pid_afterwards(TestSupervisor test) {
            start(test);
            Pid pid = FRAGILE.pid();
            crash("boom");
            test.expectCrash(pid, IllegalStateException.class);
        }

        @Test
        void f_by_exception(TestSupervisor test) {
            start(test);
            test.expectCrash(IllegalStateException.class);
            crash("boom");
        }

        @Test
        @AllowCrashes
        void g_allowed(TestSupervisor test) {
            start(test);
            crash("boom");
        }

        @Test
        void h_below_the_level_warn(TestSupervisor test) {
            start(test);
            crash("minor");
        }

        @Test
        void j_below_the_level_warn_and_expected(TestSupervisor test) {
            start(test);
            test.expectCrash(FRAGILE);
            crash("minor");
        }

        @Test
        void k_are_objects(TestSupervisor test) {
            start(test);
            Pid pid = FRAGILE.pid();
            test.expectCrash(pid);
            crash("boom");
            assertThat(test.crashReports())
                    .singleElement()
                    .satisfies(report -> {
                        assertThat(report.pid()).isEqualTo(pid);
                        assertThat(report.exception()).isPresent();
                    });
        }

        @Test
        void i_ended_by_an_exit_signal(TestSupervisor test) {
            start(test);
            Processes.exit(FRAGILE.pid(), ExitReason.of("signal"));
        }
    }

    @Test
    void are_shown_beside_the_failure_of_the_test() {
        Throwable failure = InnerTests.run(FailsAndCrashes.class).failure();

        assertThat(failure).hasMessage("the test's own");
        assertThat(failure.getSuppressed())
                .singleElement()
                .satisfies(report ->
                        assertThat(InnerTests.withoutPids(report.toString()))
                                .isEqualTo(crashed("boom")));
    }

    @ExtendWith(GenServerExtension.class)
    static class FailsAndCrashes {
        @Test
        void fails(TestSupervisor test) {
            start(test);
            crash("boom");
            throw new AssertionError("the test's own");
        }
    }

    @Test
    void dead_letters_fail_a_test_that_asks_for_it() {
        InnerTests inner = InnerTests.run(LosesMessages.class);

        assertThat(inner.failuresWithoutPids())
                .containsExactly(
                        "a_counted(): java.lang.AssertionError: expected every message to reach a"
                                + " process, got: [DeadLetter[reason=UNKNOWN_NAME, to=nobody,"
                                + " message=lost]]",
                        "d_of_timers(): java.lang.AssertionError: expected every message to reach a"
                                + " process, got: [DeadLetter[reason=UNKNOWN_NAME, to=nobody,"
                                + " message=one], DeadLetter[reason=UNKNOWN_NAME, to=nobody,"
                                + " message=two]]");
        assertThat(inner.succeeded()).containsExactly("b_not_counted()", "c_none()");
    }

    @ExtendWith(GenServerExtension.class)
    @TestMethodOrder(MethodOrderer.MethodName.class)
    static class LosesMessages {
        @Test
        @FailOnDeadLetters
        void a_counted() {
            GenServer.cast(io.genserver.ServerRef.name("nobody"), "lost");
        }

        @Test
        void b_not_counted() {
            GenServer.cast(io.genserver.ServerRef.name("nobody"), "lost");
        }

        @Test
        @FailOnDeadLetters
        void c_none() {
            Processes.send(Processes.self(), "kept until the end");
        }

        /// Another thread tells the listeners, one letter after another.
        @Test
        @FailOnDeadLetters
        void d_of_timers() {
            DeadLetters.Subscription _ = DeadLetters.listen(_ -> takeTime());
            for (String message : List.of("one", "two")) {
                Processes.sendAfter(new Name("nobody"), message, Duration.ofMillis(1));
            }
            MessageAssertions.eventually(() ->
                    assertThat(DeadLetters.counts())
                            .containsEntry(DeadLetter.Reason.UNKNOWN_NAME, 2L));
        }

        private static void takeTime() {
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
