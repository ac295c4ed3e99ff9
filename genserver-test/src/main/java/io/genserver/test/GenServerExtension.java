package io.genserver.test;

import io.genserver.Attachment;
import io.genserver.ExitException;
import io.genserver.ExitReason;
import io.genserver.Processes;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.ModifierSupport;

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
/// `@AfterEach` method, and to every field of that type that is neither static nor final.
///
/// ## Around each test
///
/// 1. The test's thread becomes a process, so [Processes#self], monitors, links, messages and
///    `flush` work in the test.
/// 2. `@BeforeEach` methods, the test, `@AfterEach` methods.
/// 3. The test's process ends with the reason `shutdown`; what is linked with it gets that.
/// 4. Everything started supervised is stopped, the last started first, whether the test passed or
///    failed, and waited for: what the next test starts finds every name free.
///
/// A test whose process was killed by an exit signal (a linked process crashed and the test does
/// not trap exits) fails with that reason.
///
/// Tests may run in parallel. A test that JUnit runs on another thread than its `@BeforeEach`
/// methods, with `@Timeout(threadMode = SEPARATE_THREAD)`, has to attach that thread itself.
///
/// Source: `ExUnit.Case` with `start_supervised/2`.
public final class GenServerExtension
        implements BeforeEachCallback, AfterEachCallback, ParameterResolver {

    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(GenServerExtension.class);

    /// Made by JUnit.
    public GenServerExtension() {}

    @Override
    public void beforeEach(ExtensionContext context) {
        Attachment process = Processes.attach();
        TestSupervisor supervisor = new TestSupervisor(process);
        context.getStore(NAMESPACE).put(TestSupervisor.class, supervisor);
        for (Object instance : context.getRequiredTestInstances().getAllInstances()) {
            inject(instance, supervisor);
        }
    }

    @Override
    public void afterEach(ExtensionContext context) {
        TestSupervisor supervisor = supervisor(context);
        try {
            ExitReason killedBy = supervisor.end();
            if (killedBy != null && context.getExecutionException().isEmpty()) {
                throw new AssertionError(
                        "the test's process was ended by an exit signal: " + killedBy,
                        new ExitException(killedBy));
            }
        } finally {
            context.getStore(NAMESPACE).remove(TestSupervisor.class);
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == TestSupervisor.class
                && context.getTestMethod().isPresent();
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        return supervisor(context);
    }

    private static TestSupervisor supervisor(ExtensionContext context) {
        TestSupervisor supervisor =
                context.getStore(NAMESPACE).get(TestSupervisor.class, TestSupervisor.class);
        if (supervisor == null) {
            throw new ExtensionConfigurationException(
                    "expected a TestSupervisor to be asked for by a test, @BeforeEach or @AfterEach"
                            + " method");
        }
        return supervisor;
    }

    private static void inject(Object instance, TestSupervisor supervisor) {
        for (Class<?> type = instance.getClass(); type != null; type = type.getSuperclass()) {
            for (Field field : type.getDeclaredFields()) {
                if (field.getType() == TestSupervisor.class
                        && ModifierSupport.isNotStatic(field)
                        && !Modifier.isFinal(field.getModifiers())) {
                    set(field, instance, supervisor);
                }
            }
        }
    }

    private static void set(Field field, Object instance, TestSupervisor supervisor) {
        try {
            field.setAccessible(true);
            field.set(instance, supervisor);
        } catch (ReflectiveOperationException | RuntimeException e) {
            throw new ExtensionConfigurationException(
                    "expected to set the field "
                            + field
                            + "; open its package to io.genserver.test",
                    e);
        }
    }
}
