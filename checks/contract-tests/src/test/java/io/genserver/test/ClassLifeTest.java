package io.genserver.test;

import static io.genserver.test.InnerTests.SEEN;
import static io.genserver.test.MessageAssertions.awaitDown;
import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.Agent;
import io.genserver.GenServer;
import io.genserver.Name;
import io.genserver.Node;
import io.genserver.Pid;
import io.genserver.Processes;
import io.genserver.Ref;
import io.genserver.ServerRef;
import io.genserver.StartOption;
import io.genserver.supervisor.ChildSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/// On which node a test runs, and what a class starts for all its tests.
@Timeout(30)
class ClassLifeTest {

    private static ChildSpec<?> agent(String name) {
        return ChildSpec.worker(name, () -> Agent.startLink(() -> 1, StartOption.name(name)));
    }

    /// Has the agent `of the class` throw, and waits until it is down.
    private static void crashChildOfClass(RuntimeException thrown) {
        ServerRef agent = ServerRef.name("of the class");
        Ref monitor = Processes.monitor(agent);
        Agent.cast(
                agent,
                (Integer _) -> {
                    throw thrown;
                });
        awaitDown(monitor);
    }

    @Test
    void children_of_a_class_live_until_its_tests_are_done() {
        InnerTests inner = InnerTests.run(Shares.class);

        assertThat(inner.failures()).isEmpty();
        assertThat(inner.succeeded()).hasSize(3);
        assertThat(SEEN)
                .containsExactly(
                        "a sees it",
                        "b sees it, and not what a started",
                        "nested sees both",
                        "nested done",
                        "after all sees it",
                        "done");
        assertThat(Processes.whereis("of the class")).isEmpty();
    }

    @ExtendWith(GenServerExtension.class)
    @TestMethodOrder(MethodOrderer.MethodName.class)
    static class Shares {

        @BeforeAll
        static void start(TestSupervisor tests) {
            tests.startSupervised(agent("of the class"));
            tests.onExit(() -> SEEN.add("done"));
        }

        @AfterAll
        static void stop(TestSupervisor tests) {
            tests.stopSupervised("of the class");
            SEEN.add("after all sees it");
        }

        @Test
        void a(TestSupervisor test) {
            test.startSupervised(agent("of the test"));
            assertThat(Processes.whereis("of the class")).isPresent();
            SEEN.add("a sees it");
        }

        @Test
        void b() {
            assertThat(Processes.whereis("of the class")).isPresent();
            assertThat(Processes.whereis("of the test")).isEmpty();
            SEEN.add("b sees it, and not what a started");
        }

        @Nested
        class inside {
            @BeforeAll
            static void start(TestSupervisor tests) {
                tests.startSupervised(agent("of the nested class"));
                tests.onExit(() -> SEEN.add("nested done"));
            }

            @Test
            void c() {
                assertThat(Processes.whereis("of the class")).isPresent();
                assertThat(Processes.whereis("of the nested class")).isPresent();
                SEEN.add("nested sees both");
            }
        }
    }

    @Test
    void a_crash_of_a_child_of_the_class_fails_the_test_in_which_it_happens() {
        InnerTests inner = InnerTests.run(CrashesShared.class);

        assertThat(inner.failuresWithoutPids())
                .singleElement()
                .asString()
                .startsWith(
                        "a_crashes_it(): java.lang.AssertionError: expected no process to crash, got:"
                                + " GenServer #PID (io.genserver.Agent), registered as of the class");
        assertThat(inner.succeeded()).containsExactly("b_is_not_concerned()");
    }

    @ExtendWith(GenServerExtension.class)
    @TestMethodOrder(MethodOrderer.MethodName.class)
    static class CrashesShared {
        @BeforeAll
        static void start(TestSupervisor tests) {
            tests.startSupervised(agent("of the class"));
        }

        @Test
        void a_crashes_it() {
            crashChildOfClass(new IllegalStateException("boom"));
        }

