package io.genserver.test;

import static io.genserver.test.InnerTests.SEEN;
import static org.assertj.core.api.Assertions.assertThat;

import io.genserver.Agent;
import io.genserver.Pid;
import io.genserver.Processes;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.DynamicTestInvocationContext;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Where a test can ask for a [TestSupervisor], and the messages where it cannot.
@Timeout(30)
class ExtensionUseTest {

    private static final String PREFIX = "io.genserver.test.ExtensionUseTest$";

    private static void use(TestSupervisor test) {
        test.startSupervised(() -> Agent.startLink(() -> 1));
    }

    private static String refusedField(String field, String modifier) {
        return "org.junit.jupiter.api.extension.ExtensionConfigurationException: expected the field "
                + PREFIX
                + field
                + " to be neither static nor final, because each test has a supervisor of its own,"
                + " got: "
                + modifier
                + "; remove "
                + modifier;
    }

    @Test
    void a_static_field_is_refused_before_anything_runs() {
        assertThat(InnerTests.run(StaticField.class).failures())
                .containsExactly(
                        "ExtensionUseTest$StaticField: "
                                + refusedField("StaticField.test", "static"));
        assertThat(SEEN).isEmpty();
    }

    @Test
    void a_final_field_of_a_superclass_is_refused_before_anything_runs() {
        assertThat(InnerTests.run(FinalField.class).failures())
                .containsExactly(
                        "ExtensionUseTest$FinalField: "
                                + refusedField("HasFinalField.test", "final"));
        assertThat(SEEN).isEmpty();
    }

    @Test
    void a_static_field_of_an_enclosing_class_is_refused() {
        assertThat(InnerTests.run(StaticFieldOutside.class).failures())
                .containsExactly("Inner: " + refusedField("StaticFieldOutside.test", "static"));
    }

    @Test
    void a_static_field_is_refused_by_an_extension_registered_in_an_instance_field() {
        assertThat(InnerTests.run(StaticFieldAndInstanceExtension.class).failures())
                .containsExactly(
                        "runs(): "
                                + refusedField("StaticFieldAndInstanceExtension.test", "static"));
        assertThat(SEEN).isEmpty();
    }

    @ExtendWith(GenServerExtension.class)
    static class StaticField {
        @SuppressWarnings("NullAway.Init")
        static TestSupervisor test;

        @BeforeAll
        static void start() {
            SEEN.add("before all");
        }

        @Test
        void runs() {
            use(test);
        }
    }

    static class HasFinalField {
        @SuppressWarnings("NullAway")
        final TestSupervisor test = null;
    }

    @ExtendWith(GenServerExtension.class)
    static class FinalField extends HasFinalField {
        @Test
        void runs() {
            SEEN.add("ran");
        }
    }

    static class StaticFieldOutside {
        @SuppressWarnings("NullAway.Init")
        static TestSupervisor test;

        @Nested
        @ExtendWith(GenServerExtension.class)
        class Inner {
            @Test
            void runs() {
                SEEN.add("ran");
            }
        }
    }

    static class StaticFieldAndInstanceExtension {
        @SuppressWarnings("NullAway.Init")
        static TestSupervisor test;

        @RegisterExtension final GenServerExtension extension = new GenServerExtension();

        @Test
        void runs() {
            SEEN.add("ran");
        }
    }

    private static String refusedParameter(String executable) {
        return "org.junit.jupiter.api.extension.ParameterResolutionException: expected a"
                + " TestSupervisor to be a parameter of a test, or of a method that is annotated"
                + " with @BeforeAll, @BeforeEach, @AfterEach or @AfterAll, got: a parameter of "
                + executable
                + "; start what the tests need in a @BeforeEach method";
    }

    @Test
    void a_parameter_of_a_constructor_is_refused() {
        assertThat(InnerTests.run(ConstructorParameter.class).failures())
                .containsExactly(
                        "runs(): "
                                + refusedParameter(
                                        PREFIX
                                                + "ConstructorParameter(io.genserver.test.TestSupervisor)"));
    }

    @ExtendWith(GenServerExtension.class)
    static class ConstructorParameter {
        ConstructorParameter(TestSupervisor test) {
            use(test);
        }

        @Test
        void runs() {}
    }

    private static String refusedUse(String when) {
        return "java.lang.IllegalStateException: expected a TestSupervisor to be used by a test, a"
                + " @BeforeEach or an @AfterEach method, got: a use "
                + when
                + "; start what the tests need in a @BeforeEach method";
    }

    @Test
    void a_use_before_the_first_test_is_refused() {
        assertThat(InnerTests.run(UsedBeforeAll.class).failures())
                .containsExactly(
                        "ExtensionUseTest$UsedBeforeAll: " + refusedUse("before the first test"));
    }

