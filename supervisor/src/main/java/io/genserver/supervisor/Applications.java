package io.genserver.supervisor;

import io.genserver.CallException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Start;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Starts and stops [Application]s. Source: the functions of Elixir's `Application`.
public final class Applications {

    private Applications() {}

    /// Starts an application; its dependencies must have been started. Source:
    /// `Application.start/2`.
    ///
    /// @param application the application
    /// @param configuration the values of its settings
    /// @return how it went: its master's pid; [ExitReason.AlreadyStarted] if it runs, a
    ///   [NotStarted] if a dependency does not
    public static Start start(Application application, Configuration configuration) {
        return start(application, Arguments.notNull(configuration, "configuration"), null);
    }

    private static Start start(
            Application application,
            Configuration configuration,
            ApplicationMaster.@Nullable Program program) {
        String name = name(application);
        for (Application dependency : dependencies(application)) {
            if (!isStarted(dependency)) {
                return new Start.Failed(ExitReason.of(new NotStarted(name(dependency))));
            }
        }
        return GenServer.start(
                ApplicationMaster::new,
                new ApplicationMaster.Argument(application, name, configuration, program),
                ApplicationMaster.name(name));
    }

    /// The name of an application, by which it is known.
    ///
    /// @throws NullPointerException if the application or its name is null
    /// @throws IllegalArgumentException if its name is blank
    static String name(Application application) {
        String name =
                Arguments.notNull(
                        Arguments.notNull(application, "application").name(),
                        "the name of " + application.getClass().getName());
        if (name.isBlank()) {
            throw new IllegalArgumentException(
                    "expected the name of "
                            + application.getClass().getName()
                            + " not to be blank, got: \""
                            + name
                            + "\"");
        }
        return name;
    }

    private static List<Application> dependencies(Application application) {
        return Arguments.list(
                application.dependencies(), "the dependencies of " + name(application));
    }

    /// Why an application was not started or stopped: another, or itself, does not run.
    ///
    /// @param application the name of that one
    public record NotStarted(String application) {}

    /// Starts an application and, before it, those it depends on that do not run yet. If one fails,
    /// those that were started here are stopped again. Source: `Application.ensure_all_started/2`.
    ///
    /// @param application the application
    /// @param configuration the values of the settings
    /// @return the applications that were started, in the order of their start
    /// @throws ApplicationStartException if one of them did not start
    public static List<Application> ensureAllStarted(
            Application application, Configuration configuration) {
        Arguments.notNull(configuration, "configuration");
        List<Application> started = new ArrayList<>();
        for (Application next : inOrder(application)) {
            try {
                if (startNext(next, configuration, null)) {
                    started.add(next);
                }
            } catch (ApplicationStartException failed) {
                stopAgain(started.reversed(), failed);
                throw failed;
            }
        }
        return started;
    }

    private static void stopAgain(
            List<Application> applications, ApplicationStartException failed) {
        for (Application each : applications) {
            try {
                stop(each);
            } catch (CallException unstopped) { // the others are to be stopped all the same
                failed.addSuppressed(unstopped);
            }
        }
    }

    /// Starts an application whose dependencies run.
    ///
    /// @param program null if it belongs to no [Application#run]
    /// @return false if it runs already
    /// @throws ApplicationStartException if it does not start
    static boolean startNext(
            Application application,
            Configuration configuration,
            ApplicationMaster.@Nullable Program program) {
        return switch (start(application, configuration, program)) {
            case Start.Ok _ -> true;
            case Start.Failed(ExitReason.AlreadyStarted _) -> false;
            case Start failed -> throw new ApplicationStartException(name(application), failed);
        };
    }

    /// An application and all it depends on, each once, in the order to start them.
    static List<Application> inOrder(Application application) {
        Map<String, Application> order = new LinkedHashMap<>();
        collect(application, order, new LinkedHashSet<>());
        return List.copyOf(order.values());
    }

    /// Applications of the same name are the same, so no `equals` of a user is asked.
    private static void collect(
            Application application, Map<String, Application> order, Set<String> above) {
        String name = name(application);
        if (order.containsKey(name)) {
            return;
        }
        if (!above.add(name)) {
            throw new IllegalArgumentException(
                    "expected dependencies without a circle, got: "
                            + above
                            + " and "
                            + name
                            + " again");
        }
        dependencies(application).forEach(needed -> collect(needed, order, above));
        above.remove(name);
        order.put(name, application);
    }

    /// Whether an application runs.
    ///
    /// @param application the application
    /// @return whether it runs
    public static boolean isStarted(Application application) {
        return GenServer.whereis(ApplicationMaster.reference(name(application))).isPresent();
    }

    /// Stops an application and waits until it is down: its [Application#prepStop], its tree, its
    /// [Application#stop]. Source: `Application.stop/1`.
    ///
    /// @param application the application
    /// @return false if it did not run
    public static boolean stop(Application application) {
        return stop(application, GenServer.INFINITY);
    }

    /// Stops an application and waits until it is down.
    ///
    /// @param application the application
    /// @param limit how long to wait, 0 or more
    /// @return false if it did not run
    /// @throws CallException if it is not down in time; it goes on stopping
    public static boolean stop(Application application, Duration limit) {
        return stop(name(application), Arguments.time(limit, "limit"));
    }

    static boolean stop(String application, Duration limit) {
        try {
            GenServer.stop(ApplicationMaster.reference(application), ExitReason.SHUTDOWN, limit);
            return true;
        } catch (CallException failed) {
            if (failed.serverReason().equals(ExitReason.NOPROC)) {
                return false;
            }
            throw failed;
        }
    }
}