        @Test
        void b_is_not_concerned() {}
    }

    @Test
    void a_test_of_a_nested_class_answers_for_the_children_of_the_outer_class() {
        InnerTests inner = InnerTests.run(CrashesOuter.class);

        assertThat(inner.failuresWithoutPids())
                .singleElement()
                .asString()
                .startsWith(
                        "b_does_not_declare_it(): java.lang.AssertionError: expected no process to"
                                + " crash, got: GenServer #PID (io.genserver.Agent), registered as of"
                                + " the class");
        assertThat(inner.succeeded())
                .containsExactly("a_declares_it(TestSupervisor)", "c_is_not_concerned()");
    }

    @ExtendWith(GenServerExtension.class)
    static class CrashesOuter {
        @BeforeAll
        static void start(TestSupervisor tests) {
            tests.startSupervised(agent("of the class"));
        }

        private static void crash() {
            crashChildOfClass(new IllegalStateException("boom"));
            MessageAssertions.eventually(
                    () -> assertThat(Processes.whereis("of the class")).isPresent());
        }

        @Nested
        @TestMethodOrder(MethodOrderer.MethodName.class)
        class inside {
            @BeforeAll
            static void start(TestSupervisor tests) {
                tests.startSupervised(agent("of the nested class"));
                tests.expectCrash(new Name("of the class"), IllegalArgumentException.class);
            }

            @AfterAll
            static void crashOnceMore() {
                crashChildOfClass(new IllegalArgumentException("boom"));
            }

            @Test
            void a_declares_it(TestSupervisor test) {
                test.expectCrash(new Name("of the class"), IllegalStateException.class);
                crash();
            }

            @Test
            void b_does_not_declare_it() {
                crash();
            }

            @Test
            void c_is_not_concerned() {}
        }
    }

    @Test
    void a_dead_letter_fails_the_test_or_the_class_in_which_it_comes() {
        InnerTests inner = InnerTests.run(LosesLetters.class);

        String lost =
                ": java.lang.AssertionError: expected every message to reach a process, got:"
                        + " [DeadLetter[reason=UNKNOWN_NAME, to=nobody, message=";
        assertThat(inner.failures())
                .containsExactly(
                        "a_loses_one()" + lost + "in a test]]",
                        "inside" + lost + "in a class inside]]",
                        "ClassLifeTest$LosesLetters"
                                + lost
                                + "before the tests], DeadLetter[reason=UNKNOWN_NAME, to=nobody,"
                                + " message=after the tests]]");
        assertThat(inner.succeeded())
                .containsExactly("b_leaves_one_in_a_mailbox(TestSupervisor)", "c_loses_none()");
    }

    @ExtendWith(GenServerExtension.class)
    @TestMethodOrder(MethodOrderer.MethodName.class)
    @FailOnDeadLetters
    static class LosesLetters {
        @BeforeAll
        static void start(TestSupervisor tests) {
            tests.startSupervised(agent("of the class"));
            GenServer.cast(ServerRef.name("nobody"), "before the tests");
        }

        @AfterAll
        static void stop(TestSupervisor tests) {
            tests.stopSupervised("of the class");
            GenServer.cast(ServerRef.name("nobody"), "after the tests");
        }

        @Test
        void a_loses_one() {
            GenServer.cast(ServerRef.name("nobody"), "in a test");
        }

        @Test
        void b_leaves_one_in_a_mailbox(TestSupervisor test) {
            Pid busy =
                    test.startSupervised(() -> Agent.startLink(() -> 1, StartOption.name("busy")))
                            .pid();
            test.suspend("started-1");
            Processes.send(busy, "kept in the mailbox");
        }

        @Nested
        class inside {
            @BeforeAll
            static void start(TestSupervisor tests) {
                Pid busy = tests.startSupervised(agent("of the nested class")).pid();
                tests.suspend("of the nested class");
                Processes.send(busy, "kept by the nested class");
                GenServer.cast(ServerRef.name("nobody"), "in a class inside");
            }

