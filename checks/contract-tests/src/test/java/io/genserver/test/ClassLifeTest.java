package io.genserver.test;

import static io.genserver.test.InnerTests.SEEN;
import static io.genserver.test.MessageAssertions.awaitDown;
import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.Agent;
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
            ServerRef agent = ServerRef.name("of the class");
            Ref monitor = Processes.monitor(agent);
            Agent.cast(
                    agent,
                    (Integer _) -> {
                        throw new IllegalStateException("boom");
                    });
            awaitDown(monitor);
        }

        @Test
        void b_is_not_concerned() {}
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
