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

    /// Starts an application whose dependencies have been started, and waits, without limit, until
    /// its [Application#start] has returned. The application's master is not linked to the calling
    /// process.
    ///
    /// Source: `Application.start/2`.
    ///
    /// @param application the application
    /// @param configuration the values of its settings
    /// @return how the start went; [Start.Ok] has the pid of the application's master. The start
    ///   fails with [ExitReason.AlreadyStarted] if the application runs, with an [OtherRuns] if
    ///   another application runs under its name or the name of a dependency, or if the application
    ///   runs with another configuration, and with a [NotStarted] if a dependency does not run.
    /// @throws IllegalArgumentException if the name of the application or of a dependency is blank
    /// @throws io.genserver.ExitException if the calling process ends while it waits
    public static Start<?> start(Application application, Configuration configuration) {
        return start(application, Arguments.notNull(configuration, "configuration"), null);
    }

    private static Start<?> start(
            Application application,
            Configuration configuration,
            ApplicationMaster.@Nullable Program program) {
        String name = name(application);
        for (Application dependency : dependencies(application)) {
            String needed = name(dependency);
            ApplicationTable.Entry running = ApplicationTable.find(needed);
            if (running == null) {
                return new Start.Failed<>(ExitReason.of(new NotStarted(needed)));
            }
            if (!running.isOf(dependency)) {
                return other(needed, running.differenceTo(dependency, configuration));
            }
        }
        Start<ApplicationMaster> start =
                GenServer.start(
                        ApplicationMaster::new,
                        new ApplicationMaster.Argument(application, name, configuration, program),
                        ApplicationMaster.name(name));
        if (start instanceof Start.Failed(ExitReason.AlreadyStarted _)) {
            ApplicationTable.Entry running = ApplicationTable.find(name);
            String difference =
                    running == null ? null : running.differenceTo(application, configuration);
            return difference == null ? start : other(name, difference);
        }
        return start;
    }

    private static Start<?> other(String name, @Nullable String difference) {
        return new Start.Failed<>(ExitReason.of(new OtherRuns(name, String.valueOf(difference))));
    }

    /// Returns the name of an application.
    ///
    /// @throws NullPointerException if the application or its name is null
    /// @throws IllegalArgumentException if the name is blank
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

    /// The reason of a failed [#start]: a dependency of the application does not run.
    ///
    /// @param application the name of the dependency
    public record NotStarted(String application) {}

    /// The reason of a failed [#start]: another application with the same name runs, or the same
    /// one with another configuration.
    ///
    /// @param application the name
    /// @param running how what runs differs from what was to be started
    public record OtherRuns(String application, String running) {

        @Override
        public String toString() {
            return "expected no other application with the name "
                    + application
                    + " to run, got: "
                    + running;
        }
    }

    /// Starts an application after the applications it depends on, as far as they do not run yet.
    /// Waits, without limit, until all have started. If one fails, those that this call has started
    /// are stopped again, in reverse order.
    ///
    /// An application that runs must be the one that is needed, see [Application#name], with the
    /// same configuration: each setting that it has read since its start must have the same value.
    /// Otherwise it counts as one that did not start, with an [OtherRuns] as the reason.
    ///
    /// Source: `Application.ensure_all_started/2`.
    ///
    /// @param application the application
    /// @param configuration the values of the settings
    /// @return the applications that this call has started, in the order of their start
    /// @throws ApplicationStartException if one of them did not start
    /// @throws IllegalArgumentException if the dependencies form a circle or are two different
    ///   applications with one name, or a name is blank
    /// @throws io.genserver.ExitException if the calling process ends while it waits
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
            } catch (CallException unstopped) { // the others must still be stopped
                failed.addSuppressed(unstopped);
            }
        }
    }

    /// Starts an application whose dependencies run.
    ///
    /// @param program null if the application does not belong to an [Application#run]
    /// @return false if the application already runs
    /// @throws ApplicationStartException if the application does not start
    static boolean startNext(
            Application application,
            Configuration configuration,
            ApplicationMaster.@Nullable Program program) {
        return switch (start(application, configuration, program)) {
            case Start.Ok<?> _ -> true;
            case Start.Failed(ExitReason.AlreadyStarted _) -> false;
            case Start<?> failed -> throw new ApplicationStartException(name(application), failed);
        };
    }

    /// Returns an application and all applications it depends on, each once, in the order to start
    /// them.
    static List<Application> inOrder(Application application) {
        Map<String, Application> order = new LinkedHashMap<>();
        collect(application, order, new LinkedHashSet<>());
        return List.copyOf(order.values());
    }

    private static void collect(
            Application application, Map<String, Application> order, Set<String> above) {
        String name = name(application);
        Application known = order.get(name);
        if (known != null) {
            checkSame(name, known, application);
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

    private static void checkSame(String name, Application one, Application other) {
        if (!ApplicationTable.isSame(one, other)) {
            throw new IllegalArgumentException(
                    "expected one application with the name "
                            + name
                            + ", got: one of "
                            + one.getClass()
                            + " and "
                            + (one.getClass().equals(other.getClass())
                                    ? "another instance of it"
                                    : "one of " + other.getClass()));
        }
    }

    /// Tells whether an application runs, with whatever configuration. An application that is being
    /// started or stopped counts as running. Another one with the same name does not.
    ///
    /// @param application the application
    /// @return whether it runs
    /// @throws IllegalArgumentException if the application's name is blank
    public static boolean isStarted(Application application) {
        ApplicationTable.Entry running = ApplicationTable.find(name(application));
        return running != null && running.isOf(application);
    }

    /// Stops an application and waits, without limit, until it has ended. The application's master
    /// runs [Application#prepStop], stops the tree, and then runs [Application#stop].
    ///
    /// Source: `Application.stop/1`.
    ///
    /// @param application the application
    /// @return false if it did not run; another application with the same name is not stopped
    /// @throws CallException as [#stop(Application, Duration)] does, except for the limit
    /// @throws IllegalArgumentException if the application's name is blank
    public static boolean stop(Application application) {
        return stop(application, GenServer.INFINITY);
    }

    /// Stops an application, as [#stop(Application)] does, with a limit of the wait. If the limit
    /// passes, the application goes on stopping.
    ///
    /// @param application the application
    /// @param limit how long to wait, 0 or more
    /// @return false if it did not run; another application with the same name is not stopped
    /// @throws CallException if the application has not ended within the limit, it ends with a
    ///   reason other than `shutdown`, its master is the calling process, or the calling thread is
    ///   interrupted
    /// @throws IllegalArgumentException if the limit is negative, or the application's name is
    ///   blank
    public static boolean stop(Application application, Duration limit) {
        Arguments.time(limit, "limit");
        ApplicationTable.Entry running = ApplicationTable.find(name(application));
        if (running == null || !running.isOf(application)) {
            return false;
        }
        try {
            GenServer.stop(running.master(), ExitReason.SHUTDOWN, limit);
            return true;
        } catch (CallException failed) {
            if (failed.serverReason().equals(ExitReason.NOPROC)) {
                return false;
            }
            throw failed;
        }
    }
}