    @Test
    void a_use_after_the_test_is_refused() {
        InnerTests inner = InnerTests.run(UsedAfterAll.class);

        assertThat(inner.failures())
                .containsExactly(
                        "ExtensionUseTest$UsedAfterAll: " + refusedUse("after its test has ended"));
        assertThat(inner.succeeded()).hasSize(1);
    }

    @Test
    void a_use_by_a_thread_that_is_no_process_is_refused() {
        assertThat(InnerTests.run(UsedByAnotherThread.class).failure())
                .hasMessageMatching(
                        "expected to be called by the test's own process #PID<\\S+> on the thread"
                                + " inner tests, got: the thread another, which is no process");
    }

    @ExtendWith(GenServerExtension.class)
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    static class UsedBeforeAll {
        @SuppressWarnings("NullAway.Init")
        TestSupervisor test;

        @BeforeAll
        void start() {
            use(test);
        }

        @Test
        void runs() {}
    }

    @ExtendWith(GenServerExtension.class)
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    static class UsedAfterAll {
        @SuppressWarnings("NullAway.Init")
        TestSupervisor test;

        @Test
        void runs() {
            use(test);
        }

        @AfterAll
        void stop() {
            use(test);
        }
    }

    @ExtendWith(GenServerExtension.class)
    static class UsedByAnotherThread {
        @Test
        void runs(TestSupervisor test) throws Throwable {
            FutureTask<Void> use = new FutureTask<>(() -> use(test), null);
            Thread.ofPlatform().name("another").start(use);
            try {
                use.get();
            } catch (ExecutionException thrown) {
                throw thrown.getCause();
            }
        }
    }

    private static String refusedThread(String what) {
        return "org\\.junit\\.jupiter\\.api\\.extension\\.ExtensionConfigurationException: expected "
                + what
                + " to run on the thread inner tests, on which its test began, got:"
                + " the thread junit-\\S+; keep the thread mode SAME_THREAD of @Timeout";
    }

    @ParameterizedTest
    @ValueSource(classes = {ParallelDynamicTests.class, ParallelDynamicTestsOfTime.class})
    void dynamic_tests_on_other_threads_are_refused(Class<?> tests) {
        ParallelDynamicTests.refused = new CountDownLatch(1);
        InnerTests inner = InnerTests.runInParallel(tests);

        assertThat(inner.failures())
                .singleElement()
                .asString()
                .matches(
                        "elsewhere: org\\.junit\\.jupiter\\.api\\.extension\\."
                                + "ExtensionConfigurationException: expected elsewhere to run on"
                                + " the thread ForkJoin\\S+, on which its test began, got: the"
                                + " thread ForkJoin\\S+; annotate the @TestFactory method with"
                                + " @Execution\\(SAME_THREAD\\)");
        assertThat(SEEN).isEmpty();
    }

    @VirtualTime
    static class ParallelDynamicTestsOfTime extends ParallelDynamicTests {}

    /// The factory's stream does not end before another thread has had the dynamic test.
    @ExtendWith({ParallelDynamicTests.Tells.class, GenServerExtension.class})
    @Execution(ExecutionMode.CONCURRENT)
    static class ParallelDynamicTests {
        private static volatile CountDownLatch refused = new CountDownLatch(1);

        /// Tells the factory that the dynamic test has been refused.
        static final class Tells implements InvocationInterceptor {
            @Override
            public void interceptDynamicTest(
                    Invocation<@Nullable Void> invocation,
                    DynamicTestInvocationContext invoked,
                    ExtensionContext context)
                    throws Throwable {
                try {
                    invocation.proceed();
                } finally {
                    refused.countDown();
                }
            }
        }

        @TestFactory
        Stream<DynamicTest> factory() {
            return Stream.of("elsewhere", "end of the stream")
                    .filter(name -> name.equals("elsewhere") || isLeftAfterTheRefusal())
                    .map(name -> DynamicTest.dynamicTest(name, () -> SEEN.add("ran")));
        }

        private static boolean isLeftAfterTheRefusal() {
            try {
                assertThat(refused.await(20, TimeUnit.SECONDS)).isTrue();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            return false;
        }
    }

    @ParameterizedTest
    @ValueSource(classes = {SeparateThread.class, SeparateThreadOfTime.class})
    void a_test_on_a_thread_of_its_own_is_refused(Class<?> tests) {
        InnerTests inner = InnerTests.run(tests);

        assertThat(inner.failures())
                .satisfiesExactlyInAnyOrder(
                        failure ->
                                assertThat(failure)
                                        .matches("runs\\(\\): " + refusedThread("runs\\(\\)")),
                        failure ->
                                assertThat(failure)
                                        .matches(
                                                "(?s).*repetition 1 of 1: "
                                                        + refusedThread("repeated\\(\\)")),
                        failure ->
                                assertThat(failure)
                                        .matches(
                                                "factory\\(\\): "
                                                        + refusedThread("factory\\(\\)")));
        assertThat(SEEN).isEmpty();
    }

