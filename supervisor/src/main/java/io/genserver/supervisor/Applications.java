package io.genserver.supervisor;

import io.genserver.CallException;
import io.genserver.ExitReason;
import io.genserver.GenServer;
import io.genserver.Start;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

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
        for (Application dependency : application.dependencies()) {
            if (!isStarted(dependency)) {
                return new Start.Failed(ExitReason.of(new NotStarted(dependency.name())));
            }
        }
        return GenServer.start(
                ApplicationMaster::new,
                new ApplicationMaster.Argument(application, configuration),
                ApplicationMaster.name(application));
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
        List<Application> started = new ArrayList<>();
        for (Application next : inOrder(application)) {
            switch (start(next, configuration)) {
                case Start.Ok _ -> started.add(next);
                case Start.Failed(ExitReason.AlreadyStarted _) -> {}
                case Start failed -> {
                    started.reversed().forEach(each -> stop(each));
                    throw new ApplicationStartException(next, failed);
                }
            }
        }
        return started;
    }

    private static Set<Application> inOrder(Application application) {
        Set<Application> order = new LinkedHashSet<>();
        collect(application, order, new LinkedHashSet<>());
        return order;
    }

    private static void collect(
            Application application, Set<Application> order, Set<Application> above) {
        if (!above.add(application)) {
            throw new IllegalArgumentException(
                    "expected dependencies without a circle, got: "
                            + above.stream().map(Application::name).toList()
                            + " and "
                            + application.name()
                            + " again");
        }
        application.dependencies().forEach(needed -> collect(needed, order, above));
        above.remove(application);
        order.add(application);
    }

    /// Whether an application runs.
    ///
    /// @param application the application
    /// @return whether it runs
    public static boolean isStarted(Application application) {
        return GenServer.whereis(ApplicationMaster.reference(application)).isPresent();
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
