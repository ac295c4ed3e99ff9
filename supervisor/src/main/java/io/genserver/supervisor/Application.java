package io.genserver.supervisor;

import io.genserver.GenServer;
import io.genserver.Start;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;

/// A part of a program that is started and stopped as a whole: a name, a root supervisor, and what
/// has to run before it.
///
/// ```java
/// final class KvApplication implements Application {
///     @Override public String name() { return "kv"; }
///
///     @Override public Start start(Configuration configuration) {
///         return Supervisor.startLink(List.of(…), SupervisorFlags.of(Strategy.ONE_FOR_ALL));
///     }
///
///     public static void main(String[] arguments) {
///         System.exit(Application.run(new KvApplication(), Configuration.ofTheSystem()));
///     }
/// }
/// ```
///
/// Each application has a process of its own, its master, that starts the root supervisor, hears of
/// its end and stops it; [Applications] starts and stops them. One that ends by itself ends the
/// program only if that is in [#run].
///
/// Source: Elixir's `Application`, Erlang's `application`.
public interface Application {

    /// How long [#run] gives the applications to stop: 10 s.
    Duration STOP_LIMIT = Duration.ofSeconds(10);

    /// The name, different from that of every other application of the program.
    ///
    /// @return the name
    String name();

    /// The applications that must have been started before this one.
    ///
    /// @return the applications; by default none
    default List<Application> dependencies() {
        return List.of();
    }

    /// Starts the root supervisor, linked to the calling process, which is the application's
    /// master. Source: `c:start/2`.
    ///
    /// @param configuration the values of the settings
    /// @return how that went
    /// @throws Exception if it cannot be started
    Start start(Configuration configuration) throws Exception;

    /// Runs before the tree is stopped, when the application is stopped on purpose. The default
    /// does nothing. Source: `c:prep_stop/1`.
    ///
    /// @throws Exception is logged, and the stop goes on
    default void prepStop() throws Exception {}

    /// Runs when the tree is down, however it ended. The default does nothing. Source: `c:stop/1`.
    ///
    /// @throws Exception is logged
    default void stop() throws Exception {}

    // ---------------------------------------------------------------- a whole program

    /// Runs an application as a program, until it ends or the program is told to: as
    /// [#run(Application, Configuration, Callable, Duration)] with nothing to do besides and 10 s
    /// to stop.
    ///
    /// @param application the application
    /// @param configuration the values of the settings
    /// @return the exit status
    static int run(Application application, Configuration configuration) {
        return run(
                application,
                configuration,
                () -> {
                    io.genserver.Processes.sleep(GenServer.INFINITY);
                    return 0;
                },
                STOP_LIMIT);
    }

    /// Runs an application as a program: starts it and what it depends on, does what there is to do
    /// on the calling thread, and stops everything in reverse order when the JVM ends, by
    /// `System.exit`, Ctrl-C or SIGTERM.
    ///
    /// The exit status tells how it ended: what the body returned, 0 for a clean end; 1 if an
    /// application did not start or gave up, with the reason, once, on standard error; and the
    /// JVM's own 130 after Ctrl-C and 143 after SIGTERM.
    ///
    /// @param application the application
    /// @param configuration the values of the settings
    /// @param body what to do, on the calling thread, which is a process meanwhile and ends with
    ///   the application
    /// @param stopLimit how long everything may take to stop, 0 or more
    /// @return the exit status, to be given to `System.exit`
    static int run(
            Application application,
            Configuration configuration,
            Callable<Integer> body,
            Duration stopLimit) {
        return ApplicationRun.run(application, configuration, body, stopLimit);
    }
}
