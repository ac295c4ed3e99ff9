package io.genserver.supervisor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.genserver.Agent;
import io.genserver.CallServer;
import io.genserver.ExitReason;
import io.genserver.Init;
import io.genserver.Ok;
import io.genserver.Pid;
import io.genserver.ProcessBody;
import io.genserver.ProcessRef;
import io.genserver.Processes;
import io.genserver.ServerRef;
import io.genserver.Start;
import io.genserver.StartOption;
import io.genserver.test.GenServerExtension;
import java.lang.reflect.AnnotatedTypeVariable;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.BiPredicate;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/// A public method refuses null on the caller's thread, before it does anything else.
@ExtendWith(GenServerExtension.class)
@Timeout(30)
class NullArgumentsTest {

    /// The types that only this module creates and users only read.
    private static final Set<Class<?>> RESULTS =
            Set.of(
                    Child.class,
                    ChildCount.class,
                    FailedToStartChild.class,
                    ReachedMaxRestartIntensity.class,
                    Registration.class,
                    RegistrySnapshot.class,
                    SupervisorSnapshot.class);

    private static final Application APPLICATION =
            new Application() {
                @Override
                public String name() {
                    return "NullArgumentsTest";
                }

                @Override
                public Start<?> start(Configuration configuration) {
                    return Agent.startLink(() -> 1);
                }
            };

    private static final ChildSpec<?> CHILD = ChildSpec.worker("x", () -> Agent.startLink(() -> 1));

    private static final Map<Class<?>, Object> SAMPLES =
            Map.ofEntries(
                    Map.entry(Object.class, "x"),
                    Map.entry(String.class, "x"),
                    Map.entry(Class.class, Object.class),
                    Map.entry(int.class, 1),
                    Map.entry(double.class, 1.0),
                    Map.entry(boolean.class, false),
                    Map.entry(Duration.class, Duration.ofSeconds(1)),
                    Map.entry(List.class, List.of()),
                    Map.entry(Collection.class, List.of()),
                    Map.entry(Iterable.class, List.of()),
                    Map.entry(Map.class, Map.of()),
                    Map.entry(ProcessRef.class, ServerRef.name("nobody")),
                    Map.entry(ExitReason.class, ExitReason.NORMAL),
                    Map.entry(StartOption[].class, new StartOption[0]),
                    Map.entry(Callable.class, (Callable<?>) () -> 1),
                    Map.entry(Supplier.class, (Supplier<?>) () -> new Start.Ignore<>()),
                    Map.entry(Function.class, Function.identity()),
                    Map.entry(UnaryOperator.class, UnaryOperator.identity()),
                    Map.entry(IntFunction.class, (IntFunction<?>) _ -> CHILD),
                    Map.entry(Predicate.class, (Predicate<?>) _ -> true),
                    Map.entry(Consumer.class, (Consumer<?>) _ -> {}),
                    Map.entry(ProcessBody.class, (ProcessBody) () -> {}),
                    Map.entry(
                            SupervisorModule.class,
                            (SupervisorModule<?>) _ -> SupervisorInit.ignore()),
                    Map.entry(ChildSpec.class, CHILD),
                    Map.entry(ChildSpec.Type.class, ChildSpec.Type.WORKER),
                    Map.entry(Restart.class, Restart.PERMANENT),
                    Map.entry(Shutdown.class, Shutdown.infinity()),
                    Map.entry(
                            BackOff.class, BackOff.of(Duration.ofMillis(1), Duration.ofMillis(2))),
                    Map.entry(Strategy.class, Strategy.ONE_FOR_ONE),
                    Map.entry(AutoShutdown.class, AutoShutdown.NEVER),
                    Map.entry(SupervisorFlags.class, SupervisorFlags.of(Strategy.ONE_FOR_ONE)),
                    Map.entry(DynamicSupervisorFlags.class, DynamicSupervisorFlags.DEFAULT),
                    Map.entry(StreamOptions.class, StreamOptions.defaults()),
                    Map.entry(
                            RetryOptions.class,
                            RetryOptions.of(
                                    BackOff.of(Duration.ofMillis(1), Duration.ofMillis(2)), 1)),
                    Map.entry(StreamOptions.OnTimeout.class, StreamOptions.OnTimeout.EXIT),
                    Map.entry(Task.OnTimeout.class, Task.OnTimeout.NOTHING),
                    Map.entry(Application.class, APPLICATION),
                    Map.entry(Configuration.class, Configuration.of(Map.of(), Map.of())),
                    Map.entry(Setting.class, Setting.of("x", text -> text, "x")),
                    Map.entry(PartitionSupervisor.class, PartitionSupervisor.of("x", _ -> CHILD)),
                    Map.entry(ProcessRegistry.class, ProcessRegistry.unique("x")),
                    Map.entry(BiPredicate.class, (BiPredicate<?, ?>) (_, _) -> true),
                    Map.entry(KeyedSupervisor.AtLimit.class, KeyedSupervisor.AtLimit.WAIT),
                    Map.entry(KeyedSupervisor.class, keyed()));

