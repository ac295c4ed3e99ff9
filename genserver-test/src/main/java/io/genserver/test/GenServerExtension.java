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
///     Pid registry;
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
/// A [TestSupervisor] is given to every parameter of that type of a test, `@BeforeEach` or
/// `@AfterEach` method, and to every field of that type of the test instance and its enclosing
/// instances. A static or final field, and a parameter of a constructor, a `@BeforeAll` or an
/// `@AfterAll` method, is an error.
///
/// ## Around each test
///
/// 1. The test's thread becomes a process, so [Processes#self], monitors, links, messages and
///    `flush` work in the test.
/// 2. `@BeforeEach` methods, the test, `@AfterEach` methods.
/// 3. The test's process ends with the reason `shutdown`; what is linked with it gets that.
/// 4. Everything started supervised is stopped, the last started first, and waited for: what the
///    next test starts finds every name free. This happens whether the test passed or failed, and
///    also if it left its thread interrupted. It may take 60 s; what still runs then is killed and
///    fails the test.
///
/// A test whose process was ended by an exit signal fails with the signal's reason: a linked
/// process ended and the test does not trap exits. That is so also if the test itself ended the
/// linked process.
///
/// ## Threads
///
/// Tests may run in parallel; those that share an instance (`@TestInstance(PER_CLASS)`) have to
/// take the [TestSupervisor] as a parameter then. A test, `@BeforeEach` or `@AfterEach` method that
/// JUnit runs on another thread, as with `@Timeout(threadMode = SEPARATE_THREAD)`, fails before it
/// begins: it would not be the test's process. For the same reason `Processes.self()` does not work
/// in the body of `assertTimeoutPreemptively`.
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

    /// Made by JUnit.
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
                context.getRequiredTestClass()); // if registered in a field of the instance
        if (find(context) != null) {
            return; // registered twice
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
        if (supervisor != null) { // null if another extension failed before, or registered twice
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
                && resolver == this; // of two that are registered one has to resolve it
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
