package io.genserver.test;

import io.genserver.Attachment;
import io.genserver.Node;
import io.genserver.Ok;
import io.genserver.Processes;
import io.genserver.simulation.TestTime;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.DynamicTestInvocationContext;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.jupiter.api.extension.TestInstancePostProcessor;
import org.junit.platform.commons.support.AnnotationSupport;

/// Makes each test a process with a supervisor of its own.
///
/// ```java
/// @ExtendWith(GenServerExtension.class)
/// class RegistryTest {
///     Server<Registry> registry;
///
///     @BeforeEach
///     void start(TestSupervisor test) {
///         registry = test.startSupervised(Registry.childSpec());
///     }
///
///     @Test
///     void spawns_buckets() {
///         assertThat(Registry.lookup(registry, "shopping")).isEmpty();
///     }
/// }
/// ```
///
/// The test's [TestSupervisor] is available in two places:
///
/// - as a parameter of a test, `@BeforeEach` or `@AfterEach` method;
/// - in every field of that type of the test instance and its enclosing instances. A field must be
///   neither static nor final.
///
/// A `@BeforeAll` or `@AfterAll` method may take the [TestSupervisor] of the class. Its children
/// live until all tests of the class are done. A parameter of a constructor is an error.
///
/// ## Around each test
///
/// 1. A node of the test's own starts, unless [SharedNode] says otherwise. The tests of a class
///    whose `@BeforeAll` method takes a [TestSupervisor] share one node.
/// 2. The test's thread becomes a process of that node, so [Processes#self], monitors, links,
///    messages and `flush` work in the test. Its label is the name of the test.
/// 3. The `@BeforeEach` methods, the test and the `@AfterEach` methods run.
/// 4. The test's process ends with the reason `shutdown`. Linked processes get an exit signal with
///    that reason.
/// 5. The extension stops everything that was started supervised, in reverse order of the start,
///    and waits until it is down. This happens whether the test passed or failed, and also if the
///    test left its thread interrupted. A child that exceeds its [io.genserver.supervisor.Shutdown]
///    is killed, and so is what still runs after 60 s. Either fails the test.
/// 6. The functions of [TestSupervisor#onExit(org.junit.jupiter.api.function.Executable)] run.
/// 7. If a process of the test still runs, it is killed and the test fails, see [AllowLeaks].
/// 8. If a process has crashed, the test fails, see [TestSupervisor#expectCrash] and
///    [AllowCrashes].
/// 9. The node closes.
///
/// If an exit signal ends the test's process, the test fails with the signal's reason. This happens
/// when a linked process ends and the test does not trap exits, even if the test itself ended the
/// linked process.
///
/// The first failure fails the test, and the others are its suppressed exceptions.
///
/// The dynamic tests of one `@TestFactory` method are one test in this sense. They share a node, a
/// process and a supervisor, and run one after another. What one of them starts lives until the
/// last one has ended, and a process that is left fails the factory.
///
/// ## Configuration
///
/// Two configuration parameters of JUnit concern all tests: `genserver.test.allow`, a list of
/// `crashes` and `leaks`, and `genserver.test.node`, which is `own` or `shared`.
///
/// ## Threads
///
/// Tests may run in parallel. Parallel tests that share an instance (`@TestInstance(PER_CLASS)`)
/// have to take the [TestSupervisor] as a parameter.
///
/// All methods and dynamic tests of one test must run on the thread on which the test began,
/// because it is the test's process. With [VirtualTime] it waits for the thread that is. If JUnit
/// runs one on another thread, as with `@Timeout(threadMode = SEPARATE_THREAD)`, it fails before it
/// begins. For the same reason `Processes.self()` does not work in the body of
/// `assertTimeoutPreemptively`.
///
/// Source: `ExUnit.Case` with `start_supervised/2`.
public final class GenServerExtension
        implements BeforeAllCallback,
                TestInstancePostProcessor,
                BeforeEachCallback,
                AfterEachCallback,
                AfterAllCallback,
                InvocationInterceptor,
                ParameterResolver {

    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(GenServerExtension.class);

    /// Creates the extension. JUnit calls this.
    public GenServerExtension() {}

    /// Has a test run on a node that exists already, such as that of an application under test.
    /// This is for extensions of other frameworks. Their `beforeEach` calls it before that of this
    /// extension.
    ///
    /// The node is not closed. A process of the node belongs to the test if the test's process has
    /// started it, or has started its starter, and so on. If a thread that is no process starts the
    /// server of a key, that server counts as started by its supervisor. Other processes are
    /// neither stopped after the test nor counted as leaks, and their crashes do not fail it.
    ///
    /// @param context the test
    /// @param node the node
    public static void useNode(ExtensionContext context, Node node) {
        context.getStore(NAMESPACE)
                .put(GivenNode.class, new GivenNode(Objects.requireNonNull(node, "node")));
    }

    /// JUnit would close a node that is in the store itself.
    private record GivenNode(Node node) {}

    static @Nullable Node givenNode(ExtensionContext context) {
        GivenNode given = context.getStore(NAMESPACE).get(GivenNode.class, GivenNode.class);
        return given == null ? null : given.node();
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        SupervisorFields.check(context.getRequiredTestClass());
    }

    @Override
    public void postProcessTestInstance(Object instance, ExtensionContext context) {
        SupervisorFields.set(instance, TestSupervisor.beforeTheFirstTest());
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        SupervisorFields.check(
                context.getRequiredTestClass()); // beforeAll is not called for an instance's field
        if (find(context) != null) {
            return; // the extension is registered twice
        }
        LogCapture.FOUND.install();
        String label = context.getRequiredTestClass().getSimpleName();
        TestLife life =
                OwnTime.begin(
                        context,
                        ofClass(context),
                        label + "." + context.getRequiredTestMethod().getName());
        TestSupervisor supervisor = new TestSupervisor(life);
        context.getStore(NAMESPACE).put(TestLife.class, life);
        context.getStore(NAMESPACE).put(TestSupervisor.class, supervisor);
        context.getStore(NAMESPACE).put(GenServerExtension.class, this);
        context.getStore(NAMESPACE).put(Thread.class, Thread.currentThread());
        for (Object instance : context.getRequiredTestInstances().getAllInstances()) {
            SupervisorFields.set(instance, supervisor);
        }
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        TestLife life = context.getStore(NAMESPACE).remove(TestLife.class, TestLife.class);
        if (life != null) { // null: another extension failed, or this is registered twice
            OwnTime.end(context, () -> end(life, context));
        }
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        ClassLife life = ofClass(context);
        if (life != null && life.isOf(context.getUniqueId())) {
            context.getStore(NAMESPACE).remove(ClassLife.class);
            Ok _ = end(life, context);
        }
    }

    private static Ok end(Life life, ExtensionContext context) throws Exception {
        try {
            life.end(context.getExecutionException().orElse(null));
            return Ok.OK;
        } catch (Exception | Error thrown) {
            throw thrown;
        } catch (Throwable thrown) { // JUnit's callbacks throw exceptions and errors only
            throw new IllegalStateException(thrown);
        }
    }

    private static @Nullable TestLife find(ExtensionContext context) {
        return context.getStore(NAMESPACE).get(TestLife.class, TestLife.class);
    }

    /// Returns what the class of a test, or a class around it, has started; null if nothing.
    private static @Nullable ClassLife ofClass(ExtensionContext context) {
        return context.getStore(NAMESPACE).get(ClassLife.class, ClassLife.class);
    }

    /// Returns the supervisor of a class. The first method of the class that asks for it creates
    /// it.
    private static TestSupervisor supervisorOfClass(ExtensionContext context) {
        ClassLife known = ofClass(context);
        if (known == null || !known.isOf(context.getUniqueId())) {
            LogCapture.FOUND.install();
            ClassLife life = ClassLife.begin(context.getUniqueId(), known, Settings.of(context));
            context.getStore(NAMESPACE).put(ClassLife.class, life);
            context.getStore(NAMESPACE).put(TestSupervisor.class, new TestSupervisor(life));
        }
        return supervisorIn(context);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Object resolver =
                context.getStore(NAMESPACE)
                        .getOrDefault(GenServerExtension.class, Object.class, this);
        Class<?> type = parameter.getParameter().getType();
        return (type == TestSupervisor.class || type == TestTime.class)
                && resolver == this; // JUnit refuses two resolvers, so the second one declines
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Executable executable = parameter.getDeclaringExecutable();
        if (AnnotationSupport.isAnnotated(executable, Simulation.class)) {
            throw new ParameterResolutionException(
                    "expected a method with @Simulation to take a SimulationRun, got: a "
                            + parameter.getParameter().getType().getSimpleName()
                            + " as a parameter of "
                            + executable
                            + "; each run has a node of its own, so start what it needs in the"
                            + " method itself");
        }
        if (parameter.getParameter().getType() == TestTime.class) {
            return OwnTime.of(context, executable);
        }
        if (AnnotationSupport.isAnnotated(executable, BeforeAll.class)
                || AnnotationSupport.isAnnotated(executable, AfterAll.class)) {
            return supervisorOfClass(context);
        }
        if (find(context) == null) {
            throw new ParameterResolutionException(
                    "expected a TestSupervisor to be a parameter of a test, or of a method that is"
                            + " annotated with @BeforeAll, @BeforeEach, @AfterEach or @AfterAll,"
                            + " got: a parameter of "
                            + executable
                            + "; start what the tests need in a @BeforeEach method");
        }
        return supervisorIn(context);
    }

    private static TestSupervisor supervisorIn(ExtensionContext context) {
        return Objects.requireNonNull(
                context.getStore(NAMESPACE).get(TestSupervisor.class, TestSupervisor.class));
    }

    @Override
    public void interceptBeforeAllMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> invoked,
            ExtensionContext context)
            throws Throwable {
        asProcessOfClass(invocation, context);
    }

    @Override
    public void interceptAfterAllMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> invoked,
            ExtensionContext context)
            throws Throwable {
        asProcessOfClass(invocation, context);
    }

    /// Runs a method of a class that has started something on a thread that may start more.
    private static void asProcessOfClass(
            Invocation<@Nullable Void> invocation, ExtensionContext context) throws Throwable {
        ClassLife life = ofClass(context);
        if (life == null || !life.isOf(context.getUniqueId()) || Processes.isProcess()) {
            invocation.proceed();
            return;
        }
        try (Attachment _ = life.enter()) {
            invocation.proceed();
        }
    }

    @Override
    public void interceptBeforeEachMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> invoked,
            ExtensionContext context)
            throws Throwable {
        onOwnThread(invocation, invoked, context);
    }

    @Override
    public void interceptAfterEachMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> invoked,
            ExtensionContext context)
            throws Throwable {
        onOwnThread(invocation, invoked, context);
    }

    @Override
    public void interceptTestMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> invoked,
            ExtensionContext context)
            throws Throwable {
        onOwnThread(invocation, invoked, context);
    }

    @Override
    public void interceptTestTemplateMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> invoked,
            ExtensionContext context)
            throws Throwable {
        onOwnThread(invocation, invoked, context);
    }

    @Override
    public <T extends @Nullable Object> T interceptTestFactoryMethod(
            Invocation<T> invocation,
            ReflectiveInvocationContext<Method> invoked,
            ExtensionContext context)
            throws Throwable {
        return onOwnThread(invocation, invoked, context);
    }

    @Override
    public void interceptDynamicTest(
            Invocation<@Nullable Void> invocation,
            DynamicTestInvocationContext invoked,
            ExtensionContext context)
            throws Throwable {
        onOwnThread(
                invocation,
                context.getDisplayName(),
                "annotate the @TestFactory method with @Execution(SAME_THREAD)",
                context);
    }

    private <T extends @Nullable Object> T onOwnThread(
            Invocation<T> invocation,
            ReflectiveInvocationContext<Method> invoked,
            ExtensionContext context)
            throws Throwable {
        return onOwnThread(
                invocation,
                invoked.getExecutable().getName() + "()",
                "keep the thread mode SAME_THREAD of @Timeout",
                context);
    }

    private <T extends @Nullable Object> T onOwnThread(
            Invocation<T> invocation, String what, String remedy, ExtensionContext context)
            throws Throwable {
        if (context.getStore(NAMESPACE).get(GenServerExtension.class) != this) {
            return invocation.proceed(); // no test has begun, or the other registration does this
        }
        Thread first = context.getStore(NAMESPACE).get(Thread.class, Thread.class);
        if (first != null && first != Thread.currentThread()) {
            invocation.skip();
            throw new ExtensionConfigurationException(
                    "expected "
                            + what
                            + " to run on the thread "
                            + first.getName()
                            + ", on which its test began, got: the thread "
                            + Thread.currentThread().getName()
                            + "; "
                            + remedy);
        }
        TestTime time = OwnTime.find(context);
        return time == null ? invocation.proceed() : OwnTime.proceed(time, invocation);
    }
}