            @Test
            void c_loses_none() {}
        }
    }

    @Test
    void the_supervisor_of_a_class_is_refused_in_its_tests_and_does_not_link() {
        InnerTests inner = InnerTests.run(MisusesShared.class);

        assertThat(inner.failuresWithoutPids())
                .containsExactly(
                        "uses_it(): java.lang.IllegalStateException: expected the TestSupervisor of a"
                                + " class to be used by its @BeforeAll and @AfterAll methods, got: a"
                                + " use by #PID; take the TestSupervisor of the test as a parameter");
        assertThat(SEEN)
                .containsExactly(
                        "expected startLinkSupervised to be called for a test, got: a call for a"
                                + " class; call startSupervised");
    }

    @ExtendWith(GenServerExtension.class)
    static class MisusesShared {
        private static final List<TestSupervisor> SHARED = new ArrayList<>();

        @BeforeAll
        static void start(TestSupervisor tests) {
            SHARED.add(tests);
            try {
                tests.startLinkSupervised(agent("linked"));
            } catch (IllegalStateException refused) {
                SEEN.add(String.valueOf(refused.getMessage()));
            }
        }

        @Test
        void uses_it() {
            SHARED.getFirst().startSupervised(agent("x"));
        }
    }

    @Test
    void a_process_that_the_class_has_left_fails_the_class() {
        InnerTests inner = InnerTests.run(LeavesOne.class);

        assertThat(inner.failuresWithoutPids())
                .containsExactly(
                        "ClassLifeTest$LeavesOne: java.lang.AssertionError: expected the test to stop"
                                + " every process that it started, got still running: #PID"
                                + " (io.genserver.Agent), registered as left, started by #PID; they"
                                + " were killed; start them with startSupervised, stop them in the"
                                + " test or in onExit, or annotate the test with @AllowLeaks");
        assertThat(inner.succeeded()).containsExactly("does_not_care()");
    }

    @ExtendWith(GenServerExtension.class)
    static class LeavesOne {
        @BeforeAll
        static void start(TestSupervisor tests) {
            Agent.start(() -> 1, StartOption.name("left"));
        }

        @Test
        void does_not_care() {}
    }

    @Test
    void parallel_tests_use_the_same_name_on_their_own_nodes() {
        InnerTests inner = InnerTests.runInParallel(SameName.class);

        assertThat(inner.failures()).isEmpty();
        assertThat(inner.succeeded()).hasSize(2);
    }

    @ExtendWith(GenServerExtension.class)
    @Execution(ExecutionMode.CONCURRENT)
    static class SameName {

        private static final CountDownLatch BOTH = new CountDownLatch(2);

        private static void use(TestSupervisor test) throws InterruptedException {
            Pid mine = test.startSupervised(agent("same")).pid();
            BOTH.countDown();
            assertThat(BOTH.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(Processes.whereis("same")).hasValue(mine);
            assertThat(Node.current()).isNotSameAs(Node.defaultNode());
        }

        @Test
        void one(TestSupervisor test) throws InterruptedException {
            use(test);
        }

        @Test
        void two(TestSupervisor test) throws InterruptedException {
            use(test);
        }
    }

    @Test
    void the_shared_node_is_the_default_node_also_of_a_nested_class() {
        InnerTests inner = InnerTests.run(OnShared.class);

        assertThat(inner.failures()).isEmpty();
        assertThat(inner.succeeded()).hasSize(2);
    }

    @ExtendWith(GenServerExtension.class)
    @SharedNode
    static class OnShared {
        @Test
        void outer() {
            assertThat(Node.current()).isSameAs(Node.defaultNode());
            assertThat(Processes.getLabel()).hasValue("OnShared.outer");
        }

        @Nested
        class inside {
            @Test
            void inner() {
                assertThat(Node.current()).isSameAs(Node.defaultNode());
            }
        }
    }
}