    @Test
    void a_method_around_a_test_on_a_thread_of_its_own_is_refused() {
        assertThat(InnerTests.run(BeforeEachOnSeparateThread.class).failures())
                .singleElement()
                .asString()
                .matches("runs\\(\\): " + refusedThread("before\\(\\)"));
        assertThat(InnerTests.run(AfterEachOnSeparateThread.class).failure().getSuppressed())
                .singleElement()
                .asString()
                .matches(refusedThread("after\\(\\)"));
    }

    @VirtualTime
    static class SeparateThreadOfTime extends SeparateThread {}

    @ExtendWith(GenServerExtension.class)
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    static class SeparateThread {
        @Test
        void runs() {
            SEEN.add("ran");
        }

        @RepeatedTest(1)
        void repeated() {
            SEEN.add("ran");
        }

        @TestFactory
        Stream<DynamicTest> factory() {
            SEEN.add("ran");
            return Stream.empty();
        }
    }

    @ExtendWith(GenServerExtension.class)
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    static class BeforeEachOnSeparateThread {
        @BeforeEach
        @Timeout(20)
        void before() {}

        @Test
        void runs() {}
    }

    @ExtendWith(GenServerExtension.class)
    @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    static class AfterEachOnSeparateThread {
        @Test
        void runs() {}

        @AfterEach
        @Timeout(20)
        void after() {}
    }

    @Test
    void parallel_tests_that_share_an_instance_cannot_share_a_field() {
        InnerTests inner = InnerTests.runInParallel(SharedInParallel.class);

        assertThat(inner.succeeded()).hasSize(1);
        assertThat(inner.failure())
                .isInstanceOf(ExtensionConfigurationException.class)
                .hasMessage(
                        "expected the field "
                                + PREFIX
                                + "SharedInParallel.test to be free, got: the TestSupervisor of"
                                + " another running test that shares the instance; take the"
                                + " TestSupervisor as a parameter");
    }

    @ExtendWith(GenServerExtension.class)
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    @Execution(ExecutionMode.CONCURRENT)
    static class SharedInParallel {

        /// Released when the other test has failed. The running test waits for it.
        private static final CountDownLatch FAILED = new CountDownLatch(1);

        @SuppressWarnings("NullAway.Init")
        TestSupervisor test;

        @RegisterExtension
        static final AfterEachCallback COUNTS =
                context -> context.getExecutionException().ifPresent(_ -> FAILED.countDown());

        @Test
        void one() throws InterruptedException {
            awaitFailureOfTheOther();
        }

        @Test
        void two() throws InterruptedException {
            awaitFailureOfTheOther();
        }

        private static void awaitFailureOfTheOther() throws InterruptedException {
            assertThat(FAILED.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(classes = {AllKinds.class, AllKindsOfTime.class})
    void tests_of_all_kinds_get_one_each(Class<?> tests) {
        InnerTests inner = InnerTests.run(tests);

        assertThat(inner.failures()).isEmpty();
        assertThat(SEEN).hasSize(8).doesNotHaveDuplicates();
    }

    @VirtualTime
    static class AllKindsOfTime extends AllKinds {}

    @ExtendWith(GenServerExtension.class)
    @TestInstance(TestInstance.Lifecycle.PER_CLASS)
    static class AllKinds {

        @RegisterExtension // the second registration has no effect
        static final GenServerExtension SECOND = new GenServerExtension();

        @SuppressWarnings("NullAway.Init")
        TestSupervisor field;

        @SuppressWarnings("NullAway.Init")
        private Pid started;

        @BeforeEach
        void start(TestSupervisor test) {
            assertThat(field).isSameAs(test);
            started = test.startSupervised(() -> Agent.startLink(() -> 1)).pid();
        }

        void seen(TestSupervisor test) {
            assertThat(field).isSameAs(test);
            assertThat(Processes.isAlive(started)).isTrue();
            SEEN.add(Processes.self().toString());
        }

        @Test
        void plain(TestSupervisor test) {
            seen(test);
        }

        @RepeatedTest(2)
        void repeated(TestSupervisor test) {
            seen(test);
        }

        @ParameterizedTest
        @ValueSource(ints = {1, 2})
        void parameterized(int number, TestSupervisor test) {
            assertThat(number).isPositive();
            seen(test);
        }

        @TestFactory
        DynamicTest factory(TestSupervisor test) {
            return DynamicTest.dynamicTest("dynamic", () -> seen(test));
        }

        @Nested
        class inner {
            @Test
            void plain(TestSupervisor test) {
                seen(test);
            }
        }

        @Nested
        @TestInstance(TestInstance.Lifecycle.PER_CLASS)
        class inner_per_class {
            @Test
            void plain(TestSupervisor test) {
                seen(test);
            }
        }
    }
}