    private static KeyedSupervisor<String, Nothing> keyed() {
        return KeyedSupervisor.of("x", _ -> new Nothing());
    }

    private static final class Nothing implements CallServer<Ok, Object> {
        @Override
        public Init<Ok> init() {
            return Init.ok(Ok.OK);
        }
    }

    private static Object sample(Class<?> type) {
        if (type == Pid.class) {
            return Processes.self();
        }
        if (type == Task.class) {
            return Task.completed(1);
        }
        Object known = SAMPLES.get(type);
        if (known == null) {
            throw new AssertionError("expected a sample of " + type + " in this test, got none");
        }
        return known;
    }

    @TestFactory
    Stream<DynamicTest> is_refused() {
        List<DynamicTest> tests = new ArrayList<>();
        for (JavaClass found :
                new ClassFileImporter()
                        .withImportOption(new ImportOption.DoNotIncludeTests())
                        .importPackages("io.genserver.supervisor")) {
            Class<?> type = found.reflect();
            if (isForUsers(type)) {
                Stream.concat(
                                Arrays.stream(type.getDeclaredMethods()),
                                Arrays.stream(type.getConstructors()))
                        .filter(NullArgumentsTest::isForUsers)
                        .forEach(each -> addTests(type, each, tests));
            }
        }
        assertThat(tests).hasSizeGreaterThan(150);
        return tests.stream();
    }

    private static boolean isForUsers(Class<?> type) {
        for (Class<?> each = type; each != null; each = each.getEnclosingClass()) {
            if (!Modifier.isPublic(each.getModifiers())
                    || RESULTS.contains(each)
                    || each.isEnum()
                    || each.getSimpleName().endsWith("Event")
                    || Throwable.class.isAssignableFrom(each)) {
                return false;
            }
        }
        // Nested records are results, except those inside types that users build.
        return !type.isRecord()
                || type.getEnclosingClass() == null
                || type.getEnclosingClass() == Shutdown.class
                || type.getEnclosingClass() == SupervisorInit.class;
    }

    private static boolean isForUsers(Executable each) {
        return Modifier.isPublic(each.getModifiers())
                && !each.isSynthetic()
                && !Modifier.isAbstract(each.getModifiers()) // users implement these
                && !each.getName().equals("equals");
    }

    private static void addTests(Class<?> type, Executable each, List<DynamicTest> tests) {
        Parameter[] parameters = each.getParameters();
        for (int i = 0; i < parameters.length; i++) {
            int missing = i;
            if (!mayBeNull(each, parameters[i])) {
                tests.add(
                        dynamicTest(
                                type.getSimpleName()
                                        + "."
                                        + each.getName()
                                        + " without "
                                        + parameters[i].getName(),
                                () -> assertRefused(type, each, missing)));
            }
        }
    }

    private static boolean mayBeNull(Executable each, Parameter parameter) {
        if (parameter.getType().isPrimitive()
                || parameter.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
            return true;
        }
        if (parameter.getAnnotatedType() instanceof AnnotatedTypeVariable variable) {
            return variable.getAnnotatedBounds()[0].isAnnotationPresent(Nullable.class)
                    // The module decides whether its argument may be null.
                    || each.getDeclaringClass() == Supervisor.class;
        }
        return each.getDeclaringClass() == PartitionSupervisor.class
                && each.getName().contains("registerName"); // refuses to register anything
    }

    private static void assertRefused(Class<?> type, Executable each, int missing)
            throws ReflectiveOperationException {
        @Nullable Object[] arguments =
                Arrays.stream(each.getParameterTypes()).map(NullArgumentsTest::sample).toArray();
        arguments[missing] = null;
        try {
            Object result =
                    each instanceof Method method
                            ? method.invoke(
                                    Modifier.isStatic(each.getModifiers()) ? null : sample(type),
                                    arguments)
                            : ((java.lang.reflect.Constructor<?>) each).newInstance(arguments);
            throw new AssertionError("expected a NullPointerException, got: " + result);
        } catch (InvocationTargetException thrown) {
            assertThat(thrown.getCause())
                    .isInstanceOf(NullPointerException.class)
                    .hasMessageStartingWith("expected a value for ")
                    .hasMessageEndingWith(", got: null");
        }
    }
}
