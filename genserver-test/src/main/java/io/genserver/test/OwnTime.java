package io.genserver.test;

import io.genserver.Node;
import io.genserver.simulation.TestTime;
import java.lang.reflect.Executable;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionConfigurationException;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor.Invocation;
import org.junit.jupiter.api.extension.ParameterResolutionException;

/// The time of tests with [VirtualTime]. What such a test does runs on the thread of its
/// [TestTime].
final class OwnTime {

    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(OwnTime.class);

    private OwnTime() {}

    /// Begins a test, on a thread of its own if it has virtual time.
    static TestLife begin(ExtensionContext context, @Nullable ClassLife tests, String label)
            throws Exception {
        Settings settings = Settings.of(context);
        Node given = GenServerExtension.givenNode(context);
        if (given != null) {
            return onNode(given, tests, settings, label);
        }
        if (!settings.virtualTime()) {
            return TestLife.begin(tests, null, settings, label, Life.STOP_LIMIT);
        }
        if (tests != null) {
            throw new ExtensionConfigurationException(
                    "expected a test with @VirtualTime to have a node of its own, got: a class whose"
                            + " @BeforeAll method takes a TestSupervisor; start the children in a"
                            + " @BeforeEach method");
        }
        TestTime time = TestTime.start();
        try {
            TestLife life =
                    time.call(() ->
                            TestLife.begin(null, time.node(), settings, label, Life.STOP_LIMIT));
            context.getStore(NAMESPACE).put(TestTime.class, time);
            return life;
        } catch (Throwable notBegun) {
            time.close();
            throw notBegun;
        }
    }

    private static TestLife onNode(
            Node given, @Nullable ClassLife tests, Settings settings, String label) {
        if (tests != null || settings.virtualTime()) {
            throw new ExtensionConfigurationException(
                    "expected a test that runs on a node of another framework to have neither"
                            + " @VirtualTime nor a TestSupervisor of its class, got: "
                            + (tests == null ? "@VirtualTime" : "a TestSupervisor of its class"));
        }
        return TestLife.begin(null, given, settings.onSharedNode(), label, Life.STOP_LIMIT);
    }

    /// Ends a test, on its own thread if it has one.
    static void end(ExtensionContext context, Callable<?> end) throws Exception {
        TestTime time = context.getStore(NAMESPACE).remove(TestTime.class, TestTime.class);
        if (time == null) {
            Object _ = end.call();
            return;
        }
        try (time) {
            Object _ = time.call(end);
        }
    }

    static @Nullable TestTime find(ExtensionContext context) {
        return context.getStore(NAMESPACE).get(TestTime.class, TestTime.class);
    }

    static TestTime of(ExtensionContext context, Executable method) {
        TestTime time = find(context);
        if (time == null) {
            throw new ParameterResolutionException(
                    "expected a TestTime to be a parameter of a test with @VirtualTime, got: a"
                            + " parameter of "
                            + method);
        }
        return time;
    }

    /// Runs a method of a test on the test's thread.
    static <T extends @Nullable Object> T proceed(TestTime time, Invocation<T> invocation)
            throws Throwable {
        return time.call(() -> {
            try {
                return invocation.proceed();
            } catch (Exception | Error thrown) {
                throw thrown;
            } catch (Throwable other) { // no exception and no error, so nobody expects it
                throw new IllegalStateException(other);
            }
        });
    }
}
