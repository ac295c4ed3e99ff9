package io.genserver.test;

import io.genserver.simulation.SimulationRun;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.ReflectiveInvocationContext;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.ReflectionSupport;

/// Runs the methods that are annotated with [Simulation], which registers it.
public final class SimulationExtension implements InvocationInterceptor, ParameterResolver {

    private static final String FOLDER = "genserver.simulation.folder";

    /// Creates the extension. JUnit calls this.
    public SimulationExtension() {}

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == SimulationRun.class;
    }

    /// Each run gets its own later.
    @Override
    public @Nullable Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Executable executable = parameter.getDeclaringExecutable();
        if (!AnnotationSupport.isAnnotated(executable, Simulation.class)) {
            throw new ParameterResolutionException(
                    "expected a SimulationRun to be a parameter of a method with @Simulation, got:"
                            + " a parameter of "
                            + executable
                            + "; each run has its own, so prepare it in the method itself");
        }
        return null;
    }

    @Override
    public void interceptTestMethod(
            Invocation<@Nullable Void> invocation,
            ReflectiveInvocationContext<Method> invoked,
            ExtensionContext context) {
        invocation.skip();
        Method method = invoked.getExecutable();
        Object instance = context.getRequiredTestInstance();
        List<Object> arguments = invoked.getArguments();
        simulation(context, method)
                .check(run ->
                        ReflectionSupport.invokeMethod(
                                method, instance, withRun(arguments, method, run)));
    }

    private static io.genserver.simulation.Simulation simulation(
            ExtensionContext context, Method method) {
        Simulation settings =
                AnnotationSupport.findAnnotation(method, Simulation.class).orElseThrow();
        var simulation =
                io.genserver.simulation.Simulation.runs(settings.runs())
                        .seed(settings.seed())
                        .maxSteps(settings.maxSteps())
                        .remember(file(context, method));
        return settings.seconds() == 0
                ? simulation
                : simulation.budget(Duration.ofSeconds(settings.seconds()));
    }

    private static Path file(ExtensionContext context, Method method) {
        String folder = context.getConfigurationParameter(FOLDER).orElse(".simulation");
        String test = context.getRequiredTestClass().getName() + "." + method.getName();
        return Path.of(folder, test);
    }

    private static @Nullable Object[] withRun(
            List<Object> arguments, Method method, SimulationRun run) {
        @Nullable Object[] all = arguments.toArray();
        for (int i = 0; i < all.length; i++) {
            if (method.getParameterTypes()[i] == SimulationRun.class) {
                all[i] = run;
            }
        }
        return all;
    }
}
