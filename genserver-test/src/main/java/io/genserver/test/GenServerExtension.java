package io.genserver.test;

import io.genserver.Processes;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
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
/// A parameter of a constructor, a `@BeforeAll` or an `@AfterAll` method is an error.
///
/// ## Around each test
///
/// 1. The test's thread becomes a process, so [Processes#self], monitors, links, messages and
///    `flush` work in the test.
/// 2. The `@BeforeEach` methods, the test and the `@AfterEach` methods run.
/// 3. The test's process ends with the reason `shutdown`. Linked processes get an exit signal with
///    that reason.
/// 4. The extension stops everything that was started supervised, in reverse order of the start,
///    and waits until it is down. So the next test finds every name free. This happens whether the
///    test passed or failed, and also if the test left its thread interrupted. If something still
///    runs after 60 s, it is killed and the test fails.
///
/// If an exit signal ends the test's process, the test fails with the signal's reason. This happens
/// when a linked process ends and the test does not trap exits, even if the test itself ended the
/// linked process.
///
/// ## Threads
///
/// Tests may run in parallel. Parallel tests that share an instance (`@TestInstance(PER_CLASS)`)
/// have to take the [TestSupervisor] as a parameter.
///
/// A test, `@BeforeEach` or `@AfterEach` method must run on the thread that is the test's process.
/// If JUnit runs one on another thread, as with `@Timeout(threadMode = SEPARATE_THREAD)`, it fails
/// before it begins. For the same reason `Processes.self()` does not work in the body of
/// `assertTimeoutPreemptively`.
///
/// Source: `ExUnit.Case` with `start_supervised/2`.
public final class GenServerExtension
        implements BeforeAllCallback,
                TestInstancePostProcessor,
                BeforeEachCallback,
                AfterEachCallback,
                InvocationInterceptor,
                ParameterResolver {

    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(GenServerExtension.class);

    /// Creates the extension. JUnit calls this.
    public GenServerExtension() {}

    @Override
    public void beforeAll(ExtensionContext context) {
        SupervisorFields.check(context.getRequiredTestClass());
    }

    @Override
    public void postProcessTestInstance(Object instance, ExtensionContext context) {
        SupervisorFields.set(instance, TestSupervisor.beforeTheFirstTest());
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        SupervisorFields.check(
                context.getRequiredTestClass()); // beforeAll is not called for an instance's field
        if (find(context) != null) {
            return; // the extension is registered twice
        }
        TestSupervisor supervisor = new TestSupervisor(Processes.attach());
        context.getStore(NAMESPACE).put(TestSupervisor.class, supervisor);
        context.getStore(NAMESPACE).put(GenServerExtension.class, this);
        for (Object instance : context.getRequiredTestInstances().getAllInstances()) {
            SupervisorFields.set(instance, supervisor);
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        TestSupervisor supervisor =
                context.getStore(NAMESPACE).remove(TestSupervisor.class, TestSupervisor.class);
        if (supervisor != null) { // null: another extension failed, or this is registered twice
            supervisor.end();
        }
    }

    private static @Nullable TestSupervisor find(ExtensionContext context) {
        return context.getStore(NAMESPACE).get(TestSupervisor.class, TestSupervisor.class);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Object resolver =
                context.getStore(NAMESPACE)
                        .getOrDefault(GenServerExtension.class, Object.class, this);
        return parameter.getParameter().getType() == TestSupervisor.class
                && resolver == this; // JUnit refuses two resolvers, so the second one declines
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        TestSupervisor supervisor = find(context);
        if (supervisor == null) {
            Executable executable = parameter.getDeclaringExecutable();
            throw new ParameterResolutionException(
                    "expected a TestSupervisor to be a parameter of a test, @BeforeEach or @AfterEach"
                            + " method, because each test has one of its own, got: a parameter of "
                            + executable
                            + "; start what the tests need in a @BeforeEach method");
        }
        return supervisor;
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
        onOwnThread(invocation, context.getDisplayName(), context);
    }

    private static <T extends @Nullable Object> T onOwnThread(
            Invocation<T> invocation,
            ReflectiveInvocationContext<Method> invoked,
            ExtensionContext context)
            throws Throwable {
        return onOwnThread(invocation, invoked.getExecutable().getName() + "()", context);
    }

    private static <T extends @Nullable Object> T onOwnThread(
            Invocation<T> invocation, String what, ExtensionContext context) throws Throwable {
        TestSupervisor supervisor = find(context);
        if (supervisor != null && supervisor.thread() != Thread.currentThread()) {
            invocation.skip();
            throw new ExtensionConfigurationException(
                    "expected "
                            + what
                            + " to run on the thread "
                            + supervisor.thread().getName()
                            + ", which is the test's process "
                            + supervisor.testPid()
                            + ", got: the thread "
                            + Thread.currentThread().getName()
                            + "; keep the thread mode SAME_THREAD of @Timeout");
        }
        return invocation.proceed();
    }
}
